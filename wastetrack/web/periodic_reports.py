"""Pages of the periodic reports: what is owed, the report of a period, handing it in; for an authority, who has not."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.filings import queries
from wastetrack.filings.model import ReportKind, read_period
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.reports import books
from wastetrack.reports.ledgers import periodic, reporting
from wastetrack.reports.ledgers.standing import standing_of
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class Asked(Search):
    """Which period; without a name, the month that ended last."""

    period: Line = ""


class HandingIn(BaseModel):
    """The report as it was read, and for a correction the reason."""

    seen: Line
    reason: Line = ""


@router.get("/reports")
async def standing(page: AnyPage, work: Reading, asked: Annotated[Asked, Query()]) -> Response:
    """What one's own sites owe; for an authority, the sites of its region with who has handed in."""
    period = read_period(asked.period) if asked.period else reporting.last_period(ReportKind.MONTHLY, work.at)
    every = [period] if asked.period else [reporting.last_period(kind, work.at) for kind in ReportKind]
    ends = [reporting.end_of(one) for one in every]
    found = await standing_of(work.session, work.actor, every, ends=ends)
    return page.show("ledgers/standing.html", found=found, asked=asked.period, due_days=reporting.due_days())


@router.get("/ledgers/{site_id:uuid}/reports")
async def reports(page: AnyPage, work: Reading, site_id: UUID) -> Response:
    """The reports of a site: the periods that ended last, and all that was handed in."""
    site = await parties.site(work.session, await books.site_with_books(work.session, work.actor, site_id))
    periods = [reporting.last_period(kind, work.at) for kind in ReportKind]
    handed = await queries.of_site(work.session, site.id)
    return page.show(
        "ledgers/reports.html",
        site=site,
        firm=await parties.organisation(work.session, site.organisation_id),
        periods=periods,
        due_days=reporting.due_days(),
        handed=[(one, queries.period_of(one)) for one in handed],
    )


async def show_report(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The report of the period in the address, with the form that hands it in."""
    site_id, name = page.request.path_params["site_id"], page.request.path_params["period"]
    period = read_period(name)
    found = await reporting.report_of(work.session, work.actor, site_id, period, at=work.at)
    document = reporting.document_of(found.figures, period, at=work.at)
    (sheet,) = document.sheets
    rows = [
        [cell_text(cell, column, page.locale, document.zone) for column, cell in zip(sheet.columns, row, strict=True)]
        for row in sheet.rows
    ]
    own = found.books.site.organisation_id == work.actor.organisation_id
    return page.show(
        "ledgers/report.html",
        filled=filled,
        found=found,
        period=period,
        title=periodic.TITLES[period.kind],
        due_on=period.due_on(reporting.due_days()),
        headings=[column.heading(page.locale) for column in sheet.columns],
        rows=rows,
        notes=[note.of(page.locale) for note in sheet.notes],
        may_submit=own and bool(may(work.actor, Verb.FILE)),
    )


@router.get("/ledgers/{site_id:uuid}/reports/{period}")
async def report(page: AnyPage, work: Reading, site_id: UUID, period: str) -> Response:  # noqa: ARG001  both by the address
    """The report of a period as the ledgers have it now."""
    return await show_report(page, work, EMPTY)


@router.post("/ledgers/{site_id:uuid}/reports/{period}")
@asked_again(show_report)
async def hand_in(
    page: AnyPage, work: Writing, site_id: UUID, period: str, form: Annotated[HandingIn, Form()]
) -> Response:
    """Hand it in, or hand in a corrected version."""
    await reporting.submit(
        work.session, work.actor, site_id, read_period(period), seen=form.seen, reason=form.reason, at=work.at
    )
    return page.go(f"/ledgers/{site_id}/reports/{period}", message("The report is handed in, its figures are frozen."))


async def _document(work: ReadWork, site_id: UUID, period: str, report_id: UUID | None) -> Document:
    """The report as it stands now, or one that was handed in."""
    if report_id is not None:
        return reporting.frozen_document(await queries.report(work.session, report_id), at=work.at)
    asked = read_period(period)
    found = await reporting.report_of(work.session, work.actor, site_id, asked, at=work.at)
    return reporting.document_of(found.figures, asked, at=work.at)


@router.get("/ledgers/{site_id:uuid}/reports/{period}/report.xlsx")
async def as_workbook(
    page: AnyPage, work: Reading, site_id: UUID, period: str, report_id: UUID | None = None
) -> Response:
    """The report as a workbook."""
    return await workbook_answer(await _document(work, site_id, period, report_id), f"report-{period}", page.locale)


@router.get("/ledgers/{site_id:uuid}/reports/{period}/report.pdf")
async def as_pdf(page: AnyPage, work: Reading, site_id: UUID, period: str, report_id: UUID | None = None) -> Response:
    """The report to print."""
    return await pdf_answer(await _document(work, site_id, period, report_id), f"report-{period}", page.locale)
