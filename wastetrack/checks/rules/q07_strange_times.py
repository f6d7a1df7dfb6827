"""Q07: instants that cannot be of these records, and instants that came without a zone.

A year typed wrongly, or seconds read as microseconds: the row is then of no month that anybody looks at, and what
waits for it never ends.
"""

from datetime import UTC, datetime, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import INSTANT, findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No record of waste on a computer is older; what is read wrongly is often of 1970."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    parts = [
        _beyond(records, table, column, at, as_of) for table in TABLES.values() for column in _instants(records, table)
    ]
    parts += [_zoneless(records, column, file, as_of) for column, file in sorted(records.zoneless.items())]
    if not parts:
        parts = [_beyond(records, TABLES["manifests"], "filed_at", at, as_of).limit(0)]
    return ibis.union(*parts, distinct=False)


def _instants(records: Records, table: Table) -> list[str]:
    present = records.present.get(table.name, frozenset())
    return [column.name for column in table.columns if column.kind is Kind.INSTANT and column.name in present]


def _beyond(records: Records, table: Table, column: str, at: Settings, as_of: datetime) -> ir.Table:
    """One row, where a few values of the column lie far after all that is known, or before anything was recorded."""
    rows = records[table.name]
    time = rows[column]
    wrong = (time > ibis.literal(as_of + timedelta(days=at.days))) | (time < ibis.literal(OLDEST))
    key = reduce(lambda text, name: text + " · " + rows[name].cast("string"), table.key[1:], rows[table.key[0]])
    counted = rows.aggregate(
        rows=time.count(where=wrong), all_rows=time.count(), example=key.min(where=wrong),
        first_at=time.min(where=wrong), last_at=time.max(where=wrong),
    )  # fmt: skip
    # Where many are, the records were asked for a moment of long ago, and nothing is wrong with them.
    few = counted.filter(lambda t: t.rows > 0, lambda t: t.rows <= ibis.greatest(t.all_rows * at.most_share, 1))
    return _told(few, f"{table.name}.{column}", as_of, rows=few.rows, example=few.example, first=few.first_at,
                 last=few.last_at, file=ibis.null("string"), severity=Severity.EXPLAIN)  # fmt: skip


def _zoneless(records: Records, column: str, file: str, as_of: datetime) -> ir.Table:
    """One row: a column that a file holds without a zone, so that its instants were taken as UTC."""
    table, _, name = column.partition(".")
    rows = records[table]
    counted = rows.aggregate(rows=rows[name].count(), first=rows[name].min(), last=rows[name].max())
    return _told(counted, column, as_of, rows=counted.rows, example=ibis.null("string"), first=counted["first"],
                 last=counted["last"], file=ibis.literal(file), severity=Severity.WATCH)  # fmt: skip


def _told(
    rows_of: ir.Table, column: str, as_of: datetime, *, rows: ir.IntegerValue, example: ir.StringValue,
    first: ir.TimestampValue, last: ir.TimestampValue, file: ir.StringValue, severity: Severity,
) -> ir.Table:  # fmt: skip
    moment = ibis.literal(as_of).cast(INSTANT)
    return findings(
        rows_of,
        severity=severity.value,
        subject_kind="column",
        subject_id=column,
        party_id=ibis.null("string"),
        since_at=moment,
        found_at=moment,
        at_risk_g=0,
        statistic=rows.cast("float64"),
        threshold=0.0,
        column=column,
        rows=rows,
        example=example,
        first_at=first.cast(INSTANT),
        last_at=last.cast(INSTANT),
        without_zone=file,
    )


RULE = Rule(
    id="Q07",
    title=message("Times that cannot be, or have no zone"),
    queue=Queue.QUALITY,
    severity=Severity.EXPLAIN,
    formula="an instant > now + days, or before 1990, in no more than most_share of a column; or a column that a file "
    "holds without a zone, which is read as UTC; one a column",
    parameters=(
        Parameter("days", 366, "d", "after the end of the records", "design default"),
        Parameter("most_share", 0.001, "1", "of the values of a column", "design default"),
    ),
    needs=(),
    detectable=message("A wrong year; none that is a year or less too late, nor a wrong hour."),
    false_alarms=message("None where zones are told; times without one may well be UTC."),
    innocent=(
        message("A year was typed wrongly, or a number was read in another unit of time."),
        message("The export wrote UTC and did not say so."),
    ),
    next_step=message("Look up the example, and write the instants again, in UTC and with their zone."),
    chance=0.9,
    find=_find,
)
