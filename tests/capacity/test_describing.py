"""The published schemas say what the command line reads and writes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from wastetrack import resources
from wastetrack.capacity.describing import SCHEMAS
from wastetrack.capacity.files import write_instance
from wastetrack.capacity.solving import solve
from wastetrack.capacity.summing import flows_told, summary
from wastetrack.capacity.worlds.making import Wish, make


def published(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((resources.schemas_dir() / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_published_is_what_the_code_says(name: str) -> None:
    """To publish anew: json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) and a line's end."""
    assert published(name) == SCHEMAS[name]()


def test_a_made_region_is_an_instance_and_its_matching_a_matching(tmp_path: Path) -> None:
    instance = make(Wish(12, 20, months=2, seed=4))
    write_instance(instance, tmp_path / "region.json")
    told = json.loads((tmp_path / "region.json").read_text())
    schema = published("capacity-instance.v1.json")
    jsonschema.validate(told, schema)
    matching = solve(instance)
    figures = {"scenario": "", **summary(matching), "wrong": []}
    whole = {**figures, "flows": flows_told(matching), "scenarios": [figures]}
    jsonschema.validate(whole, published("capacity-matching.v1.json"))
    told["supply"]["mass_g"][0] = 0.5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema)
    del whole["why"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(whole, published("capacity-matching.v1.json"))
