"""Rules for single fields of a form, shared by the commands of this room. Each gives its broken rules, or none."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from wastetrack.errors import Broken, Malformed
from wastetrack.mass import ZERO, Mass

# The mainland with its islands and Taiwan; a point outside is a slip, most often the two swapped.
LATITUDES: Final = (Decimal(3), Decimal(54))
LONGITUDES: Final = (Decimal(73), Decimal(136))
LONGEST_TEXT: Final = 200
PLACE_ARTICLE: Final = "HJ 1259-2022 表A.1"
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")

Found = tuple[Broken, ...]


def text(field: str, value: str, *, longest: int = LONGEST_TEXT, article: str | None = None) -> Found:
    """Something must be written, on one line, not too long."""
    if not value.strip():
        return (
            Broken(field, "field_empty", "Nothing is written here.", value, article, next_step="Fill in this field."),
        )
    if len(value) > longest:
        return (
            Broken(
                field,
                "field_too_long",
                "{length} characters are written; {longest} fit.",
                value[:longest],
                article,
                next_step="Shorten the text.",
                facts={"length": len(value), "longest": longest},
            ),
        )
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        return (
            Broken(
                field,
                "field_control_character",
                "The text contains a line break or an invisible control character.",
                article=article,
                next_step="Type the text again on one line.",
            ),
        )
    return ()


def optional_text(field: str, value: str | None, *, longest: int = LONGEST_TEXT) -> Found:
    """The same, when something is written at all."""
    return () if value is None else text(field, value, longest=longest)


def phone(field: str, value: str) -> Found:
    """A telephone number that can be dialled."""
    if _PHONE.fullmatch(unicodedata.normalize("NFKC", value).strip()):
        return ()
    return (
        Broken(
            field,
            "phone_unreadable",
            "“{value}” is not a telephone number.",
            value,
            PLACE_ARTICLE,
            next_step="Write digits, with + and the area code if needed: 0535-6123456.",
        ),
    )


def coordinates(latitude: Decimal, longitude: Decimal) -> Found:
    """A point in China, in degrees."""

    def between(value: Decimal, limits: tuple[Decimal, Decimal]) -> bool:
        return value.is_finite() and limits[0] <= value <= limits[1]

    if between(latitude, LATITUDES) and between(longitude, LONGITUDES):
        return ()
    swapped = between(longitude, LATITUDES) and between(latitude, LONGITUDES)
    return (
        Broken(
            "latitude",
            "coordinates_swapped" if swapped else "coordinates_outside",
            "Latitude {latitude} and longitude {longitude} are swapped."
            if swapped
            else "The point {latitude}, {longitude} does not lie in China.",
            str(latitude),
            PLACE_ARTICLE,
            next_step="Write the latitude (3 to 54) first, then the longitude (73 to 136), in degrees.",
            facts={"latitude": str(latitude), "longitude": str(longitude)},
        ),
    )


def day_order(valid_from: date, valid_to: date, *, field: str = "valid_to") -> Found:
    """The last day does not stand before the first."""
    if valid_from <= valid_to:
        return ()
    return (
        Broken(
            field,
            "days_reversed",
            "The last day {value} stands before the first day {valid_from}.",
            valid_to.isoformat(),
            next_step="Correct one of the two days.",
            facts={"valid_from": valid_from.isoformat()},
        ),
    )


def mass(field: str, value: Mass, *, most: Mass, article: str | None = None) -> Found:
    """More than nothing, and not beyond what is possible at all: then a unit has slipped."""
    if value <= ZERO:
        return (
            Broken(
                field,
                "mass_not_positive",
                "{value} is not a mass above zero.",
                value.kg_text(),
                article,
                next_step="Write how much it is, with the unit.",
            ),
        )
    if value > most:
        return (
            Broken(
                field,
                "mass_absurd",
                "{value} is more than {most}, which nothing of this kind reaches.",
                value.kg_text(),
                article,
                next_step="Check the unit: kilograms were probably meant.",
                facts={"most": most.kg_text()},
            ),
        )
    return ()


def readable(
    field: str, value: str, read: Callable[[str], object], *, article: str | None = None, next_step: str = ""
) -> Found:
    """The value can be read by its own parser."""
    try:
        read(value)
    except Malformed as unreadable:
        return (unreadable.as_broken(field, value, article=article, next_step=next_step),)
    return ()
