"""The ledgers of HJ 1259-2022: JSON, CSV, XLSX and PDF of what was recorded."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.paging import Paged, Paging
from wastetrack.api.schemas import Shown, problems
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.errors import Malformed
from wastetrack.reports.ledgers import reading, tables
from wastetrack.reports.ledgers.model import Balance, LedgerKind, LedgerLine, Movements
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.reports.workbooks import MEDIA_TYPE
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_document_answer, pdf_answer, workbook_answer
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/sites/{site_id}", tags=["ledgers"])

Since = Annotated[date | None, Query(description="First day; without it, the month's first")]
Until = Annotated[date | None, Query(description="Last day; without it, today")]
Kind = Annotated[LedgerKind | None, Query(description="Without it, all five")]
_XLSX: dict[int | str, dict[str, Any]] = {200: {"description": "A workbook", "content": {MEDIA_TYPE: {}}}}
_PDF: dict[int | str, dict[str, Any]] = {200: {"description": "PDF, A4 landscape", "content": {"application/pdf": {}}}}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "CSV (RFC 4180) with a heading, in UTF-8", "content": {"text/csv": {}}}
}


class LedgerLineShown(Shown):
    """One container in one ledger. `fields` are the columns of annex B in Chinese, `grams` is the exact mass."""

    batch: str | None
    event_id: UUID
    container_id: UUID | None
    day: date
    waste_code: str
    grams: int
    corrects: bool
    links: list[str]
    fields: dict[str, str]


class LedgerPage(Shown):
    """A page of one ledger."""

    kind: LedgerKind
    since: date
    until: date
    items: list[LedgerLineShown]
    next: str | None


class MovementsShown(Shown):
    """Grams: the stock at the start, what came and went, the stock at the end."""

    start_g: int
    generated_g: int
    received_g: int
    treated_g: int
    contracted_out_g: int
    differences_g: int
    end_g: int


class BalanceShown(Shown):
    """One waste code as the ledgers tell it and as the mass ledger booked it."""

    waste_code: str
    told: MovementsShown
    booked: MovementsShown
    standing_g: int
    agrees: bool


class BalancesShown(Shown):
    """The check of all codes of a site in a period."""

    since: date
    until: date
    lines: dict[str, int]
    balances: list[BalanceShown]


@router.get("/ledgers/{kind}.csv", response_class=Response, responses={**_CSV, **problems(404, 422)})
async def as_csv(
    *, work: Reading, site_id: UUID, kind: LedgerKind, since: Since = None, until: Until = None, waste_code: Line = ""
) -> Response:
    """One ledger as CSV."""
    document = await _document(work, site_id, kind, since=since, until=until, waste_code=waste_code)
    return csv_document_answer(document, kind.value, "zh")


@router.get("/ledgers.xlsx", response_class=Response, responses={**_XLSX, **problems(404, 422)})
async def as_workbook(
    *, work: Reading, site_id: UUID, kind: Kind = None, since: Since = None, until: Until = None, waste_code: Line = ""
) -> Response:
    """A ledger, or all five, as a workbook."""
    document = await _document(work, site_id, kind, since=since, until=until, waste_code=waste_code)
    return await workbook_answer(document, "ledgers", "zh")


@router.get("/ledgers.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def as_pdf(
    *, work: Reading, site_id: UUID, kind: Kind = None, since: Since = None, until: Until = None, waste_code: Line = ""
) -> Response:
    """The same to print."""
    document = await _document(work, site_id, kind, since=since, until=until, waste_code=waste_code)
    return await pdf_answer(document, "ledgers", "zh")


@router.get("/ledgers", response_model=BalancesShown, responses=problems(404, 422))
async def check(work: Reading, site_id: UUID, since: Since = None, until: Until = None) -> Response:
    """What the five ledgers add up to, beside what the mass ledger booked."""
    period = reading.checked_period(since, until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    balances, counts = await reading.check_of(work.session, of)
    shown = [_balance(one) for one in balances]
    return answer(BalancesShown(since=period.since, until=period.until, lines=counts, balances=shown))


@router.get("/ledgers/{kind}", response_model=LedgerPage, responses=problems(400, 404, 422))
async def ledger(
    *,
    work: Reading,
    paging: Paged,
    site_id: UUID,
    kind: LedgerKind,
    since: Since = None,
    until: Until = None,
    waste_code: Line = "",
) -> Response:
    """The lines of one ledger, by day and batch."""
    period = reading.checked_period(since, until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    skip = _skipped(paging)
    lines = await reading.page_of(
        work.session, of, kind, waste_code=waste_code or None, offset=skip, limit=paging.fetch
    )
    following = paging.following(lines, lambda _: (skip + paging.limit,))
    shown = [_line(line, of.names()) for line in lines[: paging.limit]]
    page = LedgerPage(kind=kind, since=period.since, until=period.until, items=shown, next=following)
    return answer(page, headers=paging.links(following))


def _skipped(paging: Paging) -> int:
    match paging.after:
        case None:
            return 0
        case (int() as skip,) if 0 <= skip <= reading.MOST_SKIPPED:
            return skip
        case _:
            raise Malformed("cursor_unreadable", "This cursor is not one that a list gave out.")


def _line(line: LedgerLine, names: tables.Names) -> LedgerLineShown:
    fields = {
        field.name: cell_text(field.of(line, names), field.column(line.kind), "zh", LEGAL_ZONE.key)
        for field in tables.FIELDS[line.kind]
    }
    return LedgerLineShown(
        batch=line.batch,
        event_id=line.event_id,
        container_id=line.container_id,
        day=line.day,
        waste_code=line.waste_code,
        grams=line.mass.grams,
        corrects=line.corrects,
        links=list(line.links),
        fields=fields,
    )


def _balance(one: Balance) -> BalanceShown:
    return BalanceShown(
        waste_code=one.waste_code,
        told=_movements(one.told),
        booked=_movements(one.booked),
        standing_g=one.standing.grams,
        agrees=one.agrees,
    )


def _movements(one: Movements) -> MovementsShown:
    return MovementsShown(
        start_g=one.start.grams,
        generated_g=one.generated.grams,
        received_g=one.received.grams,
        treated_g=one.treated.grams,
        contracted_out_g=one.contracted_out.grams,
        differences_g=one.differences.grams,
        end_g=one.end.grams,
    )


async def _document(
    work: ReadWork, site_id: UUID, kind: LedgerKind | None, *, since: date | None, until: date | None, waste_code: str
) -> Document:
    period = reading.checked_period(since, until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    kinds = tuple(LedgerKind) if kind is None else (kind,)
    return await reading.document_of(work.session, of, kinds, waste_code=waste_code or None, at=work.at)
