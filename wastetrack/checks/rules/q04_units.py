"""Q04: masses of a month that look like kilograms or tonnes where grams must stand."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import instant, month_column
from wastetrack.checks.expressions import INSTANT, day_begins, findings, month_of
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Column, Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SITES = ("shipper_site_id", "site_id")
"""Whose own history a mass is compared with, where the table names a site; else with the whole table's."""
LOADS = (("manifests", "declared_g"), ("manifests", "received_g"), ("weighings", "net_g"), ("vehicles", "rated_load_g"))
"""Masses of loads and vehicles: if none of many is heavier than a crate, they are no grams."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    parts = []
    for table in TABLES.values():
        present = records.present.get(table.name, frozenset())
        time = month_column(table)
        masses = [column for column in table.columns if column.kind is Kind.GRAMS and column.name in present]
        if time is not None:
            parts += [_strange_months(records[table.name], table, column, time, at) for column in masses]
    parts += [
        _too_light(records[name], name, column, as_of, at)
        for name, column in LOADS
        if column in records.present.get(name, ())
    ]
    if not parts:
        parts = [_too_light(records["manifests"], "manifests", "declared_g", as_of, at).limit(0)]
    return ibis.union(*parts, distinct=False)


def _strange_months(rows: ir.Table, table: Table, column: Column, time: Column, at: Settings) -> ir.Table:
    """Months whose median is a thousandth or a millionth (or so many times) of the median month of the site."""
    site = next((name for name in SITES if name in table.names), None)
    who = rows[site] if site else ibis.literal(table.name)
    given = rows.select(
        who=who, month=month_of(instant(rows, time).cast(INSTANT)), mass=rows[column.name].cast("float64")
    )
    months = (
        given.filter(given.mass > 0)
        .group_by("who", "month")
        .agg(n=lambda t: t.count(), median=lambda t: t.mass.quantile(0.5), total_g=lambda t: t.mass.sum())
    )
    usual = months.group_by("who").agg(months=lambda t: t.count(), usual=lambda t: t["median"].quantile(0.5))
    both = months.join(usual, "who").filter(lambda t: t.months >= at.least_months, lambda t: t.n >= at.least_rows)
    decades = (both["median"] / both.usual).log10()
    both = both.mutate(decades=decades)
    near = ((both.decades.abs() - 3).abs() <= at.decades) | ((both.decades.abs() - 6).abs() <= at.decades)
    odd = both.filter(near)
    return findings(
        odd,
        severity=Severity.WATCH.value,
        subject_kind="site" if site else "table",
        subject_id=odd.who,
        party_id=odd.who if site else ibis.null("string"),
        since_at=day_begins(odd.month),
        found_at=day_begins((odd.month + ibis.interval(months=1)).cast("date")),
        at_risk_g=0,
        statistic=odd.decades.abs(),
        threshold=3.0 - at.decades,
        column=f"{table.name}.{column.name}",
        month=odd.month,
        median=odd["median"],
        usual=odd.usual,
        rows=odd.n,
    )


def _too_light(rows: ir.Table, table: str, column: str, as_of: datetime, at: Settings) -> ir.Table:
    """A whole column of loads of which none weighs more than a crate."""
    given = rows.filter(rows[column] > 0)
    total = given.agg(n=given.count(), heaviest=given[column].max(), median=given[column].cast("float64").quantile(0.5))
    light = total.filter(lambda t: t.n >= at.least_loads, lambda t: t.heaviest < at.crate_g)
    moment = ibis.literal(as_of).cast(INSTANT)
    return findings(
        light,
        severity=Severity.EXPLAIN.value,
        subject_kind="table",
        subject_id=table,
        party_id=ibis.null("string"),
        since_at=moment,
        found_at=moment,
        at_risk_g=0,
        statistic=at.crate_g / light.heaviest,
        threshold=1.0,
        column=f"{table}.{column}",
        month=ibis.null("date"),
        median=light["median"],
        usual=ibis.null("float64"),
        rows=light.n,
    )


RULE = Rule(
    id="Q04",
    title=message("Masses that are no grams"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="|log10(median of the month / median month of the site or table)| within decades of 3 or 6; or no "
    "mass of a column ≥ crate_g",
    parameters=(
        Parameter("decades", 0.2, "1", "about a factor of 1,000: 630 to 1,585", "design default"),
        Parameter("least_months", 3, "1", "of a site, without which it has no history", "design default"),
        Parameter("least_rows", 3, "1", "in the month", "design default"),
        Parameter("least_loads", 50, "1", "of a column, without which it says nothing", "design default"),
        Parameter(
            "crate_g", 60_000, "g", "what a load in kilograms never exceeds", "60 t, the most that a vehicle weighs"
        ),
    ),
    needs=(),
    detectable=message(
        "A month, a site or a whole table in kilograms or tonnes; single rows are told by the rule on units of a load."
    ),
    false_alarms=message("Sites whose months honestly differ by a factor of a thousand."),
    innocent=(message("The export was changed and wrote kilograms in that month."),),
    next_step=message("Write the file of that month again, in grams: kilograms times 1,000, tonnes times 1,000,000."),
    chance=0.8,
    find=_find,
)
