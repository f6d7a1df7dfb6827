"""The published schemas are those of the columns, and the corpus' good rows are valid by them."""

import json

import jsonschema
import pytest

from tests.support.import_files import good_row, heading
from wastetrack import resources
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.model import ImportKind
from wastetrack.imports.schemas import row_schema
from wastetrack.imports.values import text_of


@pytest.mark.parametrize("kind", ImportKind)
def test_the_published_schema_is_that_of_the_columns(kind: ImportKind) -> None:
    file = resources.schemas_dir() / f"import-{kind.value}.v1.json"
    assert json.loads(file.read_text(encoding="utf-8")) == row_schema(kind)


def test_a_good_row_is_valid_and_a_bad_one_is_not() -> None:
    schema = row_schema(ImportKind.CONTAINERS)
    days = {column.title("zh") for column in COLUMNS[ImportKind.CONTAINERS] if column.kind.value == "day"}
    row = {
        name: text_of(cell) if name in days else cell
        for name, cell in zip(heading(), good_row(0), strict=True)
        if cell is not None
    }
    jsonschema.validate(row, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**row, "包装类型": "麻袋堆"}, schema)
