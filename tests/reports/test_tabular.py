"""Tables as documents: what the workbook and the PDF hold is what the document says, to the gram."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.table_pdf import table_pdf
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, in_unit, mass_text
from wastetrack.reports.workbooks import workbook

PRINTED_AT = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
NAME = Column(Words(zh="名称", en="Name"), 2)
AMOUNT = Column(Words(zh="数量", en="Quantity"), align="right", unit=MassUnit.TONNE)
WHEN = Column(Words(zh="时间", en="Time"))
TOTALS = Words(zh="合计相符。", en="The totals agree.")
DAY = Column(Words(zh="日期", en="Day"))


def a_document(*rows: tuple[Cell, ...], columns: tuple[Column, ...] = (NAME, AMOUNT, WHEN, DAY)) -> Document:
    sheet = Sheet(Words(zh="产生环节", en="Generation"), columns, rows, (TOTALS,))
    lines = ((Words(zh="单位", en="Unit"), "长三角化工有限公司"),)
    return Document(Words(zh="危险废物管理台账", en="Ledger"), lines, (sheet,), PRINTED_AT, "Asia/Shanghai")


def read_back(document: Document, locale: str = "zh") -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(document, "zh" if locale == "zh" else "en")))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def pages_of(document: Document) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(table_pdf(document, "zh"))).pages]


def test_a_workbook_gives_back_what_was_written() -> None:
    rows = read_back(
        a_document(("废矿物油", Mass(1_250_005), datetime(2026, 2, 28, 16, 5, tzinfo=UTC), date(2026, 3, 1)))
    )
    assert rows[0][0] == "危险废物管理台账"
    assert rows[1][0] == "单位：长三角化工有限公司"
    assert rows[3] == ["名称", "数量（t）", "时间", "日期"]
    # 16:05 in Greenwich is the next day in Shanghai.
    assert rows[4] == ["废矿物油", 1.250005, datetime(2026, 3, 1, 0, 5), date(2026, 3, 1)]  # noqa: DTZ001
    assert rows[6][0] == "合计相符。"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org", "12", "{=1}"])
def test_what_looks_like_a_formula_or_a_link_stays_text(text: str) -> None:
    document = a_document((text, None, None, None))
    assert read_back(document)[4][0] == text
    sheet = zipfile.ZipFile(io.BytesIO(workbook(document, "zh"))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


@given(grams=st.integers(min_value=-(10**14), max_value=10**14))
def test_no_gram_is_lost_in_a_number(grams: int) -> None:
    for unit, per in ((MassUnit.TONNE, 1_000_000), (MassUnit.KILOGRAM, 1_000)):
        assert Decimal(mass_text(Mass(grams), unit).replace(",", "")) * per == grams
        assert round(float(in_unit(Mass(grams), unit)) * per) == grams


def test_a_mass_beyond_a_double_is_written_as_text() -> None:
    rows = read_back(a_document(("多", Mass(9_007_199_254_740_993), None, None)))
    assert rows[4][1] == "9,007,199,254.740993"


def test_a_mass_without_a_unit_and_a_row_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="names no unit"):
        a_document((Mass(1), None, None, None))
    with pytest.raises(ValueError, match="3 cells in a table of 4"):
        a_document(("a", None, None))


def test_two_sheets_of_one_name_and_forbidden_characters_get_names_of_their_own() -> None:
    sheet = Sheet(Words(zh="入库/出库[1]" + "长" * 40, en="In"), (NAME,), (("a",),))
    document = Document(Words(zh="台账", en="Ledger"), (), (sheet, sheet), PRINTED_AT, "Asia/Shanghai")
    names = CalamineWorkbook.from_filelike(io.BytesIO(workbook(document, "zh"))).sheet_names
    assert len(set(names)) == 2
    assert all(len(name) <= 31 and "/" not in name for name in names)


def test_equal_documents_give_equal_files() -> None:
    document = a_document(("a", Mass(1), None, None))
    assert workbook(document, "zh") == workbook(document, "zh")
    assert table_pdf(document, "zh") == table_pdf(document, "zh")


def test_the_pdf_repeats_the_heading_and_counts_its_pages() -> None:
    rows = [(f"废物{number}", Mass(number + 1), PRINTED_AT, date(2026, 3, 1)) for number in range(150)]
    pages = pages_of(a_document(*rows))
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "数量（t）" in page
        assert f"第 {number} 页，共" in page
        assert f"{len(pages)}" in page
    found = "".join(pages)
    assert all(f"废物{number}" in found for number in range(150))
    assert found.count("合计相符。") == 1
    assert "2026-03-02 00:30" in found


def test_a_cell_taller_than_a_page_is_continued_and_loses_nothing() -> None:
    text = "".join(f"〔{number}〕" for number in range(3000))
    found = "".join("".join(pages_of(a_document((text, None, None, None)))).split())
    assert "〔0〕" in found
    assert "〔1499〕" in found
    assert "〔2999〕" in found
