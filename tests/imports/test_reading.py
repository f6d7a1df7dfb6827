"""Files as offices write them: letters, separators, headings, days, masses; what the template holds is read back."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.import_files import FIELDS, good_row, heading, workbook
from wastetrack.errors import Malformed, RuleBroken
from wastetrack.i18n import Locale
from wastetrack.imports import values
from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.headings import Layout, lay_out
from wastetrack.imports.marking import marked
from wastetrack.imports.model import MOST_ROWS, Finding, ImportKind, Severity
from wastetrack.imports.reading import read
from wastetrack.imports.rows import Row, read_rows
from wastetrack.imports.template_books import template
from wastetrack.mass import Mass

CONTAINERS = COLUMNS[ImportKind.CONTAINERS]
SHORT = ("废物代码", "废物名称", "形态", "特性", "包装", "容积", "毛重（吨）", "皮重kg", "计量方式", "产生时间")
LINE = ("900-249-08", "废矿物油", "液体", "T、I", "铁桶", "200 L", "0.2", "20", "地磅", "2026年11月5日")


def rows_of(content: bytes, kind: ImportKind = ImportKind.CONTAINERS) -> tuple[list[Row], list[Finding], Layout]:
    grid, findings = read(content), list[Finding]()
    layout = lay_out(grid, COLUMNS[kind])
    return list(read_rows(grid, layout, findings)), findings, layout


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_a_csv_is_read_in_any_letters_with_any_separator(letters: str, separator: str) -> None:
    quoted = [f'"{cell}"' if separator in cell else cell for cell in LINE]
    text = f"容器清单\r\n{separator.join(SHORT)}\r\n{separator.join(quoted)}\r\n\r\n"
    (row,), findings, layout = rows_of(text.encode(letters))
    assert findings == []
    assert (row.number, layout.heading_row) == (3, 2)
    assert row.values == {
        "waste_code": "900-249-08",
        "waste_name": "废矿物油",
        "form": "liquid",
        "hazards": ("T", "I"),
        "packaging": "drum",
        "volume_l": 200,
        "gross_g": Mass(200_000),
        "tare_g": Mass(20_000),
        "method": "truck_scale",
        "generated_on": date(2026, 11, 5),
    }


def test_headings_and_digits_may_be_wide_in_either_language_and_in_any_order() -> None:
    heads = ("Ｆｉｌｌｅｄ　ｏｎ", "毛 重 ( ＫＧ )*", "Tare [g]", "waste code", "废物名称", "Form", "Packaging",
             "Volume (L)", "Weighed by", "内部编号")  # fmt: skip
    line = (
        "２０２６／１１／５",
        "２００．５",
        "20000",
        "９００－２４９－０８",
        "油",
        "Liquid",
        "Drum",
        "200",
        "count",
        "7",
    )
    (row,), findings, layout = rows_of(f"{';'.join(heads)}\n{';'.join(line)}".encode())
    assert findings == []
    assert [row.get(field) for field in ("generated_on", "gross_g", "tare_g", "waste_code")] == [
        date(2026, 11, 5), Mass(200_500), Mass(20_000), "900-249-08",
    ]  # fmt: skip
    assert [(one.heading, one.severity, one.broken.code) for one in layout.odd] == [
        ("内部编号", Severity.WARNING, "heading_unknown")
    ]


@pytest.mark.parametrize(
    "cell",
    ["2026-11-05", "2026/11/5", "2026.11.5", "20261105", "2026年11月5日", "2026 年 11 月 5 日", 46331, 46331.0, "46331",
     date(2026, 11, 5), "2026-11-05 00:00:00", "２０２６－１１－０５"],
)  # fmt: skip
def test_a_day_is_read_in_any_of_the_ways_of_an_office(cell: values.Cell) -> None:
    assert values.day(cell) == date(2026, 11, 5)


@pytest.mark.parametrize("cell", ["2026-02-30", "05.11.2026", "11/5", "26-11-05", "20261305", 5, 1e9, True, "昨天"])
def test_what_is_no_day_is_told(cell: values.Cell) -> None:
    with pytest.raises(Malformed) as refused:
        values.day(cell)
    assert refused.value.code == "day_unreadable"


@pytest.mark.parametrize(
    ("cell", "unit", "grams"),
    [
        (0.1 + 0.2, "kg", 300),
        (180.1, "kg", 180_100),
        ("1,250", "kg", 1_250_000),
        ("0.18 t", "kg", 180_000),
        ("180公斤", None, 180_000),
        (0.18, "t", 180_000),
        (180, "g", 180),
        ("－5", "kg", -5_000),
        ("200.5千克", "t", 200_500),
    ],
)
def test_a_mass_has_the_unit_of_its_heading_or_its_own(cell: values.Cell, unit: str | None, grams: int) -> None:
    assert values.mass(cell, unit) == Mass(grams)


def test_a_mass_without_any_unit_is_asked_for_it() -> None:
    heads, line = ("毛重", *SHORT[:6], *SHORT[7:]), ("200", *LINE[:6], *LINE[7:])
    _, findings, _ = rows_of(f"{','.join(heads)}\n{','.join(line)}".encode())
    assert [(one.row, one.column, one.broken.code) for one in findings] == [(2, 1, "mass_without_unit")]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _: b"", "file_empty"),
        (lambda _: b" \r\n \r\n", "file_empty"),
        (lambda _: "甲,乙\n1,2".encode(), "heading_missing"),
        (lambda _: "废物代码,废物名称\n900-249-08,油".encode(), "column_missing"),
        (lambda _: ",".join((*SHORT, "毛重(kg)")).encode(), "column_twice"),
        (lambda _: b"\xff\xfe\x00", "letters_unknown"),
        (lambda book: book[:2000], "workbook_unreadable"),
        (lambda book: _with_part(book, "xl/vbaProject.bin", b"x"), "workbook_active"),
        (lambda book: _with_part(book, "xl/externalLinks/externalLink1.xml", b"<x/>"), "workbook_active"),
        (lambda book: _with_part(book, "xl/media/zeros.xml", bytes(60_000_000)), "workbook_too_large"),
        (lambda _: _far_cell(), "cells_far_away"),
        (lambda _: ("废物代码\n" + "1\n" * (MOST_ROWS + 30)).encode(), "rows_too_many"),
    ],
)
def test_what_cannot_be_read_is_told_at_the_file(spoil: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rows_of(spoil(workbook([good_row(0)])))
    assert {rule.code for rule in refused.value.broken} == {code}
    assert {rule.field for rule in refused.value.broken} == {"file"}


def _with_part(book: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _far_cell() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "废物代码", "x"
    book.save(out)
    return out.getvalue()


def test_formulas_come_back_as_what_they_gave_and_texts_as_texts() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for number, text in enumerate(heading(), start=1):
        book.active.cell(1, number, text)
    for number, cell in enumerate(good_row(0), start=1):
        book.active.cell(2, number, cell)
    book.active.cell(2, FIELDS.index("gross_g") + 1, "=1+199")
    for field, text in (("trade_name", "=HYPERLINK(A1)"), ("handler", "+1"), ("destination", "@x"), ("remarks", "-2")):
        place: Any = book.active.cell(2, FIELDS.index(field) + 1)
        place.value, place.data_type = text, "s"
    book.create_sheet("另一页")["A1"] = "=1+1"
    book.save(out)
    grid, findings = read(out.getvalue()), list[Finding]()
    layout = lay_out(grid, CONTAINERS)
    (row,) = read_rows(grid, layout, findings)
    assert (row.get("trade_name"), row.get("handler")) == ("=HYPERLINK(A1)", "+1")
    assert [one.broken.code for one in findings] == ["cell_empty"], "nobody has calculated it yet"
    again = openpyxl.load_workbook(io.BytesIO(marked(out.getvalue(), grid, layout, findings, "en")))
    assert not [cell for sheet in again for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert again.worksheets[0].cell(2, FIELDS.index("trade_name") + 1).value == "=HYPERLINK(A1)"
    assert "cell is empty" in again.worksheets[0].cell(2, len(FIELDS) + 1).value


_TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=40).map(str.strip)
_PLAIN = st.text("ABCDEFGHJK0123456789-", min_size=1, max_size=12).filter(lambda text: text == text.strip("-"))


def _value(column: Column) -> st.SearchStrategy[Any]:
    kinds: dict[CellKind, st.SearchStrategy[Any]] = {
        CellKind.LINE: _TEXT.filter(bool),
        CellKind.PROSE: _TEXT.filter(bool),
        CellKind.CODE: _PLAIN,
        CellKind.DAY: st.dates(date(1991, 1, 1), date(2099, 12, 31)),
        CellKind.MASS: st.integers(-(10**9), 10**11).filter(bool).map(Mass),
        CellKind.LITRES: st.integers(1, 60_000),
        CellKind.LAYERS: st.integers(1, 3),
        CellKind.PERCENT: st.integers(1, 100),
        CellKind.CHOICE: st.sampled_from(sorted(column.choices) or ["-"]),
        CellKind.LETTERS: st.lists(st.sampled_from(["T", "C", "I", "R", "In"]), min_size=1, unique=True).map(tuple),
        CellKind.YES_NO: st.booleans(),
    }
    needed = kinds[column.kind]
    return needed if column.required else st.one_of(st.none(), needed)


@pytest.mark.parametrize("kind", ImportKind)
@pytest.mark.parametrize("locale", ["zh", "en"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_into_the_template_is_read_back(kind: ImportKind, locale: Locale, data: st.DataObject) -> None:
    row = st.fixed_dictionaries({column.field: _value(column) for column in COLUMNS[kind]})
    written = data.draw(st.lists(row, min_size=1, max_size=4))
    found, findings, layout = rows_of(template(kind, locale, written), kind)
    assert findings == []
    assert layout.odd == ()
    assert [dict(one.values) for one in found] == [
        {field: value for field, value in one.items() if value is not None} for one in written
    ]


def test_the_template_offers_the_words_and_explains_each_column() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ImportKind.CONTAINERS, "zh")))
    sheet, explained = book.worksheets
    lists = {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert '"固态,半固态,液态,气态"' in lists
    assert [cell.value for cell in explained["A"][1:]] == [column.title("zh") for column in CONTAINERS]
    assert explained["E2"].value == "900-249-08"
    day = date(2026, 11, 26) - timedelta(days=1)
    assert values.text_of(day) == "2026-11-25"
