"""The record book, the medical register and the monthly flow of the scripted year, against the bare log."""

from collections import defaultdict
from datetime import date

import pytest

from tests.support.enterprise_year import Lived, clock
from tests.support.ledger_oracle import oracle_of
from wastetrack.auth.model import Actor
from wastetrack.mass import Mass
from wastetrack.reports.ledgers import reading, records
from wastetrack.reports.ledgers.model import Period, is_landfill
from wastetrack.reports.ledgers.records import RecordKind
from wastetrack.reports.tabular import Cell, Sheet

NOW = clock(12, 31)
WHOLE_YEAR = Period(since=date(2026, 1, 1), until=date(2026, 12, 31))


async def books(lived: Lived, actor: Actor, site_id: object) -> reading.Books:
    return await reading.books_of(lived.session, actor, site_id, WHOLE_YEAR)  # type: ignore[arg-type]


def column(sheet: Sheet, english: str) -> list[Cell]:
    """All cells under a heading."""
    place = [one.title.en for one in sheet.columns].index(english)
    return [row[place] for row in sheet.rows]


def words(cell: Cell) -> str:
    return getattr(cell, "en", str(cell))


async def test_the_record_book_holds_each_receipt_and_each_treatment(lived: Lived) -> None:
    receiver = lived.world.receiver
    of = await books(lived, receiver.owner, receiver.site.id)
    document = await records.document_of(lived.session, of, RecordKind.RECORD_BOOK, at=NOW)
    book, operation = document.sheets
    oracle = await oracle_of(lived.session, receiver.site.id)
    grams = column(book, "Quantity")
    acts = [words(cell) for cell in column(book, "What was done")]
    sums: dict[str, int] = defaultdict(int)
    for act, mass in zip(acts, grams, strict=True):
        assert isinstance(mass, Mass)
        sums[act] += mass.grams
    received, treated = sums["Received"], sums["Treated here"]
    posted = [oracle.booked("treated", code, *days()) for code in ("900-249-08", "336-064-17")]
    assert (received, treated) == (sum(row["grams"] for row in oracle.rows["received"]), sum(posted))
    sources = {str(cell) for act, cell in zip(acts, column(book, "Source"), strict=True) if act == "Received"}
    assert len(sources) == 1
    assert [words(cell) for cell in column(book, "Out of order")].count("corrected") == 1
    assert column(operation, "Stock at the end") == [Mass(49_500), Mass(0)]
    assert "10 years" in book.notes[0].en
    assert document.title.zh == "危险废物经营情况记录簿"


def days() -> tuple[date, date]:
    return WHOLE_YEAR.since, WHOLE_YEAR.until


def test_landfill_records_are_kept_for_ever() -> None:
    landfilled = [{"kind": "treated", "method": "D1"}]
    burnt = [{"kind": "treated", "method": "D10"}, {"kind": "received", "method": "D1"}]
    assert is_landfill("D1")
    assert "for ever" in records._retention(landfilled).en
    assert "10 years" in records._retention(burnt).en


async def test_a_register_names_source_kind_weight_time_method_destination_and_handler(lived: Lived) -> None:
    """The year has no medical waste; the register is read over oil, which goes the same way."""
    of = await books(lived, lived.world.generator.owner, lived.site)
    rows = await records._lines(lived.session, of, ("received", "contracted_out"), "-08$", own_sent=True)
    sheet = records._medical_register(rows)
    assert [column.heading("zh") for column in sheet.columns][1:] == [
        "来源",
        "种类",
        "废物代码",
        "重量（kg）",
        "容器/包装数量",
        "容器/包装类型",
        "交接时间",
        "利用处置方式",
        "最终去向",
        "经办人",
        "联单编号",
    ]
    assert sum(mass.grams for mass in column(sheet, "Weight") if isinstance(mass, Mass)) == 270_000
    assert all(column(sheet, "Handler"))
    assert all(column(sheet, "Final destination"))
    medical = await records.document_of(lived.session, of, RecordKind.MEDICAL_REGISTER, at=NOW)
    assert medical.sheets[0].rows == ()


@pytest.mark.parametrize("kind", [RecordKind.HAZARDOUS_FLOW, RecordKind.GENERAL_WASTE])
async def test_the_flow_of_each_month_comes_out_of_the_bare_log_as_well(lived: Lived, kind: RecordKind) -> None:
    of = await books(lived, lived.world.generator.owner, lived.site)
    sheet, *further = (await records.document_of(lived.session, of, kind, at=NOW)).sheets
    if kind is RecordKind.GENERAL_WASTE:
        assert sheet.rows == ()
        assert "confirm its columns" in sheet.notes[0].en
        assert [one.rows for one in further] == [()]
        return
    oracle = await oracle_of(lived.session, lived.site)
    made: dict[tuple[str, str], int] = defaultdict(int)
    for row in oracle.rows["generated"]:
        made[row["day"][:7], row["waste_code"]] += row["grams"]
    months, codes = column(sheet, "Month"), column(sheet, "Waste code")
    told = dict(zip(zip(months, codes, strict=True), column(sheet, "Generated quantity"), strict=True))
    assert {key: mass.grams for key, mass in told.items() if isinstance(mass, Mass) and mass.grams} == dict(made)
    ends = dict(zip(zip(months, codes, strict=True), column(sheet, "Stock at the end"), strict=True))
    for (month, code), mass in ends.items():
        year, number = (int(part) for part in str(month).split("-"))
        last = date(year, number + 1, 1) if number < 12 else date(year + 1, 1, 1)
        until = date.fromordinal(last.toordinal() - 1)
        assert isinstance(mass, Mass)
        assert mass.grams == oracle.booked("stored", str(code), date(2000, 1, 1), until)
