"""Periodic reports: as the ledgers have them now, handing them in, who has not."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.filings import queries
from wastetrack.filings.model import read_period
from wastetrack.filings.queries import Report
from wastetrack.reports import books
from wastetrack.reports.ledgers import reporting
from wastetrack.reports.ledgers.standing import standing_of
from wastetrack.reports.workbooks import MEDIA_TYPE
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["periodic reports"])

_XLSX: dict[int | str, dict[str, Any]] = {200: {"description": "A workbook", "content": {MEDIA_TYPE: {}}}}
_PDF: dict[int | str, dict[str, Any]] = {200: {"description": "PDF, A4 landscape", "content": {"application/pdf": {}}}}
_HANDED: dict[str, Any] = {"seen": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "reason": ""}


class HandingIn(Body):
    """The digest of the figures that were read, and for a correction the reason."""

    seen: Line | None = Field(None, description="`digest` of the report as it was read; left out, whatever stands")
    reason: Prose = ""


class ReportShown(Shown):
    """A report that was handed in. Its id is that of its event."""

    id: UUID
    site_id: UUID
    kind: str
    year: int
    number: int
    version: int
    digest: str
    reason: str
    submitted_at: datetime
    delegate_of_organisation_id: UUID | None = Field(description="From which firm it was handed in on behalf of this")


class ReportNow(Shown):
    """A report as the ledgers have it now, and what was handed in before. Masses in `figures` are grams."""

    period: str
    due_on: date
    digest: str
    stands: bool = Field(description="Whether what was handed in last says the same")
    figures: dict[str, Any]
    versions: list[ReportShown]


class HandedIn(Shown):
    """The version that was frozen, and the event that states it."""

    report: ReportShown
    log: LogEntry


class StandingShown(Shown):
    """A report that a site owes; `report_id` is null as long as it is not handed in."""

    site_id: UUID
    site: str
    firm: str
    management_class: str | None
    period: str
    due_on: date
    report_id: UUID | None
    version: int | None
    submitted_at: datetime | None


class Standings(Shown):
    """Who has handed in, and who has not."""

    items: list[StandingShown]


class Reports(Shown):
    """The newest reports of a site, every version."""

    items: list[ReportShown]


@router.get("/periodic-reports", response_model=Standings, responses=problems(400, 422))
async def standing(work: Reading, period: Annotated[Line, Query(description="2026-03, 2026-Q1 or 2026")]) -> Response:
    """What one's own sites owe for a period; for an authority, all sites of its region."""
    asked = read_period(period)
    found = await standing_of(work.session, work.actor, [asked], ends=[reporting.end_of(asked)])
    due_on = asked.due_on(reporting.due_days())
    items = [
        StandingShown(
            site_id=one.site_id,
            site=one.site,
            firm=one.firm,
            management_class=one.management_class,
            period=one.period.name,
            due_on=due_on,
            report_id=one.report_id,
            version=one.version,
            submitted_at=one.submitted_at,
        )
        for one in found
    ]
    return answer(Standings(items=items))


@router.get("/sites/{site_id}/reports", response_model=Reports, responses=problems(404))
async def reports(work: Reading, site_id: UUID) -> Response:
    """What was handed in for a site, the newest first."""
    found = await queries.of_site(work.session, await books.site_with_books(work.session, work.actor, site_id))
    return answer(Reports(items=[_shown(one) for one in found]))


@router.get("/sites/{site_id}/reports/{period}", response_model=ReportNow, responses=problems(400, 404, 422))
async def report(work: Reading, site_id: UUID, period: str) -> Response:
    """The report of a period as the ledgers have it now."""
    asked = read_period(period)
    found = await reporting.report_of(work.session, work.actor, site_id, asked, at=work.at)
    shown = ReportNow(
        period=asked.name,
        due_on=asked.due_on(reporting.due_days()),
        digest=found.digest,
        stands=found.stands,
        figures=found.figures.frozen(),
        versions=[_shown(one) for one in found.versions],
    )
    return answer(shown)


@router.post(
    "/sites/{site_id}/reports/{period}",
    status_code=201,
    response_model=HandedIn,
    responses=problems(400, 403, 404, 422),
)
async def hand_in(
    work: Writing,
    keys: DeploymentKeys,
    site_id: UUID,
    period: str,
    body: Annotated[HandingIn, FromBody(examples=[_HANDED])],
) -> Response:
    """Freeze the figures as the next version of the report."""
    row, appended = await reporting.submit(
        work.session, work.actor, site_id, read_period(period), seen=body.seen, reason=body.reason, at=work.at
    )
    return answer(HandedIn(report=_shown(row), log=log_entry(appended, keys)), 201)


@router.get(
    "/sites/{site_id}/reports/{period}/report.xlsx",
    response_class=Response,
    responses={**_XLSX, **problems(400, 404, 422)},
)
async def as_workbook(work: Reading, site_id: UUID, period: str) -> Response:
    """The report as the ledgers have it now, as a workbook."""
    asked = read_period(period)
    found = await reporting.report_of(work.session, work.actor, site_id, asked, at=work.at)
    return await workbook_answer(reporting.document_of(found.figures, asked, at=work.at), f"report-{period}", "zh")


@router.get(
    "/sites/{site_id}/reports/{period}/report.pdf",
    response_class=Response,
    responses={**_PDF, **problems(400, 404, 422)},
)
async def as_pdf(work: Reading, site_id: UUID, period: str) -> Response:
    """The same to print."""
    asked = read_period(period)
    found = await reporting.report_of(work.session, work.actor, site_id, asked, at=work.at)
    return await pdf_answer(reporting.document_of(found.figures, asked, at=work.at), f"report-{period}", "zh")


def _shown(row: Report) -> ReportShown:
    return ReportShown.model_validate(row)
