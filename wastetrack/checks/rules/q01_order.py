"""Q01: instants of one row that go backwards, and what a gate weighed or scanned before the load had left."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import owner, row_id
from wastetrack.checks.expressions import findings, hours, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    parts = [
        _backwards(records[table.name], table, first, second, at)
        for table in TABLES.values()
        for first, second in table.order
    ]
    parts += [
        _before_it_left(records, TABLES["weighings"], "side", "receiver", "weighed_at", at),
        _before_it_left(records, TABLES["scans"], "act", "gate", "scanned_at", at),
    ]
    return ibis.union(*parts, distinct=False)


def _before_it_left(  # noqa: PLR0917  table, which of its rows, and when they were
    records: Records, table: Table, word: str, of_gate: str, time: str, at: Settings
) -> ir.Table:
    """Rows of a gate that are earlier than the departure of their manifest."""
    rows = records[table.name].filter(lambda t: t[word] == of_gate)
    left = records["manifests"].group_by("manifest_id").agg(departed_at=lambda t: t.departed_at.min())
    both = rows.join(left, "manifest_id")
    wrong = both.filter(both[time] < plus_hours(both.departed_at, -at.minutes / 60))
    return findings(
        wrong,
        severity=Severity.WATCH.value,
        subject_kind=table.name,
        subject_id=row_id(wrong, table),
        party_id=owner(wrong, table),
        since_at=wrong[time],
        found_at=wrong.departed_at,
        at_risk_g=0,
        statistic=hours(wrong[time], wrong.departed_at),
        threshold=at.minutes / 60,
        column="manifests.departed_at",
        later_column=f"{table.name}.{time}",
        first_at=wrong.departed_at,
        second_at=wrong[time],
    )


def _backwards(rows: ir.Table, table: Table, first: str, second: str, at: Settings) -> ir.Table:
    wrong = rows.filter(rows[second] < plus_hours(rows[first], -at.minutes / 60))
    return findings(
        wrong,
        severity=Severity.WATCH.value,
        subject_kind=table.name,
        subject_id=row_id(wrong, table),
        party_id=owner(wrong, table),
        since_at=wrong[second],
        found_at=wrong[first],
        at_risk_g=0,
        statistic=hours(wrong[second], wrong[first]),
        threshold=at.minutes / 60,
        column=f"{table.name}.{first}",
        later_column=f"{table.name}.{second}",
        first_at=wrong[first],
        second_at=wrong[second],
    )


RULE = Rule(
    id="Q01",
    title=message("Time goes backwards"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    version=2,
    formula="the second of two instants of a row < the first − minutes; a gate's weighing or scan < departed_at of its "
    "manifest − minutes",
    parameters=(Parameter("minutes", 10, "min", "by which two clocks may differ", "design default"),),
    needs=(),
    detectable=message("Any row whose times cannot be true together."),
    false_alarms=message("None: one of the two times is wrong."),
    innocent=(message("A time was typed wrongly, or in another zone."),),
    next_step=message("Ask who wrote it which of the two times is right."),
    chance=0.9,
    find=_find,
)
