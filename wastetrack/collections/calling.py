"""Call for a collection, answer, plan it anew, decline, take it back. A load's pick-up ends it (migration 0043)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import SCOPE_OF, Verb, demand, demand_scope, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.collections import queries
from wastetrack.collections.model import (
    OPEN,
    AcceptCall,
    CallCollection,
    CallState,
    CancelCall,
    DeclineCall,
    Waiting,
    why_not_called,
    why_not_planned,
    why_not_reason,
)
from wastetrack.collections.tables import CalledContainerRow, CallRow
from wastetrack.containers.clocks import Clock
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind


async def call_collection(
    session: WriteSession, actor: Actor, command: CallCollection, *, at: datetime
) -> tuple[CallRow, Recorded]:
    """A source asks one collector to come to one site, for all that it may fetch there or for what is named.

    Raises Forbidden, RuleBroken when nothing stands ready that a contract with this collector covers.
    """
    demand(actor, Verb.FILE)
    today = legal_day(at)
    ready = await queries.offers(session, actor, at=at)
    offer = next((o for o in ready if (o.site_id, o.collector_id) == (command.site_id, command.collector_id)), None)
    refuse(why_not_called(command, offer, command.wanted_by, today=today))
    assert offer is not None  # noqa: S101  refused above
    named = set(command.container_ids)
    chosen = tuple(one for one in offer.containers if not named or one.container_id in named)
    clock = _soonest(chosen)
    site = await parties.site(session, offer.site_id)
    row = CallRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        site_id=offer.site_id,
        region_code=site.region_code,
        collector_id=offer.collector_id,
        contract_id=offer.contract_id,
        state=CallState.CALLED.value,
        containers=len(chosen),
        net_g=sum(one.net_g for one in chosen),
        since=min(one.since for one in chosen),
        due_on=clock.due_on if clock else None,
        due_at=clock.due_at if clock else None,
        wanted_by=command.wanted_by or offer.wanted_by(today),
        remarks=command.remarks.strip(),
        called_by=actor.person_id,
        called_at=at,
    )
    session.add(row)
    await session.flush()
    viewers = {viewer_of_organisation(row.organisation_id), viewer_of_organisation(row.collector_id)}
    await sight.show(session, queries.KIND, row.id, viewers | set(viewers_of_region(row.region_code)))
    session.add_all(
        CalledContainerRow(
            call_id=row.id,
            container_id=one.container_id,
            open=True,
            waste_code=one.waste_code,
            waste_name=one.waste_name,
            net_g=one.net_g,
        )
        for one in chosen
    )
    await session.flush()
    facts = {
        "wastes": [{"waste_code": code, "g": grams} for code, grams in _by_code(chosen)],
        "containers": len(chosen),
        "wanted_by": row.wanted_by.isoformat(),
        "contract": str(row.contract_id),
    }
    subjects = (row.id, *(one.container_id for one in chosen))
    return row, await _record(session, actor, "collection_called", row, facts, at=at, subjects=subjects)


async def accept_call(
    session: WriteSession, actor: Actor, command: AcceptCall, *, at: datetime
) -> tuple[CallRow, Recorded]:
    """The collector comes on a day, or lets one of its carriers come; both may plan it anew until it is fetched.

    Raises NotFound, Forbidden, Conflict once it is over, RuleBroken.
    """
    row = await queries.locked(session, actor, command.call_id)
    _demand_collector(actor, row)
    _demand_open(row)
    broken = why_not_planned(command.planned_on, today=legal_day(at))
    carrier_id = command.carrier_id if actor.organisation_id == row.collector_id else row.carrier_id
    if carrier_id == row.collector_id:
        carrier_id = None
    if carrier_id is not None and carrier_id != row.carrier_id:
        firm = await parties.organisation(session, carrier_id)
        if OrganisationKind.TRANSPORTER not in firm.kinds:
            message = "{value} carries no waste."
            broken.append(Broken("carrier_id", "not_a_carrier", message, firm.name, article="令23 art. 11"))
    vehicle_id = None
    if command.plate.strip():
        driven_by = carrier_id or row.collector_id
        vehicle = await parties.vehicle_of_carrier(session, driven_by, command.plate)
        if vehicle is None:
            message = "This carrier has no vehicle {value}."
            broken.append(Broken("plate", "vehicle_unknown", message, command.plate, article="令23 art. 11"))
        else:
            vehicle_id = vehicle.id
    refuse(broken)
    first = row.state == CallState.CALLED.value
    row.state, row.planned_on = CallState.ACCEPTED.value, command.planned_on
    row.carrier_id, row.vehicle_id, row.answered_at = carrier_id, vehicle_id, at
    await session.flush()
    if carrier_id is not None:
        await sight.show(session, queries.KIND, row.id, (viewer_of_organisation(carrier_id),))
    facts = {
        "planned_on": command.planned_on.isoformat(),
        "carrier": str(carrier_id or row.collector_id),
        "vehicle": None if vehicle_id is None else str(vehicle_id),
    }
    return row, await _record(
        session, actor, "collection_accepted" if first else "collection_replanned", row, facts, at=at
    )


async def decline_call(
    session: WriteSession, actor: Actor, command: DeclineCall, *, at: datetime
) -> tuple[CallRow, Recorded]:
    """The collector does not come, also after it said that it would; the source calls another.

    Raises NotFound, Forbidden, Conflict once it is over, RuleBroken without a reason.
    """
    row = await queries.locked(session, actor, command.call_id)
    _demand_collector(actor, row)
    return row, await _end(session, actor, row, CallState.DECLINED, command.reason, at=at)


async def cancel_call(
    session: WriteSession, actor: Actor, command: CancelCall, *, at: datetime
) -> tuple[CallRow, Recorded]:
    """The source needs nobody any more.

    Raises NotFound, Forbidden, Conflict once it is over, RuleBroken without a reason.
    """
    row = await queries.locked(session, actor, command.call_id)
    if actor.organisation_id != row.organisation_id:
        raise Forbidden("other_organisation", "Only who called for a collection takes the call back.")
    demand(actor, Verb.FILE)
    return row, await _end(session, actor, row, CallState.CANCELLED, command.reason, at=at)


def may_answer(actor: Actor, row: CallRow) -> bool:
    """Whether this actor accepts or declines for the collector or its carrier."""
    return actor.organisation_id in {row.collector_id, row.carrier_id} and any(may(actor, verb) for verb in _ANSWERS)


_ANSWERS = (Verb.FILE, Verb.CARRY)


def _demand_collector(actor: Actor, row: CallRow) -> None:
    if actor.organisation_id not in {row.collector_id, row.carrier_id}:
        raise Forbidden("other_organisation", "Only the collector, or the carrier it has named, answers a call.")
    if not may_answer(actor, row):
        demand_scope(actor, SCOPE_OF[Verb.CARRY])
        demand(actor, Verb.CARRY)


def _demand_open(row: CallRow) -> None:
    if CallState(row.state) not in OPEN:
        message = "This call is {state}; that cannot be done any more."
        raise Conflict("call_state", message, state=CallState(row.state))


async def _end(
    session: WriteSession, actor: Actor, row: CallRow, state: CallState, reason: str, *, at: datetime
) -> Recorded:
    _demand_open(row)
    refuse(why_not_reason(reason))
    row.state, row.ended_at, row.end_reason = state.value, at, reason.strip()
    await session.flush()
    await queries.close_containers(session, row.id)
    return await _record(session, actor, f"collection_{state.value}", row, {"reason": row.end_reason}, at=at)


async def _record(
    session: WriteSession,
    actor: Actor,
    kind: str,
    row: CallRow,
    facts: dict[str, Any],
    *,
    at: datetime,
    subjects: tuple[UUID, ...] = (),
) -> Recorded:
    told = {
        "call": str(row.id),
        "shipper": str(row.organisation_id),
        "site": str(row.site_id),
        "collector": str(row.collector_id),
        **facts,
    }
    moment = Moment(happened_at=at, recorded_at=at)
    # The call itself bears the name of the event that began it.
    event_id = row.id if kind == "collection_called" else None
    return await record(
        session, actor, kind, subjects=subjects or (row.id,), moment=moment, facts=told, event_id=event_id
    )


def _soonest(containers: tuple[Waiting, ...]) -> Clock | None:
    clocks = [one.clock for one in containers if one.clock is not None]
    return min(clocks, key=lambda clock: (clock.last_day(), clock.kind), default=None)


def _by_code(containers: tuple[Waiting, ...]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for one in containers:
        found[one.waste_code] = found.get(one.waste_code, 0) + one.net_g
    return sorted(found.items())
