"""The books beside the five ledgers: record book of a permit holder, medical register, monthly flow."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.reports.ledgers import reading, records
from wastetrack.reports.ledgers.records import RecordKind
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.reports.workbooks import MEDIA_TYPE
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer

router = RoomRouter(prefix="/sites/{site_id}/records", tags=["ledgers"])

Since = Annotated[date | None, Query(description="First day; without it, the month's first")]
Until = Annotated[date | None, Query(description="Last day; without it, today")]
_XLSX: dict[int | str, dict[str, Any]] = {200: {"description": "A workbook", "content": {MEDIA_TYPE: {}}}}
_PDF: dict[int | str, dict[str, Any]] = {200: {"description": "PDF, A4 landscape", "content": {"application/pdf": {}}}}


class TableShown(Shown):
    """A table as it is printed, in Chinese."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str]


class RecordShown(Shown):
    """A book with its tables."""

    title: str
    tables: list[TableShown]


@router.get("/{kind}", response_model=RecordShown, responses=problems(404, 422))
async def record(work: Reading, site_id: UUID, kind: RecordKind, since: Since = None, until: Until = None) -> Response:
    """A book of a site and a period."""
    document = await _document(work, site_id, kind, since, until)
    shown = [
        TableShown(
            title=sheet.title.zh,
            columns=[column.heading("zh") for column in sheet.columns],
            rows=[
                [cell_text(cell, column, "zh", document.zone) for column, cell in zip(sheet.columns, row, strict=True)]
                for row in sheet.rows
            ],
            notes=[note.zh for note in sheet.notes],
        )
        for sheet in document.sheets
    ]
    return answer(RecordShown(title=document.title.zh, tables=shown))


@router.get("/{kind}/record.xlsx", response_class=Response, responses={**_XLSX, **problems(404, 422)})
async def as_workbook(
    work: Reading, site_id: UUID, kind: RecordKind, since: Since = None, until: Until = None
) -> Response:
    """The book as a workbook."""
    return await workbook_answer(await _document(work, site_id, kind, since, until), kind.value, "zh")


@router.get("/{kind}/record.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def as_pdf(work: Reading, site_id: UUID, kind: RecordKind, since: Since = None, until: Until = None) -> Response:
    """The book to print."""
    return await pdf_answer(await _document(work, site_id, kind, since, until), kind.value, "zh")


async def _document(
    work: ReadWork, site_id: UUID, kind: RecordKind, since: date | None, until: date | None
) -> Document:
    period = reading.checked_period(since, until, work.at)
    of = await reading.books_of(work.session, work.actor, site_id, period)
    return await records.document_of(work.session, of, kind, at=work.at)
