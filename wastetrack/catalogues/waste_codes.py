"""The eight digits that name a hazardous waste: `900-041-49`.

国家危险废物名录, art. 5: three digits of the industry (GB/T 4754), three of the serial, two of the category. Art. 6: a
waste identified as hazardous that fits no listed code is written `900-000-XX`, XX being its category. Whether a code
is listed on a given day is asked of a `Catalogue`; here only its form is known.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from wastetrack.errors import Malformed

# HW41 to HW44 were withdrawn when the list was rewritten in 2016; both dated lists keep 46 categories.
CATEGORIES: Final = frozenset(f"{number:02}" for number in (*range(1, 41), *range(45, 51)))
IDENTIFIED_INDUSTRY: Final = "900"
IDENTIFIED_SERIAL: Final = "000"

_CODE = re.compile(r"(?:HW[0-9]{2})?([0-9]{3})-?([0-9]{3})-?([0-9]{2})")
_GENERAL_WASTE = re.compile(r"[0-9]{3}-?[0-9]{3}-?S[0-9]{2}")
_CATEGORY = re.compile(r"HW-?([0-9]{2})")
_FOLD = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－_", "-") | dict.fromkeys(" \t\r\n\u200b", ""))


@dataclass(frozen=True, slots=True, order=True)
class WasteCode:
    """A code of the right form, such as `900-041-49`; its category exists."""

    industry: str
    serial: str
    category_number: str

    def __post_init__(self) -> None:
        if self.category_number not in CATEGORIES:
            raise Malformed(
                "waste_code_category",
                "“{value}” ends with {category}, and there is no category HW{category}. "
                "The last two digits name one of HW01–HW40 or HW45–HW50.",
                value=str(self),
                category=self.category_number,
            )

    def __str__(self) -> str:
        return f"{self.industry}-{self.serial}-{self.category_number}"

    @property
    def category(self) -> str:
        """`HW49`."""
        return f"HW{self.category_number}"

    @property
    def digits(self) -> str:
        """`90004149`, as it stands in the digital code of a container."""
        return f"{self.industry}{self.serial}{self.category_number}"

    @property
    def is_identified(self) -> bool:
        """`900-000-XX`: hazardous by identification, without a listed code of its own (art. 6)."""
        return (self.industry, self.serial) == (IDENTIFIED_INDUSTRY, IDENTIFIED_SERIAL)


def fold(text: str) -> str:
    """Half width, upper case, one kind of hyphen, no spaces: what people type is brought to one form."""
    return unicodedata.normalize("NFKC", text).translate(_FOLD).upper()


def parse(text: str) -> WasteCode:
    """Read `900-041-49`, `90004149`, `ＨＷ４９ ９００－０４１－４９`. Raises Malformed with what was seen.

    A category written before the code must be the code's own.
    """
    folded = fold(text)
    match = _CODE.fullmatch(folded)
    if match is None:
        raise _unreadable(text, folded)
    code = WasteCode(*match.groups())
    if folded.startswith("HW") and not folded.startswith(code.category):
        raise Malformed(
            "waste_code_contradicts_category",
            "“{value}” names category {written}, but the code {waste_code} belongs to {category}. Correct one of them.",
            value=text,
            written=folded[:4],
            waste_code=str(code),
            category=code.category,
        )
    return code


def parse_category(text: str) -> str:
    """Read `HW08` (also `hw08`, full width). Raises Malformed when there is no such category."""
    match = _CATEGORY.fullmatch(fold(text))
    if match is None or match[1] not in CATEGORIES:
        raise _no_category(text)
    return f"HW{match[1]}"


def parse_pattern(text: str) -> str:
    """What a permit's line names: a code, `900-249-08`, or a category, `HW08`. Raises Malformed when it is neither."""
    return parse_category(text) if _CATEGORY.fullmatch(fold(text)) else str(parse(text))


def _no_category(text: str) -> Malformed:
    return Malformed(
        "waste_category_unknown",
        "“{value}” is not a category of hazardous waste; categories are HW01–HW40 and HW45–HW50.",
        value=text,
    )


def _unreadable(text: str, folded: str) -> Malformed:
    if _GENERAL_WASTE.fullmatch(folded):
        return Malformed(
            "waste_code_is_general_waste",
            "“{value}” is a code of general industrial solid waste (S at the seventh place), which is not hazardous. "
            "Choose a code that ends with two digits.",
            value=text,
        )
    category = _CATEGORY.fullmatch(folded)
    if category is not None and category[1] not in CATEGORIES:
        return _no_category(text)
    if category is not None:
        return Malformed(
            "waste_code_is_category",
            "“{value}” is a whole category. Choose one code of it, or 900-000-{digits} if the waste was identified "
            "as hazardous and fits no listed code.",
            value=text,
            digits=category[1],
        )
    return Malformed(
        "waste_code_unreadable",
        "“{value}” is not a waste code. Write eight digits as 900-041-49: industry, serial, category.",
        value=text,
    )
