"""What a copy reads: the views of schema `extract` in one snapshot, and which of their months the log has touched.

A row hangs on things that the log names as subjects (a manifest, a container, a batch). What happened since a copy was
made names the things, the things name the months; each month of a table that no event has touched is still as it was
copied. Events that no tree holds yet count as new each time, so that none is between two copies.
"""

# ruff: noqa: S608  names of tables and columns are our own, ids are the log's

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from wastetrack.errors import Unavailable
from wastetrack.extracts.columns import Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema

if TYPE_CHECKING:
    from datetime import datetime

UNDATED = "undated"
"""The month of rows that have none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How a table is cut into months, and on what its rows hang."""

    month: str
    """An expression of the row `it`, an instant or a day, of which the month counts."""
    owners: tuple[str, ...]
    """Columns that name subjects of the log."""
    beside: str = ""
    """What else has to be joined for `month`."""


def _own(table: str, *owners: str) -> Split:
    return Split(month=f"it.{TABLES[table].month_of}", owners=owners)


_OF_MANIFEST = "left join (select distinct manifest_id, filed_at from extract.manifests) paper using (manifest_id)"
_OF_BATCH = "left join (select batch_id, treated_at from extract.batches) batch using (batch_id)"
SPLITS = {
    "manifests": _own("manifests", "manifest_id"),
    "weighings": _own("weighings", "manifest_id"),
    "containers": _own("containers", "container_id"),
    "loads": Split(month="paper.filed_at", owners=("manifest_id",), beside=_OF_MANIFEST),
    "scans": _own("scans", "manifest_id", "container_id"),
    "signatures": _own("signatures", "manifest_id"),
    "amendments": _own("amendments", "manifest_id"),
    "batches": _own("batches", "batch_id"),
    "batch_inputs": Split(month="batch.treated_at", owners=("batch_id",), beside=_OF_BATCH),
    "residues": Split(month="it.made_at", owners=("residue_id", "batch_id")),
    "generation": Split(month="it.month_on", owners=()),
}
"""The tables that grow with each day. Every other is copied whole each time."""

# Subjects and names of what happened from a place in the log on; a card stands for its month's manifest, a day of a
# pipe for its.
_TOUCHED = """
with since as (
  select arrival from log_sequence where log_index >= {size} union all select arrival from log_pending
), named as (
  select subject_id as id from log_subjects where arrival in (select arrival from since)
  union select id from log_leaves where arrival in (select arrival from since)
)
select id::text as id from named
union select id::text from trip_cards where manifest_id in (select id from named)
union select manifest_id::text || ':' || day from pipe_days where manifest_id in (select id from named)
"""
# A weighing of a container changes the month in which it was made.
_GENERATED = """
select distinct to_char(made.happened_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month
from log_subjects named join log_leaves leaf on leaf.arrival = named.arrival
join entries made on made.id = leaf.id and made.kind = 'generated'
where named.subject_id = any ({ids}::uuid[])
"""
_VIEWS = """
select class.relname::text as name, encode(sha256(convert_to(pg_get_viewdef(class.oid), 'UTF8')), 'hex') as definition,
  (select string_agg(attname::text, ' ' order by attnum) from pg_attribute where attrelid = class.oid and attnum > 0)
  as columns
from pg_class class where class.relnamespace = 'extract'::regnamespace and class.relkind = 'v'
"""


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """A table that the product holds: how its view is defined, and which columns it has."""

    table: Table
    definition: str
    columns: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """As it is written."""
        whole = arrow_schema(self.table)
        return pa.schema([whole.field(name) for name in self.columns])


