"""Method codes: what is done with the waste in the end, from R1 to Y16.

The letter is the group (HJ 1033 annex F; HJ 1259-2022, 5.5.3.1 d). Two groups belong to one kind of waste only:
Y to medical waste, G to chromium slag. The codes themselves are a dated list; a `Catalogue` knows them.
"""

import re
from enum import StrEnum
from typing import Final

from wastetrack.catalogues.waste_codes import WasteCode, fold
from wastetrack.errors import Broken, Malformed

ARTICLE: Final = "HJ 1259-2022 5.5.3.1"
_CODE = re.compile(r"[RDCYG][1-9][0-9]?")


class MethodGroup(StrEnum):
    """The first letter of a method code."""

    RECOVERY = "R"
    """利用: something useful is won."""
    DISPOSAL = "D"
    """处置: the waste is destroyed or buried for good."""
    OTHER = "C"
    """其他: cement kilns, building materials, washing of packagings."""
    MEDICAL = "Y"
    """医疗废物: disposal of medical waste."""
    CHROMIUM_SLAG = "G"
    """铬渣: detoxification or use of chromium slag."""


# Category that alone may be treated by a group; other groups take any waste.
_ONLY_FOR: Final = {MethodGroup.MEDICAL: "HW01", MethodGroup.CHROMIUM_SLAG: "HW21"}


def parse(text: str) -> str:
    """Read `D10` (also lower case or full width). Raises Malformed; whether it is listed is not asked here."""
    folded = fold(text).replace("-", "")
    if not _CODE.fullmatch(folded):
        raise Malformed(
            "method_unreadable",
            "“{value}” is not a method code. Write a letter R, D, C, Y or G and a number, as in D10.",
            value=text,
        )
    return folded


def group_of(method: str) -> MethodGroup:
    """The group of a parsed method code."""
    return MethodGroup(method[0])


def why_not(method: str, code: WasteCode, *, field: str = "method") -> tuple[Broken, ...]:
    """The reason why a method can never be used on this waste, if there is one."""
    only_for = _ONLY_FOR.get(group_of(method))
    if only_for is None or only_for == code.category:
        return ()
    return (
        Broken(
            field,
            "method_of_other_waste",
            "Method {value} is only for waste of category {only_for}, and {waste_code} is not.",
            value=method,
            article=ARTICLE,
            next_step="Choose a method of group R, D or C.",
            facts={"only_for": only_for, "waste_code": str(code)},
        ),
    )
