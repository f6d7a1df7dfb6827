"""Instances as files: what is written is read, and what is no instance is refused in one sentence."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from wastetrack.capacity.files import read_instance, write_instance
from wastetrack.capacity.model import NO_LIMIT, Instance
from wastetrack.capacity.shaping import TABLES
from wastetrack.capacity.solving import solve
from wastetrack.capacity.worlds.making import Wish, make
from wastetrack.errors import Malformed, NotFound


def small() -> Instance:
    instance = make(Wish(12, 20, months=2, seed=4))
    plants = instance.plants
    permitted, opening = plants.permitted_g.copy(), plants.opening_cost.copy()
    permitted[0], opening[1] = NO_LIMIT, 250_000.0
    return replace(
        instance,
        plants=replace(plants, permitted_g=permitted, opening_cost=opening),
        roads={(0, 1): 12.5},
        reach_km=400.0,
    )


@pytest.mark.parametrize("name", ["region.json", "region.json.gz"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    instance = small()
    write_instance(instance, tmp_path / name)
    again = read_instance(tmp_path / name)
    assert (again.title, again.periods, again.categories) == (instance.title, instance.periods, instance.categories)
    assert (again.roads, again.reach_km, again.haulage) == ({(0, 1): 12.5}, 400.0, 1.0)
    for table in TABLES:
        for column in fields(getattr(instance, table)):
            ours, theirs = (getattr(getattr(one, table), column.name) for one in (instance, again))
            np.testing.assert_array_equal(ours, theirs, err_msg=f"{table}.{column.name}")
    assert solve(again).unmatched_g == solve(instance).unmatched_g


def test_no_limit_no_cost_and_no_border_of_reach_are_null(tmp_path: Path) -> None:
    write_instance(replace(small(), reach_km=np.inf), tmp_path / "region.json")
    told = orjson.loads((tmp_path / "region.json").read_bytes())
    assert told["reach_km"] is None
    assert told["plants"]["permitted_g"][0] is None
    assert told["plants"]["opening_cost"][:2] == [None, 250_000.0]
    assert read_instance(tmp_path / "region.json").reach_km == np.inf


def spoil(told: dict[str, Any]) -> None:
    """Every mistake at once that is seen before an instance is made of it."""
    del told["lines"]["limit_g"]
    del told["accepts"]
    told["supply"]["mass_g"][2] = 0.5
    told["supply"]["place"][1] = "Jinan"
    told["plants"]["capacity_g"][3] = [1]
    told["plants"]["permitted_g"].pop()
    told["places"]["regions"][4] = "37"
    told["stores"]["mass"] = []
    told["residues"]["ratio"][0] = None
    told["categories"][0]["max_age"] = "two"
    told["roads"].append([0, 999, 1.0])
    told["haulage"] = -1


def refused(told: dict[str, Any], path: Path) -> list[str]:
    """What is said of it, without the name of the file."""
    path.write_bytes(orjson.dumps(told))
    with pytest.raises(Malformed) as caught:
        read_instance(path)
    words = str(caught.value.facts["faults"])
    assert caught.value.facts["path"] == str(path)
    return words.split("; ")


def test_what_is_no_instance_is_said_by_table_column_and_row_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    write_instance(small(), path)
    told = orjson.loads(path.read_bytes())
    plants = len(told["plants"]["ids"])
    spoil(told)
    assert refused(told, path) == [
        "accepts is missing",
        "places.regions, row 4: '37' is not six digits",
        "supply.place, row 1: 'Jinan' is no whole number",
        "supply.mass_g, row 2: 0.5 is no whole number of grams",
        "stores.mass is no column of it",
        "plants.capacity_g, row 3: [1] is not 2 whole numbers, one for each period",
        f"plants.permitted_g: {plants - 1} entries for {plants} rows",
        "lines.limit_g is missing",
        "residues.ratio, row 0: None is no number",
        "categories.max_age, row 0: 'two' is none",
        "haulage: -1 is no number of 0 or more",
        "roads, row 1: [0, 999, 1.0] is not two places and kilometres",
    ]


def test_what_cannot_be_is_said_by_column_and_row_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    write_instance(small(), path)
    told = orjson.loads(path.read_bytes())
    told["supply"]["mass_g"][:5] = [-1] * 5
    told["supply"]["category"][7] = 99
    told["plants"]["ids"][3] = told["plants"]["ids"][0]
    told["categories"][2] = told["categories"][1]
    for column in ("line", "category"):
        told["accepts"][column].append(told["accepts"][column][0])
    first = told["accepts"]["line"][0], told["accepts"]["category"][0]
    assert refused(told, path) == [
        f"plants.ids, row 3: {told['plants']['ids'][0]!r} stands there already",
        f"categories, row 2: {told['categories'][1]['code']!r} stands there already",
        "supply.category, row 7: 99 refers to what is not there",
        *(f"supply.mass_g, row {row}: -1 is less than nothing, or no number" for row in range(3)),
        "supply.mass_g: the same in 2 more rows",
        f"accepts, row {len(told['accepts']['line']) - 1}: line {first[0]} and category {first[1]} stand there already",
    ]


def test_a_list_or_a_half_written_file_is_no_instance(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    path.write_text("[]")
    with pytest.raises(Malformed, match="an object with periods"):
        read_instance(path)
    write_instance(small(), path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(Malformed, match=r"region\.json is no instance of capacity matching: .*column"):
        read_instance(path)


def test_a_file_that_is_not_there_or_no_json_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_instance(tmp_path / "none.json")
    (tmp_path / "words.json").write_text("once upon a time")
    (tmp_path / "words.json.gz").write_text("once upon a time")
    for name in ("words.json", "words.json.gz"):
        with pytest.raises(Malformed):
            read_instance(tmp_path / name)