class Source:
    """All views as of one moment."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401  the driver names no public type
        self._cursor = cursor
        now = self._row(
            "select now() as at, (select coalesce(max(log_index) + 1, 0) from log_sequence)::bigint as size"
        )
        self.as_of: datetime = now["at"]
        self.log_size: int = now["size"]
        self.views = {
            row["name"]: View(TABLES[row["name"]], row["definition"], _known(row["name"], row["columns"]))
            for row in self._rows(_VIEWS)
            if row["name"] in TABLES
        }

    def touched(self, size: int) -> frozenset[str]:
        """The names of all things to which something happened since the log had this size."""
        return frozenset(row["id"] for row in self._rows(_TOUCHED.format(size=int(size))))

    def months_of(self, name: str, ids: frozenset[str]) -> frozenset[str]:
        """The months in which a table has rows that hang on these things."""
        split = SPLITS[name]
        if not ids:
            return frozenset()
        if not split.owners:
            plain = frozenset(one for one in ids if ":" not in one)
            return frozenset(row["month"] for row in self._rows(_GENERATED.format(ids=_array(plain))))
        hangs = " or ".join(f"it.{owner} = any ({_array(ids)}::text[])" for owner in split.owners)
        month = _month(split.month)
        rows = self._rows(f"select distinct {month} as month from extract.{name} it {split.beside} where {hangs}")
        return frozenset(row["month"] for row in rows)

    def rows(
        self, view: View, *, among: frozenset[str] | None = None, without: frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The rows of a table in the order of its months and key, each batch with its month: of these months, or of all
        but those.

        Of a table that is not split the month is empty.
        """
        name, split = view.table.name, SPLITS.get(view.table.name)
        columns = ", ".join(f"it.{column}" for column in view.columns)
        key = ", ".join(f"it.{column}{_collated(view, column)}" for column in view.table.key)
        if split is None:
            self._cursor.execute(f"select {columns}, '' as month from extract.{name} it order by {key}")
        else:
            wanted = "true" if among is None else _among(split.month, among)
            wanted += f" and ({_among(split.month, without)}) is not true" if without else ""
            month = _month(split.month)
            self._cursor.execute(
                f"select {columns}, {month} as month from extract.{name} it {split.beside} where {wanted} "
                f"order by month, {key}"
            )
        batches = iter(self._cursor.fetch_record_batch())
        while (batch := _next(batches)) is not None:
            yield from _by_month(batch, view)

    def _rows(self, query: str) -> list[dict[str, Any]]:
        self._cursor.execute(query)
        rows: list[dict[str, Any]] = self._cursor.fetch_arrow_table().to_pylist()
        return rows

    def _row(self, query: str) -> dict[str, Any]:
        return self._rows(query)[0]


@contextmanager
def snapshot(dsn: str) -> Iterator[Source]:
    """Everything as of one moment, whatever is written meanwhile. Nothing is locked.

    Raises Unavailable where the database does not give it, or not to its end.
    """
    try:
        with adbc.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("set local timezone = 'UTC'")
            yield Source(cursor)
    except adbc.Error as error:
        raise _not_given(error) from error


def _known(name: str, columns: str) -> tuple[str, ...]:
    """Those that an extract has: views also name the keys of the tables below them."""
    return tuple(column for column in columns.split() if column in TABLES[name].names)


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (OSError, pa.ArrowException) as error:  # the stream's own errors; those of our files come from elsewhere
        raise _not_given(error) from error


def _not_given(error: Exception) -> Unavailable:
    message = "The database does not give its records: {reason}"
    return Unavailable("copy_not_given", message, reason=" ".join(str(error).split())[:300])


def _by_month(batch: pa.RecordBatch, view: View) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The parts of a batch, which is in the order of months, each of one month."""
    months = batch.column("month").to_pylist()
    rows = batch.select(list(view.columns)).cast(view.schema)
    begin = 0
    for place in range(1, len(months) + 1):
        if place == len(months) or months[place] != months[begin]:
            yield months[begin], rows.slice(begin, place - begin)
            begin = place


def _collated(view: View, column: str) -> str:
    """The order of bytes for text: it is the same in each database."""
    return ' collate "C"' if view.table.column(column).kind in (Kind.ID, Kind.TEXT) else ""


def _month(expression: str) -> str:
    return f"coalesce(to_char({_civil(expression)}, 'YYYY-MM'), '{UNDATED}')"


def _civil(expression: str) -> str:
    return expression if expression.endswith("_on") else f"{expression} at time zone 'UTC'"


def _among(expression: str, months: frozenset[str]) -> str:
    """A condition on the column itself, so that it reaches the table below the view."""
    kind = "date" if expression.endswith("_on") else "timestamptz"
    spans = [
        f"{expression} >= {kind} '{month}-01' and {expression} < {kind} '{month}-01' + interval '1 month'"
        for month in sorted(months - {UNDATED})
    ]
    if UNDATED in months:
        spans.append(f"{expression} is null")
    return "(" + " or ".join(spans or ["false"]) + ")"


def _array(ids: frozenset[str]) -> str:
    return "'{" + ",".join(sorted(ids)) + "}'"
