"""Random questions agree with an independent formulation: a flow of least cost, by a solver of another make."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.matching import TONNE, Question
from wastetrack.capacity.model import OPEN_TO_ALL
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify

OTHER = Path(__file__).with_name("flow_of_another_make.py")
PROVINCES = ("370100", "370200", "130100")
MANY = 1_000


@pytest.fixture(scope="module")
def other() -> Iterator[Callable[[dict[str, Any]], list[int]]]:
    """The other solver, asked a line at a time."""
    with subprocess.Popen(
        [sys.executable, str(OTHER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        speak, hear = process.stdin, process.stdout

        def ask(question: dict[str, Any]) -> list[int]:
            speak.write(json.dumps(question) + "\n")
            speak.flush()
            told: list[int] = json.loads(hear.readline())
            return told

        yield ask
        speak.close()


@st.composite
def worlds(draw: st.DrawFn, periods: int) -> dict[str, Any]:
    """What both are told, in whole tonnes and kilometres."""
    few = st.integers(0, 20)
    places = draw(st.lists(st.tuples(st.sampled_from(PROVINCES), st.integers(-1, 1)), min_size=1, max_size=5))
    categories = draw(st.integers(1, 3))
    spots, kinds = st.integers(0, len(places) - 1), st.integers(0, categories - 1)
    plants = draw(st.lists(st.tuples(spots, st.lists(few, min_size=periods, max_size=periods)), min_size=1, max_size=4))
    of_plants = st.integers(0, len(plants) - 1)
    lines = draw(
        st.lists(
            st.tuples(of_plants, st.sets(kinds, min_size=1), st.integers(0, 30), st.integers(0, 9), st.integers(-1, 1)),
            max_size=6,
        )
    )
    supply = draw(st.dictionaries(st.tuples(spots, kinds, st.integers(0, periods - 1)), few, min_size=1, max_size=10))
    stores = draw(st.dictionaries(st.tuples(spots, kinds), few, max_size=4 if periods > 1 else 0))
    approvals = draw(st.dictionaries(st.tuples(spots, of_plants, kinds), st.integers(0, 15), max_size=8))
    roads = {
        (start, end): draw(st.integers(1, 99)) for start in range(len(places)) for end in range(start, len(places))
    }
    return {
        "periods": periods,
        "places": places,
        "categories": categories,
        "plants": plants,
        "lines": lines,
        "supply": supply,
        "stores": stores,
        "approvals": approvals if periods == 1 else dict.fromkeys(approvals, MANY),
        "roads": roads,
        "reach": draw(st.sampled_from((40, 1000))),
    }


def ours(world: dict[str, Any]) -> Question:
    """As we ask it."""
    question = Question(periods=world["periods"], reach_km=world["reach"], roads=dict(world["roads"]))
    for number in range(world["categories"]):
        question.category(f"HW{number:02}")
    for region, group in world["places"]:
        question.place(region, group)
    for (place, category, period), tonnes in world["supply"].items():
        question.arises(place, category, tonnes, period=period)
    for (place, category), tonnes in world["stores"].items():
        question.keeps(place, category, tonnes)
    for place, tonnes_each in world["plants"]:
        question.plant(place, tonnes_each)
    for plant, categories, limit, price, group in world["lines"]:
        bound = limit if world["periods"] == 1 else None
        question.line(plant, *sorted(categories), limit=bound, price=float(price), group=group)
    for (place, plant, category), tonnes in world["approvals"].items():
        question.approves(place, plant, category, tonnes)
    return question


def theirs(world: dict[str, Any]) -> dict[str, Any]:
    """As a flow."""
    periods, places = world["periods"], world["places"]
    streams = {key[:2] for key in world["supply"]} | set(world["stores"])
    ways = []
    for place, category in streams:
        for line, (plant, categories, limit, price, group) in enumerate(world["lines"]):
            at = world["plants"][plant][0]
            km = world["roads"][min(place, at), max(place, at)]
            crosses = places[place][0][:2] != places[at][0][:2]
            approved = not crosses or (place, plant, category) in world["approvals"]
            if (
                category in categories
                and km <= world["reach"]
                and approved
                and group in (OPEN_TO_ALL, places[place][1])
            ):
                ways += [
                    [place, category, period, plant, line, MANY if periods > 1 else limit, km, int(crosses), price]
                    for period in range(periods)
                ]
    each = range(periods)
    return {
        "supply": [[*key, units] for key, units in world["supply"].items()],
        "stores": [[*key, period, limit] for key, limit in world["stores"].items() for period in range(periods - 1)],
        "ways": ways,
        "approvals": [
            [place, category, plant, period, limit]
            for (place, plant, category), limit in world["approvals"].items()
            for period in each
        ],
        "lines": [
            [line, plant, period, MANY if periods > 1 else limit]
            for line, (plant, _, limit, _, _) in enumerate(world["lines"])
            for period in each
        ],
        "plants": [
            [plant, period, capacity[period]] for plant, (_, capacity) in enumerate(world["plants"]) for period in each
        ],
        # A unit costs at most 99 + 9 and goes at most 99 km; there are at most 200 of them.
        "border_weight": 200 * 120,
        "unmatched_weight": 200 * 120 * 200 * 120,
    }


def agree(world: dict[str, Any], other: Callable[[dict[str, Any]], list[int]]) -> None:
    matching = solve(ours(world).asked())
    assert verify(matching) == []
    assert matching.proven
    unmatched, border, cost = other(theirs(world))
    assert matching.unmatched_g == unmatched * TONNE
    assert matching.border_tkm == pytest.approx(border, abs=1e-6)
    assert matching.cost == pytest.approx(cost, abs=1e-6)


TRIES = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@TRIES
@given(world=worlds(periods=1))
def test_one_period_agrees(world: dict[str, Any], other: Callable[[dict[str, Any]], list[int]]) -> None:
    agree(world, other)


@TRIES
@given(world=worlds(periods=3))
def test_periods_with_stores_agree(world: dict[str, Any], other: Callable[[dict[str, Any]], list[int]]) -> None:
    agree(world, other)
