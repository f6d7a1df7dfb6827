"""What people type into fields, as values: masses in the unit printed behind the field, lists parted by anything."""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.errors import WastetrackError
from wastetrack.mass import Mass
from wastetrack.serving.written_text import Day

_BROWSERS_INSTANT = "%Y-%m-%dT%H:%M"
_PARTED = re.compile(r"[\s,;、，；/]+")


def _mass_in(unit: str, kind: str, *, empty: bool = False) -> PlainValidator:
    def read(value: object) -> Mass | None:
        if isinstance(value, Mass):
            return value
        if empty and (value is None or not str(value).strip()):
            return None
        try:
            return Mass.parse(f"{value} {unit}")
        except WastetrackError as unreadable:
            raise PydanticCustomError(kind, "not a mass") from unreadable

    return PlainValidator(read)


def _parted(value: object) -> object:
    return [part for part in _PARTED.split(value.strip()) if part] if isinstance(value, str) else value


def _local(value: object) -> object:
    """A browser's `2026-03-02T14:30` is meant in the zone of the law; an empty field is none."""
    if value in {None, ""}:
        return None
    try:
        return datetime.strptime(str(value), _BROWSERS_INSTANT).replace(tzinfo=LEGAL_ZONE)
    except ValueError as unreadable:
        raise PydanticCustomError("datetime_parsing", "not an instant") from unreadable


def as_local(at: datetime | None) -> str:
    """An instant as a browser's field shows it."""
    return "" if at is None else at.astimezone(LEGAL_ZONE).strftime(_BROWSERS_INSTANT)


ChosenOrNone = Annotated[UUID | None, BeforeValidator(lambda value: value or None)]
"""A choice whose first option is empty and means none."""
LocalInstant = Annotated[datetime | None, PlainValidator(_local)]
"""A field `datetime-local`."""
Tonnes = Annotated[Mass, _mass_in("t", "mass_in_tonnes")]
"""A field whose unit is t."""
Kilograms = Annotated[Mass, _mass_in("kg", "mass_in_kilograms")]
"""A field whose unit is kg."""
Several = Annotated[list[str], BeforeValidator(_parted)]
"""One field with several words: `D10 R9`, `3、6.1、8`."""


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


NumberOrNone = Annotated[float | None, BeforeValidator(_or_none)]
"""A number, or an empty field."""
WholeOrNone = Annotated[int | None, BeforeValidator(_or_none)]
"""A whole number, or an empty field."""
DayOrNone = Annotated[Day | None, BeforeValidator(_or_none)]
"""A day, or an empty field."""
TonnesOrNone = Annotated[Mass | None, _mass_in("t", "mass_in_tonnes", empty=True)]
"""A field whose unit is t, or an empty one."""
