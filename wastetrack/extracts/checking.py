"""Rows of an extract that make it unreadable: each with its file, row, column, value and what would be right."""

# ruff: noqa: S608  names of tables and columns are our own, files are quoted

import dataclasses
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb

from wastetrack.errors import Broken
from wastetrack.extracts.files import Found, read_as, source
from wastetrack.extracts.model import Column, Kind
from wastetrack.i18n import message

MOST = 20
"""So many of one kind are told one by one; more are counted."""

_NULL = message("{file}, row {row}: {column} is empty; it is needed.")
_UNKNOWN = message("{file}, row {row}: {column} is “{value}”; known are {known}.")
_OUT = message("{file}, row {row}: {column} is {value}, outside {least} to {most}.")
_TWICE = message("{file}, row {row}: {column} “{value}” stands twice; the other row is {other}.")
_TYPE = message("{file}, row {row}: {column} is “{value}”, which is no {kind}.")
_MORE = message("{table}: {count} rows have this fault in {column}; {told} of them are told here.")


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What a value must not be, as a condition, and the sentence that says so."""

    condition: str
    column: Column
    sentence: str


def rows_that_are_wrong(con: duckdb.DuckDBPyConnection, folder: Path, one: Found) -> Iterator[Broken]:
    """Everything that is wrong in the rows of a table: one pass for the values, one for the key."""
    if not one.parquet and (mistyped := list(_mistyped(folder, one))):
        yield from mistyped
        return
    faults = [fault for column in one.table.columns if column.name in one.columns for fault in _faults(column)]
    counts = ", ".join(f"count(*) filter ({fault.condition})" for fault in faults)
    counted = con.execute(f"select {counts} from {one.table.name}").fetchone() or ()
    for fault, count in zip(faults, counted, strict=True):
        if count:
            yield from _told(con, folder, one, fault, count)
    yield from _doubles(con, folder, one)


def _faults(column: Column) -> Iterator[Fault]:
    if not column.nullable:
        yield Fault(f"{column.name} is null", column, _NULL)
    if column.one_of:
        known = ", ".join(f"'{word}'" for word in column.one_of)
        yield Fault(f"{column.name} not in ({known})", column, _UNKNOWN)
    bounds = [f"{column.name} < {column.least}"] if column.least is not None else []
    bounds += [f"{column.name} > {column.most}"] if column.most is not None else []
    if column.kind is Kind.NUMBER:
        bounds.append(f"not isfinite({column.name})")
    if bounds:
        yield Fault(" or ".join(bounds), column, _OUT)


def _places(one: Found) -> str:
    """The rows of a table with where each stands; NDJSON rows are counted in the order of reading."""
    row = "file_row_number + 1" if one.parquet else "row_number() over (partition by filename)"
    names = ", ".join(read_as(column, one) for column in one.table.columns)
    return f"(select {names}, filename, {row} as row from {source(one)})"


def _told(con: duckdb.DuckDBPyConnection, folder: Path, one: Found, fault: Fault, count: int) -> Iterator[Broken]:
    column, least, most = fault.column.name, fault.column.least, fault.column.most
    rows = con.execute(
        f"select filename, row, {column}::varchar from {_places(one)} where {fault.condition} "
        f"order by 1, 2 limit {MOST}"
    ).fetchall()
    facts: dict[str, object] = {
        "column": column,
        "known": ", ".join(fault.column.one_of),
        "least": "−∞" if least is None else least,
        "most": "∞" if most is None else most,
    }
    for name, row, value in rows:
        file = str(Path(name).relative_to(folder))
        where = {"file": file, "row": row}
        yield Broken(f"{file}:{row}:{column}", "extract_value_wrong", fault.sentence, value, facts={**facts, **where})
    if count > len(rows):
        facts = {"table": one.table.name, "count": count, "column": column, "told": len(rows)}
        yield Broken(f"{one.table.name}:{column}", "extract_values_wrong", _MORE, facts=facts)


def _doubles(con: duckdb.DuckDBPyConnection, folder: Path, one: Found) -> Iterator[Broken]:
    key = ", ".join(one.table.key)
    double = f"select {key} from {one.table.name} group by {key} having count(*) > 1"
    found = con.execute(f"select count(*) from ({double})").fetchone()
    count = found[0] if found else 0
    if not count:
        return
    rows = con.execute(
        f"select {key}, list(filename order by filename, row), list(row order by filename, row) from {_places(one)} "
        f"where ({key}) in ({double} order by {key} limit {MOST}) group by {key} order by {key}"
    ).fetchall()
    for *values, names, numbers in rows:
        files = [str(Path(name).relative_to(folder)) for name in names]
        facts = {"file": files[1], "row": numbers[1], "column": key, "other": f"{files[0]}:{numbers[0]}"}
        value = ", ".join(str(value) for value in values)
        yield Broken(f"{files[1]}:{numbers[1]}:{key}", "extract_key_twice", _TWICE, value, facts=facts)
    if count > len(rows):
        facts = {"table": one.table.name, "count": count, "column": key, "told": len(rows)}
        yield Broken(f"{one.table.name}:{key}", "extract_keys_twice", _MORE, facts=facts)


def _mistyped(folder: Path, one: Found) -> Iterator[Broken]:
    """Values of NDJSON that are of another kind than their column."""
    told = 0
    for path in one.files:
        with path.open(encoding="utf-8") as lines:
            for row, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    values = json.loads(line)
                except ValueError:
                    values = None
                if not isinstance(values, dict):
                    values, wrong = {}, [("", line.strip()[:60], "object")]
                else:
                    wrong = [
                        (column.name, values[column.name], column.kind.value)
                        for column in one.table.columns
                        if values.get(column.name) is not None and not _is(column.kind, values[column.name])
                    ]
                for name, value, kind in wrong:
                    file = str(path.relative_to(folder))
                    facts = {"file": file, "row": row, "column": name, "kind": kind}
                    yield Broken(f"{file}:{row}:{name}", "extract_value_mistyped", _TYPE, value, facts=facts)
                    told += 1
                    if told >= MOST:
                        return


def _is(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.GRAMS | Kind.COUNT:
            return type(value) is int
        case Kind.NUMBER:
            return type(value) in (int, float)
        case Kind.FLAG:
            return type(value) is bool
        case Kind.DAY:
            return isinstance(value, str) and _reads(date, value)
        case Kind.INSTANT:
            return isinstance(value, str) and _reads(datetime, value)
    return isinstance(value, str)


def _reads(what: type[date], value: str) -> bool:
    try:
        what.fromisoformat(value)
    except ValueError:
        return False
    return True
