"""Files to import: good rows, and the ways in which an office's cell can be wrong, each with the rule it breaks."""

import io
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from tests.support.trade import today
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.model import ImportKind

Cells = list[Any]
FIELDS = [column.field for column in COLUMNS[ImportKind.CONTAINERS]]
OIL = ("900-249-08", "废矿物油", "T,I")
SLUDGE = ("336-052-17", "含锌电镀污泥", "T")


def heading() -> Cells:
    """The headings of the template."""
    return [column.title("zh") for column in COLUMNS[ImportKind.CONTAINERS]]


def good_row(number: int, on: date | None = None) -> Cells:
    """A drum of oil or of sludge, of a day of the last weeks: no unit and day has a thousand of one waste."""
    code, name, hazards = (OIL, SLUDGE)[number % 2]
    day = (on or today()) - timedelta(days=number % 40)
    told: dict[str, Any] = {
        "waste_code": code,
        "waste_name": name,
        "form": ("液态", "半固态")[number % 2],
        "hazards": hazards,
        "packaging": "桶",
        "volume_l": 200,
        "gross_g": 150 + number % 50 + 0.5,
        "tare_g": 20,
        "method": "平台秤",
        "scale_id": "PS-1",
        "generated_on": (day, day.strftime("%Y/%-m/%-d"), day.strftime("%Y%m%d"), day.strftime("%Y年%-m月%-d日"))[
            number % 4
        ],
        "main_components": "矿物油",
        "trade_name": "=1+1" if number % 97 == 0 else "废机油",
        "handler": "张三",
    }
    return [told.get(field) for field in FIELDS]


# What is wrong → the field at which it is told, the rule, how the row is spoilt.
FAULTS: dict[str, tuple[str, str, Callable[[Cells], None]]] = {}


def _fault(name: str, field: str, code: str, value: object) -> None:
    def spoil(cells: Cells) -> None:
        cells[FIELDS.index(field)] = value

    FAULTS[name] = (field, code, spoil)


_fault("no code", "waste_code", "cell_empty", None)
_fault("unknown code", "waste_code", "waste_code_unknown", "900-999-08")
_fault("unreadable code", "waste_code", "waste_code_unreadable", "废油")
_fault("no name", "waste_name", "cell_empty", None)
_fault("a name too long", "waste_name", "string_too_long", "油" * 201)
_fault("a name that turns the text", "waste_name", "character_refused", "废\u202e油")
_fault("unknown form", "form", "choice_unknown", "浆状")
_fault("a hazard that is none", "hazards", "hazard_unreadable", "T,X")
_fault("no hazard", "hazards", "hazards_missing", None)
_fault("unknown packaging", "packaging", "choice_unknown", "麻袋堆")
_fault("volume in words", "volume_l", "number_unreadable", "两百升")
_fault("volume of a building", "volume_l", "volume_absurd", 20_000)
_fault("half a litre", "volume_l", "number_not_whole", 200.5)
_fault("mass in words", "gross_g", "mass_unreadable", "一百八十")
_fault("tare above gross", "gross_g", "mass_not_positive", 15)
_fault("grams typed as kilograms", "gross_g", "mass_absurd", 180_500)
_fault("tonnes in a column of kilograms", "gross_g", "mass_absurd", "180 t")
_fault("no tare", "tare_g", "cell_empty", None)
_fault("tare below nothing", "tare_g", "tare_negative", -1)
_fault("finer than a gram", "tare_g", "mass_too_fine", "20.00001")
_fault("unknown scale kind", "method", "choice_unknown", "目测")
_fault("no day", "generated_on", "cell_empty", None)
_fault("30 February", "generated_on", "day_unreadable", "2026-02-30")
_fault("in the future", "generated_on", "generated_on_implausible", "2099-01-01")
_fault("too long ago", "generated_on", "generated_on_implausible", "2025-03-01")
_fault("unknown store", "store_id", "store_unknown_here", "K-404")
_fault("neither yes nor no", "highly_infectious", "yes_or_no", "大概")
_fault("more than full", "filled_percent", "number_out_of_range", 140)


def faulty(count: int, errors: int, seed: int = 7) -> tuple[list[Cells], list[tuple[int, str, str]]]:
    """Rows with so many faults in them, at most one to a row, and where each stands: row, field, rule."""
    chance = random.Random(seed)  # noqa: S311  the same in each run
    rows = [good_row(number) for number in range(count)]
    places = sorted(chance.sample(range(count), errors))
    names = list(FAULTS)
    told = []
    for turn, place in enumerate(places):
        field, code, spoil = FAULTS[names[turn % len(names)]]
        spoil(rows[place])
        told.append((place + 2, field, code))
    return rows, told


def workbook(rows: Sequence[Cells], *, heads: Cells | None = None) -> bytes:
    """The rows under their headings, as a spreadsheet program writes them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, days = book.add_worksheet("容器"), book.add_format({"num_format": "yyyy/m/d"})
        for number, text in enumerate(heads or heading()):
            sheet.write_string(0, number, text)
        for place, cells in enumerate(rows, start=1):
            for number, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(place, number, cell, days)
                elif isinstance(cell, str):
                    sheet.write_string(place, number, cell)
                elif cell is not None:
                    sheet.write_number(place, number, cell)
    return out.getvalue()
