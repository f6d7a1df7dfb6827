"""Urgent rules over the live records: the same expressions, as PostgreSQL's SQL over the views of schema `extract`.

What a rule found first longer ago than a few days is the nightly run's to tell; this one tells what is new. A rule is
shown all that what is new can rest on, by the keys that `reach` finds, and not the history of years beside it; what is
usual in that history it is told as the last look at all of it found it, where there was one.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.errors import QueryCanceled
from psycopg.rows import dict_row

from wastetrack.checks.every import RULES
from wastetrack.checks.looking import Shown, live_records
from wastetrack.checks.model import Need, Rule
from wastetrack.checks.reach import Reaching
from wastetrack.checks.telling import Numbers, fact_told, own_numbers, rule_told
from wastetrack.checks.usual import Usual
from wastetrack.findings.model import RuleAnswer, RunKind, RunTold

if TYPE_CHECKING:
    import psycopg

URGENT: tuple[Rule, ...] = tuple(rule for rule in RULES if rule.urgent)
NEWER_THAN = timedelta(days=3)
MOST_SECONDS = 50
_NOTHING: Mapping[str, Usual] = {}
_NAMED = """
select relation.relname, attribute.attname from pg_class relation
join pg_namespace space on space.oid = relation.relnamespace
join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attnum > 0
where space.nspname = %s
"""


def run_live(
    connection: "psycopg.Connection[Any]",
    *,
    as_of: datetime,
    numbers: Numbers,
    rules: Iterable[Rule] = URGENT,
    late: list[str],
    most_seconds: int = MOST_SECONDS,
    usual: Mapping[str, Usual] = _NOTHING,
    whole: bool = False,
) -> RunTold:
    """Run the rules over the records as they stand, in one snapshot that nothing is written in.

    `usual` is what the last look at the whole history told; what it lacks is computed here. With `whole`, each rule is
    shown the whole history: for whoever compares. A rule that takes longer than `most_seconds` says nothing in this
    run, keeps no other from speaking, and its id joins `late`, for whoever called to tell.
    """
    began = time.perf_counter()
    connection.execute("set transaction isolation level repeatable read, read only")
    connection.execute("select set_config('statement_timeout', %s, true)", (f"{most_seconds}s",))
    connection.execute("set local time zone 'UTC'")
    # Each statement runs once over a few thousand rows: to compile it takes longer than to run it.
    connection.execute("set local jit = off")
    columns: dict[str, frozenset[str]] = {}
    for table, column in connection.execute(_NAMED, ("extract",)):
        columns[table] = columns.get(table, frozenset()) | {column}
    records, presence = live_records(columns), _Presence(connection, columns)
    reaching = Reaching(connection, as_of, as_of - NEWER_THAN)
    ran, facts = [], []
    for rule in rules:
        given = numbers.get(rule.id, {})
        lacking = tuple(need for need in rule.needs if not presence.has(need))
        if lacking:
            ran.append(rule_told(rule, RuleAnswer.NO_DATA, given, lacking=lacking))
            continue
        at = time.perf_counter()
        settings = rule.settings(given)
        try:
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                shown = Shown(records, usual, None if whole else reaching.of(rule, settings))
                found = rule.find(shown, settings, as_of)
                new = found.filter(found.found_at <= as_of, found.found_at >= as_of - NEWER_THAN)
                rows = cursor.execute(shown.statement(new).encode()).fetchall()
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
        asked = f"select exists (select from extract.{need.table} {where})"  # noqa: S608
        row = self._connection.execute(asked.encode(), {"words": list(need.words)}).fetchone()
        return bool(row and row[0])
