"""The reserve of supplies: what is to be held, what came and went, what was counted. Each is an event of the log."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_own
from wastetrack.auth.sight import show, viewers_of_region
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.medical.reserve_model import AddSupply, Lot, MoveSupply, StockMove, taken_by_expiry, usable
from wastetrack.medical.reserve_tables import SupplyMoveRow, SupplyRow
from wastetrack.parties import queries as parties

KIND = "emergency_supply"
"""Under which a supply is shown to viewers."""
_MOST = 1_000_000_000


async def add_supply(
    session: WriteSession, actor: Actor, command: AddSupply, *, at: datetime
) -> tuple[SupplyRow, Recorded]:
    """Hold something ready: an authority for its region, a firm at a site. Raises Forbidden, NotFound, RuleBroken."""
    region = await _region(session, actor, command)
    refuse(_check(command))
    row = SupplyRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        site_id=command.site_id,
        region_code=region,
        kind=command.kind.value,
        name=command.name.strip(),
        unit=command.unit.strip(),
        place=command.place.strip(),
        minimum=command.minimum,
        person_id=actor.person_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await show(session, KIND, row.id, {actor.viewer, *viewers_of_region(region)})
    facts = {
        "supply_kind": row.kind,
        "supply_name": row.name,
        "unit": row.unit,
        "place": row.place,
        "minimum": row.minimum,
        "site": None if row.site_id is None else str(row.site_id),
    }
    return row, await _record(session, actor, "reserve_supply_added", row, facts, at=at, event_id=row.id)


async def _record(
    session: WriteSession,
    actor: Actor,
    kind: str,
    row: SupplyRow,
    facts: dict[str, Any],
    *,
    at: datetime,
    event_id: UUID | None = None,
) -> Recorded:
    told = {"supply": str(row.id), "region": row.region_code, **facts}
    return await record(
        session, actor, kind, subjects=(row.id,), moment=moment_of(None, at), facts=told, event_id=event_id
    )


async def _region(session: ReadSession, actor: Actor, command: AddSupply) -> str:
    if actor.is_regulator:
        demand(actor, Verb.DECLARE_EMERGENCY)
        return actor.viewer.removeprefix("r:")
    demand(actor, Verb.MANAGE_ORGANISATION)
    if command.site_id is None:
        step = "An authority's reserve stands for its region, a firm's at one of its sites."
        refuse_one("site_id", "site_missing", "Say at which site it is held.", next_step=step)
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    return site.region_code


def _check(command: AddSupply) -> list[Broken]:
    broken = [
        Broken(field, f"{field}_missing", words)
        for field, value, words in (
            ("name", command.name, "Say what is held ready."),
            ("unit", command.unit, "Say in what it is counted: pieces, boxes, litres, kilograms."),
            ("place", command.place, "Say where it lies."),
        )
        if not value.strip()
    ]
    if not 0 <= command.minimum <= _MOST:
        message = "The minimum is a whole number from 0 to {limit}, not {value}."
        facts: dict[str, object] = {"limit": _MOST}
        broken.append(Broken("minimum", "minimum_unreadable", message, command.minimum, facts=facts))
    return broken


async def _own_locked(session: WriteSession, actor: Actor, supply_id: UUID) -> SupplyRow:
    """One's own supply, locked, so that two do not take the same. Raises NotFound, Forbidden, Conflict."""
    statement = sa.select(SupplyRow).where(col(SupplyRow.id) == supply_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("supply_unknown", "There is no such supply.", supply_id=supply_id)
    demand_own(actor, Verb.DECLARE_EMERGENCY if actor.is_regulator else Verb.STORE, row.organisation_id)
    if row.ended_at is not None:
        raise Conflict("supply_ended", "This supply is held no more.")
    return row


async def lots_of(session: ReadSession, supply_id: UUID) -> list[Lot]:
    """What is there of a supply, by day of expiry."""
    total = sa.func.sum(col(SupplyMoveRow.change))
    statement = (
        sa.select(col(SupplyMoveRow.expires_on), total)
        .where(col(SupplyMoveRow.supply_id) == supply_id)
        .group_by(col(SupplyMoveRow.expires_on))
        .having(total != 0)
        .order_by(col(SupplyMoveRow.expires_on).nulls_last())
    )
    return [Lot(expires_on, int(quantity)) for expires_on, quantity in (await session.execute(statement)).all()]


async def move_supply(
    session: WriteSession, actor: Actor, command: MoveSupply, *, at: datetime
) -> tuple[list[SupplyMoveRow], Recorded]:
    """Note what came, went or was counted; what goes without a named lot goes by expiry, a line for each lot.

    Raises NotFound, Forbidden, Conflict, RuleBroken.
    """
    supply = await _own_locked(session, actor, command.supply_id)
    lots = await lots_of(session, supply.id)
    refuse(_check_move(command, lots, at))
    identity = new_id()
    rows = [
        SupplyMoveRow(
            id=new_id(),
            event_id=identity,
            supply_id=supply.id,
            kind=command.kind.value,
            change=lot.quantity,
            expires_on=lot.expires_on,
            happened_on=command.happened_on,
            note=command.note.strip(),
            person_id=actor.person_id,
            recorded_at=at,
        )
        for lot in _changes(command, lots)
    ]
    session.add_all(rows)
    await session.flush()
    facts = {
        "move": command.kind.value,
        "quantity": command.quantity,
        "unit": supply.unit,
        "lots": [
            {"expires_on": None if row.expires_on is None else row.expires_on.isoformat(), "change": row.change}
            for row in rows
        ],
        "happened_on": command.happened_on.isoformat(),
        "reason": command.note.strip(),
    }
    return rows, await _record(session, actor, "reserve_supply_moved", supply, facts, at=at, event_id=identity)


def _changes(command: MoveSupply, lots: list[Lot]) -> list[Lot]:
    there = {lot.expires_on: lot.quantity for lot in lots}
    if command.kind is StockMove.IN:
        return [Lot(command.expires_on, command.quantity)]
    if command.kind is StockMove.COUNTED:
        return [Lot(command.expires_on, command.quantity - there.get(command.expires_on, 0))]
    if command.expires_on is not None:
        return [Lot(command.expires_on, -command.quantity)]
    taken = taken_by_expiry(lots, command.quantity, command.happened_on)
    return [Lot(lot.expires_on, -lot.quantity) for lot in taken]


def _check_move(command: MoveSupply, lots: list[Lot], at: datetime) -> list[Broken]:
    broken: list[Broken] = []
    if command.happened_on > legal_day(at):
        broken.append(
            Broken("happened_on", "in_the_future", "{value} is yet to come.", command.happened_on.isoformat())
        )
    least = 0 if command.kind is StockMove.COUNTED else 1
    if not least <= command.quantity <= _MOST:
        message = "A quantity is a whole number from {least} to {limit}, not {value}."
        facts: dict[str, object] = {"least": least, "limit": _MOST}
        return [*broken, Broken("quantity", "quantity_unreadable", message, command.quantity, facts=facts)]
    if command.kind is not StockMove.OUT:
        return broken
    if command.expires_on is None:
        there = usable(lots, command.happened_on)
    else:
        there = sum(lot.quantity for lot in lots if lot.expires_on == command.expires_on)
    if command.quantity > there:
        message = "Only {limit} of it can be taken, not {value}."
        step = "Count it if the books are wrong. What has expired is taken out by its day of expiry."
        broken.append(Broken("quantity", "not_so_much", message, command.quantity, None, step, {"limit": there}))
    return broken


async def end_supply(
    session: WriteSession, actor: Actor, supply_id: UUID, *, at: datetime
) -> tuple[SupplyRow, Recorded]:
    """It is held ready no more; its lines stay. Raises NotFound, Forbidden, Conflict."""
    row = await _own_locked(session, actor, supply_id)
    row.ended_at = at
    await session.flush()
    left = sum(lot.quantity for lot in await lots_of(session, row.id))
    return row, await _record(session, actor, "reserve_supply_ended", row, {"left": left}, at=at)
