"""Proximity first: what goes past a nearer plant with room is named, and where distance alone decides nothing does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.matching import TONNE, Question
from tests.support.odd_questions import questions
from wastetrack.capacity.model import Matching
from wastetrack.capacity.nearing import passed_over
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify
from wastetrack.capacity.worlds.making import Wish, make


def two_plants(*, price: float = 0.0, near: float = 4, periods: int = 1) -> tuple[Question, int]:
    """10 t of oil; a plant of 4 t at 10 km, one of 20 t at 50 km."""
    question = Question(periods=periods)
    oil, town, near_at, far_at = question.category("HW08"), question.place(), question.place(), question.place()
    question.road(town, near_at, 10)
    question.road(town, far_at, 50)
    question.arises(town, oil, 10)
    question.line(question.plant(near_at, near), oil, price=price)
    question.line(question.plant(far_at, 20), oil)
    return question, oil


def told(matching: Matching) -> list[tuple[int, int, int, float, float, bool, bool]]:
    found = passed_over(matching)
    return list(
        zip(
            matching.flows.line[found.flow].tolist(), found.nearer.tolist(), found.mass_g.tolist(), found.km.tolist(),
            found.nearer_km.tolist(), found.is_dearer.tolist(), found.leaves.tolist(), strict=True,
        )
    )  # fmt: skip


def test_a_nearer_plant_that_is_full_is_not_passed() -> None:
    """4 t of 10 t fill the near plant; 6 t go on to the far one, past no room."""
    matching = solve(two_plants()[0].asked())
    assert sorted(matching.flows.mass_g.tolist()) == [4 * TONNE, 6 * TONNE]
    assert told(matching) == []


def test_a_dearer_plant_is_passed_and_named() -> None:
    """At 41 yuan the near plant costs 51 a tonne and the far one 50: all 10 t go past 4 t of room."""
    matching = solve(two_plants(price=41)[0].asked())
    assert told(matching) == [(1, 0, 4 * TONNE, 50.0, 10.0, True, False)]
    assert verify(matching) == []


def test_a_plant_that_leaves_residues_is_passed_and_named() -> None:
    """10 t of oil would leave 5 t of ash that nothing takes: the far plant, which leaves none, gets it."""
    question, oil = two_plants()
    question.leaves(0, oil, question.category("HW18"), 0.5)
    assert told(solve(question.asked())) == [(1, 0, 4 * TONNE, 50.0, 10.0, False, True)]


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        ({}, 1),
        ({"limit": 0}, 0),
        ({"tier": 1}, 0),
        ({"group": 7}, 0),
        ({"first_period": 1}, 0),
        ({"load": 1e6}, 0),
    ],
)
def test_a_plant_that_could_not_have_taken_it_is_not_passed(change: dict[str, float], passed: int) -> None:
    """The near line is dearer, so nothing goes there; without right, room or date it is no nearer plant."""
    question, _ = two_plants(price=41, periods=2)
    question.lines[0] |= change
    assert len(passed_over(solve(question.asked()))) == passed


def test_a_plant_across_the_border_or_not_open_is_not_passed() -> None:
    question, _ = two_plants(price=41)
    question.places[1] = ("130100", -1)
    question.approves(0, 0, 0, 4)
    assert told(solve(question.asked())) == []
    question, _ = two_plants(price=41)
    question.plants[0]["opening_cost"] = 1.0
    assert told(solve(question.asked())) == []


TRIES = settings(max_examples=100, deadline=None, derandomize=True)


@TRIES
@given(
    roads=st.lists(st.lists(st.integers(1, 300), min_size=4, max_size=4), min_size=2, max_size=4),
    masses=st.lists(st.integers(1, 30), min_size=4, max_size=4),
    rooms=st.lists(st.integers(1, 40), min_size=4, max_size=4),
)
def test_whoever_wants_the_same_plants_by_distance_alone_nothing_passes_room(
    roads: list[list[int]], masses: list[int], rooms: list[int]
) -> None:
    """Towns that compete for four plants: some are sent past a plant that is full, none past one that is not."""
    question = Question()
    oil, towns = question.category("HW08"), [question.place() for _ in roads]
    for room in rooms:
        question.line(question.plant(question.place(), room), oil, price=77.0)
    for town, away, mass in zip(towns, roads, masses, strict=False):
        question.arises(town, oil, mass)
        for plant, km in enumerate(away):
            question.road(town, len(towns) + plant, km)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert told(matching) == []


@TRIES
@given(question=questions())
def test_where_prices_are_alike_only_what_leaves_residues_is_passed(question: Question) -> None:
    question.lines = [line | {"price": 120.5} for line in question.lines]
    matching = solve(question.asked())
    assert matching.proven
    assert passed_over(matching).leaves.all()


def test_a_region_by_distance_alone_passes_only_what_leaves_residues() -> None:
    instance = make(Wish(60, 30, 60, months=2, seed=7))
    free = replace(instance, lines=replace(instance.lines, price=np.zeros(len(instance.lines))))
    priced, by_distance = passed_over(solve(instance)), passed_over(solve(free))
    assert priced.is_dearer.any(), "a region where no price sends waste on would show little"
    assert by_distance.leaves.all()
    assert len(by_distance) < len(priced)


def test_a_shipment_past_a_nearer_plant_is_found_by_who_looks_it_over() -> None:
    """Two lines change places in the answer: the far one gets 4 t, which had room at the near one."""
    question, _ = two_plants(near=10)
    matching = solve(question.asked())
    assert verify(matching) == []
    turned = replace(
        matching,
        flows=replace(matching.flows, line=1 - matching.flows.line),
        treated=replace(matching.treated, line=1 - matching.treated.line),
        cost=500.0,
    )
    assert verify(turned) == ["flow of place 0, category 0, period 0 to line 1: past line 0, which has room"]
    assert verify(replace(turned, proven=False)) == []
