"""Which files of a folder hold which table, and whether they can be read at all."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wastetrack.errors import Broken, NotFound
from wastetrack.extracts.columns import Column, Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.i18n import message

PARQUET = ".parquet"
LINES = (".ndjson", ".jsonl")
TRUTH = "truth"
"""The folder of a made world in which stands what is false in it."""

_WRITTEN = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.GRAMS: pa.int64(),
    Kind.COUNT: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.DAY: pa.date32(),
    Kind.FLAG: pa.bool_(),
}

SQL = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.GRAMS: "BIGINT",
    Kind.COUNT: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.DAY: "DATE",
    Kind.FLAG: "BOOLEAN",
}
"""The types of DuckDB."""


def arrow_schema(table: Table) -> pa.Schema:
    """As which a table is written to Parquet."""
    return pa.schema([pa.field(column.name, _WRITTEN[column.kind]) for column in table.columns])


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """The files of one table, all of one format, and the columns that stand in them."""

    table: Table
    parquet: bool
    files: tuple[Path, ...]
    columns: frozenset[str]
    zoneless: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Columns of instants that a file holds without a zone, so that they are taken as UTC, with the first such file."""


Stamp = tuple[str, int, int]
"""A file as it was: its path within the extract, its size, and when it was written, in nanoseconds."""


def stamp(folder: Path, path: Path) -> Stamp:
    """Of a file of an extract: as long as it is the same, so is what was found in it."""
    told = path.stat()
    return path.relative_to(folder).as_posix(), told.st_size, told.st_mtime_ns


def files_of(folder: Path, table: Table) -> tuple[Path, ...]:
    """`<table>.parquet`, `<table>.ndjson`, or every such file under `<table>/`, in the order of their names."""
    endings = (PARQUET, *LINES)
    single = [folder / f"{table.name}{ending}" for ending in endings]
    inside = sorted(path for path in (folder / table.name).rglob("*") if path.suffix in endings and path.is_file())
    return tuple(path for path in single if path.is_file()) + tuple(inside)


def find_tables(folder: Path, tables: Mapping[str, Table] = TABLES) -> tuple[dict[str, Found], list[Broken]]:
    """Those tables of which the folder has files that can be read, and everything that is wrong with the others.

    Raises NotFound when there is no such folder or none of its files is a table's.
    """
    if not folder.is_dir():
        raise NotFound("extract_missing", "There is no folder {folder}.", folder=str(folder))
    found, broken = {}, []
    for table in tables.values():
        broken += _folders_in_place_of_files(folder, table)
        files = files_of(folder, table)
        if not files:
            continue
        one, wrong = _look_at(folder, table, files)
        broken += wrong
        if one is not None and not wrong:
            found[table.name] = one
    if not found and not broken:
        raise NotFound(
            "extract_empty",
            "{folder} has no table of an extract; it would hold for example manifests.parquet or "
            "manifests/2026-01.parquet.",
            folder=str(folder),
        )
    return found, broken


def _folders_in_place_of_files(folder: Path, table: Table) -> list[Broken]:
    """Folders that are called like a file: what lies in them would else be passed over without a word."""
    inside = sorted((folder / table.name).rglob("*")) if (folder / table.name).is_dir() else []
    places = [folder / f"{table.name}{ending}" for ending in (PARQUET, *LINES)] + inside
    return [
        Broken(
            where,
            "extract_folder_for_file",
            message("{file} is a folder, not a file; put the files of the table {table} into the folder {table}."),
            facts={"file": where, "table": table.name},
        )
        for path in places
        if path.suffix in (PARQUET, *LINES) and path.is_dir()
        for where in (str(path.relative_to(folder)),)
    ]


def unknown_in(folder: Path, tables: Mapping[str, Table] = TABLES) -> list[str]:
    """Files and folders with rows that belong to no table, by name: a table that is called otherwise is not read."""
    return sorted(
        path.name for path in folder.iterdir() if path.name != TRUTH and path.stem not in tables and _holds_rows(path)
    )


def _holds_rows(path: Path) -> bool:
    endings = (PARQUET, *LINES)
    return path.suffix in endings or (path.is_dir() and any(one.suffix in endings for one in path.iterdir()))


