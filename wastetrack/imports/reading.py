"""A file as a grid of cells: CSV in whatever letters and with whatever separator offices write it, or a workbook.

Workbooks pass the examination that attachments pass (macros, links, ZIP bombs) and are read as values: of a formula
what it last gave, never the formula.
"""

import codecs
import csv
import dataclasses
import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from wastetrack.attachments.workbooks import refuse_workbook
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.imports.model import LARGEST_FILE, MOST_COLUMNS, MOST_ROWS
from wastetrack.imports.values import Cell, is_empty

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
_ZIP = b"PK\x03\x04"
_SEPARATORS = ",;\t，；|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_FOR_HEADING = 20
"""Rows at the top among which the heading is looked for; a title may stand above it."""
_MOST_PLACES = 4_000_000
"""Rows times columns of a worksheet, empty ones included."""
_ROWS = re.compile(rb"""<(?:\w+:)?(?:row|c)\s[^>]*?\br=["'](?:[A-Z]+)?(\d+)["']""")
_COLUMNS = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]+)\d+["']""")
_LONGEST_CELL = 32_767


@dataclasses.dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one table; the first stands in `first_row` and `first_column`, counted as a spreadsheet does."""

    sheet: str | None
    """The name of the worksheet; None of a CSV."""
    rows: list[list[Cell]]
    first_row: int
    first_column: int


def media_type_of(content: bytes) -> str:
    """What the bytes say they are; whatever is no ZIP is text."""
    return XLSX if content.startswith(_ZIP) else CSV


def read(content: bytes) -> Grid:
    """The first table with anything in it. Raises RuleBroken at `file` for what cannot be read."""
    if not content.strip():
        refuse_one(
            "file",
            "file_empty",
            message("The file is empty."),
            next_step=message("Choose the file with your rows."),
        )
    if len(content) > LARGEST_FILE:
        refuse_one(
            "file",
            "file_too_large",
            message("The file has more than {most} bytes."),
            facts={"most": LARGEST_FILE},
            next_step=message("Send fewer rows at once."),
        )
    grid = _workbook(content) if media_type_of(content) == XLSX else _text(content)
    while grid.rows and all(is_empty(cell) for cell in grid.rows[-1]):
        grid.rows.pop()
    if not grid.rows:
        refuse_one(
            "file", "file_empty", message("The file is empty."), next_step=message("Choose the file with your rows.")
        )
    if len(grid.rows) > MOST_ROWS + _LOOKED_FOR_HEADING:
        _too_many_rows(len(grid.rows))
    return grid


def _too_many_rows(count: int) -> None:
    refuse_one(
        "file",
        "rows_too_many",
        message("The file has {value} rows; at most {most} are taken at once."),
        value=count,
        facts={"most": MOST_ROWS},
        next_step=message("Send fewer rows at once."),
    )


def _workbook(content: bytes) -> Grid:
    refuse_workbook(content)
    _refuse_far_cells(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for told in book.sheets_metadata:
            if told.visible is not SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(told.name)
            if sheet.total_height and sheet.total_width:
                return _sheet(sheet)
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        refuse_one(
            "file",
            "workbook_unreadable",
            "The workbook is damaged: it cannot be opened.",
            value=type(error).__name__,
            next_step="Open it in a spreadsheet program, save it as .xlsx, and send that.",
        )
    return Grid(None, [], 1, 1)


def _refuse_far_cells(content: bytes) -> None:
    """A workbook with one cell in its last corner is small, but the table up to there would fill the memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            text = archive.read(name)
            lowest = max((int(one) for one in _ROWS.findall(text)), default=0)
            widest = max((_place(one) for one in set(_COLUMNS.findall(text))), default=0)
            if lowest * widest > _MOST_PLACES:
                refuse_one(
                    "file",
                    "cells_far_away",
                    message("Cells far away from the table ({value}) make the workbook too large to read."),
                    value=f"{lowest} × {widest}",
                    next_step=message("Copy the rows into the template, values only."),
                )


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place


def _sheet(sheet: CalamineSheet) -> Grid:
    top, left = sheet.start or (0, 0)
    if sheet.height > MOST_ROWS + _LOOKED_FOR_HEADING:
        _too_many_rows(sheet.height)
    rows = sheet.to_python(skip_empty_area=True, nrows=MOST_ROWS + _LOOKED_FOR_HEADING)
    return Grid(sheet.name, [[_cell(cell) for cell in row[:MOST_COLUMNS]] for row in rows], top + 1, left + 1)


def _cell(cell: object) -> Cell:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, str):
        return cell[:_LONGEST_CELL]
    if isinstance(cell, bool | int | float | date | datetime):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell)


def _text(content: bytes) -> Grid:
    text = _decoded(content)
    separator = _separator(text)
    # csv knows one-letter separators alone; a Chinese comma is one.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[Cell]] = []
    try:
        for row in reader:
            rows.append([cell[:_LONGEST_CELL] or None for cell in row[:MOST_COLUMNS]])
            if len(rows) > MOST_ROWS + _LOOKED_FOR_HEADING:
                _too_many_rows(len(rows))
    except csv.Error as error:
        refuse_one(
            "file",
            "csv_unreadable",
            message("Line {line} of the file cannot be read."),
            value=str(error),
            facts={"line": reader.line_num},
            next_step=message("Save the table anew as CSV (UTF-8) or as a workbook."),
        )
    return Grid(None, rows, 1, 1)


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with or without its mark, or GB 18030, in which Chinese Windows writes."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _checked(content, name)
    sample = content[:4096]
    if b"\0" in sample:
        little = sample[1::2].count(0) > sample[0::2].count(0)
        return _checked(content, "utf-16-le" if little else "utf-16-be")
    for name in ("utf-8", "gb18030"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return _checked(content, "gb18030")


def _checked(content: bytes, name: str) -> str:
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        refuse_one(
            "file",
            "letters_unknown",
            message("The letters of the file are neither UTF-8, UTF-16 nor GB 18030."),
            next_step=message("Save the table anew as CSV (UTF-8) or as a workbook."),
        )
    return text


def _separator(text: str) -> str:
    """The one that parts the first lines into the most cells, the same number in each."""
    lines = [line for line in text.splitlines()[:_LOOKED_FOR_HEADING] if line.strip()][:5]
    best, most = ",", 0
    for separator in _SEPARATORS:
        counts = [len(next(csv.reader([line], delimiter=separator), [])) for line in lines]
        if counts and max(counts) > most:
            best, most = separator, max(counts)
    return best
