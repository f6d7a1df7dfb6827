"""Running rules over an extract: what each found, or that it had nothing to look at."""

import dataclasses
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from wastetrack.checks.model import FINDING, Need, Rule
from wastetrack.errors import NotFound
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records

FAR = timedelta(days=366)
"""Beyond where most columns end."""
STRAYS = 0.001
"""Of the values of a column, up to which those that are far beyond are slips (rule Q07 tells them)."""


class Answer(StrEnum):
    """What a rule has to say."""

    FOUND = "found"
    NOTHING = "nothing"
    """It looked, and all was well."""
    NO_DATA = "no_data"
    """It had nothing to look at; that is no clean record."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """Of one rule in one run."""

    rule: Rule
    answer: Answer
    lacking: tuple[str, ...]
    """What it would have needed."""
    findings: pa.Table
    """Columns of FINDING and `facts`, JSON of the finding's own numbers."""
    seconds: float = 0.0
    whole_at: datetime | None = None
    """As of when it last looked at the whole history; None: in this run."""
    rests: bool = False
    """It did not look in this run: these are the findings of that look."""


class Presence:
    """Which of the tables, columns and words that rules need are there at least once; each table is asked once."""

    def __init__(self, records: Records, rules: Iterable[Rule]) -> None:
        self._records = records
        self._wanted: dict[str, set[Need]] = {}
        self._known: dict[str, frozenset[Need]] = {}
        for need in (Need.of(written) for rule in rules for written in rule.needs):
            self._wanted.setdefault(need.table, set()).add(need)

    def has(self, written: str) -> bool:
        """Whether a need of one of the rules is there."""
        need = Need.of(written)
        if need.table not in self._known:
            self._known[need.table] = self._look(need.table)
        return need in self._known[need.table]

    def _look(self, table: str) -> frozenset[Need]:
        columns = self._records.present.get(table)
        if not columns:
            return frozenset()
        rows = self._records[table]
        wanted = [need for need in self._wanted[table] if not need.column or need.column in columns]
        counts = {f"need_{place}": _count(rows, need) for place, need in enumerate(wanted)}
        (row,) = rows.aggregate(**counts).to_pyarrow().to_pylist() if counts else ({},)
        return frozenset(need for place, need in enumerate(wanted) if row[f"need_{place}"])


def _count(rows: ir.Table, need: Need) -> ir.IntegerScalar:
    if not need.column:
        return rows.count()
    value = rows[need.column]
    return value.count(where=value.isin(need.words)) if need.words else value.count()


def run(
    records: Records,
    rules: Iterable[Rule],
    *,
    as_of: datetime,
    settings: Mapping[str, Mapping[str, float]] | None = None,
) -> Iterable[Outcome]:
    """One outcome a rule, as they are known: only findings that could be known at `as_of` are told.

    `settings` are numbers that stand instead of a rule's defaults, by rule id and name.
    """
    asked = list(rules)
    presence = Presence(records, asked)
    for rule in asked:
        lacking = tuple(need for need in rule.needs if not presence.has(need))
        if lacking:
            yield Outcome(rule, Answer.NO_DATA, lacking, NONE)
            continue
        began = time.perf_counter()
        expression = rule.find(records, rule.settings((settings or {}).get(rule.id, {})), as_of)
        found = _told(expression.filter(expression.found_at <= as_of).to_pyarrow())
        took = time.perf_counter() - began
        yield Outcome(rule, Answer.FOUND if found.num_rows else Answer.NOTHING, (), found, took)


def end_of(records: Records) -> datetime:
    """The last instant of which the records tell, but for a stray one far in the future. Raises NotFound when they
    tell of none."""
    last: list[tuple[datetime, str, str]] = []
    for name, columns in records.present.items():
        rows, table = records[name], TABLES[name]
        instants = [column for column in columns if table.column(column).kind is Kind.INSTANT]
        if instants:
            ends = rows.aggregate(**{column: rows[column].max() for column in instants}).to_pyarrow().to_pylist()[0]
            last += [(ended, name, column) for column, ended in ends.items() if ended is not None]
    if not last:
        raise NotFound("extract_without_time", "The extract tells of no instant; say with --as-of when it was known.")
    # A year that was typed wrongly is no end: what lies far beyond most columns' ends is looked at.
    usual = sorted(ended for ended, _, _ in last)[(len(last) - 1) // 2] + FAR
    return max(
        ended if ended <= usual else _without_strays(records, name, column, usual) for ended, name, column in last
    )


def _without_strays(records: Records, name: str, column: str, usual: datetime) -> datetime:
    """The end of a column, of which hardly a value lies later than `usual`; with many that do, they are its end."""
    time = records[name][column]
    counted = records[name].aggregate(
        all_rows=time.count(), strays=time.count(where=time > usual), last=time.max(),
        honest=time.max(where=time <= usual),
    )  # fmt: skip
    (row,) = counted.to_pyarrow().to_pylist()
    few = row["strays"] <= max(row["all_rows"] * STRAYS, 1) and row["honest"] is not None
    found: datetime = row["honest"] if few else row["last"]
    return found


def written(outcomes: Iterable[Outcome], out: Path) -> None:
    """All findings in one Parquet file, each with its rule, version and queue."""
    tables = []
    for outcome in outcomes:
        said = {"rule": outcome.rule.id, "version": outcome.rule.version, "queue": outcome.rule.queue.value}
        columns = {name: pa.array([value] * outcome.findings.num_rows, _SAID[name]) for name, value in said.items()}
        tables.append(pa.table({**columns, **{name: outcome.findings[name] for name in outcome.findings.column_names}}))
    pq.write_table(pa.concat_tables(tables), out, compression="zstd")


def _told(found: pa.Table) -> pa.Table:
    """The columns of every finding, and the rule's own as JSON: engines have no common form of such records."""
    own = [name for name in found.column_names if name not in FINDING]
    facts = [json.dumps(row, default=_as_text, ensure_ascii=False) for row in found.select(own).to_pylist()]
    return found.select(list(FINDING)).append_column("facts", pa.array(facts, pa.string())).cast(NONE.schema)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no fact of a finding")


_SAID = {"rule": pa.string(), "version": pa.int64(), "queue": pa.string()}
NONE = pa.table(
    {
        name: pa.array([], kind)
        for name, kind in zip(
            (*FINDING, "facts"),
            (
                pa.int8(), pa.string(), pa.string(), pa.string(), pa.timestamp("us", tz="UTC"),
                pa.timestamp("us", tz="UTC"), pa.int64(), pa.float64(), pa.float64(), pa.string(),
            ),
            strict=True,
        )
    }
)  # fmt: skip
"""No findings."""
