"""Waste that has stood longer than it may, site by site; the rule of the terms decides, not the statement."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction, legal_day
from wastetrack.containers.clocks import Clock, clocks_of
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.queues.model import Evidence, Finding, Heap, Queue, Severity, heaviest
from wastetrack.reports.storage_clocks import JOINS, SINCE, STAY, stay_of

if TYPE_CHECKING:
    from uuid import UUID

# Like containers together; what can have no term that is over is left out before it is counted.
_STANDING = f"""
select site.id as site_id, site.name as site_name, firm.id as firm_id, firm.name as firm, count(*) as containers,
  sum(held.net_g)::bigint as net_g, {STAY.format(day="$2::date", since=SINCE)}
from containers held {JOINS}
where site.region_code like substr($1, 3) || '%' and (
  held.waste_code like '%-01' or held.generated_on <= $3::date
  or (held.stands_since <= $4 and (held.waste_code like '%-08' or held.waste_code = '900-044-49')))
group by site.id, firm.id, store.id, facility.id, held.waste_code, held.generated_on, held.site_id,
  held.made_at_site_id, coalesce(held.stands_since, held.created_at)
"""  # noqa: S608  put together from constants


async def _find(session: ReadSession, actor: Actor, at: datetime, most: int) -> Heap:
    figures, today = jurisdiction(), legal_day(at)
    young = today - timedelta(days=365 * figures.storage_years.value)
    collected = at - timedelta(days=figures.collected_working_days.value)
    rows = await (await session.driver()).fetch(_STANDING, actor.viewer, today, young, collected)
    over: dict[tuple[UUID, str], list[tuple[Any, datetime]]] = {}
    for row in rows:
        ended = [end for clock in clocks_of(stay_of(row), figures) if (end := _ended(clock)) < at]
        if ended:
            over.setdefault((row["site_id"], row["waste_code"]), []).append((row, min(ended)))
    return heaviest([_finding(parts) for parts in over.values()], at, most)


def _ended(clock: Clock) -> datetime:
    """The instant after which it stands too long."""
    if clock.due_at is not None:
        return clock.due_at
    day = clock.last_day() + timedelta(days=1)
    return datetime.combine(day, time(), tzinfo=LEGAL_ZONE).astimezone(UTC)


def _finding(parts: list[tuple[Any, datetime]]) -> Finding:
    first = parts[0][0]
    return Finding(
        queue="storage_time",
        subject_id=first["site_id"],
        what=f"{first['site_name']} · {first['waste_code']}",
        since=min(ended for _, ended in parts),
        mass=Mass(sum(row["net_g"] for row, _ in parts)),
        part=first["waste_code"],
        firm_id=first["firm_id"],
        firm=first["firm"],
        facts={"containers": sum(row["containers"] for row, _ in parts), "code": first["waste_code"]},
        evidence=(
            Evidence(message("The site's stock by term"), f"/stores/due?site={first['site_id']}"),
            Evidence(message("The site"), f"/sites/{first['site_id']}"),
        ),
    )


QUEUE = Queue(
    id="storage_time",
    title=message("Storage time exceeded"),
    severity=Severity.MEDIUM,
    numbers=message("{containers} containers of {code} past their term"),
    innocent=(
        message("An extension is granted and not entered yet."),
        message("The containers are gone, and nobody has booked it."),
    ),
    next_step=message(
        "Look at the store; ask for the contract and the day of the next transfer; grant an extension or set a term."
    ),
    figure="storage_years",
    find=_find,
)
