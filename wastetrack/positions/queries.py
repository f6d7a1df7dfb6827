"""Read what is known of where vehicles were, of the receivers, and of zones. Row-level security says of whom."""

import dataclasses
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.positions.tables import PositionImportRow, PositionRow, ReceiverRow, ZoneRow

PositionFile: TypeAlias = PositionImportRow
Zone: TypeAlias = ZoneRow
MOST = 200
_TRACKED = """
select vehicle.id, vehicle.plate, firm.name as carrier, newest.seen_at, newest.latitude, newest.longitude,
  (select string_agg(receiver.number, ', ' order by receiver.number) from vehicle_receivers receiver
   where receiver.vehicle_id = vehicle.id and receiver.ended_at is null) as receivers
from vehicles vehicle join organisations firm on firm.id = vehicle.organisation_id
left join lateral (
  select seen_at, latitude, longitude from vehicle_positions fix where fix.vehicle_id = vehicle.id
  order by seen_at desc limit 1
) newest on true
where vehicle.organisation_id = :organisation or (:authority and newest.seen_at is not null)
order by newest.seen_at desc nulls last, vehicle.plate limit :most
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Tracked:
    """A vehicle with where it was last."""

    vehicle_id: UUID
    plate: str
    carrier: str
    seen_at: datetime | None
    latitude: float | None
    longitude: float | None
    receivers: str


async def tracked(session: ReadSession, actor: Actor) -> list[Tracked]:
    """The vehicles of one's firm; for an authority those of its region that have sent something."""
    demand(actor, Verb.TRACK)
    statement = sa.text(_TRACKED)
    asked = {"organisation": actor.organisation_id, "authority": actor.is_regulator, "most": MOST}
    rows = (await session.execute(statement, asked)).all()
    return [
        Tracked(row.id, row.plate, row.carrier, row.seen_at, row.latitude, row.longitude, row.receivers or "")
        for row in rows
    ]


async def files(session: ReadSession, actor: Actor) -> list[PositionImportRow]:
    """The files that one's organisation sent, the newest first."""
    demand(actor, Verb.TRACK)
    statement = (
        sa.select(PositionImportRow)
        .where(col(PositionImportRow.organisation_id) == actor.organisation_id)
        .order_by(col(PositionImportRow.received_at).desc(), col(PositionImportRow.id).desc())
        .limit(MOST)
    )
    return list((await session.execute(statement)).scalars())


async def file(session: ReadSession, actor: Actor, import_id: UUID) -> PositionImportRow:
    """One of them. Raises Forbidden, NotFound."""
    demand(actor, Verb.TRACK)
    row = await session.get(PositionImportRow, import_id)
    if row is None:
        raise NotFound("position_file_unknown", "There is no such file.", import_id=import_id)
    return row


async def receivers(session: ReadSession, organisation_id: UUID) -> list[ReceiverRow]:
    """That are in vehicles of a firm."""
    statement = (
        sa.select(ReceiverRow)
        .where(col(ReceiverRow.organisation_id) == organisation_id, col(ReceiverRow.ended_at).is_(None))
        .order_by(col(ReceiverRow.number))
    )
    return list((await session.execute(statement)).scalars())


async def track(
    session: ReadSession, actor: Actor, vehicle_id: UUID, *, since: datetime, until: datetime, limit: int
) -> list[PositionRow]:
    """The fixes of a vehicle between two instants, in their order."""
    demand(actor, Verb.TRACK)
    statement = (
        sa.select(PositionRow)
        .where(
            col(PositionRow.vehicle_id) == vehicle_id,
            col(PositionRow.seen_at) >= since,
            col(PositionRow.seen_at) < until,
        )
        .order_by(col(PositionRow.seen_at))
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def zones(session: ReadSession, *, ended: bool = False) -> list[ZoneRow]:
    """All that are looked at, or those that were ended; by kind and name."""
    there = col(ZoneRow.ended_at).is_not(None) if ended else col(ZoneRow.ended_at).is_(None)
    statement = sa.select(ZoneRow).where(there).order_by(col(ZoneRow.kind), col(ZoneRow.name), col(ZoneRow.id))
    return list((await session.execute(statement.limit(5_000))).scalars())


async def forget(session: WriteSession, *, before: datetime) -> int:
    """Forget positions from before an instant; how many there were. What an authority holds stays."""
    return int(await (await session.driver()).fetchval("select positions_forget($1)", before))
