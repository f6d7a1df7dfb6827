"""R18: a plant has taken more in a year than its permit allows, or is on the way to it."""

from datetime import datetime

import ibis
import ibis.expr.types as ir
from scipy.stats import norm

from wastetrack.checks.expressions import findings, legal_day
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import category, first, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

TOTAL = "all"
"""Stands for the sum of all that a site's permits allow."""
_YEAR = 12
"""Months."""


def _lines(records: Records) -> ir.Table:
    """`site_id, pattern, methods, valid_from, valid_to, yearly_g`: one row a permit and pattern; `methods` tells one
    set of them from another."""
    lines = (
        records["permit_items"]
        .filter(lambda t: t.yearly_g.notnull())
        .group_by("permit_id", "pattern")
        .agg(
            yearly_g=lambda t: t.yearly_g.max(),
            methods=lambda t: t.method.min() + " " + t.method.max() + " " + t.method.nunique().cast("string"),
        )
    )
    return lines.join(records["permits"].select("permit_id", "site_id", "valid_from", "valid_to"), "permit_id")


def _allowed(records: Records, days: ir.Table) -> ir.Table:
    """`site_id, day, pattern, yearly_g`: what the permits in force on a day allow in a year, and the sum of all.

    What a renewed permit repeats, the same pattern by the same methods, counts once; another permit's adds to it. A
    code within a category that is allowed too adds nothing to the sum.
    """
    lines = _lines(records)
    valid = [days.site_id == lines.site_id, days.day >= lines.valid_from, days.day <= lines.valid_to]
    rows = (
        days.join(lines, valid)
        .select(days.site_id, days.day, lines.pattern, lines.methods, lines.yearly_g)
        .group_by("site_id", "day", "pattern", "methods")
        .agg(yearly_g=lambda t: t.yearly_g.max())
        .group_by("site_id", "day", "pattern")
        .agg(yearly_g=lambda t: t.yearly_g.sum().cast("int64"))
    )
    wide = rows.filter(lambda t: t.pattern.length() == len("HW08")).select("site_id", "day", wide="pattern")
    inside = rows.mutate(of=category(rows.pattern))
    within = [inside.site_id == wide.site_id, inside.day == wide.day, inside.of == wide.wide]
    apart = inside.anti_join(wide, [*within, inside.pattern != wide.wide])
    total = apart.group_by("site_id", "day").agg(yearly_g=lambda t: t.yearly_g.sum().cast("int64"))
    return rows.union(total.mutate(pattern=ibis.literal(TOTAL)).select(*rows.columns))


def _daily(records: Records) -> ir.Table:
    """`site_id, waste_code, day, received_g, last_at`."""
    return (
        records["manifests"]
        .filter(lambda t: t.received_at.notnull() & (t.received_g > 0) & t.cancelled_at.isnull())
        .mutate(day=lambda t: legal_day(t.received_at))
        .group_by("receiver_site_id", "waste_code", "day")
        .agg(received_g=lambda t: t.received_g.sum().cast("int64"), last_at=lambda t: t.received_at.max())
        .rename(site_id="receiver_site_id")
    )


def _in_view(records: Records) -> ir.Table:
    """Each day's receipts beside what was taken in its year up to then, and the year's licence, by pattern."""
    daily = _daily(records)
    known = [daily.waste_code, category(daily.waste_code), ibis.literal(TOTAL)]
    parts = [daily.mutate(pattern=pattern) for pattern in known]
    taken = (
        ibis.union(*parts)
        .group_by("site_id", "pattern", "day")
        .agg(received_g=lambda t: t.received_g.sum().cast("int64"), last_at=lambda t: t.last_at.max())
    )
    allowed = _allowed(records, daily.select("site_id", "day").distinct())
    licensed = taken.join(allowed, ["site_id", "day", "pattern"]).mutate(year=lambda t: t.day.year())
    so_far = ibis.cumulative_window(group_by=["site_id", "pattern", "year"], order_by="day")
    return licensed.mutate(
        taken_g=licensed.received_g.sum().over(so_far).cast("int64"),
        began_at=licensed.last_at.min().over(so_far),
    )


