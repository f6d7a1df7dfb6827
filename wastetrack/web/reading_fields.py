"""What people type into fields, as values: masses in the unit printed behind the field, lists parted by anything."""

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from wastetrack.errors import WastetrackError
from wastetrack.mass import Mass

_PARTED = re.compile(r"[\s,;、，；/]+")


def _mass_in(unit: str, kind: str) -> PlainValidator:
    def read(value: object) -> Mass:
        if isinstance(value, Mass):
            return value
        try:
            return Mass.parse(f"{value} {unit}")
        except WastetrackError as unreadable:
            raise PydanticCustomError(kind, "not a mass") from unreadable

    return PlainValidator(read)


def _parted(value: object) -> object:
    return [part for part in _PARTED.split(value.strip()) if part] if isinstance(value, str) else value


Tonnes = Annotated[Mass, _mass_in("t", "mass_in_tonnes")]
"""A field whose unit is t."""
Kilograms = Annotated[Mass, _mass_in("kg", "mass_in_kilograms")]
"""A field whose unit is kg."""
Several = Annotated[list[str], BeforeValidator(_parted)]
"""One field with several words: `D10 R9`, `3、6.1、8`."""
