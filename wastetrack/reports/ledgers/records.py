"""Books beside the five ledgers: the record book of a permit holder (危险废物经营情况记录簿, permit measures art. 18),
the register of medical waste (医疗废物管理条例 art. 12), the monthly flow of general industrial solid waste.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction, legal_day
from wastetrack.containers.model import Packaging
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.manifests.model import Outcome
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.ledgers import record_statements, tables
from wastetrack.reports.ledgers.model import USES, Balance, LedgerKind, is_landfill
from wastetrack.reports.ledgers.reading import MOST_LINES, Books, check_of, refuse_too_long
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said

_ANY: Final = ".*"
_HAZARDOUS: Final = "-[0-9][0-9]$"


class RecordKind(StrEnum):
    """Which book."""

    RECORD_BOOK = "record-book"
    MEDICAL_REGISTER = "medical-register"
    GENERAL_WASTE = "general-waste"
    HAZARDOUS_FLOW = "hazardous-flow"


TITLES: Final = {
    RecordKind.RECORD_BOOK: message("Record book of the permit holder"),
    RecordKind.MEDICAL_REGISTER: message("Register of medical waste"),
    RecordKind.GENERAL_WASTE: message("Monthly flow of general industrial solid waste"),
    RecordKind.HAZARDOUS_FLOW: message("Monthly flow of hazardous waste"),
}
_ACTS: Final = {
    "received": message("Received"),
    LedgerKind.TREATED.value: message("Treated here"),
    LedgerKind.CONTRACTED_OUT.value: message("Contracted out"),
}


async def document_of(session: ReadSession, of: Books, kind: RecordKind, *, at: datetime) -> Document:
    """A book of a site and a period, to read, to print or to keep."""
    sheets = await _sheets(session, of, kind)
    printed = tables.document(
        sheets,
        firm=of.firm.name,
        site=of.site.name,
        credit_code=of.firm.credit_code,
        period=of.period,
        printed_at=at,
        zone=LEGAL_ZONE.key,
    )
    return Document(said(TITLES[kind]), printed.lines, printed.sheets, at, printed.zone)


async def _sheets(session: ReadSession, of: Books, kind: RecordKind) -> tuple[Sheet, ...]:
    match kind:
        case RecordKind.RECORD_BOOK:
            rows = await _lines(session, of, ("received", "treated", "contracted_out"), _ANY, own_sent=False)
            balances, _ = await check_of(session, of)
            return (_record_book(rows, of), _operation(rows, balances))
        case RecordKind.MEDICAL_REGISTER:
            kinds = ("received", "contracted_out")
            rows = await _lines(session, of, kinds, record_statements.MEDICAL, own_sent=True)
            return (_medical_register(rows),)
        case RecordKind.GENERAL_WASTE:
            return (await _flow(session, of, record_statements.GENERAL, kind), await _departures(session, of))
        case RecordKind.HAZARDOUS_FLOW:
            return (await _flow(session, of, _HAZARDOUS, kind),)


async def _lines(
    session: ReadSession, of: Books, kinds: Sequence[str], codes: str, *, own_sent: bool
) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = await (await session.driver()).fetch(
        record_statements.RECORDS,
        of.site.id,
        USES,
        of.period.since,
        of.period.until,
        list(kinds),
        codes,
        own_sent,
        MOST_LINES + 1,
    )
    refuse_too_long(len(rows))
    return rows


def _when(row: Mapping[str, Any]) -> Cell:
    happened: datetime = row["happened_at"]
    day: date = row["day"]
    return happened if legal_day(happened) == day else day


def _record_book(rows: Sequence[Mapping[str, Any]], of: Books) -> Sheet:
    """Each receipt and each treatment: kind of waste, source, destination, what was out of order (art. 18)."""
    columns = (
        Column(said("No."), 0.4),
        Column(said("Time"), 1.1),
        Column(said("What was done"), 0.8),
        Column(said("Category"), 0.6),
        Column(said("Waste code"), 0.95),
        Column(said("Name of the waste"), 1.1),
        Column(said("Container code"), 1.7),
        Column(said("Quantity"), 0.9, "right", MassUnit.TONNE),
        Column(said("Source"), 1.3),
        Column(said("Region"), 1.1),
        Column(said("Manifest number"), 1.1),
        Column(said("Code of the store"), 0.8),
        Column(said("Method of use or disposal"), 0.8),
        Column(said("Destination"), 1.2),
        Column(said("Out of order"), 0.9),
        Column(said("Handler"), 0.8),
    )
    cells = tuple(_recorded(index, row, of) for index, row in enumerate(rows, 1))
    return Sheet(said("Receipts, treatments and what was sent on"), columns, cells, (_retention(rows),))


def _recorded(index: int, row: Mapping[str, Any], of: Books) -> tuple[Cell, ...]:
    region = of.lists.region_name(row["source_region"]) if row["source_region"] else ""
    different = row["outcome"] == Outcome.ACCEPTED_WITH_DIFFERENCE.value
    return (
        index,
        _when(row),
        said(_ACTS[row["kind"]]),
        f"HW{row['waste_code'][-2:]}",
        row["waste_code"],
        row["waste_name"],
        row["digital_code"],
        Mass(row["grams"]),
        row["source"],
        region,
        row["manifest_number"],
        row["store_code"],
        row["method"] if row["kind"] != "received" else "",
        _whither(row),
        said("corrected") if row["corrects"] else named(Outcome.ACCEPTED_WITH_DIFFERENCE) if different else "",
        row["handler"],
    )


def _whither(row: Mapping[str, Any]) -> Cell:
    if row["kind"] == LedgerKind.CONTRACTED_OUT.value:
        return str(row["receiver"])
    if row["kind"] == LedgerKind.TREATED.value:
        return said("landfilled") if is_landfill(row["method"]) else said("treated")
    return said("store") if row["store_code"] else said("not in store")


def _retention(rows: Sequence[Mapping[str, Any]]) -> Words:
    """How long the book is kept: for ever where something was landfilled (art. 18)."""
    if any(is_landfill(row["method"]) for row in rows if row["kind"] == LedgerKind.TREATED.value):
        return said("Waste was landfilled: this book is kept for ever (Permit Measures, art. 18).")
    years = jurisdiction().record_book_years.value
    return said("This book is kept for {years} years at least (Permit Measures, art. 18).", years=years)


def _operation(rows: Sequence[Mapping[str, Any]], balances: Sequence[Balance]) -> Sheet:
    """The report of operation: per waste what stood there, came in, was treated by each method, was sent on."""
    tonne = MassUnit.TONNE
    columns = (
        Column(said("Waste code"), 1),
        Column(said("Stock at the start"), 1, "right", tonne),
        Column(said("Generated quantity"), 1, "right", tonne),
        Column(said("Received"), 1, "right", tonne),
        Column(said("Treated here"), 1, "right", tonne),
        Column(said("By method"), 2),
        Column(said("Contracted out"), 1, "right", tonne),
        Column(said("Differences"), 1, "right", tonne),
        Column(said("Stock at the end"), 1, "right", tonne),
    )
    by_method: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row["kind"] == LedgerKind.TREATED.value:
            by_method[row["waste_code"]][row["method"]] += row["grams"]
    cells = tuple(
        (
            one.waste_code,
            one.told.start,
            one.told.generated,
            one.told.received,
            one.told.treated,
            "；".join(f"{method} {Mass(g).tonne_text()}" for method, g in sorted(by_method[one.waste_code].items())),
            one.told.contracted_out,
            one.told.differences,
            one.told.end,
        )
        for one in balances
    )
    agrees = all(one.agrees for one in balances)
    note = (
        "The mass ledger says the same." if agrees else "The ledgers and the mass ledger do not agree for this period."
    )
    return Sheet(said("Report of operation"), columns, cells, (said(note),))


def _medical_register(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Source, kind, weight and count, time of handover, method, destination, handler (条例 art. 12)."""
    columns = (
        Column(said("No."), 0.4),
        Column(said("Source"), 1.6),
        Column(said("Kind of waste"), 1.2),
        Column(said("Waste code"), 0.9),
        Column(said("Weight"), 0.8, "right", MassUnit.KILOGRAM),
        Column(said("Number of containers"), 0.6, "right"),
        Column(said("Container type"), 0.8),
        Column(said("Time of handover"), 1.1),
        Column(said("Method of use or disposal"), 0.8),
        Column(said("Final destination"), 1.4),
        Column(said("Handler"), 0.9),
        Column(said("Manifest number"), 1.1),
    )
    cells = tuple(
        (
            index,
            " ".join(part for part in (row["source"], row["source_facility"]) if part),
            row["waste_name"],
            row["waste_code"],
            Mass(row["grams"]),
            0 if row["corrects"] else 1,
            named(Packaging(row["packaging"])),
            _when(row),
            row["method"],
            row["receiver"] or said("this plant"),
            row["handler"],
            row["manifest_number"],
        )
        for index, row in enumerate(rows, 1)
    )
    note = said("The register is kept for 3 years at least (Medical Waste Regulations, art. 12).")
    return Sheet(said(TITLES[RecordKind.MEDICAL_REGISTER]), columns, cells, (note,))


