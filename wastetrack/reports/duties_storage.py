"""Containers that have stood nearly as long as they may, or longer: a duty per term, site and day it ends."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.clocks import Clock, ClockKind, clocks_of
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.duty import Duty
from wastetrack.reports.storage_clocks import JOINS, SINCE, STAY, stay_of

if TYPE_CHECKING:
    from uuid import UUID

# Like containers together. What can have no clock near its end is left out before it is counted: medical waste has
# hours, collected waste 90 working days (never less than 90 days), the rest a year.
_NEAR = f"""
select site.id as site_id, site.name as site_name, count(*) as containers, sum(held.net_g)::bigint as net_g,
  {STAY.format(day="$2::date", since=SINCE)}
from containers held {JOINS}
where site.organisation_id = $1 and (
  held.waste_code like '%-01' or held.generated_on <= $3::date
  or (held.stands_since <= $4 and (held.waste_code like '%-08' or held.waste_code = '900-044-49')))
group by site.id, firm.id, store.id, facility.id, held.waste_code, held.generated_on, held.site_id,
  held.made_at_site_id, coalesce(held.stands_since, held.created_at)
"""  # noqa: S608  put together from constants of this file
_TITLES = {
    ClockKind.YEAR: message("{containers} containers ({mass}) have stood a year, or nearly"),
    ClockKind.MEDICAL_AT_SOURCE: message("{containers} containers of medical waste ({mass}) to be collected"),
    ClockKind.MEDICAL_AT_PLANT: message("{containers} containers of medical waste ({mass}) to be treated"),
    ClockKind.COLLECTED: message("{containers} containers of collected waste ({mass}) to be handed on"),
}


async def storage_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What the actor's organisation must move soon, in one statement; nothing for who cannot move it."""
    if not may(actor, Verb.STORE):
        return []
    figures = jurisdiction()
    notice = timedelta(days=figures.storage_notice_days.value)
    today = legal_day(at)
    young = today + notice - timedelta(days=365 * figures.storage_years.value)
    collected = at + notice - timedelta(days=figures.collected_working_days.value)
    rows = await (await session.driver()).fetch(_NEAR, actor.organisation_id, today, young, collected)
    found: dict[tuple[UUID, str, Clock], tuple[int, int]] = {}
    for row in rows:
        for clock in clocks_of(stay_of(row), figures):
            if clock.last_day() - notice <= today:
                key = (row["site_id"], row["site_name"], _by_the_hour(clock))
                count, grams = found.get(key, (0, 0))
                found[key] = (count + row["containers"], grams + row["net_g"])
    return [
        Duty(
            title=_TITLES[clock.kind],
            what=site_name,
            address=f"/stores/due?site={site_id}",
            due_on=clock.due_on,
            due_at=clock.due_at,
            article=clock.article,
            facts={"containers": count, "mass": Mass(grams).kg_text()},
        )
        for (site_id, site_name, clock), (count, grams) in found.items()
    ]


def _by_the_hour(clock: Clock) -> Clock:
    """Bags of one round are one duty: terms in hours are told by the full hour in which they end."""
    if clock.due_at is None:
        return clock
    return Clock(clock.kind, clock.article, due_at=clock.due_at.replace(minute=0, second=0, microsecond=0))
