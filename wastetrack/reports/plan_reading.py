"""Gather what a print of a plan needs: a filed version has its own particulars, a draft has the register's."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.plans import queries
from wastetrack.plans.judging import Judged, judge, particulars_of
from wastetrack.plans.model import ManagementClass
from wastetrack.plans.queries import Plan, PlanVersion
from wastetrack.reports.plan_document import PlanFigures


async def figures_of(
    session: ReadSession, actor: Actor, row: Plan, version: PlanVersion, *, at: datetime
) -> tuple[PlanFigures, Judged]:
    """The figures of a version, and how it is judged today."""
    content = queries.content_of(version)
    used = {
        (one.waste_code, one.method, one.receiver_id): Mass(one.booked_g)
        for one in await queries.items(session, (row.id,))
        if one.booked_g
    }
    judged = await judge(session, actor, row, content, used=used, at=at)
    particulars = version.particulars
    if version.filed_at is None:
        firm = await parties.organisation(session, row.organisation_id)
        particulars = particulars_of(firm, judged.site, judged.known)
    figures = PlanFigures(
        year=row.year,
        version=version.version,
        filing_number=row.filing_number,
        filed_at=version.filed_at,
        management_class=ManagementClass(version.management_class),
        content=content,
        particulars=particulars,
        lists=judged.known.lists,
        on=legal_day(version.filed_at or at),
        region=judged.known.lists.region_name(row.region_code),
        last_year={code: mass for (year, code), mass in judged.actuals.generated.items() if year == row.year - 1},
        printed_at=at,
    )
    return figures, judged
