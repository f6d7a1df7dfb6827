"""Keep the zones of a file, all of them or none; end one."""

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, NotFound
from wastetrack.ids import new_id
from wastetrack.positions.model import DrawnZone, DrawZones
from wastetrack.positions.reading_zones import read_zones
from wastetrack.positions.tables import ZoneEdgeRow, ZoneRow
from wastetrack.positions.taking_in import refuse_faults, refuse_large

_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtext('zones'), hashtext($1))"


async def draw_zones(session: WriteSession, actor: Actor, command: DrawZones, *, at: datetime) -> list[ZoneRow]:
    """Those that are new; one that is there in the same words and places is not made twice, also where two officers
    send the same file at once: the second waits for the first.

    Raises Forbidden, RuleBroken for a file that is too large, and with every fault by feature and ring.
    """
    demand(actor, Verb.DRAW_ZONES)
    refuse_large(command.content)
    drawn, faults = await asyncio.to_thread(read_zones, command.content, command.frame)
    refuse_faults("zones", faults)
    await (await session.driver()).execute(_ONE_AT_A_TIME, str(actor.organisation_id))
    by_digest = {_digest(zone): zone for zone in drawn}
    there = sa.select(col(ZoneRow.digest)).where(
        col(ZoneRow.organisation_id) == actor.organisation_id,
        col(ZoneRow.ended_at).is_(None),
        col(ZoneRow.digest).in_(list(by_digest)),
    )
    known = set((await session.execute(there)).scalars())
    rows = [_row(actor, zone, digest, at) for digest, zone in by_digest.items() if digest not in known]
    session.add_all(rows)
    await session.flush()
    edges = [
        {
            "zone_id": row.id,
            "edge": number,
            "latitude": edge.latitude,
            "longitude": edge.longitude,
            "latitude_2": edge.latitude_2,
            "longitude_2": edge.longitude_2,
        }
        for row in rows
        for number, edge in enumerate(by_digest[row.digest].edges, 1)
    ]
    for some in _chunks(edges, 5_000):
        await session.execute(sa.insert(ZoneEdgeRow), some)
    return rows


async def end_zone(session: WriteSession, actor: Actor, zone_id: UUID, *, at: datetime) -> ZoneRow:
    """From now on it is not looked at; what was found by it stays. Raises NotFound, Forbidden, Conflict."""
    demand(actor, Verb.DRAW_ZONES)
    statement = sa.select(ZoneRow).where(col(ZoneRow.id) == zone_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("zone_unknown", "There is no such zone.", zone_id=zone_id)
    demand_own(actor, Verb.DRAW_ZONES, row.organisation_id)
    if row.ended_at is not None:
        raise Conflict("zone_ended", "The zone {name} was ended already.", name=row.name)
    row.ended_at = at
    await session.flush()
    return row


def _row(actor: Actor, zone: DrawnZone, digest: bytes, at: datetime) -> ZoneRow:
    return ZoneRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        kind=zone.kind.value,
        name=zone.name,
        authority=zone.authority,
        valid_from=zone.valid_from,
        valid_to=zone.valid_to,
        geometry=dict(zone.geometry),
        digest=digest,
        person_id=actor.person_id,
        created_at=at,
    )


def _digest(zone: DrawnZone) -> bytes:
    said = [zone.kind, zone.name, zone.authority, str(zone.valid_from), str(zone.valid_to), zone.geometry]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _chunks(rows: list[dict[str, object]], size: int) -> Iterable[list[dict[str, object]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
