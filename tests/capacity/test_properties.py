"""What holds of every question, whatever is in it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.support.matching import Question
from tests.support.odd_questions import questions
from wastetrack.capacity.arising import ground_of
from wastetrack.capacity.deciding import answered, with_all
from wastetrack.capacity.model import Instance, Lines, Matching, Supply
from wastetrack.capacity.ranking import n_minus_one
from wastetrack.capacity.rounding import grams
from wastetrack.capacity.scenarios import enlarged, retirement, surge
from wastetrack.capacity.solving import _Answer, solve, written
from wastetrack.capacity.verifying import verify

GRAMS = 40
"""So many may be lost to whole numbers where a question is no pure flow."""
TRIES = settings(max_examples=60, deadline=None, derandomize=True)


def figures(matching: Matching) -> tuple[float, float, float]:
    return (matching.unmatched_g, matching.border_tkm, matching.cost)


@TRIES
@given(question=questions())
def test_every_rule_is_kept_to_the_gram(question: Question) -> None:
    matching = solve(question.asked())
    assert verify(matching) == []
    assert matching.proven


@TRIES
@given(question=questions())
def test_whole_grams_lose_next_to_nothing(question: Question) -> None:
    instance = question.asked()
    matching = solve(instance)
    least = answered(with_all(ground_of(instance))).figure("unmatched") * 1e6
    assert least - 1 <= matching.unmatched_g <= least + GRAMS


@TRIES
@given(question=questions())
def test_the_order_of_rows_does_not_matter(question: Question) -> None:
    instance = question.asked()
    turned = turned_round(instance)
    first, second = solve(instance), solve(turned)
    assert verify(second) == []
    assert first.unmatched_g == pytest.approx(second.unmatched_g, abs=GRAMS)
    assert first.cost == pytest.approx(second.cost, rel=1e-5, abs=0.1)


def turned_round(instance: Instance) -> Instance:
    """The same, with supply and lines in the other order, and a supply in two halves."""
    supply, lines = instance.supply, instance.lines
    half = supply.mass_g // 2
    last = len(lines) - 1
    return replace(
        instance,
        supply=Supply(
            np.concatenate([supply.place[::-1], supply.place]),
            np.concatenate([supply.category[::-1], supply.category]),
            np.concatenate([supply.period[::-1], supply.period]),
            np.concatenate([half[::-1], supply.mass_g - half]),
        ),
        lines=Lines(
            ids=lines.ids[::-1],
            plant=lines.plant[::-1],
            methods=lines.methods[::-1],
            limit_g=lines.limit_g[::-1],
            price=lines.price[::-1],
            load=lines.load[::-1],
            tier=lines.tier[::-1],
            first_period=lines.first_period[::-1],
            group=lines.group[::-1],
        ),
        accepts=replace(instance.accepts, line=last - instance.accepts.line),
        residues=replace(instance.residues, line=last - instance.residues.line),
    )


@TRIES
@given(question=questions())
def test_more_capacity_never_leaves_more_unmatched(question: Question) -> None:
    instance = question.asked()
    if not len(instance.plants):
        return
    assert solve(enlarged(instance, 0, 2_500_000)).unmatched_g <= solve(instance).unmatched_g + GRAMS


@TRIES
@given(question=questions())
def test_more_waste_never_leaves_less_unmatched(question: Question) -> None:
    instance = question.asked()
    more = surge(instance, np.full(len(instance.periods), 1.5), medical_only=False)
    assert solve(more).unmatched_g >= solve(instance).unmatched_g - GRAMS


@TRIES
@given(question=questions())
def test_a_lost_plant_is_the_question_without_it(question: Question) -> None:
    question.plants = [plant | {"opening_cost": float("nan")} for plant in question.plants]
    instance = question.asked()
    whole = solve(instance)
    losses = n_minus_one(instance, whole)
    assert sorted(loss.plant for loss in losses) == list(range(len(instance.plants)))
    for loss in losses:
        without = solve(retirement(instance, loss.plant))
        assert verify(without) == []
        assert loss.unmatched_g == pytest.approx(without.unmatched_g - whole.unmatched_g, abs=GRAMS)
        assert loss.border_tkm == pytest.approx(without.border_tkm - whole.border_tkm, abs=0.01)
        assert loss.cost == pytest.approx(without.cost - whole.cost, abs=0.1)


@TRIES
@given(question=questions())
def test_out_of_time_the_answer_still_keeps_every_rule(question: Question) -> None:
    instance = question.asked()
    matching = solve(instance, time_limit=0)
    assert verify(matching) == []
    assert not matching.proven or not matching.instance.supply.mass_g.any()
    best = solve(instance)
    assert matching.unmatched_g >= best.unmatched_g - GRAMS
    assert (best.is_cut, best.least) == (False, None)
    if matching.is_cut:
        assert matching.least is not None
        assert matching.least[0] <= best.unmatched_g


@TRIES
@given(question=questions())
def test_nonsense_from_a_solver_becomes_an_answer_that_keeps_every_rule(question: Question) -> None:
    ground = ground_of(question.asked())
    chance, ways, periods = np.random.default_rng(7), len(ground.ways), len(ground.instance.periods)
    answer = _Answer(ground)
    answer.carried.append(
        (
            np.repeat(np.arange(ways), periods),
            np.tile(np.arange(periods), ways),
            chance.uniform(0, 20, ways * periods),
        )
    )
    ready = (
        np.tile(np.arange(periods), ways) >= ground.instance.lines.first_period[np.repeat(ground.ways.line, periods)]
    )
    answer.carried[-1][2][~ready] = 0
    answer.kept[:] = chance.uniform(0, 30, answer.kept.shape)
    answer.waiting[:] = chance.uniform(0, 20, answer.waiting.shape)
    answer.proven = False
    assert verify(written(answer, 0.0)) == []


@TRIES
@given(question=questions())
def test_columns_that_come_as_they_are_needed_give_the_same(question: Question) -> None:
    question.plants = [plant | {"opening_cost": float("nan")} for plant in question.plants]
    instance = question.asked()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wastetrack.capacity.solving.GROWS", np.inf)
        plain = solve(instance)
        patch.setattr("wastetrack.capacity.solving.GROWS", -1)
        grown = solve(instance)
    assert verify(grown) == []
    assert grown.proven
    assert grown.unmatched_g == pytest.approx(plain.unmatched_g, abs=GRAMS)
    assert grown.border_tkm == pytest.approx(plain.border_tkm, abs=0.01)
    assert grown.cost == pytest.approx(plain.cost, rel=1e-6, abs=0.1)


@TRIES
@given(question=questions())
def test_time_taken_as_one_gives_a_plan_and_a_bound_on_the_best(question: Question) -> None:
    question.plants = [plant | {"opening_cost": float("nan")} for plant in question.plants]
    instance = question.asked()
    best = solve(instance)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wastetrack.capacity.solving.ROLLS", -1)
        rolled = solve(instance)
        exact = solve(instance, exact=True)
    assert verify(rolled) == []
    assert rolled.unmatched_g >= best.unmatched_g - GRAMS
    assert exact.unmatched_g == pytest.approx(best.unmatched_g, abs=GRAMS)
    if rolled.least is not None:
        assert rolled.least[0] <= best.unmatched_g + GRAMS


@TRIES
@given(question=questions())
def test_a_plant_lost_from_a_large_question_is_as_much_missed(question: Question) -> None:
    question.plants = [plant | {"opening_cost": float("nan")} for plant in question.plants]
    instance = question.asked()
    plain = {loss.plant: loss for loss in n_minus_one(instance)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wastetrack.capacity.solving.GROWS", -1)
        large = {loss.plant: loss for loss in n_minus_one(instance)}
    assert large.keys() == plain.keys()
    for plant, loss in large.items():
        assert loss.unmatched_g == pytest.approx(plain[plant].unmatched_g, abs=GRAMS)
        assert loss.border_tkm == pytest.approx(plain[plant].border_tkm, abs=0.01)
        assert loss.cost == pytest.approx(plain[plant].cost, abs=0.1)


@TRIES
@given(question=questions())
def test_worth_is_never_less_than_what_a_tonne_saves(question: Question) -> None:
    question.plants = [plant | {"opening_cost": float("nan")} for plant in question.plants]
    instance = question.asked()
    before = solve(instance)
    for plant in np.flatnonzero((instance.plants.capacity_g > 0).all(axis=1)):
        capacity = instance.plants.capacity_g.copy()
        capacity[plant] += 1_000_000
        after = solve(replace(instance, plants=replace(instance.plants, capacity_g=capacity)))
        assert before.unmatched_g - after.unmatched_g <= before.worth[plant, 0] * 1_000_000 + GRAMS


def test_the_nearest_gram() -> None:
    assert grams(np.array([1e-7, 6e-7, -1e-9, 12.3456784])).tolist() == [0, 1, 0, 12_345_678]
