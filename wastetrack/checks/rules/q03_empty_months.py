"""Q03: a month without a row between months with rows."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import instant, month_column
from wastetrack.checks.expressions import day_begins, findings, month_of
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Column, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at, as_of
    parts = [
        _gaps(records[table.name], table, time)
        for table in TABLES.values()
        if (time := month_column(table)) is not None
    ]
    return ibis.union(*parts, distinct=False)


def _gaps(rows: ir.Table, table: Table, time: Column) -> ir.Table:
    months = rows.select(month=month_of(instant(rows, time))).distinct().filter(lambda t: t.month.notnull())
    number = months.month.year() * 12 + months.month.month()
    months = months.mutate(number=number)
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
        months=gaps.number - gaps.before - 1,
        last_before=gaps.before_on,
        first_after=gaps.month,
        column=time.name,
    )


RULE = Rule(
    id="Q03",
    title=message("A month without a row"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="no row of a table in a month, with rows in a month before and in one after",
    needs=(),
    detectable=message("A month of a table that is wholly absent; not a month of one site."),
    false_alarms=message("Tables in which a month may honestly be empty."),
    innocent=(message("Nothing happened in that month."), message("The file of the month was not copied.")),
    next_step=message("Look for the file of that month; until it is there, no check has seen it."),
    chance=0.7,
    find=_find,
)
