"""Tiny questions, all of whose answers are tried: no better one exists, and ours is one of the best, to the gram."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.matching import TONNE, Question
from wastetrack.capacity.model import Matching
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify

UNIT_G = 1_000_003
"""Not a round number of tonnes, so that every gram counts."""
UNIT = UNIT_G / TONNE
KM = ((1, 30, 70), (30, 2, 45), (70, 45, 3))
REGIONS = ("370100", "370200", "130100")


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Up to three streams, three lines at two plants, units."""
    few = st.integers(0, 4)
    spots, kinds, plants = st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)
    return {
        "supply": draw(st.dictionaries(st.tuples(spots, kinds), st.integers(1, 3), min_size=1, max_size=3)),
        "plants": [
            {
                "place": draw(spots),
                "capacity": draw(few),
                "overload": draw(st.integers(0, 1)),
                "permitted": draw(st.sampled_from((3, 5, 9))),
                "opening_cost": draw(st.sampled_from((None, None, 40.0, 400.0))),
            }
            for _ in range(2)
        ],
        "lines": [
            {
                "plant": draw(plants),
                "kinds": draw(st.sets(kinds, min_size=1)),
                "limit": draw(few),
                "price": draw(st.integers(0, 50)),
                "tier": draw(st.integers(0, 3)),
            }
            for _ in range(draw(st.integers(1, 3)))
        ],
        "approvals": draw(st.dictionaries(st.tuples(spots, plants, kinds), st.integers(0, 3), max_size=4)),
    }


def asked(world: dict[str, Any]) -> Question:
    """As we ask it."""
    question = Question()
    for code in ("HW01", "HW18"):
        question.category(code)
    for region in REGIONS:
        question.place(region)
    for start, end in itertools.combinations_with_replacement(range(3), 2):
        question.road(start, end, KM[start][end])
    for (place, category), units in world["supply"].items():
        question.arises(place, category, units * UNIT)
    for plant in world["plants"]:
        more = {} if plant["opening_cost"] is None else {"opening_cost": plant["opening_cost"]}
        question.plant(
            plant["place"],
            plant["capacity"] * UNIT,
            overload=plant["overload"] * UNIT,
            permitted=plant["permitted"] * UNIT,
            **more,
        )
    for line in world["lines"]:
        question.line(
            line["plant"], *sorted(line["kinds"]), limit=line["limit"] * UNIT, price=line["price"], tier=line["tier"]
        )
    for (place, plant, category), units in world["approvals"].items():
        question.approves(place, plant, category, units * UNIT)
    return question


def splits(units: int, ways: int) -> Iterator[tuple[int, ...]]:
    """So many units on so many ways, the rest nowhere."""
    for split in itertools.product(range(units + 1), repeat=ways):
        if sum(split) <= units:
            yield split


def best(world: dict[str, Any]) -> tuple[float, ...]:
    """The least that any answer has: unmatched, tiers from the last, overload, border, cost."""
    streams, lines, plants = list(world["supply"].items()), world["lines"], world["plants"]
    every = [list(splits(units, len(lines))) for _, units in streams]
    figures = [
        figure
        for answer in itertools.product(*every)
        if (figure := figures_of(world, streams, lines, plants, answer)) is not None
    ]
    return min(figures)


def figures_of(
    world: dict[str, Any],
    streams: list[Any],
    lines: list[Any],
    plants: list[Any],
    answer: tuple[tuple[int, ...], ...],
) -> tuple[float, ...] | None:
    """What an answer comes to; nothing if it breaks a rule."""
    by_line, by_plant, by_tier = [0] * len(lines), [0] * len(plants), [0] * 4
    across: dict[tuple[int, int, int], int] = {}
    unmatched, border, cost = sum(units for _, units in streams), 0, 0.0
    for ((place, category), _), split in zip(streams, answer, strict=True):
        for number, units in enumerate(split):
            if not units:
                continue
            line = lines[number]
            at = plants[line["plant"]]["place"]
            if category not in line["kinds"]:
                return None
            by_line[number] += units
            by_plant[line["plant"]] += units
            by_tier[line["tier"]] += units
            unmatched -= units
            cost += units * (KM[place][at] + line["price"])
            if REGIONS[place][:2] != REGIONS[at][:2]:
                border += units * KM[place][at]
                key = (place, line["plant"], category)
                across[key] = across.get(key, 0) + units
    overload = 0
    for plant, units in zip(plants, by_plant, strict=True):
        if units > min(plant["capacity"] + plant["overload"], plant["permitted"]):
            return None
        overload += max(units - plant["capacity"], 0)
        cost += (plant["opening_cost"] or 0) / UNIT if units else 0
    if any(units > line["limit"] for line, units in zip(lines, by_line, strict=True)):
        return None
    if any(units > world["approvals"].get(key, 0) for key, units in across.items()):
        return None
    return (unmatched, by_tier[3], by_tier[2], by_tier[1], overload, border, cost)


def figures_in(matching: Matching) -> tuple[float, ...]:
    """The same of a matching, in units."""
    instance, tiers, by_plant = matching.instance, [0] * 4, [0] * len(matching.instance.plants)
    for line, mass in zip(matching.flows.line.tolist(), matching.flows.mass_g.tolist(), strict=True):
        tiers[int(instance.lines.tier[line])] += mass
        by_plant[int(instance.lines.plant[line])] += mass
    overload = sum(
        max(mass - capacity, 0)
        for mass, capacity in zip(by_plant, instance.plants.capacity_g[:, 0].tolist(), strict=True)
    )
    grams = (matching.unmatched_g, tiers[3], tiers[2], tiers[1], overload)
    assert all(mass % UNIT_G == 0 for mass in grams)
    return (*(mass // UNIT_G for mass in grams), matching.border_tkm / UNIT, matching.cost / UNIT)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(world=worlds())
def test_no_answer_is_better(world: dict[str, Any]) -> None:
    matching = solve(asked(world).asked())
    assert verify(matching) == []
    assert matching.proven
    assert figures_in(matching) == pytest.approx(best(world), abs=1e-4)
