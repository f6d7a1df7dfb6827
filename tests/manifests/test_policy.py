"""What each party may do next, in every state: never a step that the states' table does not know."""

import pytest

from tests.support.parties import actor, member
from wastetrack.auth.model import Role, viewer_of_jurisdiction
from wastetrack.ids import new_id
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.policy import Carriage, Parties, Step, steps_open_to
from wastetrack.manifests.states import FINAL

SHIPPER, CARRIER, NEXT_CARRIER, RECEIVER = (new_id() for _ in range(4))
State = ManifestState


def on_the_way(begun: int) -> Parties:
    """A manifest over two legs, of which so many have begun."""
    return Parties(SHIPPER, RECEIVER, (Carriage(CARRIER, begun > 0), Carriage(NEXT_CARRIER, begun > 1)))


def test_the_load_goes_from_hand_to_hand() -> None:
    first, second = member(CARRIER, Role.DRIVER), member(NEXT_CARRIER, Role.DRIVER)
    waiting, gone, handed = on_the_way(0), on_the_way(1), on_the_way(2)
    assert steps_open_to(first, State.FILED, waiting) == (Step.PICK_UP,)
    assert steps_open_to(second, State.FILED, waiting) == ()
    assert steps_open_to(first, State.PICKED_UP, gone) == (Step.ARRIVE, Step.REPORT_INCIDENT)
    assert steps_open_to(second, State.PICKED_UP, gone) == (Step.HAND_OVER,)
    # What happened while one had the load may be told afterwards.
    assert steps_open_to(first, State.IN_TRANSIT, handed) == (Step.REPORT_INCIDENT,)
    assert steps_open_to(second, State.IN_TRANSIT, handed) == (Step.ARRIVE, Step.REPORT_INCIDENT)


@pytest.mark.parametrize("state", [State.PICKED_UP, State.IN_TRANSIT])
def test_the_shipper_sends_a_load_under_way_elsewhere(state: ManifestState) -> None:
    assert steps_open_to(member(SHIPPER, Role.SIGNER), state, on_the_way(1)) == (Step.REDIRECT,)
    assert steps_open_to(member(SHIPPER, Role.FILER), state, on_the_way(1)) == ()
    assert Step.REDIRECT not in steps_open_to(member(RECEIVER), state, on_the_way(1))


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        (Role.OWNER, (Step.AMEND, Step.FILE, Step.CANCEL)),
        (Role.SIGNER, (Step.AMEND, Step.FILE, Step.CANCEL)),
        (Role.FILER, (Step.AMEND, Step.CANCEL)),
        (Role.VIEWER, ()),
        (Role.DRIVER, ()),
    ],
)
def test_the_role_decides_what_a_shipper_s_people_may_do_with_a_draft(role: Role, steps: tuple[Step, ...]) -> None:
    assert steps_open_to(member(SHIPPER, role), State.DRAFT, on_the_way(0)) == steps


def test_a_filer_withdraws_drafts_only() -> None:
    assert steps_open_to(member(SHIPPER, Role.FILER), State.FILED, on_the_way(0)) == ()


@pytest.mark.parametrize("state", [State.ARRIVED, State.RETURNING])
def test_at_the_gate_containers_are_scanned_and_signed_for(state: ManifestState) -> None:
    arrived = on_the_way(2)
    finds = (Step.REPORT_MISMATCH,) if state is State.ARRIVED else ()  # what comes home is one's own
    assert steps_open_to(member(RECEIVER, Role.GATE_OPERATOR), state, arrived) == (Step.SCAN, Step.RECEIVE, *finds)
    assert steps_open_to(member(RECEIVER, Role.SIGNER), state, arrived) == (Step.RECEIVE,)


@pytest.mark.parametrize("state", list(ManifestState))
def test_an_authority_and_a_stranger_never_have_a_step(state: ManifestState) -> None:
    inspector = actor(Role.INSPECTOR, viewer_of_jurisdiction("3706"))
    for nobody_here in (inspector, member(new_id())):
        assert steps_open_to(nobody_here, state, on_the_way(1)) == ()


@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_has_ended_is_at_most_corrected(state: ManifestState) -> None:
    for firm in (SHIPPER, CARRIER, NEXT_CARRIER, RECEIVER):
        assert set(steps_open_to(member(firm), state, on_the_way(2))) <= {Step.REQUEST_CORRECTION}
