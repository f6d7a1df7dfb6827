"""Questions at the edge: nothing asked, nobody there, nonsense."""

import numpy as np
import pytest

from tests.support.matching import TONNE, Question
from wastetrack.capacity.asking import Unfit, faults
from wastetrack.capacity.building import Silent
from wastetrack.capacity.model import WhyUnmatched
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify


def test_nothing_asked_is_nothing_answered() -> None:
    question = Question()
    question.category("HW08")
    question.plant(question.place(), 3)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert (matching.unmatched_g, matching.cost, len(matching.flows.mass_g)) == (0, 0.0, 0)


def test_a_region_without_plants_has_everything_unmatched() -> None:
    question = Question(periods=2)
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 3, period=1)
    matching = solve(question.asked())
    assert verify(matching) == []
    assert matching.unmatched_g == 3 * TONNE
    assert matching.unmatched.why == (WhyUnmatched.NO_PERMIT,)
    assert matching.proven


def test_nonsense_is_refused_with_all_that_is_wrong() -> None:
    question = Question()
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 3)
    question.arises(9, oil, -1)
    plant = question.plant(town, 3)
    question.line(plant, oil, load=0.0)
    question.line(plant, oil, tier=9)
    question.approves(town, 4, oil, 1)
    instance = question.asked()
    assert faults(instance) == [
        "supply.place, row 1: 9 refers to what is not there",
        "supply.mass_g, row 1: -1000000 is less than nothing, or no number",
        "lines.tier, row 1: 9 refers to what is not there",
        "lines.load, row 0: 0.0 must be more than nothing",
        "approvals.plant, row 0: 4 refers to what is not there",
    ]
    with pytest.raises(Unfit, match=r"lines\.load"):
        solve(instance)


def test_parts_that_cannot_touch_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question()
    towns = [question.place() for _ in range(6)]
    for number, town in enumerate(towns):
        kind = question.category(f"HW{number:02}")
        question.arises(town, kind, 5)
        question.line(question.plant(town, number), kind)
    together = solve(question.asked())
    monkeypatch.setattr("wastetrack.capacity.solving.APART", 0)
    apart = solve(question.asked())
    assert verify(apart) == []
    assert apart.unmatched_g == together.unmatched_g == (5 + 4 + 3 + 2 + 1) * TONNE
    assert np.array_equal(apart.worth, together.worth)


def test_progress_is_told_up_to_the_end() -> None:
    question = Question()
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 3)
    question.line(question.plant(town, 1), oil)
    told: list[tuple[str, float]] = []
    solve(question.asked(), progress=lambda what, share: told.append((what, share)))
    assert told[0] == ("building", 0.0)
    assert told[-1] == ("writing", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solver = Silent()  # type: ignore[no-untyped-call]
    solver.run()
    del solver
    assert capfd.readouterr() == ("", "")


def test_a_bound_without_a_solver_counts_what_cannot_be_treated() -> None:
    """9 t of oil against plants of 4 t and 1 t whose loads are 1 and 0.5: 3 t stay; 2 t of acid lead nowhere.

    Of 5 t of oil that lay there 4 t may lie there again: one of them counts.
    """
    question = Question(periods=2)
    oil, acid, town = question.category("HW08"), question.category("HW34"), question.place()
    question.arises(town, oil, 9)
    question.arises(town, acid, 2, period=1)
    question.keeps(town, oil, 4, opening=5)
    question.line(question.plant(town, [3, 1]), oil)
    question.line(question.plant(town, [0, 1]), oil, load=0.5)
    cut = solve(question.asked(), time_limit=0)
    assert cut.is_cut
    assert cut.least is not None
    # 9 + 1 - 4 - 2 = 4 t, less a gram for each of two components that sums might gain.
    assert cut.least[0] == (4 + 2) * TONNE - 2


def test_the_bound_sees_one_category_that_is_short_among_many() -> None:
    """Plants could treat 24 t of 15 t; but ash is permitted for 3 t at one of 4 t and 2 t at one of 20 t: 5 t stay."""
    question = Question()
    oil, ash, town = question.category("HW08"), question.category("HW18"), question.place()
    question.arises(town, oil, 5)
    question.arises(town, ash, 10)
    small, large = question.plant(town, 4), question.plant(town, 20)
    question.line(small, ash, limit=3)
    question.line(large, ash, limit=2)
    question.line(large, oil)
    cut = solve(question.asked(), time_limit=0)
    assert cut.least == (5 * TONNE - 1, 0.0, 0.0)
    assert cut.unmatched_g == 5 * TONNE
