"""Q03: a month without a row, or with hardly any, between months with rows.

A file of a month that was emptied leaves a month with hardly a row where files are of months by another clock than the
legal one: a few hours of it stand in the file before.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import instant, month_column
from wastetrack.checks.expressions import day_begins, findings, month_of
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Column, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    parts = []
    for table in TABLES.values():
        if (time := month_column(table)) is not None:
            months = _months(records[table.name], time)
            parts += [_gaps(months, table, time), _poor(months, table, time, at)]
    return ibis.union(*parts, distinct=False)


def _months(rows: ir.Table, time: Column) -> ir.Table:
    """Each month with rows, with its number and theirs."""
    months = rows.select(month=month_of(instant(rows, time))).filter(lambda t: t.month.notnull())
    months = months.group_by("month").agg(rows=lambda t: t.count())
    return months.mutate(number=months.month.year() * 12 + months.month.month())


def _gaps(months: ir.Table, table: Table, time: Column) -> ir.Table:
    order = ibis.window(order_by="number")
    steps = months.mutate(before=months.number.lag().over(order), before_on=months.month.lag().over(order))
    gaps = steps.filter(lambda t: t.number > t.before + 1)
    return findings(
        gaps,
        severity=Severity.WATCH.value,
        subject_kind="table",
        subject_id=table.name,
        party_id=ibis.null("string"),
        since_at=day_begins((gaps.before_on + ibis.interval(months=1)).cast("date")),
        # That nothing will come any more is only known once something later has.
        found_at=day_begins(gaps.month),
        at_risk_g=0,
        statistic=(gaps.number - gaps.before - 1).cast("float64"),
        threshold=0.0,
        months=(gaps.number - gaps.before - 1).cast("int64"),
        last_before=gaps.before_on,
        first_after=gaps.month,
        column=time.name,
        month=ibis.null("date"),
        rows=ibis.null("int64"),
        usual=ibis.null("float64"),
    )


def _poor(months: ir.Table, table: Table, time: Column, at: Settings) -> ir.Table:
    """Months with hardly a row, as against the medians of those before and after: a table may grow or shrink."""
    other = months.select(other="number", others="rows", other_on="month")
    before = months.join(other, months.number > other.other)
    before = before.group_by("month", "rows").agg(
        before=lambda t: t.others.quantile(0.5), last_before=lambda t: t.other_on.max()
    )
    after = months.join(other, months.number < other.other)
    after = after.group_by("month").agg(after=lambda t: t.others.quantile(0.5), first_after=lambda t: t.other_on.min())
    both = before.join(after, "month")
    both = both.mutate(usual=ibis.least(both.before, both.after))
    poor = both.filter(lambda t: t.usual >= at.least_rows, lambda t: t.rows < t.usual * at.poor_share)
    return findings(
        poor,
        severity=Severity.WATCH.value,
        subject_kind="table",
        subject_id=table.name,
        party_id=ibis.null("string"),
        since_at=day_begins(poor.month),
        # With what came after it can be compared once that month is over.
        found_at=day_begins((poor.first_after + ibis.interval(months=1)).cast("date")),
        at_risk_g=0,
        statistic=1.0 - poor.rows / poor.usual,
        threshold=1.0 - at.poor_share,
        months=ibis.literal(1, "int64"),
        last_before=poor.last_before,
        first_after=poor.first_after,
        column=time.name,
        month=poor.month,
        rows=poor.rows,
        usual=poor.usual.cast("float64"),
    )


_SOURCE = "design default"

RULE = Rule(
    id="Q03",
    version=2,
    title=message("A month without a row, or with hardly any"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="no row of a table in a month, with rows in a month before and in one after; or fewer rows than "
    "poor_share of the median month before, and of the one after",
    parameters=(
        Parameter("poor_share", 0.05, "1", "of the rows of a usual month, below which its file is not whole", _SOURCE),
        Parameter("least_rows", 50, "1", "of a usual month, without which a poor one says nothing", _SOURCE),
    ),
    needs=(),
    detectable=message("A month of a table that is absent, but for a few hours at its ends; not a month of one site."),
    false_alarms=message("Tables in which a month may honestly be empty."),
    innocent=(message("Nothing happened in that month."), message("The file of the month was not copied.")),
    next_step=message("Look for the file of that month; until it is there, no check has seen it."),
    chance=0.7,
    find=_find,
)
