"""Reading what happened on the way: mismatches, incidents, redirections, trips; one to be locked, or a page of them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.manifests.journey_model import MismatchState
from wastetrack.manifests.journey_tables import IncidentRow, MismatchRow, RedirectionRow, StopRow, TripRow
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow

MISMATCH = "mismatch"
INCIDENT = "incident"
TRIP = "trip"


async def _seen(session: ReadSession, actor: Actor, table: Any, kind: str, thing_id: UUID) -> Any:  # noqa: ANN401
    row = await session.scalar(sa.select(table).where(col(table.id) == thing_id, visible(actor, kind, col(table.id))))
    if row is None:
        raise NotFound(f"{kind}_unknown", "There is nothing of this name, or it is not for you to see.", id=thing_id)
    return row


async def _newest(session: ReadSession, actor: Actor, table: Any, kind: str, limit: int, *more: Any) -> list[Any]:  # noqa: ANN401
    statement = sa.select(table, col(ManifestRow.number)).join(
        ManifestRow, col(ManifestRow.id) == col(table.manifest_id), isouter=True
    )
    statement = statement.where(visible(actor, kind, col(table.id)), *more).order_by(col(table.id).desc()).limit(limit)
    return [tuple(row) for row in await session.execute(statement)]


async def mismatch(session: ReadSession, actor: Actor, mismatch_id: UUID) -> MismatchRow:
    """A mismatch. Raises NotFound."""
    row: MismatchRow = await _seen(session, actor, MismatchRow, MISMATCH, mismatch_id)
    return row


async def mismatch_locked(session: WriteSession, actor: Actor, mismatch_id: UUID) -> MismatchRow:
    """The same, locked; its manifest is locked before, where a manifest changes with it. Raises NotFound."""
    await mismatch(session, actor, mismatch_id)
    return await session.get_one(MismatchRow, mismatch_id, with_for_update=True, populate_existing=True)


async def mismatches(session: ReadSession, actor: Actor, *, limit: int = 50) -> list[tuple[MismatchRow, str | None]]:
    """The newest that the actor sees, each with the number of its manifest, if he sees that too."""
    return await _newest(session, actor, MismatchRow, MISMATCH, limit)


async def mismatches_of(session: ReadSession, manifest_id: UUID) -> list[MismatchRow]:
    """Those of a manifest, as far as PostgreSQL shows them to whoever looks."""
    statement = sa.select(MismatchRow).where(col(MismatchRow.manifest_id) == manifest_id).order_by(col(MismatchRow.id))
    return list((await session.scalars(statement)).all())


async def undecided(session: ReadSession, manifest_id: UUID, container_id: UUID | None = None) -> int:
    """How many mismatches of a manifest wait for a decision; those of one container, if it is named."""
    statement = sa.select(sa.func.count()).where(
        col(MismatchRow.manifest_id) == manifest_id, col(MismatchRow.state) == MismatchState.REPORTED.value
    )
    if container_id is not None:
        statement = statement.where(col(MismatchRow.container_id) == container_id)
    return int(await session.scalar(statement) or 0)


async def incident(session: ReadSession, actor: Actor, incident_id: UUID) -> IncidentRow:
    """An incident. Raises NotFound."""
    row: IncidentRow = await _seen(session, actor, IncidentRow, INCIDENT, incident_id)
    return row


async def incident_locked(session: WriteSession, actor: Actor, incident_id: UUID) -> IncidentRow:
    """The same, locked; its manifest is locked before. Raises NotFound."""
    await incident(session, actor, incident_id)
    return await session.get_one(IncidentRow, incident_id, with_for_update=True, populate_existing=True)


async def incidents(session: ReadSession, actor: Actor, *, limit: int = 50) -> list[tuple[IncidentRow, str | None]]:
    """The newest that the actor sees, each with the number of its manifest, if he sees that too."""
    return await _newest(session, actor, IncidentRow, INCIDENT, limit)


async def incidents_of(session: ReadSession, manifest_id: UUID) -> list[IncidentRow]:
    """Those of a manifest, as far as PostgreSQL shows them to whoever looks."""
    statement = sa.select(IncidentRow).where(col(IncidentRow.manifest_id) == manifest_id).order_by(col(IncidentRow.id))
    return list((await session.scalars(statement)).all())


async def number_seen(session: ReadSession, actor: Actor, manifest_id: UUID) -> str | None:
    """The number of a manifest, if the actor sees it."""
    number: str | None = await session.scalar(
        sa.select(col(ManifestRow.number)).where(
            col(ManifestRow.id) == manifest_id, visible(actor, "manifest", col(ManifestRow.id))
        )
    )
    return number


async def redirections_of(session: ReadSession, manifest_id: UUID) -> list[RedirectionRow]:
    """How a manifest came to its receiver."""
    statement = (
        sa.select(RedirectionRow).where(col(RedirectionRow.manifest_id) == manifest_id).order_by(col(RedirectionRow.id))
    )
    return list((await session.scalars(statement)).all())


async def trip(session: ReadSession, actor: Actor, trip_id: UUID) -> TripRow:
    """A trip. Raises NotFound."""
    row: TripRow = await _seen(session, actor, TripRow, TRIP, trip_id)
    return row


async def trip_locked(session: WriteSession, actor: Actor, trip_id: UUID) -> TripRow:
    """The same, locked; before its manifests. Raises NotFound."""
    await trip(session, actor, trip_id)
    return await session.get_one(TripRow, trip_id, with_for_update=True, populate_existing=True)


async def trips(session: ReadSession, actor: Actor, *, limit: int = 50) -> list[TripRow]:
    """The newest that the actor sees."""
    statement = (
        sa.select(TripRow).where(visible(actor, TRIP, col(TripRow.id))).order_by(col(TripRow.id).desc()).limit(limit)
    )
    return list((await session.scalars(statement)).all())


async def stops(session: ReadSession, trip_id: UUID) -> list[UUID]:
    """The manifests of a trip in the order of its stops. Who may see the trip is the caller's rule."""
    statement = sa.select(col(StopRow.manifest_id)).where(col(StopRow.trip_id) == trip_id)
    return list((await session.scalars(statement.order_by(col(StopRow.position)))).all())


