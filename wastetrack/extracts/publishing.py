"""What a row of each table is, as JSON Schema, for whoever writes an extract with other programs: schemas/extract."""

from typing import Any

from wastetrack.extracts.columns import Column, Kind, Table

_SHAPES: dict[Kind, dict[str, Any]] = {
    Kind.ID: {"type": "string"},
    Kind.TEXT: {"type": "string"},
    Kind.GRAMS: {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    Kind.COUNT: {"type": "integer", "maximum": 2**63 - 1},
    Kind.NUMBER: {"type": "number"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.FLAG: {"type": "boolean"},
}
PARQUET = {
    Kind.ID: "STRING",
    Kind.TEXT: "STRING",
    Kind.GRAMS: "INT64",
    Kind.COUNT: "INT64",
    Kind.NUMBER: "DOUBLE",
    Kind.INSTANT: "TIMESTAMP(MICROS, UTC)",
    Kind.DAY: "DATE",
    Kind.FLAG: "BOOLEAN",
}


def row_schema(table: Table) -> dict[str, Any]:
    """A row as a line of NDJSON; `x-` members say how Parquet holds it, what is the key and to what a column refers."""
    split = (
        f" Files are split by the month of {table.month_of}: {table.name}/2026-01.parquet." if table.month_of else ""
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row of {table.name} in an extract",
        "description": f"{table.meaning} Masses are whole grams, instants are UTC, days are civil days.{split}",
        "type": "object",
        "properties": {column.name: _property(column) for column in table.columns},
        "required": [column.name for column in table.columns if not column.nullable],
        "additionalProperties": True,
        "x-key": list(table.key),
        "x-month-of": table.month_of or None,
        "x-in-order": [list(pair) for pair in table.order],
    }


def _property(column: Column) -> dict[str, Any]:
    shape = dict(_SHAPES[column.kind])
    if column.least is not None:
        shape["minimum"] = column.least
    if column.most is not None:
        shape["maximum"] = column.most
    if column.one_of:
        shape["enum"] = [*column.one_of, *([None] if column.nullable else [])]
    if column.nullable:
        shape["type"] = [shape["type"], "null"]
    refers = {"x-refers": column.refers} if column.refers else {}
    return {**shape, "description": column.meaning, "x-parquet": PARQUET[column.kind], **refers}
