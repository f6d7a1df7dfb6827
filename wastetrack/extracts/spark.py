"""The same tables on Spark, for copies that one machine cannot hold: the rules are the same expressions.

Whether an extract can be read at all is found out by DuckDB, by file, row and column (`reading.open_checked`); here it
is only opened. Ibis asks Spark in SQL and gets its answers as Arrow.
"""

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend, PySparkSchema
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.formats.pyarrow import PyArrowData
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import (
    BooleanType,
    DateType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from wastetrack.extracts.columns import Column, Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import Found

TYPES = {
    Kind.ID: "string",
    Kind.TEXT: "string",
    Kind.GRAMS: "bigint",
    Kind.COUNT: "bigint",
    Kind.NUMBER: "double",
    Kind.INSTANT: "timestamp",
    Kind.DAY: "date",
    Kind.FLAG: "boolean",
}
"""The types of Spark."""


class BinaryCompiler(PySparkCompiler):  # type: ignore[misc]  # Ibis has no types
    """Writes 3600.0 as the binary64 that it is: Spark takes it for a decimal, and keeps six places of a quotient."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: dt.DataType) -> Any:  # noqa: ANN401, N802  as Ibis has it
        """A constant."""
        written = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        return self.cast(written, dt.float64) if dtype.is_floating() and math.isfinite(value) else written


class ArrowBackend(Backend):  # type: ignore[misc]  # Ibis has no types
    """Spark as Ibis knows it, with tables as Arrow in both directions: by way of pandas a null count becomes a
    fraction."""

    compiler = BinaryCompiler()

    def to_pyarrow(
        self,
        expr: ir.Expr,
        /,
        *,
        params: Mapping[ir.Scalar, Any] | None = None,
        limit: int | str | None = None,
        **kwargs: Any,  # noqa: ANN401  as Ibis has it
    ) -> Any:  # noqa: ANN401  a table, a column or a scalar
        """The answer to an expression."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        answer = self._session.sql(self.compile(table, params=params, limit=limit, **kwargs)).toArrow()
        return expr.__pyarrow_result__(PyArrowData.convert_table(answer, table.schema()))

    def get_schema(self, table_name: str, *, catalog: str | None = None, database: str | None = None) -> sch.Schema:
        """Columns of a table; all its instants are UTC, as the session is."""
        given = super().get_schema(table_name, catalog=catalog, database=database)
        return sch.Schema({name: _in_utc(kind) for name, kind in given.items()})

    def _register_in_memory_table(self, op: Any) -> None:  # noqa: ANN401  as Ibis has it
        rows = op.data.to_pyarrow(op.schema)
        self._session.createDataFrame(rows, schema=PySparkSchema.from_ibis(op.schema)).createOrReplaceTempView(op.name)

    def _create_cached_table(self, name: str, expr: ir.Expr) -> ir.Table:
        """Computed once and cut off from its plan: a plan that holds a dozen others is looked at for minutes."""
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(expr)).localCheckpoint()
        rows.createOrReplaceTempView(name)
        self._cached_dataframes[name] = rows
        return self.table(name)

    def _drop_cached_table(self, name: str) -> None:
        self._session.catalog.dropTempView(name)
        self._cached_dataframes.pop(name)


def _in_utc(kind: dt.DataType) -> dt.DataType:
    return dt.Timestamp(timezone="UTC", nullable=kind.nullable) if kind.is_timestamp() else kind


def connect_spark(master: str, *, memory: str, spill: Path | None = None) -> ArrowBackend:
    """A session on `master` (`local[*]`, `spark://…`), in UTC and without its own pages."""
    settings = {
        "spark.driver.memory": memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "false",  # what is divided by nought is unknown, as elsewhere
        "spark.sql.legacy.parquet.nanosAsLong": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        "spark.driver.maxResultSize": "0",
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):
        settings["spark.sql.shuffle.partitions"] = "4"  # of so few processors more parts are only more errands
    else:
        del settings["spark.driver.bindAddress"], settings["spark.driver.host"]
    if spill is not None:
        settings["spark.local.dir"] = str(spill)
    builder = SparkSession.builder.appName("wastetrack checks").master(master)
    session = builder.config(map=settings).getOrCreate()
    backend = ArrowBackend()
    backend.register_options()
    backend.do_connect(session)
    return backend


def spark_tables(backend: ArrowBackend, found: Mapping[str, Found]) -> dict[str, ir.Table]:
    """Every table of an extract, by name; one that is absent has no row."""
    session = backend._session  # noqa: SLF001  Ibis gives no other way to it
    for name, table in TABLES.items():
        rows = _rows(session, found[name]) if name in found else _nothing(session, table)
        rows.createOrReplaceTempView(name)
    return {name: backend.table(name) for name in TABLES}


def _rows(session: SparkSession, one: Found) -> DataFrame:
    if not one.parquet:
        return _lines(session, one)
    parts = []
    for schema, files in _alike(one.files):
        known = _as_spark(schema)
        reader = session.read if known is None else session.read.schema(known)  # with it, no file is opened yet
        rows = reader.parquet(*(str(path) for path in files))
        parts.append(rows.select(*(_read_as(column, schema) for column in one.table.columns)))
    return reduce(DataFrame.union, parts)


def _alike(files: Iterable[Path]) -> Iterable[tuple[pa.Schema, list[Path]]]:
    """Files with one schema are read together: Spark reads no others so."""
    groups: dict[str, tuple[pa.Schema, list[Path]]] = {}
    for path in files:
        schema = pq.read_schema(path).remove_metadata()
        groups.setdefault(schema.to_string(), (schema, []))[1].append(path)
    return groups.values()


def _as_spark(schema: pa.Schema) -> StructType | None:
    """Of the usual types; None where Spark has to find out itself."""
    usual = {
        pa.string(): StringType(),
        pa.large_string(): StringType(),
        pa.int64(): LongType(),
        pa.float64(): DoubleType(),
        pa.bool_(): BooleanType(),
        pa.date32(): DateType(),
    }
    fields = []
    for field in schema:
        kind = usual.get(field.type)
        if kind is None and pa.types.is_timestamp(field.type) and field.type.unit != "ns" and field.type.tz:
            kind = TimestampType()
        if kind is None:
            return None
        fields.append(StructField(field.name, kind))
    return StructType(fields)


def _read_as(column: Column, schema: pa.Schema) -> SparkColumn:
    wanted = TYPES[column.kind]
    if column.name not in schema.names or pa.types.is_null(schema.field(column.name).type):
        return f.lit(None).cast(wanted).alias(column.name)
    given, value = schema.field(column.name).type, f.col(column.name)
    if column.kind is Kind.INSTANT and pa.types.is_timestamp(given) and given.unit == "ns":
        value = f.timestamp_micros(f.floor(value / f.lit(1000)).cast("bigint"))
    return value.cast(wanted).alias(column.name)


def _lines(session: SparkSession, one: Found) -> DataFrame:
    schema = StructType([StructField(name, StringType()) for name in sorted(one.columns)])
    rows = session.read.schema(schema).json([str(path) for path in one.files])
    return rows.select(
        *(f.col(column.name).cast(TYPES[column.kind]).alias(column.name) for column in one.table.columns)
    )


def _nothing(session: SparkSession, table: Table) -> DataFrame:
    columns = ", ".join(f"cast(null as {TYPES[column.kind]}) as {column.name}" for column in table.columns)
    return session.sql(f"select {columns} where false")
