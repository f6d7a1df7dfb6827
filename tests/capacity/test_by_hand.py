"""Small questions whose answers are reckoned by hand, to the gram."""

import numpy as np
import pytest

from tests.support.matching import TONNE, Question, answered, flows, reasons
from wastetrack.capacity.model import WhyUnmatched
from wastetrack.capacity.scenarios import without_emergency
from wastetrack.capacity.solving import solve

SHANDONG, HEBEI = "370100", "130100"


def test_waste_goes_to_the_nearer_plant_and_the_rest_to_the_next_one() -> None:
    question = Question()
    oil, town, near, far = question.category("HW08"), question.place(), question.place(), question.place()
    question.road(town, near, 10)
    question.road(town, far, 50)
    question.arises(town, oil, 7)
    question.line(question.plant(near, 4), oil)
    question.line(question.plant(far, 100), oil)
    matching = answered(question)
    assert flows(matching) == {(town, 0): 4 * TONNE, (town, 1): 3 * TONNE}
    assert matching.cost == pytest.approx(4 * 10 + 3 * 50)
    assert matching.unmatched_g == 0


def test_a_town_with_no_other_choice_gets_the_plant_though_another_is_nearer_to_it() -> None:
    question = Question()
    oil, acid = question.category("HW08"), question.category("HW34")
    city, town, plant_at = question.place(), question.place(), question.place()
    question.road(city, plant_at, 1)
    question.road(town, plant_at, 90)
    question.road(city, town, 95)
    question.arises(city, oil, 5)
    question.arises(town, acid, 5)
    both = question.line(question.plant(plant_at, 5), oil, acid)
    other = question.line(question.plant(town, 5), oil)
    matching = answered(question)
    assert matching.unmatched_g == 0
    assert flows(matching) == {(city, other): 5 * TONNE, (town, both): 5 * TONNE}


def test_nothing_crosses_a_border_unapproved_and_no_more_than_is_approved() -> None:
    question = Question()
    ash, here, there = question.category("HW18"), question.place(SHANDONG), question.place(HEBEI)
    question.road(here, there, 20)
    question.arises(here, ash, 9)
    plant = question.plant(there, 100)
    question.line(plant, ash)
    assert reasons(answered(question)) == {WhyUnmatched.NO_APPROVAL: 9 * TONNE}
    question.approves(here, plant, ash, 4)
    matching = answered(question)
    assert flows(matching) == {(here, 0): 4 * TONNE}
    assert reasons(matching) == {WhyUnmatched.NO_APPROVAL: 5 * TONNE}
    assert matching.border_tkm == pytest.approx(80)


def test_what_stays_in_the_province_is_dearer_and_still_stays() -> None:
    question = Question()
    ash, here, there = question.category("HW18"), question.place(SHANDONG), question.place(HEBEI)
    inside = question.place(SHANDONG)
    question.road(here, there, 1)
    question.road(here, inside, 400)
    question.arises(here, ash, 3)
    cheap = question.plant(there, 100)
    question.line(cheap, ash)
    question.approves(here, cheap, ash, 100)
    home = question.line(question.plant(inside, 2), ash, price=9000.0)
    matching = answered(question)
    assert flows(matching) == {(here, home): 2 * TONNE, (here, 0): 1 * TONNE}


def test_every_gram_has_its_reason() -> None:
    question = Question(reach_km=100)
    kinds = {name: question.category(name) for name in ("none", "far", "quantity", "full", "mixed")}
    town, near, away = question.place(), question.place(), question.place()
    question.road(town, near, 10)
    question.road(town, away, 300)
    question.road(near, away, 300)
    for tonnes, category in enumerate(kinds.values(), start=1):
        question.arises(town, category, tonnes)
    question.line(question.plant(away, 10), kinds["far"])
    question.line(question.plant(near, 10), kinds["quantity"], limit=1)
    question.line(question.plant(near, 1), kinds["full"])
    question.line(question.plant(near, 3), kinds["mixed"], limit=1)
    matching = answered(question)
    by_category = {
        (list(kinds)[category], why): mass
        for category, why, mass in zip(
            matching.unmatched.category.tolist(),
            matching.unmatched.why,
            matching.unmatched.mass_g.tolist(),
            strict=True,
        )
    }
    assert by_category == {
        ("none", WhyUnmatched.NO_PERMIT): 1 * TONNE,
        ("far", WhyUnmatched.TOO_FAR): 2 * TONNE,
        ("quantity", WhyUnmatched.NO_QUANTITY): 2 * TONNE,
        ("full", WhyUnmatched.NO_CAPACITY): 3 * TONNE,
        ("mixed", WhyUnmatched.NO_QUANTITY): 2 * TONNE,
        ("mixed", WhyUnmatched.NO_CAPACITY): 2 * TONNE,
    }


def test_no_approval_is_said_of_no_more_than_the_other_province_would_take() -> None:
    question = Question()
    ash, here, there = question.category("HW18"), question.place(SHANDONG), question.place(HEBEI)
    question.road(here, there, 20)
    question.arises(here, ash, 9)
    question.line(question.plant(there, 10), ash, limit=2)
    question.line(question.plant(there, 1), ash)
    assert reasons(answered(question)) == {WhyUnmatched.NO_APPROVAL: 3 * TONNE, WhyUnmatched.NO_CAPACITY: 6 * TONNE}


