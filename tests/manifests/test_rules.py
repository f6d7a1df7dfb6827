"""The journey as a table, the seals, the numbers, and when two scales agree: rules without a database."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.errors import Malformed
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import PERIODS, Act, ManifestKind, ManifestState
from wastetrack.manifests.numbers import ManifestNumber, numbers_beginning
from wastetrack.manifests.sealing import SEALED_BY, sealed_by
from wastetrack.manifests.states import BORN, FINAL, advance, possible_acts
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import Mass

# The journey as people tell it; what is not here must not be possible.
JOURNEY = """
draft            file            filed
draft            back_enter      arrived
draft            cancel          cancelled
filed            cancel          cancelled
filed            void            void
filed            check_loading   filed
filed            pick_up         picked_up
picked_up        hand_over       in_transit
in_transit       hand_over       in_transit
picked_up        arrive          arrived
picked_up        redirect        picked_up
in_transit       redirect        in_transit
in_transit       arrive          arrived
arrived          receive         received
arrived          receive_partly  partly_received
arrived          reject          rejected
received         confirm         closed
partly_received  confirm         closed
rejected         confirm         closed
returning        take_back       returned
"""
# The life of a manifest that runs for a period: no vehicle, no gate.
PERIOD = """
draft            open            running
draft            cancel          cancelled
running          cancel          cancelled
running          sum_up          received
received         confirm         closed
"""


def _read(journey: str) -> dict[tuple[ManifestState, Act], ManifestState]:
    return {
        (ManifestState(state), Act(act)): ManifestState(following)
        for state, act, following in (line.split() for line in journey.strip().splitlines())
    }


TRIP_STEPS, PERIOD_STEPS = _read(JOURNEY), _read(PERIOD)
# A trip is never in the state of a period, nor a period in one of a trip.
STATES_OF_PERIODS = {ManifestState.CANCELLED, ManifestState.CLOSED} | {state for state, _ in PERIOD_STEPS}
STATES_OF_TRIPS = set(ManifestState) - {ManifestState.RUNNING}
WALK = [
    (kind, state, act)
    for kind, state, act in product(ManifestKind, ManifestState, Act)
    if state in (STATES_OF_PERIODS if kind in PERIODS else STATES_OF_TRIPS)
]


@pytest.mark.parametrize(("kind", "state", "act"), WALK, ids=lambda one: one.value)
def test_each_step_is_possible_just_where_the_journey_of_its_kind_has_it(
    kind: ManifestKind, state: ManifestState, act: Act
) -> None:
    allowed = PERIOD_STEPS if kind in PERIODS else TRIP_STEPS
    if (state, act) in allowed:
        assert advance(state, act, kind) is allowed[state, act]
        assert act in possible_acts(state, kind)
    else:
        with pytest.raises(OutOfOrder) as refused:
            advance(state, act, kind)
        possible: set[object] = {known for at, known in allowed if at is state}
        assert set(refused.value.facts["possible"]) == (possible or {"—"})


def test_nothing_follows_an_end_and_everything_else_goes_on() -> None:
    assert {state for state in STATES_OF_TRIPS if not possible_acts(state)} == FINAL
    period = {state for state in STATES_OF_PERIODS if not possible_acts(state, ManifestKind.CONTINUOUS)}
    assert period == {ManifestState.CANCELLED, ManifestState.CLOSED}
    assert BORN == {Act.SEND_BACK: ManifestState.RETURNING}


@pytest.mark.parametrize(
    ("field", "state", "act"),
    [
        ("container_ids", ManifestState.DRAFT, None),
        ("container_ids", ManifestState.FILED, Act.FILE),
        ("declared_g", ManifestState.PICKED_UP, Act.FILE),
        ("picked_up_at", ManifestState.FILED, None),
        ("picked_up_at", ManifestState.PICKED_UP, Act.PICK_UP),
        ("measured_g", ManifestState.ARRIVED, None),
        ("measured_g", ManifestState.RECEIVED, Act.RECEIVE),
        ("measured_g", ManifestState.CLOSED, Act.RECEIVE),
        ("measured_g", ManifestState.RETURNING, None),
        ("measured_g", ManifestState.RETURNED, Act.RECEIVE),
        ("declared_g", ManifestState.RETURNING, Act.FILE),
        ("receiver_site_id", ManifestState.RUNNING, Act.FILE),
        ("measured_g", ManifestState.RUNNING, None),
    ],
)
def test_a_field_is_sealed_by_the_signature_that_states_it(field: str, state: ManifestState, act: Act | None) -> None:
    assert sealed_by(field, state) is act


def test_a_draft_has_no_seals() -> None:
    assert {sealed_by(field, ManifestState.DRAFT) for field in SEALED_BY} == {None}


@given(year=st.integers(2000, 2100), region=st.integers(110_000, 659_999).map(str), serial=st.integers(1, 999_999))
def test_a_number_reads_back_as_it_is_printed(year: int, region: str, serial: int) -> None:
    number = ManifestNumber.make(year, region, serial)
    assert len(str(number)) == 14
    assert ManifestNumber.parse(f" {number} ") == number
    assert str(number).startswith(f"{year}{region[:4]}")


@pytest.mark.parametrize(
    "text", ["", "2026370600001", "202637060000011", "2026370600000x", "２０２６３７０６０００００１"]
)
def test_what_is_not_fourteen_digits_is_not_a_number(text: str) -> None:
    with pytest.raises(Malformed):
        ManifestNumber.parse(text)


@pytest.mark.parametrize("serial", [0, -1, 1_000_000])
def test_a_serial_has_six_digits(serial: int) -> None:
    with pytest.raises(Malformed):
        ManifestNumber.make(2026, "370602", serial)


def test_numbers_that_begin_alike_lie_between_two() -> None:
    assert numbers_beginning("20263706") == ("20263706000000", "20263706999999")
    with pytest.raises(Malformed):
        numbers_beginning("2026%")


@pytest.mark.parametrize(
    ("declared", "declared_u", "measured_u", "within"),
    [
        ("180 kg", None, None, "3.6 kg"),  # two per cent
        ("10 kg", None, None, "500 g"),  # the floor
        ("10 kg", "300 g", "400 g", "1 kg"),  # two sigma of both scales: 2·√(0.3² + 0.4²)
        ("180 kg", "300 g", "400 g", "3.6 kg"),
        ("49 g", None, "1 kg", "2 kg"),
    ],
)
def test_the_widest_of_share_floor_and_scales_is_tolerated(
    declared: str, declared_u: str | None, measured_u: str | None, within: str
) -> None:
    known = [None if text is None else Mass.parse(text) for text in (declared_u, measured_u)]
    found = tolerance(Mass.parse(declared), per_mille=20, floor_g=500, declared_u=known[0], measured_u=known[1])
    assert found == Mass.parse(within)


def test_two_figures_agree_up_to_the_tolerance_and_not_a_gram_further() -> None:
    declared, within = Mass.parse("180 kg"), Mass.parse("3.6 kg")
    assert agrees(declared, Mass.parse("183.6 kg"), within)
    assert agrees(declared, Mass.parse("176.4 kg"), within)
    assert not agrees(declared, Mass.parse("183.601 kg"), within)
    assert not agrees(declared, Mass.parse("176.399 kg"), within)
