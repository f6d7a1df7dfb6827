"""What an actor may do next with a manifest: the same questions that the use cases ask, asked beforehand.

For buttons and for programs that want to know; each use case still decides for itself, under its lock.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, assert_never
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.manifests import states
from wastetrack.manifests.model import PERIODS, Act, ManifestKind, ManifestState


class Step(StrEnum):
    """What may be done with a manifest, as people think of it: the receiver's three acts are one step."""

    AMEND = "amend"
    FILE = "file"
    CANCEL = "cancel"
    VOID = "void"
    PICK_UP = "pick_up"
    HAND_OVER = "hand_over"
    ARRIVE = "arrive"
    SCAN = "scan"
    RECEIVE = "receive"
    CONFIRM = "confirm"
    REQUEST_CORRECTION = "request_correction"
    OPEN = "open"
    SUM_UP = "sum_up"
    REDIRECT = "redirect"
    REPORT_MISMATCH = "report_mismatch"
    REPORT_INCIDENT = "report_incident"
    BACK_ENTER = "back_enter"
    CHECK_LOADING = "check_loading"


EXITS = frozenset({Step.REDIRECT, Step.REPORT_MISMATCH, Step.REPORT_INCIDENT})
"""What may be done when something goes wrong; nobody waits for it."""


class Carriage(NamedTuple):
    """A leg as far as it matters here."""

    carrier_id: UUID
    taken_over: bool


class Parties(NamedTuple):
    """Who stands on a manifest."""

    shipper_id: UUID
    receiver_id: UUID
    legs: Sequence[Carriage]
    kind: ManifestKind = ManifestKind.ROAD
    on_paper: bool = False


_AT_THE_GATE = frozenset({ManifestState.ARRIVED, ManifestState.RETURNING})
# What happened on the way may be told when the truck is through the gate: there was no network before.
_UNDER_WAY = frozenset({ManifestState.PICKED_UP, ManifestState.IN_TRANSIT, ManifestState.ARRIVED})
_RECEIVED = frozenset(
    {ManifestState.RECEIVED, ManifestState.PARTLY_RECEIVED, ManifestState.CLOSED, ManifestState.RETURNED}
)


def steps_open_to(actor: Actor, state: ManifestState, parties: Parties) -> tuple[Step, ...]:
    """Every step that this actor could take now, in the order of the journey."""
    # A draft is either filed before it moves or entered after it has moved on paper.
    others = {Step.FILE, Step.AMEND} if parties.on_paper else {Step.BACK_ENTER}
    possible = steps_in(state, parties.kind) - others
    return tuple(step for step in Step if step in possible and _is_his(actor, step, state, parties))


def steps_in(state: ManifestState, kind: ManifestKind = ManifestKind.ROAD) -> frozenset[Step]:
    """Every step that somebody could take now."""
    steps = {_STEP_OF[act] for act in states.possible_acts(state, kind)}
    if state is ManifestState.DRAFT:
        steps.add(Step.AMEND)
    if state in _AT_THE_GATE:
        steps.add(Step.SCAN)
    if state is ManifestState.ARRIVED:
        steps.add(Step.REPORT_MISMATCH)
    if state in _UNDER_WAY:
        steps.add(Step.REPORT_INCIDENT)
    if state in _RECEIVED and kind not in PERIODS:
        steps.add(Step.REQUEST_CORRECTION)
    return frozenset(steps)


_STEP_OF: dict[Act, Step] = {
    Act.FILE: Step.FILE,
    Act.CANCEL: Step.CANCEL,
    Act.VOID: Step.VOID,
    Act.PICK_UP: Step.PICK_UP,
    Act.HAND_OVER: Step.HAND_OVER,
    Act.ARRIVE: Step.ARRIVE,
    Act.RECEIVE: Step.RECEIVE,
    Act.RECEIVE_PARTLY: Step.RECEIVE,
    Act.REJECT: Step.RECEIVE,
    Act.TAKE_BACK: Step.RECEIVE,
    Act.CONFIRM: Step.CONFIRM,
    Act.OPEN: Step.OPEN,
    Act.SUM_UP: Step.SUM_UP,
    Act.REDIRECT: Step.REDIRECT,
    Act.BACK_ENTER: Step.BACK_ENTER,
    Act.CHECK_LOADING: Step.CHECK_LOADING,
}


def _is_his(actor: Actor, step: Step, state: ManifestState, parties: Parties) -> bool:  # noqa: PLR0911  a table of cases
    shipper = actor.organisation_id == parties.shipper_id
    receiver = actor.organisation_id == parties.receiver_id
    match step:
        case Step.AMEND:
            return shipper and bool(may(actor, Verb.FILE))
        case Step.CANCEL:
            return shipper and bool(may(actor, Verb.FILE if state is ManifestState.DRAFT else Verb.SIGN))
        case Step.FILE | Step.VOID | Step.OPEN | Step.SUM_UP | Step.REDIRECT | Step.BACK_ENTER | Step.CHECK_LOADING:
            return shipper and bool(may(actor, Verb.SIGN))
        case Step.PICK_UP | Step.HAND_OVER:
            return _is_next(actor, parties.legs) and bool(may(actor, Verb.CARRY))
        case Step.ARRIVE:
            return (receiver and bool(may(actor, Verb.SCAN))) or (
                _is_present(actor, parties.legs) and bool(may(actor, Verb.CARRY))
            )
        case Step.REPORT_INCIDENT:
            return _has_carried(actor, parties.legs) and bool(may(actor, Verb.CARRY))
        case Step.SCAN | Step.REPORT_MISMATCH:
            return receiver and bool(may(actor, Verb.SCAN))
        case Step.RECEIVE | Step.CONFIRM | Step.REQUEST_CORRECTION:
            return receiver and bool(may(actor, Verb.RECEIVE))
        case _:
            assert_never(step)


def _is_next(actor: Actor, legs: Iterable[Carriage]) -> bool:
    waiting = next((leg for leg in legs if not leg.taken_over), None)
    return waiting is not None and waiting.carrier_id == actor.organisation_id


def _has_carried(actor: Actor, legs: Iterable[Carriage]) -> bool:
    return any(leg.taken_over and leg.carrier_id == actor.organisation_id for leg in legs)


def _is_present(actor: Actor, legs: Iterable[Carriage]) -> bool:
    carrying = [leg for leg in legs if leg.taken_over]
    return bool(carrying) and carrying[-1].carrier_id == actor.organisation_id
