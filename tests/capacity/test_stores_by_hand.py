"""Small questions of stores, waiting and residues whose answers are reckoned by hand, to the gram."""

import pytest

from tests.support.matching import TONNE, Question, answered, flows, reasons
from wastetrack.capacity.model import WhyUnmatched
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify


def test_residues_are_waste_again_and_need_a_place() -> None:
    """10 t of solvent leave 2 t of ash; the landfill takes 1.5 t, so half a tonne lies about."""
    question = Question()
    solvent, ash = question.category("HW06"), question.category("772-003-18")
    town, kiln_at, landfill_at = question.place(), question.place(), question.place()
    question.road(town, kiln_at, 10)
    question.road(kiln_at, landfill_at, 30)
    question.arises(town, solvent, 10)
    kiln = question.line(question.plant(kiln_at, 100), solvent)
    question.line(question.plant(landfill_at, 1.5), ash)
    question.leaves(kiln, solvent, ash, 0.2)
    matching = answered(question)
    assert flows(matching) == {(town, kiln): 10 * TONNE, (kiln_at, 1): 1_500_000}
    assert matching.unmatched_g == 500_000
    assert matching.cost == pytest.approx(10 * 10 + 1.5 * 30)


def test_waste_is_not_treated_where_more_residues_than_waste_would_lie_about() -> None:
    question = Question()
    sludge, slag = question.category("HW17"), question.category("HW18")
    town = question.place()
    question.arises(town, sludge, 4)
    line = question.line(question.plant(town, 100), sludge)
    question.leaves(line, sludge, slag, 1.25)
    matching = answered(question)
    assert matching.unmatched_g == 4 * TONNE
    assert reasons(matching) == {WhyUnmatched.NO_PLACE_FOR_RESIDUES: 4 * TONNE}


def test_out_of_time_no_more_is_left_lying_about_than_there_was() -> None:
    question = Question()
    sludge, slag, ash = question.category("HW17"), question.category("HW18"), question.category("772-003-18")
    town = question.place()
    question.arises(town, sludge, 4)
    plant = question.plant(town, 100)
    worse, better = question.line(plant, sludge, limit=3), question.line(plant, sludge, limit=2, price=10.0)
    question.line(plant, ash, limit=0.1)
    question.leaves(worse, sludge, slag, 1.25)
    question.leaves(better, sludge, ash, 0.25)
    matching = solve(question.asked(), time_limit=0)
    assert verify(matching) == []
    assert not matching.proven
    # 2 t are treated and leave half a tonne of ash, a tenth of a tonne of which is taken.
    assert matching.unmatched_g == (2 + 0.4) * TONNE


def test_stores_carry_waste_to_the_month_with_room() -> None:
    """Of 6 t the plant treats 1 t at once, the store keeps 4 t, 1 t has no place; 2 t and 2 t follow."""
    question = Question(periods=3)
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 6, period=0)
    question.keeps(town, oil, 4)
    question.line(question.plant(town, [1, 2, 3]), oil)
    matching = answered(question)
    assert matching.unmatched_g == 1 * TONNE
    assert matching.kept.mass_g.tolist() == [4 * TONNE, 2 * TONNE]


def test_what_finds_no_plant_is_kept_until_the_store_is_full() -> None:
    """9 t of stock and a tonne a month; a permit of 5 t and a plant for 3 t a month. Nothing is unmatched before the
    store is full again, in the last two months; and then the plant has room, but the permit is used up."""
    question = Question(periods=7)
    ash, town = question.category("HW18"), question.place()
    for period in range(7):
        question.arises(town, ash, 1, period=period)
    question.keeps(town, ash, 9, opening=9)
    question.line(question.plant(town, [3] * 7), ash, limit=5)
    matching = answered(question)
    assert matching.unmatched_g == 2 * TONNE
    assert set(matching.unmatched.period.tolist()) <= {5, 6}
    assert reasons(matching) == {WhyUnmatched.NO_QUANTITY: 2 * TONNE}


def test_a_full_month_is_no_reason_where_the_permit_is_used_up_for_the_year() -> None:
    """A plant for 4 t a month by a permit of 4 t; 4 t arise next to it, 1 t far off, all in the first month. The near
    waste could wait for the plant's idle months: with a larger permit the far tonne would go at once. Where nothing may
    wait, the month in which all arises is all there is, and the plant is full."""
    for wait, why in ((4, WhyUnmatched.NO_QUANTITY), (0, WhyUnmatched.NO_CAPACITY)):
        question = Question(periods=3)
        ash, near, far = question.category("HW18"), question.place(), question.place()
        question.road(near, far, 100)
        question.arises(near, ash, 4, period=0)
        question.arises(far, ash, 1, period=0)
        question.keeps(near, ash, wait)
        question.line(question.plant(near, [4, 4, 4]), ash, limit=4)
        assert reasons(answered(question)) == {why: 1 * TONNE}


