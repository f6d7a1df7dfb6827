"""R33: sites stay just below a limit of the law, year after year; sectors crowd there; one site is told as two."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, made, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

LIMITS_T = (10, 100)
"""Tonnes a year from which a site is of the next class (HJ 1259-2022, 4.2)."""
G_PER_T = 1_000_000


def _years(records: Records) -> ir.Table:
    """`site_id, year, made_g` and the sites' owner, place and sector; whole years only."""
    rows = made(records)
    whole = rows.agg(first_on=lambda t: t.month_on.min(), last_on=lambda t: t.month_on.max())
    years = (
        rows.group_by("site_id", year=lambda t: t.month_on.year().cast("int64"))
        .agg(made_g=lambda t: t.made_g.sum().cast("int64"))
        .cross_join(whole)
    )
    years = years.filter(
        years.first_on <= ibis.date(years.year.cast("int32"), 1, 1),
        years.last_on >= ibis.date(years.year.cast("int32"), 12, 1),
    )
    sites = records["sites"].select("site_id", "organisation_id", "industry", "address", "region_code")
    owners = records["organisations"].select("organisation_id", "group_id")
    rows = (
        years.join(sites, "site_id")
        .left_join(owners, "organisation_id")
        .drop("organisation_id_right", "first_on", "last_on")
    )
    return rows.mutate(owner=ibis.coalesce(rows.group_id, rows.organisation_id))


def _below_twice(years: ir.Table, at: Settings, limit: int) -> ir.Table:
    in_order = ibis.window(group_by="site_id", order_by="year")
    rows = years.mutate(before=years.year.lag().over(in_order), before_g=years.made_g.lag().over(in_order))
    low = int(limit * (1.0 - at.near))
    rows = rows.filter(
        rows.before == rows.year - 1,
        rows.made_g >= low, rows.made_g < limit, rows.before_g >= low, rows.before_g < limit,
    )  # fmt: skip
    return _told(
        rows, limit, test="two years", severity=Severity.WATCH, kind="site", subject=rows.site_id, party=rows.site_id,
        grams=limit - rows.made_g, statistic=ibis.least(rows.made_g, rows.before_g) / float(limit),
        threshold=1.0 - at.near,
        below=ibis.literal(2), above=ibis.literal(0),
    )  # fmt: skip


def _crowded(years: ir.Table, at: Settings, limit: int) -> ir.Table:
    """Sectors of which more stand just below than just above; −ln of a binomial bound (Chernoff) for one half."""
    below = (years.made_g >= int(limit * (1.0 - at.close))) & (years.made_g < limit)
    above = (years.made_g >= limit) & (years.made_g < int(limit * (1.0 + at.close)))
    sectors = years.filter(years.industry.notnull()).mutate(low=below, high=above).filter(lambda t: t.low | t.high)
    sectors = sectors.group_by("industry", "year").agg(
        below=lambda t: t.low.sum().cast("int64"), above=lambda t: t.high.sum().cast("int64")
    )
    both = (sectors.below + sectors.above).cast("float64")
    share = sectors.below / both
    rare = both * (
        share * (share * 2.0).ln()
        + (sectors.above > 0).ifelse((1.0 - share) * (ibis.greatest(1.0 - share, 1e-9) * 2.0).ln(), 0.0)
    )
    rows = sectors.mutate(rare=rare).filter((sectors.below > sectors.above) & (rare > at.log_chance))
    return _told(
        rows, limit, test="sector", severity=Severity.WATCH, kind="sector", subject=rows.industry,
        party=ibis.null("string"),
        grams=ibis.literal(0), statistic=rows.rare, threshold=at.log_chance, below=rows.below, above=rows.above,
    )  # fmt: skip


def _split(years: ir.Table, at: Settings, limit: int) -> ir.Table:
    """Sites at one address, or of one owner in one division and sector: each below the limit, together above."""
    known = years.filter((years.made_g < limit) & (years.made_g > 0))
    by_address = known.filter(known.address.notnull()).mutate(place=known.address)
    by_owner = known.filter(known.region_code.notnull() & known.industry.notnull()).mutate(
        place=known.owner + "/" + known.region_code + "/" + known.industry
    )
    parts = [part.select("place", "year", "site_id", "made_g") for part in (by_address, by_owner)]
    groups = (
        ibis.union(*parts)
        .group_by("place", "year")
        .agg(
            sites=lambda t: t.site_id.nunique(),
            together_g=lambda t: t.made_g.sum().cast("int64"),
            largest_g=lambda t: t.made_g.max(),
            site_id=lambda t: t.site_id.min(),
        )
    )
    rows = groups.filter(
        (groups.sites > 1) & (groups.together_g >= limit) & (groups.largest_g >= int(limit * at.largest))
    )
    rows = rows.group_by("site_id", "year").agg(sites=lambda t: t.sites.max(), together_g=lambda t: t.together_g.max())
    return _told(
        rows, limit, test="split", severity=Severity.EXPLAIN, kind="site", subject=rows.site_id, party=rows.site_id,
        grams=rows.together_g - limit, statistic=rows.together_g / float(limit), threshold=1.0,
        below=rows.sites, above=ibis.literal(0),
    )  # fmt: skip


def _told(
    rows: ir.Table, limit: int, *, test: str, severity: Severity, kind: str, subject: ir.Value, party: ir.Value,
    grams: ir.IntegerValue, statistic: ir.Value, threshold: float, below: ir.Value, above: ir.Value,
) -> ir.Table:  # fmt: skip
    year_on = ibis.date(rows.year.cast("int32"), 1, 1)
    return findings(
        rows,
        severity=severity.value,
        subject_kind=kind,
        subject_id=subject,
        party_id=party,
        since_at=begins(year_on),
        found_at=over(year_on, 12),
        at_risk_g=grams.cast("int64"),
        statistic=statistic.cast("float64"),
        threshold=threshold,
        test=test,
        limit_g=limit,
        year=rows.year,
        below=below.cast("int64"),
        above=above.cast("int64"),
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  a year is known when it is over
    years = _years(records)
    return together(
        *[test(years, at, limit * G_PER_T) for limit in LIMITS_T for test in (_below_twice, _crowded, _split)]
    )


RULE = Rule(
    id="R33",
    title=message("Just below a limit of the law"),
    queue=Queue.GENERATOR,
    severity=Severity.WATCH,
    formula=(
        "made_g in [(1 − near) × limit, limit) in two years; more sites of a sector in [(1 − close) × limit, "
        "limit) than in "
        "[limit, (1 + close) × limit) (binomial, one half); sites of one address or owner each below and "
        "together above; limits 10 t and 100 t"
    ),
    parameters=(
        Parameter("near", 0.1, "1", "below the limit", "anomaly note R33"),
        Parameter("close", 0.05, "1", "around the limit, for sectors", "anomaly note R33"),
        Parameter("log_chance", 6.91, "1", "−ln of 1 in 1,000", "anomaly note R33"),
        Parameter("largest", 0.5, "1", "of the limit that the largest part of a split site has", "design default"),
    ),
    needs=("sites",),
    detectable=message(
        "Who stays within a tenth below 10 t or 100 t in two whole years; crowds of ten and more of a sector."
    ),
    false_alarms=message("Every honest site that is of that size in two years; sectors 1 in 1,000."),
    innocent=(
        message("The site really is of that size."),
        message("Two firms share an address, as in an industrial park."),
    ),
    next_step=message("Ask for the store's ledger over the turn of the year; visit the address."),
    article="HJ 1259-2022, 4.2",
    chance=0.1,
    cadence=Cadence.MONTH,
    find=_find,
)
