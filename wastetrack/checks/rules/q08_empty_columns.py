"""Q08: a column that is filled in other months and empty in one: what needs it has seen nothing of that month.

A file of one month that lacks the column altogether is read the same.
"""

from datetime import datetime
from functools import reduce

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
        present = records.present.get(table.name, frozenset())
        columns = [one for one in table.columns if one.nullable and one.name in present]
        time = month_column(table)
        if time is not None and columns:
            parts.append(_empty(_filled(records[table.name], time, columns), table, columns, at))
    if not parts:
        table = TABLES["manifests"]
        columns = [table.column("arrived_at")]
        parts = [_empty(_filled(records["manifests"], table.column("filed_at"), columns), table, columns, at).limit(0)]
    return ibis.union(*parts, distinct=False)


def _filled(rows: ir.Table, time: Column, columns: list[Column]) -> ir.Table:
    """Of each month how many rows it has, and as `filled_N` how many have a value in the column."""
    given = rows.select(month=month_of(instant(rows, time)), **{one.name: rows[one.name] for one in columns})
    given = given.filter(given.month.notnull())
    return given.group_by("month").agg(
        rows=given.count(), **{f"filled_{n}": given[one.name].count() for n, one in enumerate(columns)}
    )


def _empty(months: ir.Table, table: Table, columns: list[Column], at: Settings) -> ir.Table:
    """The months in which none of many rows has what half of the rows of a usual month have."""
    whole = ibis.window()
    shares = {f"share_{n}": months[f"filled_{n}"] / months.rows for n in range(len(columns))}
    judged = months.mutate(**shares)
    judged = judged.mutate(
        months=judged.count().over(whole),
        **{f"usual_{n}": judged[f"share_{n}"].quantile(0.5).over(whole) for n in range(len(columns))},
    )
    judged = judged.filter(lambda t: t.months >= at.least_months, lambda t: t.rows >= at.least_rows)
    names = [
        ((judged[f"filled_{n}"] == 0) & (judged[f"usual_{n}"] >= at.usual_share)).ifelse(one.name + ", ", "")
        for n, one in enumerate(columns)
    ]
    empty = judged.mutate(names=reduce(lambda text, more: text + more, names))
    empty = empty.filter(empty.names != "")
    names_told = empty.names.substr(0, empty.names.length() - 2)
    return findings(
        empty,
        severity=Severity.EXPLAIN.value,
        subject_kind="table",
        subject_id=table.name,
        party_id=ibis.null("string"),
        since_at=day_begins(empty.month),
        found_at=day_begins((empty.month + ibis.interval(months=1)).cast("date")),
        at_risk_g=0,
        statistic=empty.rows.cast("float64"),
        threshold=at.least_rows,
        column=names_told,
        month=empty.month,
        rows=empty.rows,
    )


RULE = Rule(
    id="Q08",
    title=message("A column that is empty in one month"),
    queue=Queue.QUALITY,
    severity=Severity.EXPLAIN,
    formula="no value of a column in the rows of a month, of which a usual month has one in usual_share or more; one a "
    "table and month",
    parameters=(
        Parameter("usual_share", 0.5, "1", "of the rows of the median month, that have a value", "design default"),
        Parameter("least_rows", 20, "1", "in the month", "design default"),
        Parameter("least_months", 3, "1", "of the table, without which none is usual", "design default"),
    ),
    needs=(),
    detectable=message("A column that is missing in the file of a month; none that is filled for some rows."),
    false_alarms=message("Columns that the law asks for only since or until a month."),
    innocent=(message("The export of that month left the column out."),),
    next_step=message("Write the file of that month again with the column; until then no check has seen it."),
    chance=0.9,
    find=_find,
)
