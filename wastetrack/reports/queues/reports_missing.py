"""Periodic reports that were due and are not handed in."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.filings.model import ARTICLE, ReportKind
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.ledgers.reporting import due_days, end_of, last_period
from wastetrack.reports.ledgers.standing import Standing, standing_of
from wastetrack.reports.queues.model import Evidence, Finding, Heap, Queue, Severity, heaviest

# Whose report is missing, and what it has in store: the more, the sooner one asks.
_HELD = """
select site.id, firm.id as firm_id, coalesce(sum(held.balance_g), 0)::bigint as grams
from sites site join organisations firm on firm.id = site.organisation_id
left join accounts held on held.holder_id = site.id and held.kind = 'stored'
where site.id = any($1) group by site.id, firm.id
"""


async def _find(session: ReadSession, actor: Actor, at: datetime, most: int) -> Heap:
    today, days = legal_day(at), due_days()
    periods = [last_period(kind, at) for kind in ReportKind]
    owed = await standing_of(session, actor, periods, ends=[end_of(period) for period in periods])
    late = [one for one in owed if one.report_id is None and one.period.due_on(days) < today]
    if not late:
        return heaviest([], at, most)
    rows = await (await session.driver()).fetch(_HELD, list({one.site_id for one in late}))
    held = {row["id"]: (row["firm_id"], Mass(row["grams"])) for row in rows}
    return heaviest([_finding(one, *held[one.site_id]) for one in late], at, most)


def _finding(one: Standing, firm_id: UUID, mass: Mass) -> Finding:
    due = one.period.due_on(due_days())
    return Finding(
        queue="reports_missing",
        subject_id=one.site_id,
        what=f"{one.site} · {one.period.name}",
        since=datetime.combine(due + timedelta(days=1), time(), tzinfo=LEGAL_ZONE).astimezone(UTC),
        mass=mass,
        part=one.period.name,
        firm_id=firm_id,
        firm=one.firm,
        facts={"period": one.period.name, "due_on": due.isoformat(), "stored": mass},
        evidence=(
            Evidence(message("The report as the ledger has it"), f"/ledgers/{one.site_id}/reports/{one.period.name}"),
        ),
    )


QUEUE = Queue(
    id="reports_missing",
    title=message("Reports not handed in"),
    severity=Severity.LOW,
    numbers=message("{period} was due on {due_on}; {stored} in store"),
    innocent=(
        message("The firm reports to another platform."),
        message("The site has stopped working."),
    ),
    next_step=message("Remind the firm; the figures stand in its ledger already and need only be handed in."),
    article=ARTICLE,
    find=_find,
)
