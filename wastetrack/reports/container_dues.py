"""Containers by the days that they may still stand: the soonest first, and those whose term ends within some days.

The terms are rules of containers/clocks.py, not a column; so all that stands at one's own sites is read in one
statement, its terms are reckoned (like containers once), and the page is cut from that.
"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers import queries
from wastetrack.containers.clocks import Clock, Stay, clocks_of
from wastetrack.containers.model import ContainerOrder
from wastetrack.containers.queries import Container, ContainerFilter
from wastetrack.db.session import ReadSession
from wastetrack.reports.storage_clocks import JOINS, SINCE, STAY, soonest, stay_of

MOST = 20_000
"""Containers whose terms are reckoned at once; more do not stand in one works."""

_STANDING = f"""
select held.id, {STAY.format(day="$2::date", since=SINCE)}
from containers held {JOINS}
where site.organisation_id = $1 and ($3::uuid is null or held.site_id = $3)
order by held.generated_on, held.id limit {MOST}
"""  # noqa: S608  put together from constants of this file


async def terms(session: ReadSession, actor: Actor, *, at: datetime, site_id: UUID | None = None) -> dict[UUID, Clock]:
    """The term that ends first of each container that stands at one's own sites, the soonest first."""
    figures, known = jurisdiction(), dict[Stay, Clock | None]()
    rows = await (await session.driver()).fetch(_STANDING, actor.organisation_id, at.date(), site_id)
    found: list[tuple[date, UUID, Clock]] = []
    for row in rows:
        stay = stay_of(row)
        if stay not in known:
            known[stay] = soonest(clocks_of(stay, figures))
        clock = known[stay]
        if clock is not None:
            found.append((clock.last_day(), row["id"], clock))
    return {container_id: clock for _, container_id, clock in sorted(found, key=lambda one: one[:2])}


async def due_within(
    session: ReadSession, actor: Actor, *, days: int, at: datetime, site_id: UUID | None = None
) -> tuple[UUID, ...]:
    """The containers whose term ends within so many days, or is over."""
    today = legal_day(at)
    found = await terms(session, actor, at=at, site_id=site_id)
    return tuple(one for one, clock in found.items() if (clock.last_day() - today).days <= days)


async def page_by_due(
    session: ReadSession,
    actor: Actor,
    wanted: ContainerFilter,
    *,
    at: datetime,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Container]:
    """A page in the order of the days left; what has no term here is not in it. `before` is the last id of the page
    before."""
    found = await terms(session, actor, at=at, site_id=wanted.site_id)
    asked = found.keys() if wanted.ids is None else found.keys() & set(wanted.ids)
    fitting = await queries.matching(session, actor, replace(wanted, ids=tuple(asked)))
    ordered = [one for one in found if one in fitting]
    if wanted.descending:
        ordered.reverse()
    begin = 0 if before not in fitting else ordered.index(before) + 1
    return await queries.several(session, actor, ordered[begin : begin + limit])


async def page(
    session: ReadSession,
    actor: Actor,
    wanted: ContainerFilter,
    *,
    at: datetime,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Container]:
    """A page in whatever order is asked for."""
    if wanted.order is ContainerOrder.DUE:
        return await page_by_due(session, actor, wanted, at=at, before=before, limit=limit)
    return await queries.page(session, actor, wanted, before=before, limit=limit)
