"""What must not stand beside what (GB 18597-2023, 3.12, 6.1.2; 固废法 art. 81).

A container's classes are what it states itself, else those of its code, else those of its category, else those of its
hazard letters. Two containers may share a zone unless a class of one and a class of the other stand in the table of
incompatible pairs. The table is data (data/incompatible.csv, data/compatibility_classes.csv), each row with its source;
the standard names no pairs, so they follow the appendix that most authorities work by.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from wastetrack.catalogues.jurisdiction import Certainty

ARTICLE: Final = "GB 18597-2023 6.1.2; 固废法 art. 81"


class CompatibilityClass(StrEnum):
    """How a waste behaves beside others."""

    ACID = "acid"
    ALKALI = "alkali"
    CORROSIVE = "corrosive"
    """Acid or alkali, it is not known which."""
    OXIDISER = "oxidiser"
    CYANIDE = "cyanide"
    SULFIDE = "sulfide"
    FLAMMABLE = "flammable"
    REACTIVE = "reactive"
    """Reacts with water, acids or by itself: metals, hydrides."""
    EXPLOSIVE = "explosive"
    INFECTIOUS = "infectious"
    INERT = "inert"
    """Gives nothing off with what stands beside it."""


class Danger(StrEnum):
    """What happens where two of them meet."""

    HEAT = "heat"
    TOXIC_GAS = "toxic_gas"
    FIRE = "fire"
    EXPLOSION = "explosion"
    INFECTION = "infection"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two classes that are incompatible, and by whose word."""

    one: CompatibilityClass
    other: CompatibilityClass
    danger: Danger
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Content:
    """As much of a container as this rule needs. `stated` is what the container says of itself."""

    waste_code: str
    hazards: tuple[str, ...]
    stated: str | None = None


def classes_of(content: Content) -> frozenset[CompatibilityClass]:
    """How a content behaves beside others; never empty."""
    if content.stated is not None:
        return frozenset({CompatibilityClass(content.stated)})
    known = _classes()
    code = content.waste_code
    for pattern in (code, f"HW{code[-2:]}"):
        if pattern in known:
            return frozenset({known[pattern]})
    return frozenset(known[letter] for letter in content.hazards if letter in known) or frozenset(
        {CompatibilityClass.INERT}
    )


def incompatible(one: Content, other: Content) -> Pair | None:
    """Why these two must not share a zone; None when they may. The same waste always may."""
    if one.waste_code == other.waste_code and one.stated == other.stated:
        return None
    table = pairs()
    found = (
        table[frozenset({mine, theirs})]
        for mine in sorted(classes_of(one))
        for theirs in sorted(classes_of(other))
        if frozenset({mine, theirs}) in table
    )
    return next(found, None)


@cache
def pairs() -> dict[frozenset[CompatibilityClass], Pair]:
    """The table, by the two classes in no order."""
    rows = (
        Pair(
            CompatibilityClass(row["one"]),
            CompatibilityClass(row["other"]),
            Danger(row["danger"]),
            row["source"],
            Certainty(row["certainty"]),
        )
        for row in _rows("incompatible.csv")
    )
    return {frozenset({row.one, row.other}): row for row in rows}


@cache
def _classes() -> dict[str, CompatibilityClass]:
    return {row["pattern"]: CompatibilityClass(row["class"]) for row in _rows("compatibility_classes.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("wastetrack.catalogues").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text))
