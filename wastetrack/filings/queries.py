"""Reading submitted reports: the newest of a period, its versions, what a site has handed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.filings.model import ReportKind, ReportPeriod
from wastetrack.filings.tables import PeriodicReportRow

KIND = "periodic_report"
Report = PeriodicReportRow
"""The row under the name by which other rooms know it; its table stays this room's own."""


def period_of(report: PeriodicReportRow) -> ReportPeriod:
    """What it reports."""
    return ReportPeriod(ReportKind(report.kind), report.year, report.number)


async def lock_site(session: WriteSession, site_id: UUID) -> None:
    """Let one report of a site be handed in at a time: two would take one version number."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"report {site_id}", 0))))


async def versions(session: ReadSession, site_id: UUID, period: ReportPeriod) -> list[PeriodicReportRow]:
    """All versions of the report of a period, the newest first. Who may see the site is the caller's rule."""
    query = select(PeriodicReportRow).where(
        col(PeriodicReportRow.site_id) == site_id,
        col(PeriodicReportRow.kind) == period.kind.value,
        col(PeriodicReportRow.year) == period.year,
        col(PeriodicReportRow.number) == period.number,
    )
    return list((await session.scalars(query.order_by(col(PeriodicReportRow.version).desc()))).all())


async def of_site(session: ReadSession, site_id: UUID, *, limit: int = 60) -> list[PeriodicReportRow]:
    """The newest reports of a site, every version. Who may see the site is the caller's rule."""
    query = select(PeriodicReportRow).where(col(PeriodicReportRow.site_id) == site_id)
    return list((await session.scalars(query.order_by(col(PeriodicReportRow.id).desc()).limit(limit))).all())


async def report(session: ReadSession, report_id: UUID) -> PeriodicReportRow:
    """One report, to whoever may see its site (row-level security). Raises NotFound."""
    row = await session.get(PeriodicReportRow, report_id)
    if row is None:
        raise NotFound("report_unknown", "There is no such report.", report_id=report_id)
    return row


def in_time(report: PeriodicReportRow, due_at: datetime) -> bool:
    """Whether it was handed in before its term ended."""
    return report.submitted_at < due_at