_WAYS: Final = (
    ("generated", False, message("Generated quantity")),
    ("treated", True, message("Used here")),
    ("treated", False, message("Disposed of here")),
    ("contracted_out", True, message("Sent away to be used")),
    ("contracted_out", False, message("Sent away to be disposed of")),
)


async def _flow(session: ReadSession, of: Books, codes: str, kind: RecordKind) -> Sheet:
    """By month and waste: made, used, disposed of, sent away, standing at the month's end."""
    rows = await (await session.driver()).fetch(
        record_statements.FLOW, of.site.id, USES, of.period.since, of.period.until, codes
    )
    sums: dict[tuple[str, int], dict[tuple[str, bool], int]] = defaultdict(lambda: defaultdict(int))
    names: dict[str, str] = {}
    for row in rows:
        if row["waste_name"]:
            names.setdefault(row["waste_code"], row["waste_name"])
        sums[row["waste_code"], row["month"]][row["kind"], row["used"]] += row["grams"]
    columns = (
        Column(said("Month"), 0.8),
        Column(said("Waste code"), 1),
        Column(said("Name of the waste"), 1.4),
        *(Column(said(title), 1, "right", MassUnit.TONNE) for _, _, title in _WAYS),
        Column(said("Stock at the end"), 1, "right", MassUnit.TONNE),
    )
    cells: list[tuple[Cell, ...]] = []
    for code, name in sorted(names.items()):
        stock = 0
        for month in range(13):
            moved = sums[code, month]
            stock += moved["generated", False] + moved["differences", False]
            stock -= sum(moved[way, used] for way, used, _ in _WAYS[1:])
            if month and moved:
                amounts = (Mass(moved[way, used]) for way, used, _ in _WAYS)
                cells.append((f"{of.period.since.year}-{month:02}", code, name, *amounts, Mass(stock)))
    return Sheet(said(TITLES[kind]), columns, tuple(cells), _certainty(kind))