def _forecast(days: ir.Table, at: Settings) -> ir.Table:
    """Of each month that is over, the year's end as the months before it, up to twelve, let expect it.

    A month in which nothing came counts as nothing, from the first receipt on: a plant that works by campaigns takes no
    more in a year than its campaigns.
    """
    months = days.group_by("site_id", "pattern", "year", month_on=lambda t: t.day.truncate("M")).agg(
        month_g=lambda t: t.received_g.sum().cast("float64"),
        taken_g=lambda t: t.taken_g.max(),
        yearly_g=lambda t: t.yearly_g.max(),
        began_at=lambda t: t.began_at.min(),
    )
    months = months.mutate(number=months.month_on.year() * _YEAR + months.month_on.month())
    past = ibis.range_window(group_by=["site_id", "pattern"], order_by="number", preceding=_YEAR - 1, following=0)
    begun = months.number.min().over(group_by=["site_id", "pattern"])
    seen = months.mutate(
        months_seen=ibis.least(months.number - begun + 1, _YEAR).cast("float64"),
        sum_g=months.month_g.sum().over(past),
        squares=(months.month_g * months.month_g).sum().over(past),
        left=_YEAR - months.month_on.month(),
    )
    seen = seen.mutate(mean_g=seen.sum_g / seen.months_seen)
    spread = (seen.squares - seen.sum_g * seen.mean_g) / ibis.greatest(seen.months_seen - 1, 1.0)
    seen = seen.mutate(spread_g=ibis.greatest(spread, 0.0).sqrt())
    ahead = seen.taken_g + seen.left * seen.mean_g
    error = seen.spread_g * (seen.left + seen.left * seen.left / seen.months_seen).sqrt()
    margin = (ahead - seen.yearly_g) / ibis.greatest(error, seen.mean_g * 0.01, 1.0)
    return seen.mutate(forecast_g=ahead, margin=margin, known_at=over(seen.month_on)).filter(
        lambda t: t.months_seen >= at.months,
        lambda t: t.left > 0,
        lambda t: t.taken_g <= t.yearly_g,
        lambda t: t.margin > float(norm.ppf(at.probability)),
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  it never needs to know
    days = _in_view(records)
    parts = []
    for share, severity in ((1.0, Severity.INSPECT), (at.grave, Severity.REFER)):
        beyond = first(
            days.filter(lambda t, share=share: t.taken_g > t.yearly_g * share), ("site_id", "pattern", "year"), "day"
        )
        parts.append(
            findings(
                beyond,
                severity=severity.value,
                subject_kind="site",
                subject_id=beyond.site_id,
                party_id=beyond.site_id,
                since_at=beyond.began_at,
                found_at=beyond.last_at,
                at_risk_g=beyond.taken_g - beyond.yearly_g,
                statistic=beyond.taken_g / beyond.yearly_g.cast("float64"),
                threshold=share,
                pattern=beyond.pattern,
                year=beyond.year,
                taken_g=beyond.taken_g,
                yearly_g=beyond.yearly_g,
                forecast_g=ibis.null("float64"),
            )
        )
    soon = first(_forecast(days, at), ("site_id", "pattern", "year"), "month_on")
    parts.append(
        findings(
            soon,
            severity=Severity.WATCH.value,
            subject_kind="site",
            subject_id=soon.site_id,
            party_id=soon.site_id,
            since_at=soon.began_at,
            found_at=soon.known_at,
            at_risk_g=ibis.greatest(soon.forecast_g - soon.yearly_g, 0.0).round(0).cast("int64"),
            statistic=soon.forecast_g / soon.yearly_g.cast("float64"),
            threshold=1.0,
            pattern=soon.pattern,
            year=soon.year,
            taken_g=soon.taken_g,
            yearly_g=soon.yearly_g,
            forecast_g=soon.forecast_g,
        )
    )
    return together(*parts)


RULE = Rule(
    id="R18",
    version=3,
    title=message("More than the permit allows in a year"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula=(
        "taken_g > yearly_g; grave: taken_g > grave × yearly_g; watch: P(taken at the year's end > yearly_g) "
        "> probability"
    ),
    parameters=(
        Parameter("grave", 1.2, "1", "share of the licence from which a new one is needed", "许可证管理办法 art. 12"),
        Parameter("probability", 0.8, "1", "of passing the licence by the year's end", "anomaly note R18"),
        Parameter("months", 3, "month", "seen before a forecast is made", "design default"),
    ),
    needs=("manifests", "manifests.received_g", "permits", "permit_items.yearly_g"),
    detectable=message("Any load above the licence that was received on a manifest; none that came without one."),
    false_alarms=message("None for what was taken; a forecast is wrong once in five times at its threshold."),
    innocent=(
        message("The permit was enlarged and its record is older."),
        message("An emergency order let the plant take more."),
    ),
    next_step=message("Compare with the permit in force; stop the intake of this category; ask for what was treated."),
    article="许可证管理办法 art. 12; 法释〔2023〕7号",
    chance=0.5,
    find=_find,
)
