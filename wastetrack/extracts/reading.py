"""Opening an extract: each table as a relational expression with all its columns, whatever the files hold.

Raises RuleBroken with everything that makes the extract unreadable, by file, row and column: a missing column, a value
of another type, a key that is empty or stands twice, a word that is none of the known ones. What can be read but cannot
be right (time that goes backwards, rows that refer to nothing, a month without a row) is not refused: it is told as
findings of the checks, beside everything else.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir

from wastetrack.errors import Malformed, RuleBroken, Unavailable
from wastetrack.extracts.checking import rows_that_are_wrong
from wastetrack.extracts.columns import Table
from wastetrack.extracts.copy_state import in_force
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import PARQUET, SQL, Found, Stamp, files_of, find_tables, selected, stamp, unknown_in
from wastetrack.extracts.instants import InstantCompiler


class Records:
    """The tables of one extract on one engine. A table that is absent is there without a row."""

    def __init__(
        self,
        backend: Any,  # noqa: ANN401  DuckDB's or Spark's
        tables: Mapping[str, ir.Table],
        present: Mapping[str, frozenset[str]],
        stamps: frozenset[Stamp] = frozenset(),
        *,
        zoneless: Mapping[str, str] | None = None,
        unknown: Sequence[str] = (),
    ) -> None:
        self.backend = backend
        self._tables = tables
        self.present = present
        self.stamps = stamps
        """Of its files of Parquet, from before they were read."""
        self.zoneless = dict(zoneless or {})
        """Columns whose instants stand in a file without a zone and were taken as UTC, with the first such file."""
        self.unknown = tuple(unknown)
        """Files and folders beside the tables, which were not read."""
        self._models: dict[str, ir.Table] = {}
        self.usuals: dict[str, ir.Table] = {}
        """What was usual, by name, of all that has been asked for."""

    def __getitem__(self, name: str) -> ir.Table:
        """The table of that name. Raises KeyError for one that no extract has."""
        return self._tables[name]

    def model(self, name: str, build: Callable[["Records"], ir.Table]) -> ir.Table:
        """A small table that was fitted to these records: built once, whoever asks."""
        if name not in self._models:
            self._models[name] = build(self)
        return self._models[name]

    def once(self, name: str, build: Callable[["Records"], ir.Table]) -> ir.Table:
        """A table that several rules ask for: computed once, where the engine may keep tables of its own."""
        if self.backend is None:
            return build(self)
        return self.model(name, lambda given: build(given).cache())

    def apart(self, table: ir.Table) -> ir.Table:
        """The same rows. An engine that would copy a long expression into each place that asks for it, and then spends
        its time on planning, computes it once and by itself."""
        return table

    def usual(
        self,
        name: str,
        build: Callable[["Records"], ir.Table],
        as_of: datetime | None = None,
        *,
        shared: bool = False,
    ) -> ir.Table:
        """A small table of what is usual in the whole history (speeds of lanes, how many lack a licence), against which
        a rule holds what is new. `build` is given the records of which it is to be computed.

        It is computed with the rule that asks, whose rows it counts, and by itself only where several rules ask for it.
        """
        named = name if as_of is None else f"{name} as of {as_of.isoformat()}"
        self.usuals[name] = self.once(named, build) if shared else build(self)
        return self.usuals[name]


class Engine(StrEnum):
    """What computes."""

    DUCKDB = "duckdb"
    """In this process."""
    SPARK = "spark"
    """On this machine or on many."""


def open_extract(
    folder: Path,
    *,
    memory: str = "6GB",
    threads: int | None = None,
    spill: Path | None = None,
    engine: Engine = Engine.DUCKDB,
    master: str = "local[*]",
    looked_at: frozenset[Stamp] = frozenset(),
) -> Records:
    """An extract in an engine, which reads its files anew at each question and keeps to `memory`.

    Whether it can be read is found out by DuckDB, whichever engine is to compute; of files that were `looked_at` and
    have not changed since, the rows are not looked at again. Raises NotFound when the folder has
    no tables, RuleBroken when any of them cannot be read.
    """
    if engine is Engine.SPARK:
        need_spark()
    folder = in_force(folder)
    backend = connect(memory=memory, threads=threads, spill=spill)
    files = [path for table in TABLES.values() for path in files_of(folder, table)]
    stamps = frozenset(stamp(folder, path) for path in files if path.suffix == PARQUET)
    found = define_tables(backend.con, folder, looked_at=looked_at)
    present = {name: one.columns for name, one in found.items()}
    told = {f"{name}.{column}": file for name, one in found.items() for column, file in one.zoneless.items()}
    unknown = unknown_in(folder)
    if engine is Engine.SPARK:
        from wastetrack.extracts.spark import connect_spark, spark_tables  # noqa: PLC0415  an extra of its own

        backend.disconnect()
        backend = connect_spark(master, memory=memory, spill=spill)
        return Records(backend, spark_tables(backend, found), present, stamps, zoneless=told, unknown=unknown)
    return Records(
        backend, {name: backend.table(name) for name in TABLES}, present, stamps, zoneless=told, unknown=unknown
    )


def need_spark() -> None:
    """Raises Unavailable, with what to do, where Spark or the Java that it runs on is missing."""
    if importlib.util.find_spec("pyspark") is None:
        raise Unavailable(
            "spark_not_installed", "Spark needs {missing}: pip install 'wastetrack[spark]'.", missing="pyspark"
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        raise Unavailable(
            "java_not_installed", "Spark runs on Java 17 or later, and there is none: install it or set JAVA_HOME."
        )


def define_tables(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Mapping[str, Table] = TABLES,
    looked_at: frozenset[Stamp] = frozenset(),
) -> dict[str, Found]:
    """A view for each of these tables, and the files of those that the folder holds; another has no row.

    Raises NotFound when it holds none, RuleBroken when any of them cannot be read.
    """
    found, broken = find_tables(folder, tables)
    for one in found.values():
        _define(con, one)
    for one in found.values():
        if fresh := [path for path in one.files if not one.parquet or stamp(folder, path) not in looked_at]:
            broken += rows_that_are_wrong(con, folder, one, fresh)
    if broken:
        raise RuleBroken(broken)
    for name, table in tables.items():
        if name not in found:
            con.execute(f"create or replace view {name} as select {_nothing(table)} where false")
    return found


def connect(*, memory: str, threads: int | None = None, spill: Path | None = None) -> Any:  # noqa: ANN401  Ibis gives its backends no common type
    """DuckDB in this process, in UTC, within so much memory. Raises Malformed when `memory` is no size."""
    settings: dict[str, object] = {"memory_limit": memory, "preserve_insertion_order": False}
    if threads is not None:
        settings["threads"] = threads
    if spill is not None:
        settings["temp_directory"] = str(spill)
    try:
        backend = ibis.duckdb.connect(**settings)
    except duckdb.Error as error:
        raise Malformed(
            "memory_unreadable", "“{value}” is no size of memory: write for example 6GB.", value=memory
        ) from error
    backend.con.execute("set enable_progress_bar = false")  # it would stand between what a command prints
    backend.con.execute("set timezone = 'UTC'")  # once its calendars are loaded, which is after it has begun
    backend.compiler = InstantCompiler()
    return backend


def _define(con: duckdb.DuckDBPyConnection, one: Found) -> None:
    con.execute(f"create or replace view {one.table.name} as {selected(one)}")


def _nothing(table: Table) -> str:
    return ", ".join(f"null::{SQL[column.kind]} as {column.name}" for column in table.columns)