async def stops_taken(session: ReadSession, manifest_ids: list[UUID]) -> set[UUID]:
    """Which of these manifests are on a trip already."""
    statement = sa.select(col(StopRow.manifest_id)).where(col(StopRow.manifest_id).in_(manifest_ids))
    return set((await session.scalars(statement)).all())


async def trip_of(session: ReadSession, manifest_id: UUID) -> TripRow | None:
    """The trip that a manifest is on, as far as it is seen."""
    statement = (
        sa.select(TripRow)
        .join(StopRow, col(StopRow.trip_id) == col(TripRow.id))
        .where(col(StopRow.manifest_id) == manifest_id)
    )
    found: TripRow | None = await session.scalar(statement)
    return found


_ABOARD = """
select coalesce(sum(line.declared_g - line.spilled_g + container.tare_g), 0)::bigint
from trip_stops mine join trip_stops stop on stop.trip_id = mine.trip_id and stop.manifest_id <> mine.manifest_id
join manifests manifest on manifest.id = stop.manifest_id and manifest.state in ('picked_up', 'in_transit')
join manifest_containers line on line.manifest_id = manifest.id and line.outcome is null
join containers container on container.id = line.container_id
where mine.manifest_id = $1
"""


async def aboard_besides(session: ReadSession, manifest_id: UUID) -> int:
    """Grams, with their containers, that the vehicle of this manifest's trip bears for the other manifests."""
    return int(await (await session.driver()).fetchval(_ABOARD, manifest_id))


async def line_of(session: WriteSession, manifest_id: UUID, container_id: UUID) -> LineRow | None:
    """A container's line; its manifest is locked already."""
    found: LineRow | None = await session.scalar(
        sa.select(LineRow).where(col(LineRow.manifest_id) == manifest_id, col(LineRow.container_id) == container_id)
    )
    return found


async def insert_leg(session: WriteSession, leg: LegRow) -> None:
    """Make room for a leg among those that wait, and write it."""
    driver = await session.driver()
    for step in (1000, -999):  # in two strides: no two legs may bear one number for a moment
        await driver.execute(
            "update manifest_legs set position = position + $3 where manifest_id = $1 and position >= $2",
            leg.manifest_id,
            leg.position if step > 0 else leg.position + 1000,
            step,
        )
    session.add(leg)
    await session.flush()


async def keep_check(session: WriteSession, leg: LegRow, checked: dict[str, Any]) -> None:
    """Write what a carrier looked at when it took over."""
    statement = (
        sa.update(LegRow)
        .where(col(LegRow.manifest_id) == leg.manifest_id, col(LegRow.position) == leg.position)
        .values(checked=checked)
    )
    await session.execute(statement)
