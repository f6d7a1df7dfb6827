"""What people write into one field: a line (names, codes, reasons), prose, a day; the types of API bodies and forms."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from wastetrack.characters import LINE_PATTERN, PROSE_PATTERN, escaped, unseen_character
from wastetrack.serving.reading_input import CHARACTER

_LONGEST_LINE = 200
_LONGEST_PROSE = 2000
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")


def _line(text: str) -> str:
    return _seen(text, free=False)


def _prose(text: str) -> str:
    return _seen(text, free=True)


def _seen(text: str, *, free: bool) -> str:
    found = unseen_character(text, free=free)
    if found is not None:
        place, character = found
        facts = {"place": place, "character": character, "shown": escaped(text)}
        raise PydanticCustomError(CHARACTER, "a character that cannot be seen", facts)
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=_LONGEST_LINE),
    AfterValidator(_line),
    WithJsonSchema({"type": "string", "maxLength": _LONGEST_LINE, "pattern": LINE_PATTERN}),
]
"""One line. Refuses every character that cannot be seen, for what looks alike must be alike."""
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=_LONGEST_PROSE),
    AfterValidator(_prose),
    WithJsonSchema({"type": "string", "maxLength": _LONGEST_PROSE, "pattern": PROSE_PATTERN}),
]
"""Several lines, in which emoji and other scripts may join their letters."""


def _iso(value: object) -> object:
    """A number is no day; pydantic would count it as seconds since 1970."""
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value.strip()):
        raise PydanticCustomError("date_parsing", "not a day")
    if isinstance(value, int | float):
        raise PydanticCustomError("date_type", "not a day")
    return value


Day = Annotated[date, BeforeValidator(_iso, json_schema_input_type=date)]
"""A day as people and programs write it: 2026-11-25."""


def _instant(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and not _ISO_INSTANT.match(value.strip())):
        raise PydanticCustomError("datetime_parsing", "not an instant")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_instant, json_schema_input_type=AwareDatetime)]
"""A moment with its zone: 2026-11-25T15:04:00+08:00."""
