"""A plant's day: how full its stores are, which batches run; each in one statement, for all sites of a firm."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.mass import ZERO, Mass

_ROOM = """
select store.id, store.code, store.name, store.limit_g, site.name as site,
  coalesce(sum(held.net_g), 0)::bigint as used_g, count(held.id) as containers
from stores store join sites site on site.id = store.site_id
left join containers held on held.site_id = store.site_id and (held.store_id = store.id
  or held.store_id in (select zone.id from stores zone where zone.parent_id = store.id))
where site.organisation_id = $1 and store.parent_id is null and store.closed_at is null
group by store.id, site.id order by site.name, store.code
"""
_RUNNING = """
select batch.id, batch.site_id, site.name as site, batch.method, batch.recipe, batch.input_g,
  coalesce(batch.started_at, batch.created_at) as since, facility.code as facility,
  (select count(*) from containers held where held.treatment_batch_id = batch.id) as containers
from treatment_batches batch join sites site on site.id = batch.site_id
left join facilities facility on facility.id = batch.facility_id
where site.organisation_id = $1 and batch.state = 'running' and ($2::uuid is null or batch.site_id = $2)
order by since, batch.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRoom:
    """A store of a firm with what stands in it and its zones."""

    id: UUID
    code: str
    name: str
    site: str
    limit: Mass
    used: Mass
    containers: int

    @property
    def free(self) -> Mass:
        """What it may still take; nothing where it is overfull."""
        return self.limit - self.used if self.used < self.limit else ZERO

    @property
    def percent(self) -> int:
        """How full it is."""
        return self.used.grams * 100 // self.limit.grams if self.limit.grams else 0

    @property
    def kind(self) -> str:
        """As badges know it."""
        return "bad" if self.percent >= 100 else "warn" if self.percent >= 80 else "good"  # noqa: PLR2004  percent


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBatch:
    """A batch that runs."""

    id: UUID
    site_id: UUID
    site: str
    method: str
    recipe: str
    facility: str | None
    input: Mass
    containers: int
    since: datetime


async def store_rooms(session: ReadSession, actor: Actor) -> list[StoreRoom]:
    """The stores of one's own firm, by site and code."""
    rows = await (await session.driver()).fetch(_ROOM, actor.organisation_id)
    return [
        StoreRoom(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            site=row["site"],
            limit=Mass(row["limit_g"]),
            used=Mass(row["used_g"]),
            containers=row["containers"],
        )
        for row in rows
    ]


async def running_batches(session: ReadSession, actor: Actor, *, site_id: UUID | None = None) -> list[RunningBatch]:
    """The batches of one's own firm that run, the longest first."""
    rows = await (await session.driver()).fetch(_RUNNING, actor.organisation_id, site_id)
    return [
        RunningBatch(
            id=row["id"],
            site_id=row["site_id"],
            site=row["site"],
            method=row["method"],
            recipe=row["recipe"],
            facility=row["facility"],
            input=Mass(row["input_g"]),
            containers=row["containers"],
            since=row["since"],
        )
        for row in rows
    ]
