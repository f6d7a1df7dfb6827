"""The published schemas of the extract are those of its columns, and tell a good row from a bad one."""

import json
from typing import Any

import jsonschema
import pytest

from wastetrack import resources
from wastetrack.extracts.columns import Table
from wastetrack.extracts.every import TABLES, TRUTH_TABLES
from wastetrack.extracts.publishing import row_schema

SCALE: dict[str, Any] = {
    "scale_id": "s1", "site_id": "p1", "kind": "truck", "division_g": 20_000, "verified_on": "2025-03-01",
    "verified_until": None,
}  # fmt: skip


PUBLISHED = TABLES | TRUTH_TABLES


@pytest.mark.parametrize("table", PUBLISHED.values(), ids=PUBLISHED)
def test_the_published_schema_is_that_of_the_columns(table: Table) -> None:
    file = resources.schemas_dir() / "extract" / f"{table.name}.v1.json"
    assert json.loads(file.read_text(encoding="utf-8")) == row_schema(table)


def test_no_schema_is_published_of_a_table_that_there_is_not() -> None:
    published = {file.name.removesuffix(".v1.json") for file in (resources.schemas_dir() / "extract").iterdir()}
    assert published == set(PUBLISHED)


def test_a_good_row_is_valid() -> None:
    jsonschema.validate(SCALE, row_schema(TABLES["scales"]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"division_g": 20.5},
        {"division_g": -20},
        {"kind": "kitchen"},
        {"site_id": None},
        {"verified_on": 20250301},
    ],
)
def test_a_bad_row_is_not(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**SCALE, **wrong}, row_schema(TABLES["scales"]))
