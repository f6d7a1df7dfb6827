"""The nine characters that name a general industrial solid waste: `900-001-S17`.

固体废物分类与代码目录 (2024): three digits of the industry (GB/T 4754), three of the serial, then S and two digits of
the class, `SW17`. S01 to S59 without S08 are industrial. No official list of the codes can be read by machines, so the
class is looked up in a dated list whose certainty stands in each row, and of the code only the form is known.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.model import GeneralWasteClass
from wastetrack.catalogues.waste_codes import WasteCode, fold
from wastetrack.errors import Malformed

ARTICLE: Final = "固体废物分类与代码目录 第五条"
_CODE = re.compile(r"([0-9]{3})-?([0-9]{3})-?S([0-9]{2})")
_CLASS = re.compile(r"(?:[0-9]{3}-?[0-9]{3}-?)?SW?([0-9]{0,2})")
_SHORTEST: Final = 3
"""Fewer Latin letters are in every other English name."""
_NO_CLASS: Final = "08"
_LAST_INDUSTRIAL: Final = "59"


@dataclass(frozen=True, slots=True, order=True)
class GeneralCode:
    """A code of the right form whose class is industrial."""

    industry: str
    serial: str
    class_number: str

    def __post_init__(self) -> None:
        if not "01" <= self.class_number <= _LAST_INDUSTRIAL or self.class_number == _NO_CLASS:
            raise Malformed(
                "general_waste_class",
                "“{value}” ends with S{seen}; classes of industrial solid waste are S01 to S59, without S08.",
                value=str(self),
                seen=self.class_number,
            )

    def __str__(self) -> str:
        return f"{self.industry}-{self.serial}-S{self.class_number}"

    @property
    def category(self) -> str:
        """`SW17`."""
        return f"SW{self.class_number}"

    @property
    def digits(self) -> str:
        """`900001S17`, as it stands in the digital code of a container."""
        return f"{self.industry}{self.serial}S{self.class_number}"


def search_classes(listed: Iterable[GeneralWasteClass], text: str) -> tuple[GeneralWasteClass, ...]:
    """The classes that a text asks for: `SW17`, `S17`, a whole code such as `900-001-S17`, or words of their names.

    Nothing typed asks for none: the list of hazardous wastes is what is shown then.
    """
    wanted = fold(text)
    match = _CLASS.fullmatch(wanted)
    if match is not None:
        asked = f"SW{match[1]}"
        return tuple(one for one in listed if one.code.startswith(asked))
    words = text.casefold().split()
    if not words or (wanted.isascii() and len(wanted) < _SHORTEST):
        return ()
    return tuple(one for one in listed if all(word in one.name_zh or word in one.name_en.casefold() for word in words))


def is_general(text: str) -> bool:
    """Whether this is written like the code of a general waste."""
    return _CODE.fullmatch(fold(text)) is not None


def parse_general(text: str) -> GeneralCode:
    """Read `900-001-S17`, `900001s17`, full width too. Raises Malformed with what was seen."""
    match = _CODE.fullmatch(fold(text))
    if match is None:
        raise Malformed(
            "general_waste_code_unreadable",
            "“{value}” is not a code of general industrial solid waste. Write it as 900-001-S17.",
            value=text,
        )
    return GeneralCode(*match.groups())


def parse_any(text: str) -> WasteCode | GeneralCode:
    """Read the code of a hazardous or of a general waste. Raises Malformed with what was seen."""
    return parse_general(text) if is_general(text) else waste_codes.parse(text)
