"""Scenarios by words."""

import pytest

from tests.support.matching import Question
from wastetrack.capacity.model import Instance
from wastetrack.capacity.supposing import supposed
from wastetrack.capacity.worlds.making import Wish, make
from wastetrack.errors import Malformed, NotFound


@pytest.fixture(scope="module")
def instance() -> Instance:
    return make(Wish(110, months=3, seed=2))


def test_a_plant_retires_from_a_period_on(instance: Instance) -> None:
    changed = supposed(instance, "retire:P00002:2026-02")
    before, after = instance.plants.capacity_g[1], changed.plants.capacity_g[1]
    assert after.tolist() == [before[0], 0, 0]
    assert not supposed(instance, "retire:P00002").plants.capacity_g[1].any()


def test_an_outage_has_periods_and_a_share(instance: Instance) -> None:
    before = instance.plants.capacity_g[0].tolist()
    changed = supposed(instance, "outage:P00001:2026-01..2026-02:0.5")
    assert changed.plants.capacity_g[0].tolist() == [before[0] // 2, before[1] // 2, before[2]]


def test_more_capacity_is_told_in_tonnes(instance: Instance) -> None:
    changed = supposed(instance, "enlarge:P00001:12.5")
    assert (changed.plants.capacity_g[0] - instance.plants.capacity_g[0]).tolist() == [12_500_000] * 3


def test_a_permit_item_names_another_quantity_and_the_permit_follows_it(instance: Instance) -> None:
    item = instance.lines.ids[5]
    plant = instance.lines.plant[5]
    more = supposed(instance, f"quantity:{item}:{instance.lines.limit_g[5] / 1_000_000 + 7}")
    assert more.lines.limit_g[5] - instance.lines.limit_g[5] == 7_000_000
    assert more.plants.permitted_g[plant] - instance.plants.permitted_g[plant] == 7_000_000
    less = supposed(instance, f"quantity:{item}:0")
    assert less.lines.limit_g[5] == 0
    assert less.plants.permitted_g[plant] == instance.plants.permitted_g[plant] - instance.lines.limit_g[5]


def test_a_new_plant_takes_codes_and_may_be_left_unbuilt(instance: Instance) -> None:
    place = instance.places.ids[3]
    changed = supposed(instance, f"new:{place}:12.5:HW06+HW02,new:{place}:1:HW02:250000")
    assert changed.plants.ids[-2:] == ("new-1", "new-2")
    assert changed.plants.capacity_g[-2].tolist() == [12_500_000] * 3
    assert changed.plants.opening_cost[-1] == 250_000
    taken = changed.accepts.category[changed.accepts.line == len(changed.lines) - 2].tolist()
    assert {changed.categories[one].code for one in taken} == {"HW06", "HW02"}


def test_a_place_joins_a_group() -> None:
    question = Question()
    question.place()
    question.line(question.plant(0, 1), question.category("HW08"), group=7)
    assert supposed(question.asked(), "share:place 0:7").places.group.tolist() == [7]
    with pytest.raises(NotFound):
        supposed(question.asked(), "share:place 0:8")


def test_changes_follow_one_another(instance: Instance) -> None:
    changed = supposed(instance, "surge:2, retire:P00001")
    medical = [one for one, category in enumerate(instance.categories) if category.is_medical]
    mine = instance.supply.category == medical[0]
    assert (changed.supply.mass_g[mine] == 2 * instance.supply.mass_g[mine]).all()
    assert (changed.supply.mass_g[~mine] == instance.supply.mass_g[~mine]).all()
    assert not changed.plants.capacity_g[0].any()
    assert (supposed(instance, "surge:2:all").supply.mass_g == 2 * instance.supply.mass_g).all()


def test_an_approval_is_given(instance: Instance) -> None:
    changed = supposed(instance, f"approve:{instance.places.ids[3]}:P00009:HW06:40")
    assert changed.approvals.limit_g[-1] == 40_000_000
    assert (changed.approvals.place[-1], changed.approvals.plant[-1]) == (3, 8)
    assert supposed(instance, "open:P00001, calm").lines.group[0] == -1


@pytest.mark.parametrize(
    "words", ["", "retire", "surge", "surge:many", "surge:-1", "enlarge:P00001", "burn:P00001", "new:P00001:3"]
)
def test_words_that_are_no_scenario_are_refused(instance: Instance, words: str) -> None:
    with pytest.raises(Malformed):
        supposed(instance, words)


@pytest.mark.parametrize(
    "words", ["retire:P99999", "outage:P00001:2027-01", "approve:X:P00001:HW06:1", "quantity:X:1", "new:X:1:HW06"]
)
def test_what_the_instance_does_not_have_is_not_found(instance: Instance, words: str) -> None:
    with pytest.raises(NotFound):
        supposed(instance, words)
