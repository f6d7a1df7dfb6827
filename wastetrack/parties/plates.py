"""Number plates of vehicles that may carry waste: ordinary, new-energy and trailer plates (GA 36).

Ordinary plates have seven characters (鲁F12345), new-energy ones eight (small 鲁FD12345, large 鲁F12345D), trailers
end with 挂 (鲁F1234挂). Plates carry no check character, so only their form can be tested. The expressions are our
own: public parsers refuse trailers.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wastetrack.errors import Malformed

PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

# I and O are never used: they would be read as 1 and 0.
_LETTER = "A-HJ-NP-Z"
_HEAD = f"[{PROVINCES}][{_LETTER}]"
_SERIAL = f"[{_LETTER}0-9]"
_POWER = "[A-HJK]"
_SEPARATORS = str.maketrans("", "", " \t\r\n\u200b·•‧∙⋅・･●.-—–_")
_ENDINGS_OF_OTHERS = "警学港澳领使电应急"


class PlateKind(StrEnum):
    """What the plate says of the vehicle."""

    ORDINARY = "ordinary"
    """Blue or yellow plate, five characters after the letter of the city."""
    NEW_ENERGY_SMALL = "new_energy_small"
    """Green plate, the letter of the drive stands first (D, A, B, C, E pure electric; F, G, H, J, K other)."""
    NEW_ENERGY_LARGE = "new_energy_large"
    """Yellow-green plate, the letter of the drive stands last."""
    TRAILER = "trailer"
    """挂: has no drive and needs a tractor."""


_FORMS: Final = (
    (PlateKind.TRAILER, re.compile(f"{_HEAD}{_SERIAL}{{4}}挂")),
    (PlateKind.NEW_ENERGY_LARGE, re.compile(f"{_HEAD}[0-9]{{5}}{_POWER}")),
    (PlateKind.NEW_ENERGY_SMALL, re.compile(f"{_HEAD}{_POWER}{_SERIAL}[0-9]{{4}}")),
    # At least one figure, which every plate issued has; it keeps out typed words.
    (PlateKind.ORDINARY, re.compile(f"{_HEAD}(?=[{_LETTER}]*[0-9]){_SERIAL}{{5}}")),
)
_ONLY_PLATE_SIGNS = re.compile(f"[{PROVINCES}][A-Z0-9]+挂?")


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate as stored: upper case, half width, without the dot."""

    text: str
    kind: PlateKind

    def __str__(self) -> str:
        return self.text

    @property
    def printed(self) -> str:
        """With the dot that stands on the metal: 鲁F·12345."""
        return f"{self.text[:2]}·{self.text[2:]}"


def normalise(text: str) -> str:
    """Upper case, half width, without dots and spaces; nothing is checked."""
    return unicodedata.normalize("NFKC", text).translate(_SEPARATORS).upper()


def parse(text: str) -> Plate:
    """Read a plate in any case, width and separation. Raises Malformed with what is wrong."""
    normal = normalise(text)
    for kind, form in _FORMS:
        if form.fullmatch(normal):
            return Plate(normal, kind)
    raise _refusal(text, normal)


def _refusal(text: str, normal: str) -> Malformed:
    if not normal or normal[0] not in PROVINCES:
        return Malformed(
            "plate_province",
            "“{value}” does not begin with the character of a province, such as 鲁. Write the whole plate.",
            value=text,
        )
    if normal[-1] in _ENDINGS_OF_OTHERS:
        return Malformed(
            "plate_not_for_goods",
            "“{value}” is a plate of a vehicle that may not carry waste (police, driving school, consulate …).",
            value=text,
        )
    if _ONLY_PLATE_SIGNS.fullmatch(normal) and ("I" in normal or "O" in normal):
        return Malformed(
            "plate_letter",
            "“{value}” contains I or O, which plates never use. Write 1 or 0.",
            value=text,
        )
    return Malformed(
        "plate_unreadable",
        "“{value}” is not a number plate. Write 鲁F12345, a new-energy plate as 鲁FD12345 or 鲁F12345D, "
        "a trailer as 鲁F1234挂.",
        value=text,
    )
