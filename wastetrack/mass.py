"""Mass is whole grams. Kilograms and tonnes exist only at the edges, with the unit shown (HJ 1259-2022, 5.5.1 e)."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from wastetrack.errors import Malformed

_GRAMS = {"g": 1, "克": 1, "kg": 1_000, "千克": 1_000, "公斤": 1_000, "t": 1_000_000, "吨": 1_000_000}
_FOLD = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_UNREADABLE = "“{value}” is not a mass; write a number and g, kg or t."
_TEXT = re.compile(r"([+-]?)\s*(\d[\d,]*(?:\.\d+)?)\s*([a-zA-Z]+|克|千克|公斤|吨)")


@dataclass(frozen=True, slots=True, order=True)
class Mass:
    """So many whole grams; may be negative (a difference). Adds only to Mass."""

    grams: int

    def __post_init__(self) -> None:
        if type(self.grams) is not int:
            raise Malformed(
                "mass_not_whole_grams", "A mass is a whole number of grams, not {value!r}.", value=self.grams
            )

    def __add__(self, other: "Mass") -> "Mass":
        return Mass(self.grams + other.grams)

    def __sub__(self, other: "Mass") -> "Mass":
        return Mass(self.grams - other.grams)

    def __neg__(self) -> "Mass":
        return Mass(-self.grams)

    def __bool__(self) -> bool:
        return self.grams != 0

    def __str__(self) -> str:
        return self.kg_text()

    def kg_text(self) -> str:
        """Kilograms, exact to the gram: `1,250.005 kg`."""
        kilograms = Decimal(self.grams) / 1_000
        return f"{kilograms.normalize():,f} kg"

    def tonne_text(self) -> str:
        """Tonnes, exact to the gram: `1.250005 t`."""
        tonnes = Decimal(self.grams) / 1_000_000
        return f"{tonnes.normalize():,f} t"

    @classmethod
    def parse(cls, text: str) -> "Mass":
        """Read `180 kg`, `1.25 t`, `500 g`, `1,250公斤`. The unit is required: a bare number has been the
        commonest wrong entry of other systems (kilograms typed as tonnes).

        Raises Malformed when it cannot be read or is finer than a gram.
        """
        match = _TEXT.fullmatch(text.strip().translate(_FOLD))
        unit = _GRAMS.get(match[3].lower()) if match else None
        if match is None or unit is None:
            raise Malformed("mass_unreadable", _UNREADABLE, value=text)
        return cls._whole(match[1] + match[2].replace(",", ""), unit)

    @classmethod
    def from_kg(cls, value: str | Decimal | int) -> "Mass":
        """Kilograms as typed into a field that shows its unit. Raises Malformed as `parse` does."""
        return cls._whole(str(value).strip().translate(_FOLD).replace(",", ""), 1_000)

    @classmethod
    def _whole(cls, number: str, unit: int) -> "Mass":
        try:
            grams = Decimal(number) * unit
        except InvalidOperation:
            raise Malformed(
                "mass_unreadable", "“{value}” is not a mass; write a number and g, kg or t.", value=number
            ) from None
        if not grams.is_finite() or grams != grams.to_integral_value():
            raise Malformed("mass_too_fine", "“{value}” is finer than a gram.", value=number)
        return cls(int(grams))


ZERO = Mass(0)
