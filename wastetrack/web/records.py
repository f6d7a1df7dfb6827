"""Pages of the books beside the five ledgers: record book, medical register, monthly flow."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.reports.ledgers import reading, records
from wastetrack.reports.ledgers.model import Period
from wastetrack.reports.ledgers.records import RecordKind
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer
from wastetrack.web.custody_fields import Search
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/ledgers/{site_id:uuid}/records")


class Wanted(Search):
    """Which days; without them, this year."""

    since: date | None = None
    until: date | None = None


def _period(wanted: Wanted, work: ReadWork) -> Period:
    first = legal_day(work.at).replace(month=1, day=1)
    return reading.checked_period(wanted.since or (first if wanted.until is None else None), wanted.until, work.at)


async def _document(work: ReadWork, site_id: UUID, kind: RecordKind, wanted: Wanted) -> Document:
    of = await reading.books_of(work.session, work.actor, site_id, _period(wanted, work))
    return await records.document_of(work.session, of, kind, at=work.at)


@router.get("/{kind}")
async def record(
    page: AnyPage, work: Reading, site_id: UUID, kind: RecordKind, wanted: Annotated[Wanted, Query()]
) -> Response:
    """A book on screen."""
    document = await _document(work, site_id, kind, wanted)
    shown = [
        {
            "title": sheet.title.of(page.locale),
            "columns": [
                (column.heading(page.locale), "number" if column.align == "right" else "") for column in sheet.columns
            ],
            "rows": [
                [
                    cell_text(cell, column, page.locale, document.zone)
                    for column, cell in zip(sheet.columns, row, strict=True)
                ]
                for row in sheet.rows
            ],
            "notes": [note.of(page.locale) for note in sheet.notes],
        }
        for sheet in document.sheets
    ]
    lines = [(caption.of(page.locale), value) for caption, value in document.lines]
    return page.show(
        "ledgers/record.html",
        site_id=site_id,
        kind=kind,
        kinds=[(one, records.TITLES[one]) for one in RecordKind],
        title=document.title.of(page.locale),
        lines=lines,
        sheets=shown,
        period=_period(wanted, work),
        query=page.request.url.query,
    )


@router.get("/{kind}/record.xlsx")
async def as_workbook(
    page: AnyPage, work: Reading, site_id: UUID, kind: RecordKind, wanted: Annotated[Wanted, Query()]
) -> Response:
    """The book as a workbook."""
    return await workbook_answer(await _document(work, site_id, kind, wanted), kind.value, page.locale)


@router.get("/{kind}/record.pdf")
async def as_pdf(
    page: AnyPage, work: Reading, site_id: UUID, kind: RecordKind, wanted: Annotated[Wanted, Query()]
) -> Response:
    """The book to print."""
    return await pdf_answer(await _document(work, site_id, kind, wanted), kind.value, page.locale)