def test_a_permit_bounds_all_items_and_a_load_weighs_on_capacity() -> None:
    question = Question()
    oil, halogens, town = question.category("HW08"), question.category("HW45"), question.place()
    question.arises(town, oil, 10)
    question.arises(town, halogens, 3)
    plant = question.plant(town, 8, permitted=6)
    question.line(plant, oil, price=5.0)
    question.line(plant, halogens, load=2.0, price=1.0)
    matching = answered(question)
    # 6 t by permit; of the dearer load only 2 t fit beside 4 t: 4 + 2 × 2 = 8.
    assert matching.unmatched_g == 7 * TONNE
    assert flows(matching) == {(town, 0): 4 * TONNE, (town, 1): 2 * TONNE}


def test_in_an_emergency_tiers_are_called_in_their_order_and_overload_before_them() -> None:
    """Of 100 t 50 t are usual, 10 t beyond; 20 t and 15 t of the next tiers leave 5 t: the kiln comes a month later."""
    question = Question(periods=2)
    medical, town = question.category("HW01", is_medical=True), question.place()
    for period in (0, 1):
        question.arises(town, medical, 100, period=period)
    question.line(question.plant(town, 50, overload=10), medical, price=9.0)
    question.line(question.plant(town, 20), medical, tier=1, price=5.0)
    question.line(question.plant(town, 15), medical, tier=2, price=3.0)
    question.line(question.plant(town, 500), medical, tier=3, price=0.0, first_period=1)
    matching = answered(question)
    by_line = np.zeros((4, 2), dtype=np.int64)
    np.add.at(by_line, (matching.flows.line, matching.flows.period), matching.flows.mass_g)
    assert (by_line // TONNE).tolist() == [[60, 60], [20, 20], [15, 15], [0, 5]]
    assert matching.unmatched_g == 5 * TONNE


def test_a_groups_plant_takes_from_the_group_alone() -> None:
    """2 t are the group's and go to its plant; 2 t of a stranger may not."""
    question = Question()
    oil = question.category("HW08")
    mine, stranger = question.place(group=7), question.place()
    question.arises(mine, oil, 2)
    question.arises(stranger, oil, 2)
    question.line(question.plant(mine, 10), oil, group=7)
    matching = answered(question)
    assert flows(matching) == {(mine, 0): 2 * TONNE}
    assert reasons(matching) == {WhyUnmatched.NO_PERMIT: 2 * TONNE}


def test_only_plants_that_pay_are_opened() -> None:
    """8 t go far for 100 yuan each; 2 t need a new plant, and the cheap one of 5 t saves 500 yuan for 300."""
    question = Question()
    oil, town, far = question.category("HW08"), question.place(), question.place()
    question.road(town, far, 100)
    question.arises(town, oil, 10)
    question.line(question.plant(far, 8), oil)
    dear = question.plant(town, 10, opening_cost=2000.0)
    cheap = question.plant(town, 5, opening_cost=300.0)
    question.line(dear, oil)
    question.line(cheap, oil)
    matching = answered(question)
    # 2 t have no place without one of them; 5 t nearer save 500 and cost 300.
    assert matching.opened.tolist() == [cheap]
    assert matching.cost == pytest.approx(300 + 500)


def test_a_gram_is_a_gram() -> None:
    question = Question()
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 0.000007)
    question.arises(town, oil, 123_456.789_012)
    question.line(question.plant(town, 123_456.789_013), oil)
    assert answered(question).unmatched_g == 6


def test_worth_says_what_one_more_tonne_saves() -> None:
    question = Question(periods=2)
    oil, town, far = question.category("HW08"), question.place(), question.place()
    question.road(town, far, 70)
    for period in (0, 1):
        question.arises(town, oil, 10, period=period)
    near = question.plant(town, 4)
    question.line(near, oil)
    question.line(question.plant(far, [20, 3]), oil, price=30.0)
    matching = answered(question)
    # One more tonne each month: in the first it saves 100 yuan, in the second a tonne that has no place.
    assert matching.worth[near].tolist() == pytest.approx([1, 100])
    assert matching.worth[1].tolist() == pytest.approx([1, -100])


def test_nothing_is_beyond_capacity_while_another_plant_has_room() -> None:
    """Of 100 t 50 t go near and 50 t far, though the near plant could take 10 t more in an emergency, and cheaper.

    Of 115 t the far plant takes its 60 t and 5 t are beyond; on an ordinary day these 5 t have no place.
    """
    question = Question()
    medical, town, far = question.category("HW01", is_medical=True), question.place(), question.place()
    question.road(town, far, 80)
    question.arises(town, medical, 100)
    question.line(question.plant(town, 50, overload=10), medical)
    question.line(question.plant(far, 60), medical)
    assert flows(answered(question)) == {(town, 0): 50 * TONNE, (town, 1): 50 * TONNE}
    question.arises(town, medical, 15)
    assert flows(answered(question)) == {(town, 0): 55 * TONNE, (town, 1): 60 * TONNE}
    assert solve(without_emergency(question.asked())).unmatched_g == 5 * TONNE
