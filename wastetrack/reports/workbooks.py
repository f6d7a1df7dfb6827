"""Tables as an XLSX workbook: one worksheet per table, text as text, masses and days as numbers that can be summed.

No cell is ever a formula or a link, whatever a name begins with; what a person wrote stays what he wrote.
"""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from wastetrack.mass import Mass
from wastetrack.reports import tabular
from wastetrack.reports.figures import Locale
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, cell_text, in_unit, local, number_format

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME: Final = 31
_LONGEST_TEXT: Final = 32_767
"""Characters in a cell; the format holds no more."""
_EXACT: Final = 10**15
"""A cell's number is a double: what has more digits is written as text, so that no gram is rounded away."""
_WIDTH_OF_A_SHARE: Final = 14.0
_A4: Final = 9
_FACE: Final = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "top"}
_EDGED: Final = _FACE | {"border": 1, "border_color": "#9A9A9A", "text_wrap": True}


def workbook(document: Document, locale: Locale) -> bytes:
    """The file. Equal documents give equal bytes."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        made_at = local(document.printed_at, document.zone).replace(microsecond=0)
        book.set_properties({"title": document.title.of(locale), "author": "wastetrack", "created": made_at})
        looks = _Looks(book)
        taken: set[str] = set()
        for sheet in document.sheets:
            _Page(book.add_worksheet(_name(sheet.title.of(locale), taken)), looks, document, locale).write(sheet)
    return out.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """A worksheet's name: short, without the characters that references use, unlike the others."""
    plain = _FORBIDDEN_IN_NAMES.sub(" ", title).strip(" '")[:_LONGEST_NAME] or "Sheet"
    name, number = plain, 2
    while name.lower() in taken:
        ending = f" {number}"
        name, number = plain[: _LONGEST_NAME - len(ending)] + ending, number + 1
    taken.add(name.lower())
    return name


class _Looks:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **look: object) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(look))
        return self._made[key]


@dataclass(frozen=True, slots=True)
class _Page:
    """One worksheet being written."""

    paper: Worksheet
    looks: _Looks
    document: Document
    locale: Locale

    def write(self, sheet: Sheet) -> None:
        """Title, what is said once, the table, its notes; the heading is repeated on each printed page."""
        row = self._head(sheet)
        heading = self.looks.of(**_EDGED, bold=True, bg_color="#EDEDE8", align="center")
        for number, column in enumerate(sheet.columns):
            self.paper.set_column(number, number, max(6.0, column.weight * _WIDTH_OF_A_SHARE))
            self.paper.write_string(row, number, column.heading(self.locale), heading)
        first = row + 1
        for index, cells in enumerate(sheet.rows):
            for number, (column, cell) in enumerate(zip(sheet.columns, cells, strict=True)):
                self._cell(first + index, number, column, cell)
        end = first + len(sheet.rows)
        note = self.looks.of(**_FACE, italic=True)
        for index, words in enumerate(sheet.notes):
            self.paper.write_string(end + 1 + index, 0, _fitting(words.of(self.locale)), note)
        self._setup(row, end, len(sheet.columns))

    def _head(self, sheet: Sheet) -> int:
        """The lines above the table; gives back the row of its heading."""
        title = self.document.title.of(self.locale)
        if len(self.document.sheets) > 1:
            title = f"{title}　{sheet.title.of(self.locale)}"
        self.paper.write_string(0, 0, title, self.looks.of(**_FACE | {"font_size": 14}, bold=True))
        plain = self.looks.of(**_FACE)
        for index, (caption, value) in enumerate(self.document.lines, start=1):
            stop = "：" if self.locale == "zh" else ": "
            self.paper.write_string(index, 0, _fitting(f"{caption.of(self.locale)}{stop}{value}"), plain)
        return len(self.document.lines) + 2

    def _cell(self, row: int, number: int, column: Column, cell: Cell) -> None:
        paper, look = self.paper, {**_EDGED, "align": "center" if column.align == "centre" else column.align}
        match cell:
            case None:
                paper.write_blank(row, number, None, self.looks.of(**look))
            case Mass() if abs(cell.grams) < _EXACT:
                unit = column.unit or MassUnit.TONNE
                numeric = self.looks.of(**look | {"align": "right"}, num_format=number_format(unit))
                paper.write_number(row, number, float(in_unit(cell, unit)), numeric)
            case datetime():
                shown = self.looks.of(**look, num_format="yyyy-mm-dd hh:mm")
                paper.write_datetime(row, number, local(cell, self.document.zone), shown)
            case date():
                paper.write_datetime(row, number, cell, self.looks.of(**look, num_format="yyyy-mm-dd"))
            case int() | Decimal() if not isinstance(cell, bool) and abs(Decimal(cell)) < _EXACT:
                paper.write_number(row, number, float(cell), self.looks.of(**look, num_format="#,##0.######"))
            case _:
                text = cell_text(cell, column, self.locale, self.document.zone)
                paper.write_string(row, number, _fitting(text), self.looks.of(**look))

    def _setup(self, heading: int, end: int, columns: int) -> None:
        paper = self.paper
        paper.freeze_panes(heading + 1, 0)
        paper.autofilter(heading, 0, max(heading + 1, end - 1), columns - 1)
        paper.set_landscape()
        paper.set_paper(_A4)
        paper.fit_to_pages(1, 0)
        paper.repeat_rows(heading)
        paper.set_footer(f"&C&P / &N&R{tabular.local(self.document.printed_at, self.document.zone):%Y-%m-%d %H:%M}")


def _fitting(text: str) -> str:
    """A text that a cell holds, with a mark where it had to be cut."""
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
