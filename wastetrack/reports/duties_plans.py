"""The plan of the year, which each place that makes waste files by the end of March (HJ 1259-2022, 5.2.2)."""

from datetime import date, datetime, timedelta

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.reports.duty import Duty

# A site of one's own that makes waste and has no filed plan of the year; and contracts that wait for one's word.
_OWED = """
select 'plan' as owed, site.id, site.name, site.created_at, plan.id as plan_id
from sites site join organisations firm on firm.id = site.organisation_id
left join management_plans plan on plan.site_id = site.id and plan.year = $2
where site.organisation_id = $1 and site.kind <> 'depot' and firm.kinds && array['generator', 'disposer']
  and plan.filed_at is null
union all
select 'contract', contract.id, contract.number, contract.created_at, null
from contracts contract
where contract.state = 'draft' and $1 in (contract.shipper_id, contract.receiver_id) and contract.entered_by <> $1
order by 1, 3
"""


async def plans_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """Plans that the actor's own sites owe, and contracts that wait for its word."""
    if actor.is_regulator or not may(actor, Verb.FILE):
        return []
    year = legal_day(at).year
    rows = await (await session.driver()).fetch(_OWED, actor.organisation_id, year)
    return [_contract(row) if row["owed"] == "contract" else _plan(row, year) for row in rows]


def _plan(row: dict[str, object], year: int) -> Duty:
    last = last_day(year)
    made = row["created_at"]
    # A site that began after the last day files in time; the law names no figure.
    began = legal_day(made) if isinstance(made, datetime) else last
    return Duty(
        title=message("File the management plan of {year}"),
        what=str(row["name"]),
        address=f"/plans/{row['plan_id']}" if row["plan_id"] else f"/plans/new?site_id={row['id']}&year={year}",
        due_on=None if began > last else last,
        article=jurisdiction().plan_due_month.article,
        facts={"year": year},
    )


def _contract(row: dict[str, object]) -> Duty:
    return Duty(
        title=message("A contract waits for your word"),
        what=str(row["name"]),
        address=f"/contracts/{row['id']}",
        article="令23 art. 10 (1)",
    )


def last_day(year: int) -> date:
    """The last day on which a plan is in time."""
    month = jurisdiction().plan_due_month.value
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
