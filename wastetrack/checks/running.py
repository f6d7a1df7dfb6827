"""Running rules over an extract: what each found, or that it had nothing to look at."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

import pyarrow as pa

from wastetrack.checks.model import FINDING, Rule
from wastetrack.extracts.reading import Records


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


_ROWS = "rows of the table"


class Presence:
    """Which tables and columns of an extract hold at least one value; each table is asked once."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[str, frozenset[str]] = {}

    def has(self, need: str) -> bool:
        """Whether `table` has a row, `table.column` a value."""
        table, _, column = need.partition(".")
        if table not in self._known:
            self._known[table] = self._look(table)
        return (column or _ROWS) in self._known[table]

    def _look(self, table: str) -> frozenset[str]:
        columns = self._records.present.get(table)
        if not columns:
            return frozenset()
        rows = self._records[table]
        row = rows.aggregate(**{name: rows[name].count() for name in columns}, **{_ROWS: rows.count()}).to_pyarrow().to_pylist()[0]
        return frozenset(name for name, count in row.items() if count)


def run(
    records: Records, rules: Iterable[Rule], *, as_of: datetime, settings: Mapping[str, Mapping[str, float]] | None = None
) -> Iterable[Outcome]:
    """One outcome a rule, as they are known: only findings that could be known at `as_of` are told.

    `settings` are numbers that stand instead of a rule's defaults, by rule id and name.
    """
    presence = Presence(records)
    for rule in rules:
        lacking = tuple(need for need in rule.needs if not presence.has(need))
        if lacking:
            yield Outcome(rule, Answer.NO_DATA, lacking, NONE)
            continue
        expression = rule.find(records, rule.settings((settings or {}).get(rule.id, {})), as_of)
        found = _told(expression.filter(expression.found_at <= as_of).to_pyarrow())
        yield Outcome(rule, Answer.FOUND if found.num_rows else Answer.NOTHING, (), found)


def _told(found: pa.Table) -> pa.Table:
    """The columns of every finding, and the rule's own as JSON: engines have no common form for a record of any shape."""
    own = [name for name in found.column_names if name not in FINDING]
    facts = [json.dumps(row, default=_as_text, ensure_ascii=False) for row in found.select(own).to_pylist()]
    return found.select(list(FINDING)).append_column("facts", pa.array(facts, pa.string())).cast(NONE.schema)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no fact of a finding")


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
