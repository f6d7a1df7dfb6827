"""The number of a manifest: YYYY, province, prefecture, six-digit serial per prefecture of origin and year
(令23 art. 15)."""

from dataclasses import dataclass
from typing import Self

from wastetrack.errors import Malformed

_LENGTH = 14


@dataclass(frozen=True, slots=True, order=True)
class ManifestNumber:
    """Fourteen digits."""

    year: int
    prefecture: str
    serial: int

    def __str__(self) -> str:
        return f"{self.year:04d}{self.prefecture}{self.serial:06d}"

    @classmethod
    def make(cls, year: int, region_code: str, serial: int) -> Self:
        """The number of the `serial`-th manifest of the year from the prefecture that holds this county.

        Raises Malformed when the six digits are used up.
        """
        if not 1 <= serial <= 999_999:  # noqa: PLR2004  six digits
            message = "All numbers of {prefecture} in {year} are used."
            raise Malformed("manifest_numbers_used_up", message, prefecture=region_code[:4], year=year)
        return cls(year, region_code[:4], serial)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read fourteen digits. Raises Malformed."""
        digits = text.strip()
        if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()):
            message = "“{value}” is not a manifest number: 14 digits (year, prefecture, serial)."
            raise Malformed("manifest_number_unreadable", message, value=text)
        return cls(int(digits[:4]), digits[4:8], int(digits[8:]))


def numbers_beginning(text: str) -> tuple[str, str]:
    """The first and last possible number that begins with these digits. Raises Malformed for anything but digits."""
    digits = text.strip()
    if len(digits) > _LENGTH or not (digits.isascii() and digits.isdigit()):
        message = "“{value}” is not the beginning of a manifest number: up to 14 digits."
        raise Malformed("manifest_number_unreadable", message, value=text)
    return digits.ljust(_LENGTH, "0"), digits.ljust(_LENGTH, "9")
