"""Small extracts for tests: each row is what it says, and plain values where a column must have one.

`records(manifests=[{"received_g": 900_000}])` is an extract of one manifest. Instants and days may be written as people
write them: "2026-03-02 08:00" is UTC. `found` is what a rule tells of it, as one flat dictionary a finding.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pyarrow as pa

from wastetrack.checks.model import Rule
from wastetrack.checks.running import Answer, Outcome, run
from wastetrack.extracts.columns import Column, Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema
from wastetrack.extracts.reading import Records, connect

WASTE_CODE = "900-249-08"
FIRST = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""A Monday, eight in the morning in China."""
LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""After everything that a test tells."""

_PLAIN: dict[Kind, object] = {
    Kind.GRAMS: 1_000_000,
    Kind.COUNT: 1,
    Kind.NUMBER: 1.0,
    Kind.INSTANT: FIRST,
    Kind.DAY: FIRST.date(),
}
_NAMED: dict[str, object] = {
    "shipper_site_id": "shipper",
    "receiver_site_id": "receiver",
    "waste_code": WASTE_CODE,
    "pattern": "HW08",
    "year": 2026,
    "valid_from": date(2025, 1, 1),
    "valid_to": date(2029, 12, 31),
}
"""Defaults of required columns that have a better one than their kind's."""


def records(**tables: Iterable[Mapping[str, object]]) -> Records:
    """An extract in memory with these rows. Raises KeyError for a table or column that no extract has."""
    backend = connect(memory="1GB", threads=1)
    present = {}
    for name, table in TABLES.items():
        rows = [row_of(table, row, number) for row, number in zip(tables.pop(name, ()), count(1), strict=False)]
        backend.con.register(name, pa.Table.from_pylist(rows, schema=arrow_schema(table)))
        if rows:
            present[name] = frozenset(table.names)
    if tables:
        raise KeyError(*tables)
    return Records(backend, {name: backend.table(name) for name in TABLES}, present)


def row_of(table: Table, given: Mapping[str, object], number: int) -> dict[str, object]:
    """A whole row of a table: what is given, defaults where a value must stand, else nothing."""
    return {
        column.name: _written(column.kind, given[column.name])
        if column.name in given
        else _default(table, column, number)
        for column in table.columns
    }


def found(rule: Rule, extract: Records, as_of: datetime | str = LATER, **settings: float) -> list[dict[str, Any]]:
    """What the rule found, facts beside the columns of every finding, by subject. Fails when it had no data."""
    outcome = told(rule, extract, as_of, **settings)
    assert outcome.answer is not Answer.NO_DATA, f"{rule.id} lacks {', '.join(outcome.lacking)}"
    rows = [row | json.loads(row.pop("facts")) for row in outcome.findings.to_pylist()]
    return sorted(rows, key=lambda row: (str(row["subject_id"]), row["found_at"]))


def told(rule: Rule, extract: Records, as_of: datetime | str = LATER, **settings: float) -> Outcome:
    """The whole answer of a rule, also that it has no data."""
    instant = _instant(as_of) if isinstance(as_of, str) else as_of
    (outcome,) = run(extract, [rule], as_of=instant, settings={rule.id: settings})
    return outcome


def at(text: str) -> datetime:
    """An instant as people write it, in UTC."""
    return _instant(text)


def _default(table: Table, column: Column, number: int) -> object:
    if not column.required:
        return None
    if column.name in _NAMED:
        return _NAMED[column.name]
    if column.kind is Kind.ID:
        return f"{column.refers}-1" if column.refers else f"{table.name}-{number}"
    return column.one_of[0] if column.one_of else _PLAIN.get(column.kind, column.name)


def _written(kind: Kind, value: object) -> object:
    if isinstance(value, str) and kind is Kind.INSTANT:
        return _instant(value)
    if isinstance(value, str) and kind is Kind.DAY:
        return date.fromisoformat(value)
    return value


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
