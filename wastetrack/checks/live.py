"""Urgent rules over the live records: the same expressions, as PostgreSQL's SQL over the views of schema `extract`.

What a rule found first longer ago than a few days is the nightly run's to tell; this one tells what is new.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis
from psycopg.errors import QueryCanceled
from psycopg.rows import dict_row

from wastetrack.checks.every import RULES
from wastetrack.checks.model import Need, Rule
from wastetrack.checks.telling import Numbers, fact_told, own_numbers, rule_told
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.findings.model import RuleAnswer, RunKind, RunTold

if TYPE_CHECKING:
    import psycopg

SCHEMA = "extract"
URGENT: tuple[Rule, ...] = tuple(rule for rule in RULES if rule.urgent)
NEWER_THAN = timedelta(days=3)
MOST_SECONDS = 50
_TYPES: Mapping[Kind, str] = {
    Kind.ID: "string",
    Kind.TEXT: "string",
    Kind.GRAMS: "int64",
    Kind.COUNT: "int64",
    Kind.NUMBER: "float64",
    Kind.INSTANT: "timestamp('UTC')",
    Kind.DAY: "date",
    Kind.FLAG: "boolean",
}
_NAMED = """
select relation.relname, attribute.attname from pg_class relation
join pg_namespace space on space.oid = relation.relnamespace
join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attnum > 0
where space.nspname = %s
"""


def live_records(columns: Mapping[str, frozenset[str]]) -> Records:
    """The tables as the database has them: a column that a view leaves out is there without a value."""
    tables = {}
    for name, table in TABLES.items():
        held = [column for column in table.columns if column.name in columns.get(name, frozenset())]
        if not held:
            nothing = ibis.table({"nothing": "boolean"}, name="accounts", database="public").limit(0)
            tables[name] = nothing.select(**{one.name: ibis.null(_TYPES[one.kind]) for one in table.columns})
            continue
        rows = ibis.table({one.name: _TYPES[one.kind] for one in held}, name=name, database=SCHEMA)
        absent = {one.name: ibis.null(_TYPES[one.kind]) for one in table.columns if one not in held}
        tables[name] = rows.mutate(**absent) if absent else rows
    return Records(None, tables, columns)


def run_live(
    connection: "psycopg.Connection[Any]",
    *,
    as_of: datetime,
    numbers: Numbers,
    rules: Iterable[Rule] = URGENT,
    late: list[str],
    most_seconds: int = MOST_SECONDS,
) -> RunTold:
    """Run the rules over the records as they stand, in one snapshot that nothing is written in.

    A rule that takes longer than `most_seconds` says nothing in this run, keeps no other from speaking, and its id
    joins `late`, for whoever called to tell.
    """
    began = time.perf_counter()
    connection.execute("set transaction isolation level repeatable read, read only")
    connection.execute("select set_config('statement_timeout', %s, true)", (f"{most_seconds}s",))
    connection.execute("set local time zone 'UTC'")
    columns: dict[str, frozenset[str]] = {}
    for table, column in connection.execute(_NAMED, (SCHEMA,)):
        columns[table] = columns.get(table, frozenset()) | {column}
    records, presence = live_records(columns), _Presence(connection, columns)
    ran, facts = [], []
    for rule in rules:
        given = numbers.get(rule.id, {})
        lacking = tuple(need for need in rule.needs if not presence.has(need))
        if lacking:
            ran.append(rule_told(rule, RuleAnswer.NO_DATA, given, lacking=lacking))
            continue
        at = time.perf_counter()
        found = rule.find(records, rule.settings(given), as_of)
        new = found.filter(found.found_at <= as_of, found.found_at >= as_of - NEWER_THAN)
        try:
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                rows = cursor.execute(ibis.to_sql(new, dialect="postgres").encode()).fetchall()
        except QueryCanceled:
            late.append(rule.id)
            continue
        facts += [fact_told(rule, {**row, "facts": own_numbers(row)}) for row in rows]
        answer = RuleAnswer.FOUND if rows else RuleAnswer.NOTHING
        ran.append(rule_told(rule, answer, given, seconds=time.perf_counter() - at))
    took = round(time.perf_counter() - began, 3)
    return RunTold(kind=RunKind.URGENT, as_of=as_of, log_size=None, rules=tuple(ran), facts=tuple(facts), seconds=took)


class _Presence:
    """Which tables, columns and words are there at least once; each is asked once."""

    def __init__(self, connection: "psycopg.Connection[Any]", columns: Mapping[str, frozenset[str]]) -> None:
        self._connection = connection
        self._columns = columns
        self._known: dict[str, bool] = {}

    def has(self, written: str) -> bool:
        """Whether a need of a rule is there."""
        if written not in self._known:
            self._known[written] = self._look(Need.of(written))
        return self._known[written]

    def _look(self, need: Need) -> bool:
        held = self._columns.get(need.table, frozenset())
        if not held or (need.column and need.column not in held):
            return False
        condition = "= any(%(words)s)" if need.words else "is not null"
        where = f"where {need.column} {condition}" if need.column else ""
        # Names are those of our own tables.
        asked = f"select exists (select from {SCHEMA}.{need.table} {where})"  # noqa: S608
        row = self._connection.execute(asked.encode(), {"words": list(need.words)}).fetchone()
        return bool(row and row[0])
