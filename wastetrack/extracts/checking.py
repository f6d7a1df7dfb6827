"""Rows of an extract that make it unreadable: each with its file, row, column, value and what would be right."""

# ruff: noqa: S608  names of tables and columns are our own, files are quoted

import dataclasses
import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from wastetrack.errors import Broken
from wastetrack.extracts.columns import Column, Kind
from wastetrack.extracts.files import Found, selected, source, unreadable
from wastetrack.i18n import message

MOST = 20
"""So many of one kind are told one by one; more are counted."""

_MOST_64 = 2**63 - 1

_NULL = message("{file}, row {row}: {column} is empty; it is needed.")
_UNKNOWN = message("{file}, row {row}: {column} is “{value}”; known are {known}.")
_OUT = message("{file}, row {row}: {column} is {value}, outside {least} to {most}.")
_TWICE = message("{file}, row {row}: {column} “{value}” stands twice; the other row is {other}.")
_TYPE = message("{file}, row {row}: {column} is “{value}”, which is no {kind}.")
_LINE = message("{file}, row {row}: the line “{value}” is no {kind}; it may be half written, or in another encoding.")
_MORE = message("{table}: {count} rows have this fault in {column}; {told} of them are told here.")


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What a value must not be, as a condition, and the sentence that says so."""

    condition: str
    column: Column
    sentence: str


def rows_that_are_wrong(
    con: duckdb.DuckDBPyConnection, folder: Path, one: Found, fresh: Sequence[Path]
) -> Iterator[Broken]:
    """Everything that is wrong in the rows of these files of a table, beside the keys of all: one pass for the values,
    one for the key."""
    try:
        yield from _wrong(con, folder, one, dataclasses.replace(one, files=tuple(fresh)))
    except duckdb.ConversionException as error:
        if not (beyond := list(_beyond_64_bits(folder, one))):
            raise
        del error
        yield from beyond
    except duckdb.Error as error:
        yield from _torn(folder, one, error)


def _beyond_64_bits(folder: Path, one: Found) -> Iterator[Broken]:
    """The first value of each column of a file that no whole number of 64 bits can be."""
    whole = [column for column in one.table.columns if column.kind in (Kind.GRAMS, Kind.COUNT)]
    for path in one.files if one.parquet else ():
        schema = pq.read_schema(path)
        for column in whole:
            if column.name not in schema.names or not pa.types.is_uint64(schema.field(column.name).type):
                continue
            file = str(path.relative_to(folder))
            for row, value in enumerate(pq.read_table(path, columns=[column.name])[column.name].to_pylist(), 1):
                if value is not None and value > _MOST_64:
                    facts: dict[str, object] = {"file": file, "row": row, "column": column.name}
                    facts |= {"least": column.least or 0, "most": _MOST_64}
                    yield Broken(f"{file}:{row}:{column.name}", "extract_value_wrong", _OUT, value, facts=facts)
                    break


def _torn(folder: Path, one: Found, error: Exception) -> Iterator[Broken]:
    """The files whose head can be read and whose rows cannot; raises the error again when it is none of them."""
    torn = False
    for path in one.files if one.parquet else ():
        try:
            for _ in pq.ParquetFile(path).iter_batches():
                pass
        except (pa.ArrowException, OSError) as wrong:
            torn = True
            yield unreadable(str(path.relative_to(folder)), wrong)
    if not torn:
        raise error


def _wrong(con: duckdb.DuckDBPyConnection, folder: Path, one: Found, fresh: Found) -> Iterator[Broken]:
    if not one.parquet and (mistyped := list(_mistyped(folder, one))):
        yield from mistyped
        return
    faults = [fault for column in one.table.columns if column.name in one.columns for fault in _faults(column)]
    counts = ", ".join(f"count(*) filter ({fault.condition})" for fault in faults)
    (counted,) = con.execute(f"select {counts} from ({selected(fresh)})").fetchall()
    for fault, count in zip(faults, counted, strict=True):
        if count:
            yield from _told(con, folder, fresh, fault, count)
    yield from _doubles(con, folder, one, fresh)


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


def _told(con: duckdb.DuckDBPyConnection, folder: Path, one: Found, fault: Fault, count: int) -> Iterator[Broken]:
    column, least, most = fault.column.name, fault.column.least, fault.column.most
    rows = _rows_with(con, one, fault) if one.parquet else list(islice(_lines_with(one, fault), MOST))
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


def _rows_with(con: duckdb.DuckDBPyConnection, one: Found, fault: Fault) -> list[tuple[str, int, object]]:
    return con.execute(
        f"select filename, file_row_number + 1, {fault.column.name}::varchar from {source(one)} "
        f"where {fault.condition} order by 1, 2 limit {MOST}"
    ).fetchall()


def _lines_with(one: Found, fault: Fault) -> Iterator[tuple[str, int, object]]:
    """The same of lines. An engine reads them in parts and skips empty ones: only here is a number that of the line."""
    least, most = fault.column.least, fault.column.most
    for path, row, values in _lines(one):
        value = values.get(fault.column.name)
        if isinstance(value, int | float):
            wrong = not ((-math.inf if least is None else least) <= value <= (math.inf if most is None else most))
            wrong = fault.sentence == _OUT and (wrong or not math.isfinite(value))
        elif value is None:
            wrong = fault.sentence == _NULL
        else:
            wrong = fault.sentence == _UNKNOWN and value not in fault.column.one_of
        if wrong:
            yield str(path), row, value


def _lines(one: Found) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    for path, row, line in _texts(one):
        yield path, row, json.loads(line)


def _texts(one: Found) -> Iterator[tuple[Path, int, str]]:
    for path in one.files:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for row, line in enumerate(lines, 1):
                if line.strip():
                    yield path, row, line


def _doubles(con: duckdb.DuckDBPyConnection, folder: Path, one: Found, fresh: Found) -> Iterator[Broken]:
    key = ", ".join(one.table.key)
    among = "" if fresh == one else f"semi join ({selected(fresh)}) using ({key})"
    double = f"select {key} from {one.table.name} {among} group by {key} having count(*) > 1"
    ((count,),) = con.execute(f"select count(*) from ({double})").fetchall()
    if not count:
        return
    first = con.execute(f"{double} order by {key} limit {MOST}").fetchall()
    told = sorted((_places_of(con, one, double) if one.parquet else _lines_of(one, first)).items())
    for values, (here, other) in told:
        (file, row), (other_file, other_row) = (
            (str(Path(name).relative_to(folder)), row) for name, row in (here, other)
        )
        facts: dict[str, object] = {"file": file, "row": row, "column": key, "other": f"{other_file}:{other_row}"}
        value = ", ".join(str(value) for value in values)
        yield Broken(f"{file}:{row}:{key}", "extract_key_twice", _TWICE, value, facts=facts)
    if count > len(told):
        facts = {"table": one.table.name, "count": count, "column": key, "told": len(told)}
        yield Broken(f"{one.table.name}:{key}", "extract_keys_twice", _MORE, facts=facts)


Places = dict[tuple[object, ...], tuple[tuple[str, int], tuple[str, int]]]
"""Of each key that stands twice: file and row of the second, then of the first."""


def _places_of(con: duckdb.DuckDBPyConnection, one: Found, double: str) -> Places:
    key = ", ".join(one.table.key)
    rows = con.execute(
        f"select {key}, list(filename order by filename, file_row_number), "
        f"list(file_row_number + 1 order by filename, file_row_number) from {source(one)} "
        f"where ({key}) in ({double} order by {key} limit {MOST}) group by {key}"
    ).fetchall()
    return {tuple(values): ((names[1], numbers[1]), (names[0], numbers[0])) for *values, names, numbers in rows}


def _lines_of(one: Found, doubles: list[tuple[object, ...]]) -> Places:
    """The same of lines; a day in a key is text there."""
    looked_for = {tuple(str(value) for value in values): values for values in doubles}
    seen: dict[tuple[object, ...], list[tuple[str, int]]] = {}
    for path, row, line in _lines(one):
        key = tuple(str(line.get(name)) for name in one.table.key)
        if key in looked_for:
            seen.setdefault(looked_for[key], []).append((str(path), row))
    return {values: (places[1], places[0]) for values, places in seen.items() if len(places) > 1}


def _mistyped(folder: Path, one: Found) -> Iterator[Broken]:
    """Values of NDJSON that are of another kind than their column, and lines that are no object."""
    wrong = ((path, row, *fault) for path, row, line in _texts(one) for fault in _faults_of(line, one))
    for path, row, name, value, kind in islice(wrong, MOST):
        file = str(path.relative_to(folder))
        facts: dict[str, object] = {"file": file, "row": row, "column": name, "kind": kind}
        if not name:
            yield Broken(f"{file}:{row}:", "extract_line_unreadable", _LINE, value, facts=facts)
            continue
        yield Broken(f"{file}:{row}:{name}", "extract_value_mistyped", _TYPE, value, facts=facts)


def _faults_of(line: str, one: Found) -> list[tuple[str, object, str]]:
    if "\N{REPLACEMENT CHARACTER}" in line:
        return [("", line.strip()[:60], "text in UTF-8")]
    if line.startswith("\N{BYTE ORDER MARK}"):
        return [("", line.strip()[:60], "object: a byte order mark stands before it")]
    try:
        values = json.loads(line)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        return [("", line.strip()[:60], "object")]
    return [
        (column.name, values[column.name], column.kind.value)
        for column in one.table.columns
        if values.get(column.name) is not None and not _is(column.kind, values[column.name])
    ]


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