def _look_at(folder: Path, table: Table, files: tuple[Path, ...]) -> tuple[Found | None, list[Broken]]:
    formats = {path.suffix == PARQUET for path in files}
    if len(formats) > 1:
        return None, [
            Broken(
                table.name,
                "extract_formats_mixed",
                message("{table} has Parquet and NDJSON files; keep one of them."),
                facts={"table": table.name},
            )
        ]
    parquet = formats == {True}
    broken: list[Broken] = []
    seen: set[str] = set()
    zoneless: dict[str, str] = {}
    for path in files:
        where = str(path.relative_to(folder))
        names, wrong = _parquet_columns(path, where, table, zoneless) if parquet else _line_columns(path, where)
        broken += wrong
        seen |= names
        if names:
            broken += [
                Broken(
                    f"{where}: {column.name}",
                    "extract_column_missing",
                    message("{file} has no column {column} ({meaning}); the table {table} cannot be read without it."),
                    facts={"file": where, "column": column.name, "meaning": column.meaning, "table": table.name},
                )
                for column in table.columns
                if column.required and column.name not in names
            ]
    # Any line may be the first that has a key: a column that only a later one has would else be read as nothing.
    columns = frozenset(seen) & frozenset(table.names) if parquet else frozenset(table.names)
    return Found(table, parquet, files, columns, zoneless), broken


def _parquet_columns(path: Path, where: str, table: Table, zoneless: dict[str, str]) -> tuple[set[str], list[Broken]]:
    """The names of its columns and what is wrong in their types; instants without a zone are put into `zoneless`."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        return set(), [unreadable(where, error)]
    known = {column.name: column for column in table.columns}
    wrong = [
        wrong
        for field in schema
        if field.name in known and (wrong := _type_wrong(known[field.name], field.type, where)) is not None
    ]
    for field in schema:
        if field.name in known and pa.types.is_timestamp(field.type) and field.type.tz is None:
            zoneless.setdefault(field.name, where)
    return set(schema.names), wrong


def unreadable(where: str, error: Exception) -> Broken:
    """A file that cannot be read at all."""
    return Broken(
        where,
        "extract_file_unreadable",
        message("{file} cannot be read ({error}); it may be half written. Write it again whole."),
        facts={"file": where, "error": " ".join(str(error).split())[:200]},
    )


_KINDS: dict[Kind, tuple[Callable[[pa.DataType], bool], ...]] = {
    Kind.ID: (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary),
    Kind.TEXT: (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary),
    Kind.GRAMS: (pa.types.is_integer,),
    Kind.COUNT: (pa.types.is_integer,),
    Kind.NUMBER: (pa.types.is_floating, pa.types.is_integer),
    Kind.INSTANT: (pa.types.is_timestamp,),
    Kind.DAY: (pa.types.is_date,),
    Kind.FLAG: (pa.types.is_boolean,),
}
"""As which types of a file a column is read."""


def _type_wrong(column: Column, given: pa.DataType, where: str) -> Broken | None:
    if pa.types.is_null(given) or any(fits(given) for fits in _KINDS[column.kind]):
        return None
    sentence = message("{file}, column {column}: {given} is no {kind}.")
    if column.kind is Kind.GRAMS:
        sentence = message(
            "{file}, column {column}: {given} is no whole number of grams. Multiply kilograms by 1,000, tonnes by "
            "1,000,000, and write integers."
        )
    facts: dict[str, object] = {"file": where, "column": column.name, "given": str(given), "kind": column.kind.value}
    return Broken(f"{where}: {column.name}", "extract_type_wrong", sentence, facts=facts)


def _line_columns(path: Path, where: str) -> tuple[set[str], list[Broken]]:
    """The keys of the first thousand lines, by which a column is said to be missing.

    A line that is no object, or no UTF-8, is told by its number when the rows are looked at.
    """
    names: set[str] = set()
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in islice(lines, 1000):
                if "\0" in line:
                    return set(), [unreadable(where, ValueError("it is no text"))]
                names |= _keys(line)
    except OSError as error:
        return set(), [unreadable(where, error)]
    return names, []


def _keys(line: str) -> frozenset[str]:
    try:
        row = json.loads(line)
    except ValueError:
        return frozenset()
    return frozenset(row) if isinstance(row, dict) else frozenset()


def source(one: Found) -> str:
    """The files of a table as DuckDB reads them, with the file and, of Parquet, the row number."""
    files = "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in one.files) + "]"
    if one.parquet:
        options = "union_by_name=true, hive_partitioning=false, filename=true, file_row_number=true"
        return f"read_parquet({files}, {options})"
    columns = ", ".join(f"{name}: 'JSON'" for name in sorted(one.columns))
    return f"read_json({files}, format='newline_delimited', columns={{{columns}}}, filename=true)"


def read_as(column: Column, one: Found) -> str:
    """The column in its own type, from whatever the files hold of it."""
    sql = SQL[column.kind]
    if column.name not in one.columns:
        return f"null::{sql} as {column.name}"
    given = column.name if one.parquet else f"({column.name} ->> '$')"
    return f"{given}::{sql} as {column.name}"


def selected(one: Found) -> str:
    """Its rows with all columns of the table, as DuckDB asks for them."""
    columns = ", ".join(read_as(column, one) for column in one.table.columns)
    return f"select {columns} from {source(one)}"  # noqa: S608  names are our own, files are quoted
