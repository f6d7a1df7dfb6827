"""Q04: masses of a month that look like kilograms or tonnes where grams must stand.

Where most sites are wrong in the same column and month, it was no site that wrote kilograms: it is one finding. A
weighing is compared with others of the site that shipped the load, a reading with others of its plant and kind; and
what a site declares or takes in with what the other side says.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import instant, month_column
from wastetrack.checks.expressions import INSTANT, day_begins, findings, holds, month_of
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Column, Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SITES = ("shipper_site_id", "site_id")
"""Whose own history a mass is compared with, where the table names a site; else with the whole table's."""
_FIVE_HUNDRED = 2.7
"""Decades: 500 times, which no loss and no moisture is."""
_DECLARED, _RECEIVED = (TABLES["manifests"].column(name) for name in ("declared_g", "received_g"))
LOADS = (("manifests", "declared_g"), ("manifests", "received_g"), ("weighings", "net_g"), ("vehicles", "rated_load_g"))
"""Masses of loads and vehicles: if none of many is heavier than a crate, they are no grams."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    parts = []
    for table in TABLES.values():
        present = records.present.get(table.name, frozenset())
        time = month_column(table)
        masses = [column for column in table.columns if column.kind is Kind.GRAMS and column.name in present]
        if time is not None:
            parts += [_strange_months(_sited(records, table.name), table, column, time, at) for column in masses]
    parts += [
        _too_light(records[name], name, column, as_of, at)
        for name, column in LOADS
        if column in records.present.get(name, ())
    ]
    parts += [
        _strange_readings(records, name, at)
        for name in ("readings", "activity")
        if "quantity" in records.present.get(name, ())
    ]
    if "received_g" in records.present.get("manifests", ()):
        parts.append(_against_the_other_side(records, at))
    if not parts:
        parts = [_too_light(records["manifests"], "manifests", "declared_g", as_of, at).limit(0)]
    return ibis.union(*parts, distinct=False)


def _sited(records: Records, name: str) -> ir.Table:
    """The rows of a table; of weighings with the site that shipped the load."""
    rows = records[name]
    if name != "weighings":
        return rows
    shippers = records["manifests"].group_by("manifest_id").agg(shipper_site_id=lambda t: t.shipper_site_id.min())
    return rows.left_join(shippers, "manifest_id").drop("manifest_id_right")


def _strange_readings(records: Records, name: str, at: Settings) -> ir.Table:
    """Months in which what was read of a kind is a thousandth or thousandfold of the site's usual month."""
    rows = records[name].filter(lambda t: t.quantity > 0)
    usual = rows.group_by("site_id", "kind").agg(months=rows.count(), usual=rows.quantity.quantile(0.5))
    both = rows.join(usual, ["site_id", "kind"]).filter(lambda t: t.months >= at.least_months)
    both = both.mutate(decades=(both.quantity / both.usual).log10(), month=month_of(day_begins(both.month_on)))
    wrong = both.filter(lambda t: (t.decades.abs() - 3).abs() <= at.decades)
    odd = wrong.group_by("month", "kind").agg(
        n=wrong.count(), sites=wrong.site_id.nunique(), median=wrong.quantity.quantile(0.5),
        usual=wrong.usual.quantile(0.5), decades=wrong.decades.quantile(0.5), site_id=wrong.site_id.min(),
    )  # fmt: skip
    who = (odd.sites == 1).ifelse(odd.site_id, f"{name}.quantity")
    return _of_months(odd.mutate(who=who), TABLES[name], TABLES[name].column("quantity"), at, kind="reading")


def _against_the_other_side(records: Records, at: Settings) -> ir.Table:
    """Sites of which most masses are no more than a five hundredth of the other side's, or 500 times as much."""
    both = records["manifests"].filter(
        lambda t: t.cancelled_at.isnull(), lambda t: t.received_g > 0, lambda t: t.received_at.notnull()
    )
    decades = ((both.declared_g + 0.5) / both.received_g).log10()
    both = both.mutate(decades=decades, month=month_of(both.received_at))
    both = both.mutate(odd=both.decades.abs() >= _FIVE_HUNDRED)
    takers = _mostly(both, "receiver_site_id", at).filter(lambda t: t.others >= at.least_sites)
    rest = both.anti_join(takers, both.receiver_site_id == takers.who)
    told = [
        _of_months(_mostly(rest, "shipper_site_id", at), TABLES["manifests"], _DECLARED, at, kind="site"),
        _of_months(takers, TABLES["manifests"], _RECEIVED, at, kind="site"),
    ]
    return ibis.union(*told, distinct=False)


