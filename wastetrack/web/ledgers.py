"""The ledgers of HJ 1259-2022 on screen, as a workbook and as a PDF."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.i18n import Locale
from wastetrack.parties import queries as parties
from wastetrack.reports.ledgers import reading, tables
from wastetrack.reports.ledgers.model import LedgerKind, LedgerLine
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/ledgers")

PER_PAGE = 50
_NAMES = frozenset(field.name for fields in tables.FIELDS.values() for field in fields)


class Wanted(Search):
    """Which lines; an empty field asks for what is usual."""

    kind: LedgerKind = LedgerKind.GENERATED
    since: date | None = None
    until: date | None = None
    code: Line = ""
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0


class Kept(Search):
    """Which ledgers are kept as a file; without a kind, all five."""

    kind: LedgerKind | None = None
    since: date | None = None
    until: date | None = None
    code: Line = ""


@router.get("")
async def sites(page: AnyPage, work: Reading) -> Response:
    """The sites of one's own organisation, each with its ledgers."""
    found = await parties.sites_of(work.session, work.actor.organisation_id)
    return page.show("ledgers/sites.html", sites=found)


@router.get("/{site_id:uuid}")
async def ledger(page: AnyPage, work: Reading, site_id: UUID, wanted: Annotated[Wanted, Query()]) -> Response:
    """One ledger of a site in a period, a page at a time, with its check."""
    period = reading.checked_period(wanted.since, wanted.until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    lines = await reading.page_of(
        work.session, of, wanted.kind, waste_code=wanted.code or None, offset=wanted.skip, limit=PER_PAGE + 1
    )
    balances, counts = await reading.check_of(work.session, of)
    following = page.here(skip=wanted.skip + PER_PAGE) if len(lines) > PER_PAGE else None
    return page.show(
        "ledgers/ledger.html",
        site=of.site,
        firm=of.firm,
        wanted=wanted,
        period=period,
        kinds=LedgerKind,
        titles=tables.TITLES,
        headings={field.name: field.column(wanted.kind).heading(page.locale) for field in tables.FIELDS[wanted.kind]},
        rows=[(line, told(line, of.names(), page.locale)) for line in lines[:PER_PAGE]],
        balances=[one for one in balances if not wanted.code or one.waste_code == wanted.code],
        counts=counts,
        previous=page.here(skip=None) if wanted.skip else None,
        following=following,
    )


def told(line: LedgerLine, names: tables.Names, locale: Locale) -> dict[str, str]:
    """The fields of a line as they are read, by their names; those that its ledger has not are empty."""
    return dict.fromkeys(_NAMES, "") | {
        field.name: cell_text(field.of(line, names), field.column(line.kind), locale, LEGAL_ZONE.key)
        for field in tables.FIELDS[line.kind]
    }


@router.get("/{site_id:uuid}/ledgers.xlsx")
async def as_workbook(page: AnyPage, work: Reading, site_id: UUID, wanted: Annotated[Kept, Query()]) -> Response:
    """A ledger, or all five, as a workbook."""
    return await workbook_answer(await _document(work, site_id, wanted), "ledgers", page.locale)


@router.get("/{site_id:uuid}/ledgers.pdf")
async def as_pdf(page: AnyPage, work: Reading, site_id: UUID, wanted: Annotated[Kept, Query()]) -> Response:
    """The same to print."""
    return await pdf_answer(await _document(work, site_id, wanted), "ledgers", page.locale)


async def _document(work: ReadWork, site_id: UUID, wanted: Kept) -> Document:
    period = reading.checked_period(wanted.since, wanted.until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    kinds = tuple(LedgerKind) if wanted.kind is None else (wanted.kind,)
    return await reading.document_of(work.session, of, kinds, waste_code=wanted.code or None, at=work.at)
