"""An extract as it stood at an earlier instant: rows that had begun by then, without what had not happened yet."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wastetrack.extracts.columns import Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema, files_of

WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "manifests": {
        "received_at": ("received_g", "rejected_g", "received_recorded_at"),
        "cancelled_at": ("cancel_reason",),
    },
    "loads": {"scanned_at": ("outcome",)},
}
"""What is known only together with an instant."""


def cut(world: Path, folder: Path, at: datetime) -> Path:
    """Write the world as it stood then."""
    folder.mkdir(parents=True)
    for table in TABLES.values():
        if files := files_of(world, table):
            rows = pa.concat_tables([pq.read_table(file).select(pq.read_schema(file).names) for file in files])
            kept = _as_of(table, rows.select(table.names).cast(arrow_schema(table)), at)
            pq.write_table(kept, folder / f"{table.name}.parquet")
    return folder


def _as_of(table: Table, rows: pa.Table, at: datetime) -> pa.Table:
    then = pa.scalar(at, pa.timestamp("us", "UTC"))
    day = pa.scalar(at.date(), pa.date32())
    for column in table.columns:
        if column.kind is Kind.INSTANT and column.required:
            rows = rows.filter(pc.less_equal(rows[column.name], then))
        if column.name == "month_on":
            rows = rows.filter(pc.less_equal(rows[column.name], day))
    for column in table.columns:
        if column.kind is Kind.INSTANT and not column.required:
            later = pc.fill_null(pc.greater(rows[column.name], then), fill_value=False)
            for name in (column.name, *WITH.get(table.name, {}).get(column.name, ())):
                empty = pa.nulls(rows.num_rows, rows.schema.field(name).type)
                rows = rows.set_column(rows.schema.get_field_index(name), name, pc.if_else(later, empty, rows[name]))
    return rows
