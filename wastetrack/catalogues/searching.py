"""Find a waste by what people type: the beginning of a code, Chinese words, or pinyin initials (fkwy for 废矿物油).

Pure: ranks the entries of one edition. Several words must all be found; the best match of each counts.
"""

import re
from collections.abc import Iterable

from wastetrack.catalogues.model import ListedWaste
from wastetrack.catalogues.waste_codes import fold

_CODE_BEGINNING = re.compile(r"[0-9][0-9-]*")
_CATEGORY_BEGINNING = re.compile(r"HW[0-9]{0,2}")
_LETTERS = re.compile(r"[A-Z0-9]+")
_SPACE = re.compile(r"\s+")

# The lower the better. Steps are wide, so that no place inside a text outweighs the kind of match.
_EXACT_CODE = 0
_CODE_STARTS = 1_000
_NAME_STARTS = 2_000
_NAME_HAS = 3_000
_INITIALS_START = 4_000
_INITIALS_HAVE = 5_000
_CATEGORY_NAME_HAS = 6_000
_CATEGORY_INITIALS_HAVE = 7_000
_FURTHEST = 999


def search(wastes: Iterable[ListedWaste], text: str, *, limit: int = 20) -> tuple[ListedWaste, ...]:
    """The best matches first; equal ones in the order of their codes. Empty text finds the beginning of the list."""
    words = tuple(filter(None, (fold(word) for word in _SPACE.split(text.strip()))))
    ranked = []
    for waste in wastes:
        ranks = [_rank(waste, word) for word in words]
        found = [rank for rank in ranks if rank is not None]
        if len(found) == len(words):
            ranked.append((sum(found), waste.code.category_number, str(waste.code), waste))
    ranked.sort(key=lambda entry: entry[:3])
    return tuple(entry[3] for entry in ranked[:limit])


def _rank(waste: ListedWaste, word: str) -> int | None:
    """How well one folded word fits an entry; None when it does not."""
    ranks = (_rank_as_code(waste, word), _rank_as_text(waste, word), _rank_as_initials(waste, word))
    return min((rank for rank in ranks if rank is not None), default=None)


def _rank_as_code(waste: ListedWaste, word: str) -> int | None:
    if _CATEGORY_BEGINNING.fullmatch(word):
        return _CODE_STARTS if waste.category.startswith(word) else None
    if not _CODE_BEGINNING.fullmatch(word):
        return None
    digits = word.replace("-", "")
    if waste.code.digits == digits:
        return _EXACT_CODE
    return _CODE_STARTS if waste.code.digits.startswith(digits) else None


def _rank_as_text(waste: ListedWaste, word: str) -> int | None:
    place = waste.description.upper().find(word)
    if place == 0:
        return _NAME_STARTS
    if place > 0:
        return _NAME_HAS + min(place, _FURTHEST)
    if word in waste.category_name:
        return _CATEGORY_NAME_HAS
    return None


def _rank_as_initials(waste: ListedWaste, word: str) -> int | None:
    if not _LETTERS.fullmatch(word) or word.isdigit():
        return None
    letters = word.lower()
    category, _, description = waste.initials.partition(" | ")
    place = f" {description}".find(f" {letters}")
    if place >= 0:
        return _INITIALS_START + min(place, _FURTHEST)
    place = description.find(letters)
    if place >= 0:
        return _INITIALS_HAVE + min(place, _FURTHEST)
    return _CATEGORY_INITIALS_HAVE if letters in category else None
