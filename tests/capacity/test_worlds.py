"""Made regions: the same seed makes the same, and they are what they say."""

from pathlib import Path

import numpy as np
import pytest

from wastetrack.capacity.asking import faults
from wastetrack.capacity.files import write_instance
from wastetrack.capacity.worlds.making import Wish, make
from wastetrack.errors import Malformed


@pytest.mark.parametrize("wish", [Wish(30, plants=60), Wish(200, plants=150, months=3), Wish(5, 7, months=2)])
def test_a_region_is_a_question_that_can_be_asked(wish: Wish) -> None:
    instance = make(wish)
    assert faults(instance) == []
    assert len(instance.places) == wish.counties
    assert len(instance.categories) == wish.categories
    assert len(instance.periods) == wish.months
    assert instance.supply.mass_g.min() > 0
    if wish.plants:
        assert abs(len(instance.plants) - wish.plants) <= 2


def test_the_same_seed_writes_the_same_bytes_and_another_writes_others(tmp_path: Path) -> None:
    wishes = (Wish(40, seed=7), Wish(40, seed=7), Wish(40, seed=8))
    for number, wish in enumerate(wishes):
        write_instance(make(wish), tmp_path / f"{number}.json.gz")
    one, same, other = ((tmp_path / f"{number}.json.gz").read_bytes() for number in range(3))
    assert one == same
    assert one != other


def test_approvals_lead_across_a_border_to_who_may_take_the_category() -> None:
    instance = make(Wish(200, plants=300, seed=3))
    given, places = instance.approvals, instance.places
    assert len(given.place) > 100
    province = np.array([int(region[:2]) for region in places.regions])
    assert (province[given.place] != province[instance.plants.place[given.plant]]).all()
    may = set(
        zip(instance.lines.plant[instance.accepts.line].tolist(), instance.accepts.category.tolist(), strict=True)
    )
    assert set(zip(given.plant.tolist(), given.category.tolist(), strict=True)) <= may


def test_nothing_waits_in_a_single_month_and_medical_waste_never() -> None:
    assert not len(make(Wish(20)).stores.place)
    assert not make(Wish(20)).plants.storage_g.any()
    several = make(Wish(20, months=4))
    assert len(several.stores.place)
    assert not any(several.categories[one].is_medical for one in several.stores.category.tolist())
    assert not len(make(Wish(20, months=4, stores=False)).stores.place)
    assert not len(make(Wish(20, residues=False)).residues.line)


def test_a_wish_that_cannot_be_is_refused() -> None:
    with pytest.raises(Malformed):
        make(Wish(20, categories=51))
