"""Clocks of transfers that run for a period and of those that went on paper: readings, sums, entries, receipts.

A day's reading is owed from the day after it, a sum once its period is over, an entry from when the paper stands in a
draft, and the receiver's word on it from when the shipper has signed.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.manifests.continuous import reading_due
from wastetrack.manifests.papers import entry_due
from wastetrack.reports.duty import Duty

if TYPE_CHECKING:
    import asyncpg

_MOST = 200
# One statement: what of each kind waits for this organisation, as far as these eyes see it.
_OWED = """
with seen as (
  select manifest.* from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
  where sighting.viewer = $1 and sighting.kind = 'manifest'
    and (manifest.state = 'running' or (manifest.on_paper and manifest.state in ('draft', 'arrived')))
), readings as (
  select seen.id, 'reading' as owed, min(one.day)::date as since, count(*) as days, min(other.name) as what
  from seen join manifest_periods period on period.manifest_id = seen.id
  join manifest_totals total on total.manifest_id = seen.id
  cross join lateral generate_series(period.begins_on, least(period.ends_on, $3::date - 1), interval '1 day') one (day)
  join organisations other on other.id = case when seen.shipper_id = $2 then seen.receiver_id else seen.shipper_id end
  left join pipe_days entered on entered.manifest_id = seen.id and entered.waste_code = total.waste_code
    and entered.day = one.day::date
  where seen.kind = 'continuous' and seen.state = 'running' and (
    (seen.shipper_id = $2 and entered.sent_g is null) or (seen.receiver_id = $2 and entered.received_g is null)
  )
  group by seen.id
), sums as (
  select seen.id, 'sum' as owed, period.ends_on as since, 0::bigint as days, receiver.name as what
  from seen join manifest_periods period on period.manifest_id = seen.id
  join organisations receiver on receiver.id = seen.receiver_id
  where seen.state = 'running' and seen.shipper_id = $2 and period.ends_on < $3::date
), papers as (
  select seen.id, case when seen.state = 'draft' then 'entry' else 'receipt' end as owed,
    case when seen.state = 'draft' then paper.received_at else paper.entered_at end as since,
    coalesce(seen.number, reserved.number) as what
  from seen join manifest_papers paper on paper.manifest_id = seen.id
  left join reserved_numbers reserved on reserved.id = paper.reserved_id
  where (seen.state = 'draft' and seen.shipper_id = $2) or (seen.state = 'arrived' and seen.receiver_id = $2)
)
select id, owed, since::timestamptz as since, days, what from readings
union all select id, owed, since::timestamptz, days, what from sums
union all select id, owed, since, 0, what from papers
order by since, id limit $4
"""
_TITLES = {
    "reading": message("Meter readings of {count} days to enter"),
    "sum": message("Totals of a period to sign"),
    "entry": message("Paper to enter"),
    "receipt": message("Receipt of a paper to sign"),
}
_ARTICLES = {"reading": "令23 art. 19", "sum": "令23 art. 19", "entry": "令23 art. 20", "receipt": "令23 art. 18"}
_LEAVES = {
    "reading": (Verb.LABEL, Verb.SCAN),
    "sum": (Verb.SIGN,),
    "entry": (Verb.SIGN, Verb.FILE),
    "receipt": (Verb.RECEIVE,),
}


async def paper_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What the actor's organisation owes, as far as his role lets him do it."""
    if actor.is_regulator:
        return []
    driver = await session.driver()
    rows = await driver.fetch(_OWED, actor.viewer, actor.organisation_id, legal_day(at), _MOST)
    return [_duty(row) for row in rows if any(may(actor, verb) for verb in _LEAVES[row["owed"]])]


def _duty(row: "asyncpg.Record") -> Duty:
    owed: str = row["owed"]
    return Duty(
        title=_TITLES[owed],
        what=row["what"] or "—",
        address=f"/manifests/{row['id']}",
        due_on=_due(owed, row["since"]),
        article=_ARTICLES[owed],
        facts={"count": row["days"]} if owed == "reading" else {},
    )


def _due(owed: str, since: datetime) -> date:
    figures = jurisdiction()
    if owed == "entry":
        return entry_due(since, figures.back_entry_working_days.value)
    # A day of the calendar comes as its midnight in UTC, which is the same day where the law holds.
    day = legal_day(since)
    if owed == "reading":
        return reading_due(day)
    term = figures.sum_up_days if owed == "sum" else figures.confirm_working_days
    return after_working_days(day, term.value)
