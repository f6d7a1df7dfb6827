"""Which characters may stand in what people write: one rule, for the API's bodies, the pages' forms and file names.

Refused is what cannot be seen or turns the text around: two names that look alike must be alike (Unicode TR 36 §2.5,
CVE-2021-42574). Rare Chinese characters, private ones included, and variation selectors are letters of names and stay.
"""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
"""Needed inside words of some scripts and inside emoji; allowed where people write freely, never in a name."""
_BREAKS = "\t\n\r"
_BLANK_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks by their category, but nothing is seen of them."""
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LAST_OF_A_PLANE = (0xFFFE, 0xFFFF)

# The same for JSON Schema, as far as its dialects agree: the basic plane, each end written out.
_UNSEEN = (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180e"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
)
LINE_PATTERN = rf"^[^\x00-\x1f\x7f-\x9f\u200b-\u200f{_UNSEEN}]*$"
PROSE_PATTERN = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f{_UNSEEN}]*$"

_PLAIN = re.compile(r"[ -~\u00a1-\u00ac\u3000-\u312f\u3400-\u9fff\uff01-\uff9f]*")
"""What nearly every value consists of: looked at once, without asking after each character."""


def unseen_character(text: str, *, free: bool = False) -> tuple[int, str] | None:
    """The first character that may not stand in a line (or in free prose): its place, from 1, and its name `U+202E`."""
    if _PLAIN.fullmatch(text):
        return None
    allowed = _BREAKS + _JOINERS if free else ""
    for place, character in enumerate(text, 1):
        if character not in allowed and _is_refused(character):
            return place, f"U+{ord(character):04X}"
    return None


def _is_refused(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _REFUSED_CATEGORIES
        or character in _BLANK_LETTERS
        or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004  noncharacters
        or code & 0xFFFF in _LAST_OF_A_PLANE
        or 0xFFF0 <= code <= 0xFFF8  # noqa: PLR2004  unassigned and reserved for what is not seen
        or 0xE0000 <= code <= 0xE00FF  # noqa: PLR2004  tags: whole hidden sentences
    )


def without_unseen(text: str) -> str:
    """The same without what is refused: how a refused form shows it again."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(mark for mark in text if mark in _BREAKS + _JOINERS or not _is_refused(mark))


def escaped(text: str) -> str:
    """A value as it may be shown and logged: every refused character by its number, `\\u202e`."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        character.encode("unicode_escape").decode() if _is_refused(character) else character for character in text
    )
