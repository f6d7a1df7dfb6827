"""What people write into one field: a line (names, codes, reasons) or prose; the types of API bodies and page forms."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from wastetrack.characters import LINE_PATTERN, PROSE_PATTERN, escaped, unseen_character
from wastetrack.serving.reading_input import CHARACTER

_LONGEST_LINE = 200
_LONGEST_PROSE = 2000


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
