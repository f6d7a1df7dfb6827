"""What looks a matching over finds each thing that can be wrong with one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.matching import TONNE, Question
from wastetrack.capacity.model import Instance, Matching, WhyUnmatched
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify


@pytest.fixture(scope="module")
def good() -> Matching:
    """Two months, a border, a residue, stores at both ends, something unmatched, a plant of a group."""
    question = Question(periods=2, reach_km=500)
    oil, ash = question.category("HW08", max_age=1), question.category("HW18")
    town, there = question.place("370100", group=3), question.place("130100")
    far = question.place("370200")
    question.road(town, there, 40)
    question.road(town, far, 100)
    question.road(there, far, 130)
    question.arises(town, oil, 10, period=0)
    question.arises(there, oil, 1, period=0)
    question.keeps(town, oil, 2)
    plant = question.plant(town, [3, 4], storage=1, permitted=8)
    kiln = question.line(plant, oil, limit=7, group=3)
    question.leaves(kiln, oil, ash, 0.5)
    abroad = question.plant(there, [1.5, 1], opening_cost=10.0)
    question.line(abroad, oil, limit=1.5)
    question.approves(town, abroad, oil, 1)
    question.line(question.plant(far, 10), ash, first_period=0)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert matching.unmatched_g
    for table in ("flows", "treated", "waiting", "kept"):
        assert len(getattr(matching, table).mass_g), table
    return matching


def changed(matching: Matching, table: str, column: str, row: int, value: Any) -> Matching:  # noqa: ANN401 - any column
    """With one entry another."""
    whole = getattr(matching, table)
    entries = list(getattr(whole, column)) if column == "why" else getattr(whole, column).copy()
    entries[row] = value
    entries = tuple(entries) if column == "why" else entries
    return replace(matching, **{table: replace(whole, **{column: entries})})


def asked_anew(matching: Matching, table: str, column: str, value: Any) -> Matching:  # noqa: ANN401 - any column
    """The same answer to another question."""
    instance: Instance = matching.instance
    whole = getattr(instance, table)
    entries = np.full_like(getattr(whole, column), value)
    return replace(matching, instance=replace(instance, **{table: replace(whole, **{column: entries})}))


WRONG: dict[str, tuple[Callable[[Matching], Matching], str]] = {
    "a gram less carried": (lambda m: changed(m, "flows", "mass_g", 0, m.flows.mass_g[0] - 1), "1 g missing"),
    "a gram less treated": (lambda m: changed(m, "treated", "mass_g", 0, m.treated.mass_g[0] - 1), "1 g missing"),
    "a gram less waiting": (lambda m: changed(m, "waiting", "mass_g", 0, m.waiting.mass_g[0] - 1), "1 g missing"),
    "a gram more kept": (lambda m: changed(m, "kept", "mass_g", 0, m.kept.mass_g[0] + 1), "more is kept than fits"),
    "a gram less unmatched": (lambda m: changed(m, "unmatched", "mass_g", 0, 1), "do not add up"),
    "a row of nothing": (lambda m: changed(m, "flows", "mass_g", 0, 0), "a row without mass"),
    "waiting past the end": (lambda m: changed(m, "waiting", "period", 0, 1), "after the last period"),
    "kept past the end": (lambda m: changed(m, "kept", "period", 0, 1), "more is kept than fits"),
    "not permitted": (lambda m: changed(m, "flows", "category", 0, 1 - m.flows.category[0]), "not permitted"),
    "another group": (lambda m: asked_anew(m, "lines", "group", 8), "of another group"),
    "not ready": (lambda m: asked_anew(m, "lines", "first_period", 1), "not ready yet"),
    "too far": (lambda m: replace(m, instance=replace(m.instance, reach_km=1.0)), "too far"),
    "unapproved": (lambda m: asked_anew(m, "approvals", "limit_g", 0), "across the border unapproved"),
    "beyond a quantity": (lambda m: asked_anew(m, "lines", "limit_g", TONNE), "beyond its quantity"),
    "beyond a permit": (lambda m: asked_anew(m, "plants", "permitted_g", TONNE), "beyond its permit"),
    "beyond capacity": (lambda m: asked_anew(m, "plants", "capacity_g", 2 * TONNE), "beyond capacity"),
    "beyond a store": (lambda m: asked_anew(m, "plants", "storage_g", 1), "more waits than fits"),
    "heavier": (lambda m: asked_anew(m, "lines", "load", 1.000001), "beyond capacity"),
    "not open": (lambda m: replace(m, opened=m.opened[:0]), "is not open"),
    "another border": (lambda m: replace(m, border_tkm=m.border_tkm + 1), "border: "),
    "another cost": (lambda m: replace(m, cost=m.cost * 1.001), "cost: "),
    "another residue": (lambda m: asked_anew(m, "residues", "ratio", 0.4), "g missing"),
    "somebody may take it": (lambda m: changed(m, "unmatched", "why", 0, WhyUnmatched.NO_PERMIT), "may take it"),
    "somebody is near": (lambda m: changed(m, "unmatched", "why", 0, WhyUnmatched.TOO_FAR), "are near"),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_says_what_is_wrong(good: Matching, name: str) -> None:
    spoil, words = WRONG[name]
    told = verify(spoil(good))
    assert any(words in sentence for sentence in told), told


def test_what_is_too_old_is_found() -> None:
    question = Question(periods=3)
    medical, town = question.category("HW01", max_age=2), question.place()
    question.arises(town, medical, 2, period=0)
    question.keeps(town, medical, 10)
    question.line(question.plant(town, [0, 0, 2]), medical)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert matching.unmatched_g == 0
    younger = replace(matching.instance, categories=(replace(matching.instance.categories[0], max_age=1),))
    assert any("too old" in sentence for sentence in verify(replace(matching, instance=younger)))


def test_what_is_unmatched_though_there_is_room_is_found() -> None:
    question = Question()
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 5)
    question.line(question.plant(town, 2), oil)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert any(
        "line 0 has room" in sentence for sentence in verify(asked_anew(matching, "plants", "capacity_g", 3 * TONNE))
    )