def _mostly(loads: ir.Table, side: str, at: Settings) -> ir.Table:
    """Sites of that side of whose loads most are odd, as rows of `_of_months`; `others` counts who is at the other."""
    other = "shipper_site_id" if side == "receiver_site_id" else "receiver_site_id"
    mine, theirs = ("received_g", "declared_g") if side == "receiver_site_id" else ("declared_g", "received_g")
    sums = loads.group_by(who=side).agg(
        n=loads.count(), wrong=loads.odd.cast("int64").sum(), others=loads[other].nunique(), month=loads.month.min(),
        median=loads[mine].cast("float64").quantile(0.5), usual=loads[theirs].cast("float64").quantile(0.5),
        decades=loads.decades.quantile(0.5),
    )  # fmt: skip
    return sums.filter(lambda t: t.n >= at.least_rows, lambda t: t.wrong > t.n * at.most_share)


def _strange_months(rows: ir.Table, table: Table, column: Column, time: Column, at: Settings) -> ir.Table:
    """Months whose median is a thousandth or a millionth (or so many times) of the median month of the site."""
    site = next((name for name in SITES if name in rows.columns), None)
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
    odd = both.mutate(odd=holds(near).ifelse(1, 0), way=both.decades.round(0))
    if site is None:
        return _of_months(odd.filter(odd.odd == 1), table, column, at)
    judged = odd.group_by("month").agg(judged=lambda t: t.count())
    ways = odd.filter(odd.odd == 1).group_by("month", "way").agg(wrong=lambda t: t.count())
    common = ways.join(judged, "month").filter(
        lambda t: t.wrong >= at.least_sites, lambda t: t.wrong > t.judged * at.most_share
    )
    wrong = odd.filter(odd.odd == 1)
    own = wrong.anti_join(common, ["month", "way"])
    together = (
        wrong.semi_join(common, ["month", "way"])
        .group_by("month", "way")
        .agg(
            n=lambda t: t.n.sum(),
            sites=lambda t: t.who.nunique(),
            median=lambda t: t["median"].quantile(0.5),
            usual=lambda t: t.usual.quantile(0.5),
            decades=lambda t: t.decades.quantile(0.5),
        )
    )
    told = [
        _of_months(own, table, column, at, kind="site"),
        _of_months(together.mutate(who=ibis.literal(f"{table.name}.{column.name}")), table, column, at, kind="column"),
    ]
    return ibis.union(*told, distinct=False)


def _of_months(odd: ir.Table, table: Table, column: Column, at: Settings, kind: str = "table") -> ir.Table:
    """Of rows with `who`, `month`, `decades`, `median`, `usual` and `n`; and `sites` where they are of several."""
    return findings(
        odd,
        severity=(Severity.EXPLAIN if kind in {"column", "reading"} else Severity.WATCH).value,
        subject_kind=(odd.sites == 1).ifelse("site", "column") if kind == "reading" else kind,
        subject_id=odd.who,
        party_id=_party(odd, kind),
        since_at=day_begins(odd.month),
        found_at=day_begins((odd.month + ibis.interval(months=1)).cast("date")),
        at_risk_g=0,
        statistic=odd.decades.abs(),
        threshold=3.0 - at.decades,
        column=f"{table.name}.{column.name}",
        month=odd.month,
        median=odd["median"],
        usual=odd.usual,
        rows=odd.n.cast("int64"),
        sites=odd.sites.cast("int64") if "sites" in odd.columns else ibis.null("int64"),
    )


def _party(odd: ir.Table, kind: str) -> ir.StringValue:
    if kind == "reading":
        return (odd.sites == 1).ifelse(odd.site_id, ibis.null("string"))
    return odd.who if kind == "site" else ibis.null("string")


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
        sites=ibis.null("int64"),
    )


RULE = Rule(
    id="Q04",
    version=3,
    title=message("Masses that are no grams"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="|log10(median of the month / median month of the site or table)| within decades of 3 or 6, for a "
    "site, or once for > most_share of the sites of a month; or no mass of a column ≥ crate_g; or declared / received "
    "≤ 1/500 or ≥ 500 in > most_share of the loads of a site",
    parameters=(
        Parameter("decades", 0.2, "1", "about a factor of 1,000: 630 to 1,585", "design default"),
        Parameter("least_months", 3, "1", "of a site, without which it has no history", "design default"),
        Parameter("least_rows", 3, "1", "in the month", "design default"),
        Parameter(
            "most_share", 0.5, "1", "of the sites of a month, beyond which the column is wrong", "design default"
        ),
        Parameter("least_sites", 5, "1", "that are wrong in one month alike, to be one finding", "design default"),
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
