"""What a row of each kind is, as JSON Schema: for programs that write the files. Published under schemas/."""

from typing import Any

from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.model import ImportKind
from wastetrack.imports.values import LONGEST_LINE, LONGEST_PROSE

_SHAPES: dict[CellKind, dict[str, Any]] = {
    CellKind.LINE: {"type": "string", "maxLength": LONGEST_LINE},
    CellKind.PROSE: {"type": "string", "maxLength": LONGEST_PROSE},
    CellKind.CODE: {"type": "string", "maxLength": LONGEST_LINE},
    CellKind.DAY: {"type": "string", "format": "date"},
    CellKind.MASS: {"type": "number", "description": "In the unit of the heading"},
    CellKind.LITRES: {"type": "integer", "minimum": 1},
    CellKind.LAYERS: {"type": "integer", "minimum": 1, "maximum": 3},
    CellKind.PERCENT: {"type": "integer", "minimum": 1, "maximum": 100},
    CellKind.LETTERS: {"type": "string", "pattern": "^(T|C|I|R|In)(,(T|C|I|R|In))*$"},
    CellKind.YES_NO: {"enum": ["是", "否", "yes", "no"]},
}


def row_schema(kind: ImportKind) -> dict[str, Any]:
    """A row with the headings of the Chinese template; `x-` members hold the other names of each column."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row of an import of {kind.value}",
        "type": "object",
        "properties": {column.title("zh"): _property(column) for column in COLUMNS[kind]},
        "required": [column.title("zh") for column in COLUMNS[kind] if column.required],
        "additionalProperties": True,
    }


def _property(column: Column) -> dict[str, Any]:
    if column.choices:
        shape: dict[str, Any] = {"enum": [word for words in column.choices.values() for word in words[:2]]}
    else:
        shape = dict(_SHAPES[column.kind])
    names = {"x-field": column.field, "x-english": column.title("en"), "x-aliases": list(column.aliases)}
    return {**shape, **({"x-unit": column.unit} if column.unit else {}), **names}
