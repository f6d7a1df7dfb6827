"""Stores, for use and for showing: a place with the facility it lies in, locked; one store that the actor may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict, NotFound
from wastetrack.mass import Mass
from wastetrack.parties.model import Store
from wastetrack.parties.queries import STORE, store_of
from wastetrack.parties.storerooms import ChangeStore, Room, StoreKind
from wastetrack.parties.tables import StoreRow

# A zone and its facility in one statement, in id order, so that two who fill zones of one facility do not lock up.
_PLACE = """
select here.id, here.site_id, here.code, here.name, here.limit_g, here.kind, here.parent_id, here.facility_code,
  here.containment_l, here.temperature_c, here.remote_disinfected, here.area_m2, here.closed_at,
  (select true from stores zone where zone.parent_id = here.id and zone.closed_at is null limit 1) as has_zones
from stores here
where here.id = $1 or here.id = (select zone.parent_id from stores zone where zone.id = $1)
order by here.id for no key update of here
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A store in which containers stand, and the facility it belongs to (itself, unless it is a zone)."""

    store: Store
    facility: Store
    has_zones: bool


async def place_for_use(session: WriteSession, store_id: UUID) -> Place:
    """One store and its facility, locked: whoever fills them waits for who did before him. NotFound without."""
    rows = await (await session.driver()).fetch(_PLACE, store_id)
    found = {row["id"]: row for row in rows}
    if store_id not in found:
        raise NotFound("store_unknown", "There is no such store.", store_id=store_id)
    store = _store(found[store_id])
    facility = _store(found[store.parent_id]) if store.parent_id is not None else store
    return Place(store, facility, bool(found[store_id]["has_zones"]))


def _store(row: Any) -> Store:  # noqa: ANN401  the driver's record
    room = Room(
        kind=StoreKind(row["kind"]),
        parent_id=row["parent_id"],
        facility_code=row["facility_code"],
        containment_l=row["containment_l"],
        temperature_c=row["temperature_c"],
        remote_disinfected=row["remote_disinfected"],
        area_m2=row["area_m2"],
    )
    is_open = row["closed_at"] is None
    return Store(row["id"], row["site_id"], row["code"], row["name"], Mass(row["limit_g"]), room, is_open)


async def store(session: ReadSession, actor: Actor, store_id: UUID) -> Store:
    """One store that the actor may see. NotFound otherwise."""
    query = sa.select(StoreRow).where(col(StoreRow.id) == store_id, visible(actor, STORE, col(StoreRow.id)))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFound("store_unknown", "There is no such store.", store_id=store_id)
    return store_of(row)


def room_columns(room: Room) -> dict[str, Any]:
    """A room as the columns of its row."""
    return {
        "kind": room.kind.value,
        "parent_id": room.parent_id,
        "facility_code": room.facility_code,
        "containment_l": room.containment_l,
        "temperature_c": room.temperature_c,
        "remote_disinfected": room.remote_disinfected,
        "area_m2": room.area_m2,
    }


async def keep(session: WriteSession, command: ChangeStore) -> None:
    """Write a store as it is now. It is locked already. Conflict when its site has another of this code."""
    taken = sa.select(col(StoreRow.id)).where(
        col(StoreRow.site_id)
        == sa.select(col(StoreRow.site_id)).where(col(StoreRow.id) == command.store_id).scalar_subquery(),
        col(StoreRow.code) == command.code.strip(),
        col(StoreRow.id) != command.store_id,
    )
    if (await session.execute(taken)).scalar_one_or_none() is not None:
        message = "The site has a store with the code {store_code} already."
        raise Conflict("store_code_taken", message, store_code=command.code.strip())
    values = {"code": command.code.strip(), "name": command.name.strip(), "limit_g": command.limit}
    await session.execute(
        sa.update(StoreRow).where(col(StoreRow.id) == command.store_id).values(**values, **room_columns(command.room))
    )


async def close(session: WriteSession, store_id: UUID, *, at: datetime) -> None:
    """Write that a store is used no more. It is locked already."""
    await session.execute(sa.update(StoreRow).where(col(StoreRow.id) == store_id).values(closed_at=at))
