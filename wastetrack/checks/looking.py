"""What a rule sees of the live records: the rows of some keys, in place of all that the views of schema `extract` have.

Each table of transfers stands in the rule's own statement as a part that is computed once (`with … as materialized`),
from the rows that hang on those keys; the views hand the condition down to the indexes of the product's tables.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import ibis
import ibis.expr.types as ir

from wastetrack.checks.reach import Keys
from wastetrack.checks.usual import Usual
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records

SCHEMA = "extract"
_TYPES: Mapping[Kind, str] = {
    Kind.ID: "string",
    Kind.TEXT: "string",
    Kind.GRAMS: "int64",
    Kind.COUNT: "int64",
    Kind.NUMBER: "float64",
    Kind.INSTANT: "timestamp('UTC')",
    Kind.DAY: "date",
    Kind.FLAG: "boolean",
}
_SQL = {
    "string": "text",
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float64": "double precision",
    "boolean": "boolean",
    "timestamp('UTC')": "timestamptz",
    "date": "date",
}


class Shown(Records):
    """The records of these keys, or all of them; what is usual is that of `usual`, else of all of them."""

    def __init__(
        self, whole: Records, usual: Mapping[str, Usual], keys: Keys | None, parts: dict[str, str] | None = None
    ) -> None:
        tables = {name: whole[name] for name in TABLES}
        self._parts = {} if parts is None else parts
        self._whole, self._usual, self._kept = whole, usual, dict[str, ir.Table]()
        # For what is usual, in parts of the same statement
        self._all = self if keys is None else Shown(whole, usual, None, self._parts)
        if keys is not None:
            for name, condition in _conditions(keys).items():
                held = [column.name for column in TABLES[name].columns if column.name in whole.present.get(name, ())]
                tables[name] = _table(name, held, f"shown_{name}")
                # Names are our own, keys are UUIDs.
                self._parts[f"shown_{name}"] = f"select {', '.join(held)} from {SCHEMA}.{name} where {condition}"  # noqa: S608
        super().__init__(None, tables, whole.present)

    def apart(self, table: ir.Table) -> ir.Table:
        """As a part of the statement."""
        return self._part(table.schema(), ibis.to_sql(table, dialect="postgres"))

    def once(self, name: str, build: Callable[[Records], ir.Table]) -> ir.Table:
        """As a part of the statement, for whoever asks for it again."""
        if name not in self._kept:
            self._kept[name] = self.apart(build(self))
        return self._kept[name]

    def usual(
        self,
        name: str,
        build: Callable[[Records], ir.Table],
        as_of: datetime | None = None,
        *,
        shared: bool = False,
    ) -> ir.Table:
        """As the last look at the whole history told it; where it told nothing of that form, computed from all."""
        del shared  # all of them are parts of the statement
        told = self._usual.get(name)
        # What it would be is only looked at for its form, and is no part of the statement.
        if told is None or told.columns != (schema := build(self._whole).schema()).names:
            self.usuals[name] = self._all.once(name if as_of is None else f"{name} as of {as_of.isoformat()}", build)
            return self.usuals[name]
        columns = ", ".join(f'"{column}" {_SQL[str(kind.copy(nullable=True))]}' for column, kind in schema.items())
        rows = _quoted(json.dumps(told.rows, default=str))
        asked = f"select * from jsonb_to_recordset({rows}::jsonb) as told ({columns})"  # noqa: S608
        self.usuals[name] = self._part(schema, asked)
        return self.usuals[name]

    def _part(self, schema: ibis.Schema, asked: str) -> ir.Table:
        name = f"part_{len(self._parts)}"
        self._parts[name] = asked
        return ibis.table(schema, name=name)

    def statement(self, asked: ir.Table) -> str:
        """The one statement that answers, with the parts that it needs."""
        written = ibis.to_sql(asked, dialect="postgres")
        needed: list[str] = []
        text = written
        for name, part in reversed(self._parts.items()):  # a part needs only earlier ones
            if f'"{name}"' in text:
                needed.insert(0, f'"{name}" as materialized ({part})')
                text += part
        return f"with {', '.join(needed)} select * from ({written}) answer" if needed else written  # noqa: S608


def _conditions(keys: Keys) -> dict[str, str]:
    """Of each table that is cut. An act is a constant of each part of its view, so that one half of this remains."""
    around, labels = _keys(keys.around), _keys(keys.labels)
    of_paper = "act in ('loaded', 'gate')"
    scans = f"({of_paper} and manifest_key = any ({around}) or not {of_paper} and container_key = any ({labels}))"
    if keys.since is not None:
        scans += f" and scanned_at >= timestamptz '{keys.since.isoformat()}'"
    return {
        "manifests": f"manifest_key = any ({around})",
        "weighings": f"manifest_key = any ({_keys(keys.papers)})",
        "containers": f"container_key = any ({labels})",
        "loads": f"manifest_key = any ({around})",
        "scans": scans,
    }


def _keys(keys: Iterable[UUID]) -> str:
    return f"'{{{','.join(map(str, keys))}}}'::uuid[]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def live_records(columns: Mapping[str, frozenset[str]]) -> Records:
    """The tables as the database has them: a column that a view leaves out is there without a value."""
    held = {
        name: [column for column in table.names if column in columns.get(name, ())] for name, table in TABLES.items()
    }
    tables = {name: _table(name, some, name, database=SCHEMA) for name, some in held.items()}
    return Records(None, tables, columns)


def _table(name: str, held: list[str], there: str, **where: Any) -> ir.Table:  # noqa: ANN401  keywords of Ibis
    """A table with all its columns, of which the database has some under that name."""
    table = TABLES[name]
    nothing = {one.name: ibis.null(_TYPES[one.kind]) for one in table.columns if one.name not in held}
    if not held:
        return ibis.table({"nothing": "boolean"}, name="accounts", database="public").limit(0).select(**nothing)
    rows = ibis.table({one: _TYPES[table.column(one).kind] for one in held}, name=there, **where)
    return rows.mutate(**nothing) if nothing else rows
