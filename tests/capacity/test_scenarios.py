"""What if: each change changes what it says, and leaves what it was given as it was."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.matching import TONNE, Question
from wastetrack.capacity.asking import faults
from wastetrack.capacity.model import Instance, WhyUnmatched
from wastetrack.capacity.scenarios import (
    approved,
    enlarged,
    nearest_first,
    new_plant,
    opened_capacity,
    outage,
    requantified,
    retirement,
    sharing,
    surge,
    without_emergency,
)
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify


def region() -> Instance:
    """Two months; 10 t of oil and 4 t of medical waste each, in one town of a group; another town nearby."""
    question = Question(periods=2)
    oil, medical = question.category("HW08"), question.category("HW01", is_medical=True)
    town, other = question.place("370100", group=1), question.place("130100", group=2)
    question.road(town, other, 60)
    for period in (0, 1):
        question.arises(town, oil, 10, period=period)
        question.arises(town, medical, 4, period=period)
    question.line(question.plant(town, 8, storage=3, permitted=20), oil, limit=20)
    question.line(question.plant(town, 6), medical)
    question.line(question.plant(town, 50, overload=1), medical, tier=2)
    question.line(question.plant(other, 100), oil)
    question.line(question.plant(town, 1), oil, group=2)
    return question.asked()


def unmatched_g(instance: Instance) -> int:
    matching = solve(instance)
    assert verify(matching) == []
    return matching.unmatched_g


CHANGES: dict[str, tuple[Callable[[Instance], Instance], int]] = {
    "as it is 16 t of 20 t of oil are treated, and all that is medical": (lambda given: given, 4),
    "half of a plant stands still in the second month: 8 + 4 t of 20 t": (lambda given: outage(given, 0, [1], 0.5), 8),
    "a plant stands still in the first: its store of 3 t is part of the 8 t of the second": (
        lambda given: outage(given, 0, [0]),
        12,
    ),
    "a plant is closed: all 20 t": (lambda given: retirement(given, 0), 20),
    "a plant is closed from the second month on: 8 t of the first, nothing waits for later": (
        lambda given: retirement(given, 0, period=1),
        12,
    ),
    "a plant is enlarged by 1 t a month: 18 t of 20 t": (lambda given: enlarged(given, 0, TONNE), 2),
    "a plant is enlarged by 2 t from the second month on: 8 t, and 10 t": (
        lambda given: enlarged(given, 0, 2 * TONNE, period=1),
        2,
    ),
    "a permit item names 29 t, but the plant treats 16 t": (lambda given: requantified(given, 0, 29 * TONNE), 4),
    "a permit item names 13 t of 20 t": (lambda given: requantified(given, 0, 13 * TONNE), 7),
    "a new plant takes 1 t a month: 16 + 2 t": (
        lambda given: new_plant(given, ids="new", name="New", place=0, capacity_g=TONNE, categories=[0]),
        2,
    ),
    "a new plant takes 1 t from the second month on: 16 + 1 t": (
        lambda given: new_plant(given, ids="new", name="New", place=0, capacity_g=TONNE, categories=[0], period=1),
        3,
    ),
    "a group opens its plant of 1 t a month to all: 16 + 2 t": (lambda given: opened_capacity(given, [4]), 2),
    "a town shares the plant of a group, 1 t a month: 16 + 2 t": (lambda given: sharing(given, {0: 2}), 2),
    "an approval lets 3 t of the 4 t over the border": (lambda given: approved(given, 0, 3, 0, 3 * TONNE), 1),
    "an epidemic, 400 t in the second month: 6 t usual, 50 t and 1 t beyond of a helper, and 4 t of oil": (
        lambda given: surge(given, np.array([1.0, 100.0])),
        400 - 57 + 4,
    ),
    "twice of everything: 16 t of 40 t of oil, 16 t medical find 12 t usual and a helper": (
        lambda given: surge(given, np.array([2.0, 2.0]), medical_only=False),
        24,
    ),
    "an epidemic of 20 t in the second month without its helpers: 6 t usual, and 4 t of oil": (
        lambda given: without_emergency(surge(given, np.array([1.0, 5.0]))),
        20 - 6 + 4,
    ),
    "gate prices change nothing of what finds a plant": (nearest_first, 4),
}
"""What is changed and how many tonnes are unmatched then, as the name reckons it."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_if(name: str) -> None:
    change, expected = CHANGES[name]
    given = region()
    before = columns(given)
    changed = change(given)
    assert faults(changed) == []
    assert unmatched_g(changed) == expected * TONNE
    assert columns(given) == before


def columns(instance: Instance) -> dict[str, object]:
    """All columns of an instance, as bytes where they are numbers."""
    tables = ("supply", "stores", "plants", "lines", "accepts", "approvals", "residues", "places")
    found: dict[str, object] = {}
    for table in tables:
        for name in getattr(instance, table).__slots__:
            column = getattr(getattr(instance, table), name)
            found[f"{table}.{name}"] = column.tobytes() if isinstance(column, np.ndarray) else column
    return found


def test_a_plant_that_costs_too_much_is_not_built() -> None:
    given = region()
    built = new_plant(given, ids="n", name="N", place=1, capacity_g=50 * TONNE, categories=[0], opening_cost=1e9)
    matching = solve(built)
    # Nothing may cross without approval, so it would take nothing: it is not opened.
    assert matching.opened.tolist() == []
    assert set(matching.unmatched.why) == {WhyUnmatched.NO_APPROVAL}
