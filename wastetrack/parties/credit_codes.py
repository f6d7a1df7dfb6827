"""Unified social credit code: the eighteen characters that name an organisation in China.

GB 32100-2015: department (1), kind (1), region of registration (6 digits), organisation body (9),
check character (1). The alphabet leaves out I, O, S, V and Z because they are misread as figures.
The check is our own because public libraries want eight leading digits and so refuse farm
co-operatives (N…), army units (A…) and other bodies (Y…), which make waste like everybody else.
"""

import unicodedata
from typing import Final

from wastetrack.errors import Malformed

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
LENGTH: Final = 18
BODY_LENGTH: Final = 17
MODULUS: Final = 31

# The registering department, first character. The second character (kind within the department) is
# not checked: departments add kinds without telling us, and the check character already guards typing.
DEPARTMENTS: Final = {
    "1": "机构编制",
    "2": "外交",
    "3": "司法行政",
    "4": "文化",
    "5": "民政",
    "6": "旅游",
    "7": "宗教",
    "8": "工会",
    "9": "市场监督管理",
    "A": "中央军委改革和编制办公室",
    "N": "农业农村",
    "Y": "其他",
}
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_REGION: Final = slice(2, 8)
_IGNORED: Final = str.maketrans("", "", " -\u3000\t\r\n\u200b\u00a0\u2010\u2011\u2013\u2014")


def normalise(text: str) -> str:
    """The code as it is stored: half width, upper case, without spaces and hyphens; nothing is checked."""
    return unicodedata.normalize("NFKC", text).translate(_IGNORED).upper()


def check(code: str) -> str:
    """The normalised code; Malformed with what was seen and what to do when it cannot be one."""
    normal = normalise(code)
    if len(normal) != LENGTH:
        raise Malformed(
            "credit_code_length",
            "The unified social credit code “{seen}” has {length} characters instead of 18. "
            "Copy it from the business licence; the older 9 or 15 digit numbers are not accepted.",
            seen=normal,
            length=len(normal),
        )
    _check_characters(normal)
    expected = check_character(normal[:BODY_LENGTH])
    if normal[-1] != expected:
        raise Malformed(
            "credit_code_check_character",
            "The unified social credit code “{seen}” has a wrong check character, so at least one character is "
            "mistyped. Compare it with the business licence character by character.",
            seen=normal,
        )
    return normal


def make(prefix17: str) -> str:
    """The whole code of the first seventeen characters; Malformed when they cannot begin a code."""
    prefix = normalise(prefix17)
    if len(prefix) != BODY_LENGTH:
        raise Malformed(
            "credit_code_prefix_length",
            "A unified social credit code is made from its first 17 characters; “{seen}” has {length}.",
            seen=prefix,
            length=len(prefix),
        )
    _check_characters(prefix)
    return prefix + check_character(prefix)


def check_character(prefix: str) -> str:
    """The eighteenth character of seventeen known ones: (31 − Σ value·weight mod 31) mod 31."""
    total = sum(_VALUES[character] * weight for character, weight in zip(prefix, WEIGHTS, strict=True))
    return ALPHABET[(MODULUS - total % MODULUS) % MODULUS]


def _check_characters(text: str) -> None:
    strange = sorted({character for character in text if character not in _VALUES})
    if strange:
        raise Malformed(
            "credit_code_character",
            "The unified social credit code “{seen}” contains “{characters}”. The letters I, O, S, V and Z and "
            "signs are never used; 1, 0, 5 or 2 was probably meant.",
            seen=text,
            characters="".join(strange),
        )
    if text[0] not in DEPARTMENTS:
        raise Malformed(
            "credit_code_department",
            "The unified social credit code “{seen}” begins with “{character}”, which no registering department "
            "uses. Compare it with the business licence.",
            seen=text,
            character=text[0],
        )
    if not text[_REGION].isdigit():
        raise Malformed(
            "credit_code_region",
            "Characters 3 to 8 of the unified social credit code “{seen}” are “{region}”; they must be the six "
            "digits of a region. Compare it with the business licence.",
            seen=text,
            region=text[_REGION],
        )
