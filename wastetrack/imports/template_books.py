"""The workbook to fill in: a sheet with headings and lists to choose from, and a sheet that explains each column."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from wastetrack.i18n import Locale, label, message, translate
from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.model import MOST_ROWS, ImportKind
from wastetrack.mass import Mass

_FACE: Final = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "top"}
_EXPLANATION: Final = message("Explanation")
_HEADINGS: Final = (
    message("Column"),
    message("Needed"),
    message("What stands in it"),
    message("Words to choose from"),
    message("Example"),
)
_NEEDED: Final = message("needed")
_FORMATS: Final = {CellKind.DAY: "yyyy-mm-dd", CellKind.MASS: "0.###", CellKind.LITRES: "0"}
_AS_TEXT: Final = frozenset({CellKind.CODE, CellKind.LINE, CellKind.PROSE, CellKind.LETTERS})
_GRAMS: Final = {"kg": 1_000, "t": 1_000_000, "g": 1}


def template(kind: ImportKind, locale: Locale, rows: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """The file; with rows, which are values by field, they stand in it as a reader would read them."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(label(kind, locale))
        _sheet(book, sheet, COLUMNS[kind], locale, rows)
        _explain(book, book.add_worksheet(translate(_EXPLANATION, locale)), COLUMNS[kind], locale)
    return out.getvalue()


def _sheet(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    columns: Sequence[Column],
    locale: Locale,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    needed = book.add_format({**_FACE, "bold": True, "bg_color": "#CFE6DE", "border": 1, "text_wrap": True})
    other = book.add_format({**_FACE, "bg_color": "#EDEDE8", "border": 1, "text_wrap": True})
    for number, column in enumerate(columns):
        number_format = _FORMATS.get(column.kind, "@" if column.kind in _AS_TEXT else "General")
        look = book.add_format({**_FACE, "num_format": number_format})
        sheet.set_column(number, number, max(10, 2.2 * len(column.title(locale))), look)
        sheet.write_string(0, number, column.title(locale), needed if column.required else other)
        if column.choices:
            words = [_word(column, value, locale) for value in column.choices]
            sheet.data_validation(1, number, MOST_ROWS, number, {"validate": "list", "source": words})
        elif column.kind is CellKind.YES_NO:
            sheet.data_validation(1, number, MOST_ROWS, number, {"validate": "list", "source": ["是", "否"]})
        for place, row in enumerate(rows, start=1):
            _write(sheet, (place, number), column, row.get(column.field), locale=locale, look=look)
    sheet.freeze_panes(1, 0)


def _write(
    sheet: Worksheet, at: tuple[int, int], column: Column, value: object, *, locale: Locale, look: Format
) -> None:
    place, number = at
    if value is None or value in ("", ()):
        return
    match value:
        case Mass():
            sheet.write_number(place, number, float(Decimal(value.grams) / _GRAMS[column.unit]), look)
        case bool():
            sheet.write_string(place, number, "是" if value else "否", look)
        case int():
            sheet.write_number(place, number, value, look)
        case date():
            sheet.write_datetime(place, number, value, look)
        case tuple():
            sheet.write_string(place, number, ",".join(value), look)
        case _:
            text = _word(column, str(value), locale) if column.kind is CellKind.CHOICE else str(value)
            sheet.write_string(place, number, text, look)


def _word(column: Column, value: str, locale: Locale) -> str:
    return column.choices[value][0 if locale == "zh" else 1]


def _explain(book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[Column], locale: Locale) -> None:
    bold = book.add_format({**_FACE, "bold": True, "bg_color": "#EDEDE8", "border": 1})
    plain = book.add_format({**_FACE, "border": 1, "text_wrap": True})
    for number, (words, width) in enumerate(zip(_HEADINGS, (26, 8, 60, 50, 16), strict=True)):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, translate(words, locale), bold)
    for place, column in enumerate(columns, start=1):
        choices = "、".join(_word(column, value, locale) for value in column.choices)
        told = (
            column.title(locale),
            translate(_NEEDED, locale) if column.required else "",
            translate(column.note, locale) if column.note else "",
            choices,
            _word(column, next(iter(column.choices)), locale) if column.choices else column.example,
        )
        for number, text in enumerate(told):
            sheet.write_string(place, number, text, plain)
    sheet.freeze_panes(1, 0)
