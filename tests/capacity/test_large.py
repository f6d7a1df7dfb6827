"""Large questions: columns as they are needed, provinces apart, a long time as one; each against the plain way."""

import dataclasses

import numpy as np
import pytest

from wastetrack.capacity.model import Instance, Matching
from wastetrack.capacity.ranking import n_minus_one
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify
from wastetrack.capacity.worlds.making import Wish, make

PLAIN = 10**9


def solved(instance: Instance, monkeypatch: pytest.MonkeyPatch, *, grows: int, rolls: int = PLAIN) -> Matching:
    monkeypatch.setattr("wastetrack.capacity.solving.GROWS", grows)
    monkeypatch.setattr("wastetrack.capacity.solving.ROLLS", rolls)
    return solve(instance)


@pytest.mark.parametrize(
    "wish",
    [Wish(160, plants=120), Wish(40, plants=60, months=3, seed=5), Wish(60, 30, 60, residues=False, seed=7)],
)
def test_columns_that_come_in_end_where_all_columns_end(wish: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(wish)
    plain, grown = (solved(instance, monkeypatch, grows=grows) for grows in (PLAIN, 0))
    assert verify(plain) == verify(grown) == []
    assert grown.proven
    assert grown.unmatched_g == pytest.approx(plain.unmatched_g, abs=2_000)
    assert grown.border_tkm == pytest.approx(plain.border_tkm, abs=1)
    assert grown.cost == pytest.approx(plain.cost, rel=1e-7)
    assert plain.unmatched_g > 0, "a region in which all is matched would show little"


def test_provinces_that_are_joined_use_their_approvals(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(Wish(160, plants=120))
    grown = solved(instance, monkeypatch, grows=0)
    closed = dataclasses.replace(
        instance, approvals=dataclasses.replace(instance.approvals, limit_g=np.zeros_like(instance.approvals.limit_g))
    )
    assert grown.border_tkm > 0
    assert grown.unmatched_g < solved(closed, monkeypatch, grows=0).unmatched_g


def test_a_long_time_is_planned_near_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(Wish(130, 40, 160, months=6, seed=3))
    rolled = solved(instance, monkeypatch, grows=0, rolls=0)
    assert verify(rolled) == []
    assert not rolled.proven
    assert rolled.least is not None
    supply = int(instance.supply.mass_g.sum())
    assert rolled.least[0] - 2_000 <= rolled.unmatched_g <= rolled.least[0] + 0.005 * supply


def test_the_bound_of_a_long_time_holds_against_the_exact_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(Wish(25, 30, 40, months=3, seed=9))
    rolled = solved(instance, monkeypatch, grows=0, rolls=0)
    monkeypatch.setattr("wastetrack.capacity.solving.ROLLS", 0)
    exact = solve(instance, exact=True)
    assert exact.proven
    assert exact.least is None
    assert rolled.least is not None
    assert rolled.least[0] <= exact.unmatched_g + 2_000
    assert exact.unmatched_g <= rolled.unmatched_g + 2_000


def test_an_earlier_matching_leads_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(Wish(60, plants=80, seed=4))
    first = solved(instance, monkeypatch, grows=0)
    again = solve(instance, start=first)
    from_flows = solve(instance, start=first.flows)
    for one in (again, from_flows):
        assert one.cost == pytest.approx(first.cost, rel=1e-7)
        assert one.unmatched_g == pytest.approx(first.unmatched_g, abs=2_000)


@pytest.mark.parametrize(("months", "rolls"), [(1, PLAIN), (3, 0)])
def test_no_time_leaves_an_answer_that_holds_but_is_not_proven(
    months: int, rolls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wastetrack.capacity.solving.GROWS", 0)
    monkeypatch.setattr("wastetrack.capacity.solving.ROLLS", rolls)
    instance = make(Wish(130, 20, 90, months=months))
    cut = solve(instance, time_limit=0.0)
    assert not cut.proven
    assert verify(cut) == []
    told: list[float] = []
    whole = solve(instance, progress=lambda _what, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert whole.unmatched_g <= cut.unmatched_g


def test_a_lost_plant_of_a_large_question_is_what_the_plain_way_says(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make(Wish(110, 30, 90, seed=2))
    some = range(0, len(instance.plants), 3)
    monkeypatch.setattr("wastetrack.capacity.solving.GROWS", PLAIN)
    plain = {loss.plant: loss for loss in n_minus_one(instance, plants=some)}
    monkeypatch.setattr("wastetrack.capacity.solving.GROWS", 0)
    grown = {loss.plant: loss for loss in n_minus_one(instance, plants=some)}
    assert plain.keys() == grown.keys() == set(some)
    assert any(loss.unmatched_g > 0 for loss in plain.values())
    for plant, loss in plain.items():
        assert grown[plant].unmatched_g == pytest.approx(loss.unmatched_g, abs=5_000), plant
        if loss.unmatched_g == 0:
            assert grown[plant].cost == pytest.approx(loss.cost, abs=1 + 1e-6 * abs(loss.cost)), plant
