"""The user's own workbook with the wrong cells marked, and what is wrong in a column of its own at the end.

Formulas are replaced by what they last gave, and a text stays a text whatever it begins with: nothing in the file that
goes back is run.
"""

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from wastetrack.errors import Broken
from wastetrack.i18n import Locale, message, translate
from wastetrack.imports.headings import Layout
from wastetrack.imports.model import Finding, Severity
from wastetrack.imports.reading import Grid
from wastetrack.imports.values import Cell

_FILLS: Final = {
    Severity.ERROR: PatternFill("solid", fgColor="F6B8B4"),
    Severity.WARNING: PatternFill("solid", fgColor="FBE3A6"),
}
_HEADING: Final = message("Result of the check")
_WORDS: Final = {Severity.ERROR: message("Error"), Severity.WARNING: message("Warning")}
_MOST_COMMENTS: Final = 1_000
"""A workbook with more notes than that opens slowly; all of it stands in the last column anyway."""
_LONGEST: Final = 32_000


def marked(content: bytes, grid: Grid, layout: Layout, findings: Sequence[Finding], locale: Locale) -> bytes:
    """The workbook; a CSV becomes one."""
    if grid.sheet is None:
        book = openpyxl.Workbook()
        sheet = book.active
        _fill(sheet, grid)
    else:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        sheet = book[grid.sheet]
    of_row: dict[int, list[Finding]] = defaultdict(list)
    for one in findings:
        of_row[one.row].append(one)
    last = grid.first_column + max(len(row) for row in grid.rows)
    _note(sheet, layout.heading_row, last, translate(_HEADING, locale))
    sheet.cell(layout.heading_row, last).font = Font(bold=True)
    sheet.column_dimensions[get_column_letter(last)].width = 60
    comments = 0
    for row, of_one in of_row.items():
        worst = Severity.ERROR if any(one.severity is Severity.ERROR for one in of_one) else Severity.WARNING
        if row != layout.heading_row:
            _note(sheet, row, last, "\n".join(told(one, locale) for one in of_one))
            sheet.cell(row, last).fill = _FILLS[worst]
        for one in sorted(of_one, key=lambda each: each.severity is Severity.ERROR):
            if one.column is None:
                continue
            cell = sheet.cell(row, one.column)
            cell.fill = _FILLS[one.severity]
            if comments < _MOST_COMMENTS:
                comments += 1
                cell.comment = Comment(told(one, locale, heading=False), "wastetrack", height=90, width=320)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(one: Finding, locale: Locale, *, heading: bool = True) -> str:
    """A finding in words: how grave, where, what, what to do."""
    parts = [translate(_WORDS[one.severity], locale), *([one.heading] if heading and one.heading else [])]
    words = _sentence(one.broken, one.broken.message, locale)
    step = _sentence(one.broken, one.broken.next_step, locale) if one.broken.next_step else ""
    stop, blank = ("：", "") if locale == "zh" else (": ", " ")
    return f"{stop.join([*parts, words])}{blank if step else ''}{step}"


def _sentence(broken: Broken, sentence: str, locale: Locale) -> str:
    return translate(sentence, locale, **{"value": broken.value, **broken.facts})


def _fill(sheet: Worksheet, grid: Grid) -> None:
    for row, cells in enumerate(grid.rows, start=grid.first_row):
        for column, value in enumerate(cells, start=grid.first_column):
            if value is not None:
                _note(sheet, row, column, value)


def _note(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    """Write a value, a text as a text: what begins with = is no formula."""
    cell: Any = sheet.cell(row, column)
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    cell.data_type = "s"
    if "\n" in value:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
