"""Writing a world: one file a month where a table is split by month, one growing file where it is not."""

import dataclasses
from enum import StrEnum
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wastetrack.extracts.columns import Table
from wastetrack.simulation.calendars import Month

_HELD_MONTHS = {"containers": 2}
"""Rows that are told only when they leave, so long after their instant."""
_CHUNK = 50_000
HELD_DAYS = 55
"""No container is told longer after it was made."""


class Format(StrEnum):
    """How the tables are written."""

    PARQUET = "parquet"
    NDJSON = "ndjson"


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """One file of a world."""

    path: str
    rows: int


class Writer:
    """Takes rows as they come and writes each month when nothing more can belong to it."""

    def __init__(self, folder: Path, form: Format, months: list[Month]) -> None:
        self._folder, self._form, self._months = folder, form, months
        self._held: dict[str, list[pa.Table]] = {}
        self._tables: dict[str, Table] = {}
        self._growing: dict[str, pq.ParquetWriter] = {}
        self._counts: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, table: Table, rows: pa.Table) -> None:
        """Rows of a table. Those after the last month are not of this world's records, and dropped."""
        if not table.month_of:
            self._append(table.name, f"{table.name}.{self._form.value}", rows)
            return
        self._tables[table.name] = table
        self._held.setdefault(table.name, []).append(rows)

    def close_month(self, month: Month) -> None:
        """Write what belongs to months that are over."""
        for name, table in self._tables.items():
            done = month.number - _HELD_MONTHS.get(name, 0)
            if done >= 0:
                self._write_month(table, self._months[done])

    def close(self) -> list[Written]:
        """Write what is held and tell all files."""
        for name, table in self._tables.items():
            held = _HELD_MONTHS.get(name, 0)
            for month in self._months[len(self._months) - held :]:
                self._write_month(table, month)
        for growing in self._growing.values():
            growing.close()
        return [Written(path, rows) for path, rows in sorted(self._counts.items())]

    def _write_month(self, table: Table, month: Month) -> None:
        every = pa.concat_tables(self._held[table.name]) if self._held[table.name] else None
        if every is None:
            return
        column = every[table.month_of]
        until = pa.scalar(month.ends_s * 1_000_000, pa.int64()).cast(column.type)
        due = pc.less(column, until)
        rows = every.filter(due)
        self._held[table.name] = [every.filter(pc.invert(due))]
        rows = rows.sort_by([(table.month_of, "ascending"), *((name, "ascending") for name in table.key)])
        self._append(table.name, f"{table.name}/{month.name}.{self._form.value}", rows, whole=True)

    def _append(self, name: str, path: str, rows: pa.Table, *, whole: bool = False) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if self._form is Format.PARQUET and whole:
            pq.write_table(rows, file, compression="zstd", row_group_size=1 << 17)
        elif self._form is Format.PARQUET:
            if name not in self._growing:
                self._growing[name] = pq.ParquetWriter(file, rows.schema, compression="zstd")
            self._growing[name].write_table(rows, row_group_size=1 << 17)
        else:
            _write_lines(file, rows, again=path in self._counts)
        self._counts[path] = self._counts.get(path, 0) + rows.num_rows


def _write_lines(file: Path, rows: pa.Table, *, again: bool) -> None:
    with file.open("ab" if again else "wb") as lines:
        for chunk in rows.to_batches(max_chunksize=_CHUNK):
            lines.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in chunk.to_pylist())


def write_table(file: Path, rows: pa.Table, form: Format) -> Written:
    """One table that is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if form is Format.PARQUET:
        pq.write_table(rows, file, compression="zstd")
    else:
        _write_lines(file, rows, again=False)
    return Written(file.name, rows.num_rows)


def days_of(month: Month) -> int:
    """Days since 1970 of the first of a month."""
    return int(np.datetime64(month.first, "D").astype(np.int64))
