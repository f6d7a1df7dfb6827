"""Reading calls: what may be called for, the calls that one sees, one of them, who may drive for a collector."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.collections.model import OPEN, CallState, Offer, Waiting
from wastetrack.collections.tables import CalledContainerRow, CallRow
from wastetrack.containers.clocks import clocks_of
from wastetrack.containers.stays import JOINS, SINCE, STAY, stay_of
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound

KIND: Final = "collection_call"
MOST_OFFERED: Final = 2000
"""Containers that are looked at for offers, the oldest first."""

Call = CallRow
"""A row under the name by which other rooms know it."""

# What stands free at one's own sites, with each collector whose contract covers its code today.
_OFFERS = f"""
select held.id, held.waste_name, held.net_g, site.id as site_id, site.name as site_name, contract.id as contract_id,
  collector.id as collector_id, collector.name as collector_name, {STAY.format(day="$2::date", since=SINCE)}
from containers held {JOINS}
join contracts contract on contract.shipper_id = site.organisation_id and contract.state = 'confirmed'
  and $2::date between contract.valid_from and contract.valid_to
  and exists (select from contract_items item where item.contract_id = contract.id
    and item.waste_code = held.waste_code)
join organisations collector on collector.id = contract.receiver_id
where site.organisation_id = $1 and held.held_for is null and held.treatment_batch_id is null
  and not exists (select from collection_call_containers called where called.container_id = held.id and called.open)
  and not exists (select from trip_card_bags bag where bag.container_id = held.id and bag.open)
order by {SINCE}, held.id limit {MOST_OFFERED}
"""  # noqa: S608  put together from constants of this file
_CARRIERS = """
select carrier.id, carrier.name from organisations carrier
where carrier.id in (
  select leg.carrier_id from sightings sighting join manifest_legs leg on leg.manifest_id = sighting.subject_id
  where sighting.viewer = $1 and sighting.kind = 'manifest')
order by carrier.name limit 100
"""


async def offers(session: ReadSession, actor: Actor, *, at: datetime) -> list[Offer]:
    """What the actor's firm may call for now, by site and collector, the soonest term first; in one statement."""
    rows = await (await session.driver()).fetch(_OFFERS, actor.organisation_id, legal_day(at))
    figures = jurisdiction()
    grouped: dict[tuple[UUID, UUID], list[Any]] = {}
    for row in rows:
        grouped.setdefault((row["site_id"], row["collector_id"]), []).append(row)
    found = []
    for (site_id, collector_id), held in grouped.items():
        # Two contracts with one collector may both cover a code.
        waiting = {
            row["id"]: Waiting(
                container_id=row["id"],
                waste_code=row["waste_code"],
                waste_name=row["waste_name"],
                net_g=row["net_g"],
                since=legal_day(row["since"]),
                clock=next(iter(clocks_of(stay_of(row), figures)), None),
            )
            for row in held
        }
        found.append(
            Offer(
                site_id=site_id,
                site_name=held[0]["site_name"],
                collector_id=collector_id,
                collector_name=held[0]["collector_name"],
                contract_id=held[0]["contract_id"],
                containers=tuple(waiting.values()),
            )
        )
    return sorted(found, key=_urgency)


def _urgency(offer: Offer) -> tuple[object, ...]:
    clock = offer.clock
    return (clock is None, clock.last_day() if clock else offer.since, offer.site_name, offer.collector_name)


def _seen(actor: Actor) -> sa.Select[CallRow]:
    return sa.select(CallRow).where(visible(actor, KIND, col(CallRow.id)))


async def call(session: ReadSession, actor: Actor, call_id: UUID) -> CallRow:
    """One call. Raises NotFound."""
    row = (await session.scalars(_seen(actor).where(col(CallRow.id) == call_id))).one_or_none()
    if row is None:
        raise NotFound("call_unknown", "There is no such call for collection.", call_id=call_id)
    return row


async def locked(session: WriteSession, actor: Actor, call_id: UUID) -> CallRow:
    """The same, locked. Raises NotFound."""
    statement = _seen(actor).where(col(CallRow.id) == call_id).with_for_update()
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound("call_unknown", "There is no such call for collection.", call_id=call_id)
    return row


async def calls(
    session: ReadSession, actor: Actor, *, states: Collection[CallState] = (), limit: int = 100, offset: int = 0
) -> list[CallRow]:
    """The calls that the actor sees: the open ones first, the one whose term or wanted day is nearest before the rest,
    then by place; ended ones by when they ended."""
    term = sa.func.least(col(CallRow.wanted_by), col(CallRow.due_on), sa.cast(col(CallRow.due_at), sa.Date))
    is_open = col(CallRow.state).in_([state.value for state in OPEN])
    statement = (
        _seen(actor)
        .order_by(
            is_open.desc(),
            sa.case((is_open, term)),
            col(CallRow.region_code),
            col(CallRow.ended_at).desc(),
            col(CallRow.id),
        )
        .limit(limit)
        .offset(offset)
    )
    if states:
        statement = statement.where(col(CallRow.state).in_([state.value for state in states]))
    return list((await session.scalars(statement)).all())


@dataclass(frozen=True, slots=True)
class CalledWaste:
    """So many containers of one waste in a call."""

    waste_code: str
    waste_name: str
    containers: int
    net_g: int


async def wastes_of(session: ReadSession, call_ids: Collection[UUID]) -> dict[UUID, list[CalledWaste]]:
    """What several calls are about, in one statement. Who may see the calls is the caller's rule."""
    of = CalledContainerRow
    statement = (
        sa.select(
            col(of.call_id),
            col(of.waste_code),
            col(of.waste_name),
            sa.func.count(),
            sa.cast(sa.func.sum(col(of.net_g)), sa.BigInteger),
        )
        .where(col(of.call_id).in_(tuple(call_ids)))
        .group_by(col(of.call_id), col(of.waste_code), col(of.waste_name))
        .order_by(col(of.call_id), col(of.waste_code), col(of.waste_name))
    )
    found: dict[UUID, list[CalledWaste]] = {}
    for call_id, code, name, count, grams in await session.execute(statement):
        found.setdefault(call_id, []).append(CalledWaste(code, name, count, grams))
    return found


async def carriers_for(session: ReadSession, actor: Actor) -> list[tuple[UUID, str]]:
    """Carriers that the actor's firm knows from manifests that it sees."""
    rows = await (await session.driver()).fetch(_CARRIERS, actor.viewer)
    return [(row["id"], row["name"]) for row in rows]


async def close_containers(session: WriteSession, call_id: UUID) -> None:
    """The containers of a call may be called for again."""
    of = CalledContainerRow
    await session.execute(sa.update(of).where(col(of.call_id) == call_id).values(open=False))


async def plate_of(session: ReadSession, vehicle_id: UUID) -> str:
    """The plate of the vehicle that comes. Who sees the call may know it."""
    return str(await (await session.driver()).fetchval("select plate from vehicles where id = $1", vehicle_id) or "")
