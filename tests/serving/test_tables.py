"""Tables for spreadsheet programs: nothing in them runs, everything comes back as it was, and each sees his own."""

import csv
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.support.served import Served
from tests.support.trade import API, Trade, trade
from wastetrack.serving import tables
from wastetrack.serving.tables import cell, line

__all__ = ["trade"]

RUNS = "=+-@\t\r＝＋－＠−"


def cells_of(text: str, separator: str) -> list[str]:
    """What a program with this separator takes for the cells of a record."""
    return [each for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for each in row]


@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from(RUNS + ",;\"' \n|")), min_size=1, max_size=5))
@example(["=cmd|' /C calc'!A0"])
@example(['a","=1+1'])
@example(["a;=1+1"])
@example([" \t=1+1", "\r=1", "＝1+1", "a\n@SUM(1)"])
def test_no_program_finds_a_formula_whatever_its_separator(texts: list[str]) -> None:
    record = line(texts)
    for separator in ",;\t|":
        # Some programs know no quotation marks: they cut wherever the separator stands.
        for each in (*cells_of(record, separator), *record.split(separator)):
            shown = each.strip().lstrip("\"' \u3000").lstrip()
            if shown and shown[0] in RUNS:
                # Whatever begins so stands behind an apostrophe: text for every spreadsheet program.
                assert "'" in each[: each.index(shown[0])], (separator, each)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=RUNS)), min_size=1, max_size=5))
def test_what_is_harmless_comes_back_as_it_was(texts: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(line(texts), newline=""), strict=True)
    assert row == texts


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (-5, "-5"),
        (180_000, "180000"),
        (True, '"True"'),
        ('say "oil"', '"say ""oil"""'),
        ("-5", '"\'-5"'),
        ("＝1", '"\'＝1"'),
        ("a,=1", '"a,\'=1"'),
        ("2026-11-25", '"2026-11-25"'),
        ("900-249-08", '"900-249-08"'),
    ],
)
def test_values_as_cells(value: object, written: str) -> None:
    assert cell(value) == written


async def listed(visitor: Any, path: str) -> list[list[str]]:  # noqa: ANN401
    """The rows of a table, heading first."""
    answered = await visitor.get(path)
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-type"].startswith("text/csv")
    assert answered.headers["content-disposition"].startswith("attachment;")
    assert answered.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answered.content.decode("utf-8-sig"), newline=""), strict=True))


async def test_each_sees_his_own_manifests_and_containers(
    served: Served, trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    drum = await trade.labelled(remarks='=HYPERLINK("http://evil.example")')
    other = await trade.labelled()
    manifest_id = await trade.filed(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    monkeypatch.setattr(tables, "PAGE", 1)
    shipper = await trade.shipper()
    heading, *rows = await listed(shipper, f"{API}/containers.csv")
    assert heading[0] == "Digital code"
    codes = [row[0] for row in rows]
    assert {drum["digital_code"], other["digital_code"]} <= set(codes)
    assert len(codes) == len(set(codes))
    (row,) = [row for row in rows if row[0] == drum["digital_code"]]
    assert row[heading.index("Remarks")] == '\'=HYPERLINK("http://evil.example")'
    assert row[6] == str(drum["net_g"])
    for visitor, sees in ((shipper, True), (await trade.carrier(), True), (await trade.stranger(), False)):
        numbers = [row[0] for row in (await listed(visitor, f"{API}/manifests.csv?number={number}"))[1:]]
        assert numbers == ([number] if sees else [])
    assert (await (await trade.nobody()).get(f"{API}/manifests.csv")).status_code == 401
    browser = await served.page_visitor("owner")
    page = (await browser.get(f"/manifests?number={number}")).text
    assert f'href="/manifests.csv?number={number}"' in page
    heading, row = await listed(browser, f"/manifests.csv?number={number}")
    assert (heading[0], row[0]) == ("联单编号", number)
    assert (await served.visitor().get("/containers.csv")).status_code == 303


async def test_the_same_lists_come_as_workbooks(served: Served, trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    drum = await trade.labelled(remarks="=1+1")
    number = (await trade.standing(await trade.filed(drum)))["manifest"]["number"]
    monkeypatch.setattr(tables, "PAGE", 1)
    shipper = await trade.shipper()
    heading, *rows = await sheet(shipper, f"{API}/containers.xlsx?search={drum['digital_code']}&lang=en")
    assert heading[0] == "Digital code"
    (row,) = rows
    assert (row[0], row[6], row[9]) == (drum["digital_code"], drum["net_g"], "=1+1")
    for visitor, sees in ((shipper, True), (await trade.carrier(), True), (await trade.stranger(), False)):
        found = (await sheet(visitor, f"{API}/manifests.xlsx?number={number}"))[1:]
        assert [row[0] for row in found] == ([number] if sees else [])
    assert (await (await trade.nobody()).get(f"{API}/containers.xlsx")).status_code == 401
    browser = await served.page_visitor("owner")
    for path in (f"/manifests?number={number}", f"/containers?q={drum['digital_code']}"):
        workbook = path.replace("?", ".xlsx?")
        assert f'href="{workbook}"' in (await browser.get(path)).text
        assert len(await sheet(browser, workbook)) == 2
    assert (await sheet(browser, f"/manifests.xlsx?number={number}"))[0][0] == "联单编号"
    assert (await served.visitor().get("/manifests.xlsx")).status_code == 303


async def sheet(visitor: Any, path: str) -> list[list[Any]]:  # noqa: ANN401
    """The rows of a workbook's only sheet from its heading on."""
    answered = await visitor.get(path)
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-disposition"].startswith("attachment;")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answered.content)).get_sheet_by_index(0).to_python()
    first = next(number for number, row in enumerate(rows) if row[0] in {"Digital code", "联单编号", "数字识别码"})
    return rows[first:]