async def _departures(session: ReadSession, of: Books) -> Sheet:
    """What left the works (出厂环节记录表): when, what, how much, on which vehicle, to whom, with which paper."""
    rows = await (await session.driver()).fetch(
        record_statements.LEFT,
        of.site.id,
        USES,
        of.period.since,
        of.period.until,
        record_statements.GENERAL,
        MOST_LINES + 1,
    )
    refuse_too_long(len(rows))
    columns = (
        Column(said("Time of leaving"), 1.1),
        Column(said("Waste code"), 0.95),
        Column(said("Name of the waste"), 1.1),
        Column(said("Container code"), 1.7),
        Column(said("Quantity"), 0.9, "right", MassUnit.TONNE),
        Column(said("Receiver"), 1.4),
        Column(said("Vehicle"), 0.9),
        Column(said("Manifest or paper"), 1.2),
        Column(said("Method of use or disposal"), 0.8),
        Column(said("Handler"), 0.8),
    )
    cells = tuple(
        (
            _when(row),
            row["waste_code"],
            row["waste_name"],
            row["digital_code"],
            Mass(row["grams"]),
            row["receiver"],
            row["plate"],
            row["reference"],
            row["method"],
            row["handler"],
        )
        for row in rows
    )
    return Sheet(said("What left the works"), columns, cells, ())


def _certainty(kind: RecordKind) -> tuple[Words, ...]:
    if kind is not RecordKind.GENERAL_WASTE:
        return ()
    sentence = (
        "The table follows the Guideline on ledgers of general industrial solid waste (Announcement 82 of 2021), "
        "whose text was not at hand; confirm its columns before you hand it in."
    )
    return (said(sentence),)
