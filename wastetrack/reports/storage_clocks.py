"""The terms of storage of containers, read in one statement: for a page of a list, one container, a store."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers.clocks import Clock, clocks_of
from wastetrack.containers.stays import JOINS, SINCE, STAY, stay_of
from wastetrack.db.session import ReadSession

__all__ = [
    "JOINS",
    "MOST_DUE",
    "SINCE",
    "STAY",
    "WATCHED",
    "DueContainer",
    "clocks_for",
    "due_at",
    "soonest",
    "stay_of",
]

MOST_DUE = 500
# Whoever holds it, and the authorities over the place, see how long it may stand; its maker elsewhere does not.
WATCHED = """
(site.organisation_id = $2 or $3 = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4),
  'r:' || site.region_code]))
"""
_OF_CONTAINERS = f"""
select held.id, {STAY.format(day="$4::date", since=SINCE)}
from containers held {JOINS}
where held.id = any($1::uuid[]) and {WATCHED}
"""  # noqa: S608  put together from constants of this file


async def clocks_for(
    session: ReadSession, actor: Actor, container_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, tuple[Clock, ...]]:
    """The clocks of containers that stand at a site of the actor, or of its region; others have none to show."""
    if not container_ids:
        return {}
    figures = jurisdiction()
    driver = await session.driver()
    rows = await driver.fetch(_OF_CONTAINERS, list(container_ids), actor.organisation_id, actor.viewer, at.date())
    return {row["id"]: clocks_of(stay_of(row), figures) for row in rows}


async def soonest_for(
    session: ReadSession, actor: Actor, container_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, Clock | None]:
    """Of each container the term that ends first."""
    found = await clocks_for(session, actor, container_ids, at=at)
    return {container_id: soonest(clocks) for container_id, clocks in found.items()}


_DUE = f"""
select held.id, held.digital_code, held.waste_name, held.net_g, held.held_for, store.code as store_code,
  {STAY.format(day="$4::date", since=SINCE)}
from containers held {JOINS}
where held.site_id = $1 and {WATCHED}
order by least(held.generated_on, ({SINCE})::date), held.id limit {MOST_DUE}
"""  # noqa: S608  put together from constants of this file


@dataclass(frozen=True, slots=True)
class DueContainer:
    """A container whose term runs."""

    id: UUID
    digital_code: str
    waste_code: str
    waste_name: str
    net_g: int
    store_code: str | None
    waits: bool
    """A filed manifest's truck will fetch it."""
    clock: Clock


async def due_at(session: ReadSession, actor: Actor, site_id: UUID, *, at: datetime) -> list[DueContainer]:
    """The containers at a site whose terms end first, of the oldest MOST_DUE, in one statement."""
    figures = jurisdiction()
    rows = await (await session.driver()).fetch(_DUE, site_id, actor.organisation_id, actor.viewer, at.date())
    found = [
        DueContainer(
            row["id"],
            row["digital_code"],
            row["waste_code"],
            row["waste_name"],
            row["net_g"],
            row["store_code"],
            row["held_for"] is not None,
            clock,
        )
        for row in rows
        if (clock := soonest(clocks_of(stay_of(row), figures))) is not None
    ]
    return sorted(found, key=lambda one: (one.clock.last_day(), one.digital_code))


def soonest(clocks: Iterable[Clock]) -> Clock | None:
    """The one that ends first."""
    return min(clocks, key=lambda clock: (clock.last_day(), clock.kind), default=None)