def test_nothing_is_kept_longer_than_it_may_be() -> None:
    """Of 6 t 1 t goes at once and 2 t a month later; then the other 3 t would be too old."""
    question = Question(periods=4)
    medical, town = question.category("HW01", max_age=1), question.place()
    question.arises(town, medical, 6, period=0)
    question.keeps(town, medical, 100)
    question.line(question.plant(town, [1, 2, 4, 4]), medical)
    matching = answered(question)
    assert matching.unmatched_g == 3 * TONNE
    assert matching.kept.mass_g.tolist() == [2 * TONNE]


def test_a_shortage_does_not_hide_in_stores_and_old_stock_is_cleared_where_there_is_room() -> None:
    question = Question(periods=2)
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 5, period=1)
    question.keeps(town, oil, 100, opening=3)
    question.line(question.plant(town, [2, 2], storage=50), oil, price=700.0)
    matching = answered(question)
    # 8 t there, 4 t treated, 3 t may lie there again: 1 t has no place.
    assert matching.unmatched_g == 1 * TONNE
    question.plants[0] |= {"capacity": [2 * TONNE, 6 * TONNE], "storage": 0}
    matching = answered(question)
    assert (matching.unmatched_g, matching.kept.mass_g.sum()) == (0, 1 * TONNE)
    assert matching.kept.period.tolist() == [0]


def test_waste_waits_at_a_plant_until_it_can_be_treated() -> None:
    """Of 5 t 2 t are treated, 2 t wait for the next month, and 1 t finds the store full."""
    question = Question(periods=2)
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 5, period=0)
    question.line(question.plant(town, [2, 4], storage=2), oil)
    matching = answered(question)
    assert matching.unmatched_g == 1 * TONNE
    assert matching.waiting.mass_g.tolist() == [2 * TONNE]
    assert matching.treated.mass_g.tolist() == [2 * TONNE, 2 * TONNE]


def test_all_that_waits_at_a_plant_shares_its_store() -> None:
    question = Question(periods=2)
    oil, paint, town = question.category("HW08"), question.category("HW12"), question.place()
    question.arises(town, oil, 3)
    question.arises(town, paint, 3)
    question.line(question.plant(town, [1, 9], storage=2), oil, paint)
    matching = answered(question)
    assert matching.unmatched_g == 3 * TONNE
    assert matching.waiting.mass_g.sum() == 2 * TONNE


def test_a_plant_that_is_opened_brings_its_store() -> None:
    """5 t in the first month, 2 t treated, 3 t wait in the store for the second: with no store 3 t had no place."""
    question = Question(periods=2)
    oil, town = question.category("HW08"), question.place()
    question.arises(town, oil, 5)
    question.line(question.plant(town, [2, 3], storage=3, opening_cost=50.0), oil)
    matching = answered(question)
    assert matching.unmatched_g == 0
    assert matching.waiting.mass_g.tolist() == [3 * TONNE]
    assert matching.cost == pytest.approx(50)


def test_residues_arise_when_waste_is_treated_and_not_when_it_comes() -> None:
    """1 t of 4 t is treated at once and leaves 0.5 t, 3 t wait and leave 1.5 t: of these the landfill takes 1 t."""
    question = Question(periods=2)
    oil, ash, town = question.category("HW08"), question.category("HW18"), question.place()
    question.arises(town, oil, 4)
    line = question.line(question.plant(town, [1, 3], storage=3), oil)
    question.line(question.plant(town, [0.5, 1]), ash)
    question.leaves(line, oil, ash, 0.5)
    matching = answered(question)
    assert matching.treated.mass_g.tolist() == [1 * TONNE, 3 * TONNE, 500_000, 1 * TONNE]
    assert (matching.unmatched.mass_g.tolist(), matching.unmatched.period.tolist()) == ([500_000], [1])


def test_residues_of_residues_are_waste_too() -> None:
    """10 t leave 2 t of ash, which leave 1 t of blocks; 0.4 t of these find a place, so 0.6 t lie about."""
    question = Question()
    oil, ash, blocks = question.category("HW08"), question.category("772-003-18"), question.category("HW18")
    town = question.place()
    question.arises(town, oil, 10)
    burns, binds = question.line(question.plant(town, 10), oil), question.line(question.plant(town, 10), ash)
    question.line(question.plant(town, 0.4), blocks)
    question.leaves(burns, oil, ash, 0.2)
    question.leaves(binds, ash, blocks, 0.5)
    matching = answered(question)
    assert matching.flows.mass_g.tolist() == [10 * TONNE, 2 * TONNE, 400_000]
    assert (matching.unmatched.mass_g.tolist(), matching.unmatched.category.tolist()) == ([600_000], [blocks])


def test_residues_may_be_kept_no_longer_than_their_age() -> None:
    """2 t of ash arise in the first month; 1 t goes in the second, the other would be too old in the third."""
    question = Question(periods=3)
    oil, ash, town = question.category("HW08"), question.category("HW18", max_age=1), question.place()
    question.arises(town, oil, 4)
    question.keeps(town, ash, 10)
    line = question.line(question.plant(town, 4), oil)
    question.line(question.plant(town, [0, 1, 5]), ash)
    question.leaves(line, oil, ash, 0.5)
    matching = answered(question)
    assert matching.kept.mass_g.tolist() == [1 * TONNE]
    assert (matching.unmatched_g, set(matching.unmatched.category.tolist())) == (1 * TONNE, {ash})
