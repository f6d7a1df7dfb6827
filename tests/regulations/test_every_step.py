"""Every state × step × role: the step is taken, or refused with its reason, just as the table says.

Manifests of every kind are brought into every state; then everybody of every party, in every role that there is, asks
for every signed step, on real PostgreSQL, each undone again. What the buttons of a page offer (policy.steps_open_to)
is the table; the use cases must agree with it, pair by pair.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

import pytest

from tests.regulations.situations import LATER, SAME_DAY, SITUATIONS
from tests.support.acts import BY_PASSWORD
from tests.support.world import Firm, World
from wastetrack.auth.model import REGULATORS, Actor, Role, viewer_of_jurisdiction
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound, RuleBroken, WastetrackError
from wastetrack.manifests import acting, queries, states
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.checking_loading import LoadingPoint
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import PERIODS, Act, ManifestKind, ManifestState, SignedStep
from wastetrack.manifests.policy import Carriage, Parties, Step, steps_open_to

STEPS: dict[SignedStep, tuple[Step, frozenset[Act]]] = {
    SignedStep.FILING: (Step.FILE, frozenset({Act.FILE})),
    SignedStep.CANCELLATION: (Step.CANCEL, frozenset({Act.CANCEL})),
    SignedStep.VOIDING: (Step.VOID, frozenset({Act.VOID})),
    SignedStep.PICK_UP: (Step.PICK_UP, frozenset({Act.PICK_UP})),
    SignedStep.LOADING_CHECK: (Step.CHECK_LOADING, frozenset({Act.CHECK_LOADING})),
    SignedStep.HAND_OVER: (Step.HAND_OVER, frozenset({Act.HAND_OVER})),
    SignedStep.ARRIVAL: (Step.ARRIVE, frozenset({Act.ARRIVE})),
    SignedStep.RECEIPT: (
        Step.RECEIVE,
        frozenset({Act.RECEIVE, Act.RECEIVE_PARTLY, Act.REJECT, Act.TAKE_BACK}),
    ),
    SignedStep.CONFIRMATION: (Step.CONFIRM, frozenset({Act.CONFIRM})),
    SignedStep.OPENING: (Step.OPEN, frozenset({Act.OPEN})),
    SignedStep.SUMMING_UP: (Step.SUM_UP, frozenset({Act.SUM_UP})),
}
LOOKED = {"seen": [point.value for point in LoadingPoint]}
TRIED = frozenset(act for _, acts in STEPS.values() for act in acts)


def everybody(world: World) -> Iterator[tuple[str, Actor]]:
    """Everybody in every role: of each party and of a stranger, and the authorities."""
    firms: dict[str, Firm] = {
        "shipper": world.generator,
        "carrier": world.carrier,
        "second carrier": world.second_carrier,
        "receiver": world.receiver,
        "stranger": world.stranger,
    }
    for name, firm in firms.items():
        for role in Role:
            if role not in REGULATORS and role is not Role.OPERATOR:
                yield f"{role.value} of the {name}", replace(firm.owner, role=role)
    for role in sorted(REGULATORS):
        yield f"{role.value} of the region", replace(world.inspector, role=role)
        yield f"{role.value} elsewhere", replace(world.inspector, role=role, viewer=viewer_of_jurisdiction("32"))


class Undone(Exception):  # noqa: N818  it is no error
    """Thrown to take a step back."""


def _take_back() -> NoReturn:
    raise Undone


async def outcome(
    session: WriteSession, actor: Actor, asked: Asked, *, at: datetime
) -> ManifestState | WastetrackError:
    """The state after the step, or the refusal; whatever it did is undone."""
    after: ManifestState | None = None
    try:
        async with session.begin_nested():
            await session.connection()  # the savepoint is set before the hot statements go round it
            acted = await acting.act(session, actor, asked, BY_PASSWORD, at=at)
            assert acted.manifest is not None
            after = ManifestState(acted.manifest.state)
            _take_back()
    except Undone:
        assert after is not None
        return after
    except WastetrackError as refusal:
        return refusal


def test_every_state_of_every_kind_and_every_line_of_the_table_is_among_the_situations() -> None:
    built = {(kind, state) for kind, state, _ in SITUATIONS.values()}
    assert {state for _, state in built} == set(ManifestState)
    reached = {(state, act) for kind, state in built for act in TRIED if act in states.possible_acts(state, kind)}
    assert reached == {line for line in states.NEXT if line[1] in TRIED}


@pytest.mark.parametrize("name", SITUATIONS)
async def test_every_pair_moves_or_is_refused_as_the_table_says(
    town_session: WriteSession, world: World, name: str
) -> None:
    kind, state, build = SITUATIONS[name]
    session = town_session
    manifest_id = await build(session, world)
    row = await queries.manifest_row(session, world.generator.owner, manifest_id)
    assert (ManifestKind(row.kind), ManifestState(row.state)) == (kind, state)
    legs = [Carriage(leg.carrier_id, leg.taken_over_at is not None) for leg in await queries.legs(session, row.id)]
    parties = Parties(row.shipper_id, row.receiver_id, legs, kind)
    named = {row.shipper_id, row.receiver_id, *(leg.carrier_id for leg in legs)}
    at = LATER if kind in PERIODS else SAME_DAY
    counted: Counter[str] = Counter()
    for who, actor in everybody(world):
        open_steps = steps_open_to(actor, state, parties)
        for step, (offered, acts) in STEPS.items():
            result = await outcome(
                session, actor, Asked(step=step, subject_id=manifest_id, reason="试", told=LOOKED), at=at
            )
            pair = f"{name} × {step.value} × {who}: {result!r}"
            if offered not in open_steps:
                assert isinstance(result, OutOfOrder | Forbidden | NotFound | RuleBroken), pair
                # The one rule that is told out of turn: there is no further carrier to hand over to.
                told = {rule.code for rule in result.broken} if isinstance(result, RuleBroken) else set()
                assert told <= {"no_further_leg"}, pair
                assert result.code, pair
                assert result.message, pair
                if actor.organisation_id not in named and not actor.is_regulator:
                    assert isinstance(result, NotFound), pair
                counted[type(result).__name__] += 1
            elif isinstance(result, RuleBroken):  # the right person at the right time; what is done does not do
                assert all(rule.code and rule.message for rule in result.broken), pair
                counted["rules"] += 1
            else:
                assert isinstance(result, ManifestState), pair
                assert result in {states.NEXT.get((state, act)) for act in acts}, pair
                counted["moved"] += 1
    print(f"\n{name}: {dict(counted)}")  # noqa: T201  for whoever looks
    assert sum(counted.values()) == len(list(everybody(world))) * len(STEPS)
