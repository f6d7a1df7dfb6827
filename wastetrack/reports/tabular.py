"""Tables as documents: what a workbook, a PDF and a page show alike, as frozen data without database or layout.

A cell keeps its kind until it is drawn: a Mass stays grams until its column's unit is known, an instant stays in UTC
until it is shown in the document's zone, a word of the product stays in both languages.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from wastetrack.i18n import english_label, label, translate
from wastetrack.mass import Mass
from wastetrack.reports.figures import Locale, Words

Cell = str | int | Decimal | date | datetime | Mass | Words | StrEnum | bool | None
Align = Literal["left", "right", "centre"]


class MassUnit(StrEnum):
    """In which unit a column shows masses."""

    TONNE = "t"  # the unit of ledgers and reports (HJ 1259-2022, 5.5.1 e)
    KILOGRAM = "kg"  # the unit of the scale


_GRAMS = {MassUnit.TONNE: 1_000_000, MassUnit.KILOGRAM: 1_000}
_DECIMALS = {MassUnit.TONNE: 6, MassUnit.KILOGRAM: 3}
_FEWEST_DECIMALS = {MassUnit.TONNE: 3, MassUnit.KILOGRAM: 0}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width, and for masses the unit that stands in the heading."""

    title: Words
    weight: float = 1.0
    align: Align = "left"
    unit: MassUnit | None = None

    def heading(self, locale: Locale) -> str:
        """The heading as it is shown."""
        title = self.title.of(locale)
        if self.unit is None:
            return title
        return f"{title}（{self.unit.value}）" if locale == "zh" else f"{title} ({self.unit.value})"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Raises ValueError where a row has not a cell for each column, or a mass stands where no unit does."""

    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Words, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                msg = f"A row of {len(row)} cells in a table of {len(self.columns)} columns"
                raise ValueError(msg)
            for column, cell in zip(self.columns, row, strict=True):
                if isinstance(cell, Mass) and column.unit is None:
                    msg = f"The column {column.title.en!r} shows a mass and names no unit"
                    raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Document:
    """Tables that belong together, with what is said once above them and when it was printed."""

    title: Words
    lines: tuple[tuple[Words, str], ...]
    sheets: tuple[Sheet, ...]
    printed_at: datetime
    zone: str


def said(sentence: str, **facts: object) -> Words:
    """A sentence of the product (an English message id) in both languages."""
    return Words(zh=translate(sentence, "zh", **facts), en=translate(sentence, "en", **facts))


def named(member: StrEnum) -> Words:
    """An enum's member in both languages."""
    return Words(zh=label(member, "zh"), en=english_label(member))


def in_unit(mass: Mass, unit: MassUnit) -> Decimal:
    """The mass as a number of that unit, exact to the gram."""
    return Decimal(mass.grams) / _GRAMS[unit]


def mass_text(mass: Mass, unit: MassUnit) -> str:
    """The number as it is printed under a heading that names the unit: `1,250.005`, `0.000001`."""
    number = f"{in_unit(mass, unit):,.{_DECIMALS[unit]}f}"
    whole, _, decimals = number.partition(".")
    kept = decimals.rstrip("0").ljust(_FEWEST_DECIMALS[unit], "0")
    return f"{whole}.{kept}" if kept else whole


def number_format(unit: MassUnit) -> str:
    """The same for a spreadsheet program."""
    fewest = _FEWEST_DECIMALS[unit]
    return "#,##0." + "0" * fewest + "#" * (_DECIMALS[unit] - fewest)


def local(instant: datetime, zone: str) -> datetime:
    """An instant as the clock of the place shows it, without zone (a spreadsheet knows none)."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def cell_text(cell: Cell, column: Column, locale: Locale, zone: str) -> str:  # noqa: PLR0911  one line per kind
    """A cell as a reader sees it."""
    match cell:
        case None:
            return ""
        case bool():
            return translate("Yes" if cell else "No", locale)
        case Mass():
            return mass_text(cell, column.unit or MassUnit.TONNE)
        case Words():
            return cell.of(locale)
        case StrEnum():
            return label(cell, locale)
        case datetime():
            return f"{local(cell, zone):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case int() | Decimal():
            return f"{cell:,}"
        case str():
            return cell
