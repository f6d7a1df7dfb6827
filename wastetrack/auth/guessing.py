"""Passwords that whoever guesses tries first: well-known ones, rows of the keyboard, the same again and again, words of
the place. A password that holds such a word among several others is fine; there are no rules of composition.

The lists lie in `data` and say there where they are from. Judged are passwords of the length that we ask for, and there
the two hundred lines that are so long matter less than what people build from the short ones: one or two of them, with
a year behind and a mark between. So that is what is looked for.
"""

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_PIECES = 2
"""From how many well-known words a password may not be built. Three that do not belong together are many guesses."""
_LONGEST_WORD = 40
_WALKED = 0.7
_ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./")
_LEET = str.maketrans({"@": "a", "$": "s", "4": "a", "0": "o", "3": "e", "1": "i", "5": "s", "7": "t", "!": "i"})
_DISGUISED = re.compile(r"(?:^|(?<=[a-z]))[@$403157!]+(?=[a-z])")
_BETWEEN = re.compile(r"[\W\d_]+")
_FEW_LETTERS = 4
_FEW_BREAKS = 4
_NUMBER = re.compile(r"[\d\s.,:/_+-]+")
# Days, telephone, identity (18 digits) and bank card numbers: what others know of somebody, and machines try.
_LONGEST_KNOWN_NUMBER = 19
_SHORTEST_CONTEXT = 3


@cache
def _words() -> frozenset[str]:
    well_known = gzip.decompress((_DATA / "common_passwords.txt.gz").read_bytes()).decode().split()
    pinyin = (_DATA / "pinyin_words.txt").read_text(encoding="utf-8").split()
    return frozenset(well_known) | frozenset(pinyin)


@cache
def _neighbours() -> frozenset[tuple[str, str]]:
    """Keys beside each other, and those above and below in the slanted columns that fingers run down."""
    beside = [pair for row in _ROWS for pair in pairwise(row)]
    below = [pair for upper, lower in pairwise((_ROWS[0][1:], *_ROWS[1:])) for pair in zip(upper, lower, strict=False)]
    return frozenset([*beside, *below, *((b, a) for a, b in [*beside, *below])])


def is_guessed_early(password: str) -> bool:
    """Whether a password is among those that are tried first."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    return (
        folded in _words()
        or (_NUMBER.fullmatch(folded) is not None and sum(map(str.isdigit, folded)) <= _LONGEST_KNOWN_NUMBER)
        or is_repetition(folded)
        or is_walk(folded)
        or is_built_of_few_words(folded)
    )


def is_repetition(text: str) -> bool:
    """`abcabcabcabc`: one short piece again and again, the last time perhaps not to its end."""
    return any((text[:length] * len(text))[: len(text)] == text for length in range(1, len(text) // 2 + 1))


def is_walk(text: str) -> bool:
    """`1qaz2wsx3edc`, `zxcvbnm,./zx`, `111222333444`: most steps go to the same key or to the next one."""
    steps = list(pairwise(text))
    short = [a == b or (a, b) in _neighbours() or ord(b) - ord(a) in {1, -1} for a, b in steps]
    return bool(steps) and sum(short) / len(steps) >= _WALKED


def is_built_of_few_words(text: str) -> bool:
    """`Sunshine-Princess_2024!`, `woaini1314520`: one or two well-known words, and digits and marks around them."""
    for told in (text, _DISGUISED.sub(lambda found: found.group().translate(_LEET), text)):
        letters = "".join(letter for letter in told if letter.isalpha())
        # Few letters between many other signs are no words, though two of them may happen to be a syllable.
        between = len(_BETWEEN.findall(told))
        if len(letters) >= _FEW_LETTERS and between <= _FEW_BREAKS and _fewest_pieces(letters) <= _PIECES:
            return True
    return False


def _fewest_pieces(letters: str) -> int:
    """Of how many well-known words the letters can be put together; more than there are letters if of none."""
    words, never = _words(), len(letters) + 1
    fewest = [0] + [never] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST_WORD), end):
            if fewest[start] + 1 < fewest[end] and letters[start:end] in words:
                fewest[end] = fewest[start] + 1
    return fewest[-1]


def names_the_place(password: str, context: Iterable[str]) -> bool:
    """Whether a password holds the login, or the name of the person, the organisation or the product."""
    folded = "".join(unicodedata.normalize("NFKC", password).casefold().split())
    names = ("".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in context)
    return any(len(name) >= _SHORTEST_CONTEXT and name in folded for name in names)
