"""Instances as files: what is written is read, and what is no instance is refused in one sentence."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from wastetrack.capacity.files import TABLES, read_instance, write_instance
from wastetrack.capacity.model import NO_LIMIT, Instance
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


def spoiled(told: dict[str, Any], how: str) -> None:
    match how:
        case "a column is missing":
            del told["lines"]["limit_g"]
        case "a table is missing":
            del told["accepts"]
        case "a mass is a fraction":
            told["supply"]["mass_g"][0] = 0.5
        case "a row refers to nothing":
            told["supply"]["place"][0] = 99
        case "a mass is below nothing":
            told["supply"]["mass_g"][0] = -1
        case _:
            told["plants"]["capacity_g"][0] = [1]


@pytest.mark.parametrize(
    "how",
    [
        "a column is missing", "a table is missing", "a mass is a fraction", "a row refers to nothing",
        "a mass is below nothing", "a period is missing",
    ],
)  # fmt: skip
def test_what_is_no_instance_is_refused(tmp_path: Path, how: str) -> None:
    write_instance(small(), tmp_path / "region.json")
    told = orjson.loads((tmp_path / "region.json").read_bytes())
    spoiled(told, how)
    (tmp_path / "region.json").write_bytes(orjson.dumps(told))
    with pytest.raises(Malformed, match=r"region\.json"):
        read_instance(tmp_path / "region.json")


def test_a_file_that_is_not_there_or_no_json_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_instance(tmp_path / "none.json")
    (tmp_path / "words.json").write_text("once upon a time")
    (tmp_path / "words.json.gz").write_text("once upon a time")
    for name in ("words.json", "words.json.gz"):
        with pytest.raises(Malformed):
            read_instance(tmp_path / name)
