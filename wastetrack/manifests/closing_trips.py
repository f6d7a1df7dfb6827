"""The end of a trip: one act for all its manifests.

The signer reads one statement that names every manifest with its figures, and gives his factor once, over exactly that
statement. Each manifest keeps a signature row and a leaf of its own; that leaf's evidence says which signed event
brought it about, and the signed event names it, so a verifier finds the one signature from each of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, Signed, record
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.manifests import booking, grounds, journey_queries, mismatching, queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import SignTrip, TripState
from wastetrack.manifests.journey_tables import TripRow
from wastetrack.manifests.model import ON_THE_ROAD, Act, ManifestState, Outcome
from wastetrack.manifests.planning_trips import ARTICLE
from wastetrack.manifests.signing import brought_about, event_id_of, refuse_unsigned, sign
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.manifests.trip_words import TripAct, read_out_trip
from wastetrack.parties.verifying import demand_verified
from wastetrack.transparency.appending import Appended

_OVER = frozenset({ManifestState.CANCELLED.value, ManifestState.VOID.value})
_EVENT = {TripAct.ARRIVE: "trip_arrived", TripAct.CLOSE: "trip_closed"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One manifest of the trip, with its containers."""

    row: ManifestRow
    lines: list[LineRow]

    @property
    def container_ids(self) -> tuple[UUID, ...]:
        return tuple(line.container_id for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Step:
    """What every part of one signed step needs."""

    session: WriteSession
    actor: Actor
    moment: Moment


async def _parts(session: WriteSession, actor: Actor, trip: TripRow) -> list[_Part]:
    """The manifests of a trip that were not withdrawn, locked, in the order of their ids."""
    rows = [await queries.locked(session, actor, one) for one in sorted(await journey_queries.stops(session, trip.id))]
    return [_Part(row, await queries.line_rows(session, row.id)) for row in rows if _belongs(row, trip)]


def _belongs(row: ManifestRow, trip: TripRow) -> bool:
    """Whether a manifest is still one of the trip: not withdrawn, and not sent to another receiver on the way."""
    return row.state not in _OVER and row.receiver_site_id == trip.receiver_site_id


async def arrive_trip(
    session: WriteSession, actor: Actor, command: SignTrip, *, at: datetime
) -> tuple[TripRow, Appended]:
    """The vehicle stands at the receiver's gate with all it fetched: the carrier or the gate says so, once.

    Raises NotFound, Forbidden, OutOfOrder when nothing of it is on the road, RuleBroken while a stop is still to come.
    """
    trip = await journey_queries.trip_locked(session, actor, command.trip_id)
    own = {trip.receiver_id: Verb.SCAN, trip.carrier_id: Verb.CARRY}.get(actor.organisation_id)
    if own is None or not may(actor, own):
        demand_own(actor, Verb.CARRY, trip.carrier_id)
        raise Forbidden(
            "not_at_the_gate", "Only the carrier of this trip, or the receiver's gate, reports its arrival."
        )
    parts = await _parts(session, actor, trip)
    waiting = [part.row.number for part in parts if part.row.state == ManifestState.FILED.value]
    if waiting:
        message = "These loads have not been picked up yet: {value}."
        what_next = "Pick them up first; or their shippers withdraw them."
        named = ", ".join(map(str, waiting))
        refuse([Broken("trip_id", "stop_ahead", message, named, article=ARTICLE, next_step=what_next)])
    parts = [part for part in parts if ManifestState(part.row.state) in ON_THE_ROAD]
    _demand_some(parts, trip)
    moment = moment_of(command.dated, at, after=max(part.row.last_act_at for part in parts))
    trip.state, trip.arrived_at = TripState.ARRIVED.value, moment.happened_at
    await session.flush()
    follow = {part.row.id: (new_id(),) for part in parts}
    step = _Step(session, actor, moment)
    leaf = await _sign(step, trip, TripAct.ARRIVE, follow, signing=command.signing)
    for part in parts:
        part.row.arrived_at = moment.happened_at
        (event_id,) = follow[part.row.id]
        await _follow(step, part, Act.ARRIVE, brought_about(leaf.id, event_id), {})
    return trip, leaf


async def close_trip(
    session: WriteSession, actor: Actor, command: SignTrip, *, at: datetime
) -> tuple[TripRow, Appended]:
    """The receiver takes in and confirms every manifest of the trip on which nothing differs, in one signed act.

    What differs has its own receipt, signed before. Raises NotFound, Forbidden, OutOfOrder when nothing is left to be
    received, RuleBroken naming each manifest on which something differs or is not scanned.
    """
    trip = await journey_queries.trip_locked(session, actor, command.trip_id)
    demand_own(actor, Verb.RECEIVE, trip.receiver_id)
    under_way = await _parts(session, actor, trip)
    parts = [part for part in under_way if part.row.state == ManifestState.ARRIVED.value]
    _demand_some(parts, trip)
    broken: list[Broken] = []
    for part in under_way:
        broken += await _why_apart(session, part)
    refuse(broken)
    scans = [line.scanned_at for part in parts for line in part.lines if line.scanned_at is not None]
    moment = moment_of(command.dated, at, after=max((*scans, *(part.row.last_act_at for part in parts))))
    for part in parts:  # before the accounts: permit lines are locked first everywhere
        await grounds.restate(session, part.row.id, booking.taken_in(part.lines))
    trip.state, trip.closed_at = TripState.CLOSED.value, moment.happened_at
    await session.flush()
    follow = {part.row.id: (new_id(), new_id()) for part in parts}
    step = _Step(session, actor, moment)
    leaf = await _sign(step, trip, TripAct.CLOSE, follow, signing=command.signing)
    for part in parts:
        receipt_id, confirmation_id = follow[part.row.id]
        part.row.received_at = moment.happened_at
        await _follow(step, part, Act.RECEIVE, brought_about(leaf.id, receipt_id), _received(part))
        part.row.closed_at = moment.happened_at
        facts: dict[str, object] = {"method": part.row.method}
        await _follow(step, part, Act.CONFIRM, brought_about(leaf.id, confirmation_id), facts)
    return trip, leaf


def _demand_some(parts: Sequence[_Part], trip: TripRow) -> None:
    if not parts:
        message = "Nothing of this trip waits for that; it is {state}."
        raise OutOfOrder("trip_out_of_order", message, state=TripState(trip.state))


async def _why_apart(session: WriteSession, part: _Part) -> list[Broken]:
    """Why a manifest cannot be received together with the others."""
    row = part.row
    if ManifestState(row.state) in ON_THE_ROAD | {ManifestState.FILED}:
        message = "Manifest {value} has not arrived yet."
        return [Broken("trip_id", "stop_under_way", message, row.number, next_step="Report the arrival of the trip.")]
    if row.state != ManifestState.ARRIVED.value:
        return []  # it has a receipt of its own
    open_lines = sum(line.outcome is None for line in part.lines)
    if open_lines:
        message = "{left} containers of manifest {value} are not scanned."
        facts: dict[str, object] = {"left": open_lines}
        step = "Scan them at the gate."
        return [
            Broken(
                "trip_id",
                "containers_undecided",
                message,
                row.number,
                article="令23 art. 12",
                facts=facts,
                next_step=step,
            )
        ]
    broken: list[Broken] = []
    if any(line.outcome != Outcome.ACCEPTED.value for line in part.lines):
        message = "Something on manifest {value} differs from what was declared."
        step = "Sign a receipt of its own for it; the others are then received together."
        broken.append(Broken("trip_id", "stop_differs", message, row.number, article="令23 art. 18", next_step=step))
    return [*broken, *await mismatching.refuse_undecided(session, row.id)]


def _received(part: _Part) -> dict[str, object]:
    return {
        "accepted": len(part.lines),
        "rejected": 0,
        "missing": 0,
        "declared_g": sum(line.declared_g for line in part.lines),
        "measured_g": sum(line.measured_g or 0 for line in part.lines),
        "opinion": None,
        "rejected_containers": [],
        "missing_containers": [],
    }


async def _sign(
    step: _Step, trip: TripRow, act: TripAct, follow: Mapping[UUID, tuple[UUID, ...]], *, signing: Signing | None
) -> Appended:
    """The one event that is signed; it names those that follow."""
    if signing is None:
        refuse_unsigned()
    await demand_verified(step.session, step.actor.organisation_id)
    ids = list(follow)
    words = await read_out_trip(step.session, step.actor, trip.id, act, ids, moment=step.moment)
    return await record(
        step.session,
        step.actor,
        _EVENT[act],
        subjects=(trip.id, *ids),
        moment=step.moment,
        # Ids alone: each shipper finds this in the chain of its own manifest, and learns nothing of the others.
        facts={"trip": str(trip.id), "manifests": [str(one) for one in ids], "state": trip.state},
        event_id=event_id_of(signing),
        signed=Signed(
            signing=signing,
            words=words,
            given={"followed_by": [str(event_id) for events in follow.values() for event_id in events]},
        ),
    )


async def _follow(step: _Step, part: _Part, act: Act, signing: Signing, facts: dict[str, object]) -> None:
    """The same act on one manifest, brought about by the signed one."""
    await sign(
        step.session,
        step.actor,
        part.row,
        act,
        moment=step.moment,
        container_ids=part.container_ids,
        facts=facts,
        signing=signing,
    )
