"""R29: a site works as it did, and has stopped to tell of any waste; or never began."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import WORK, begins, first, made_by_site, over
from wastetrack.checks.occasions import habits, rarity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def worked(records: Records) -> ir.Table:
    """`site_id, month_on, activity`: the mean of a site's kinds of activity, each against its own mean so far."""
    rows = records["activity"].filter(lambda t: t.kind != "input")
    rows = rows.group_by("site_id", "kind", "month_on").agg(quantity=lambda t: t.quantity.sum())
    before = ibis.window(group_by=["site_id", "kind"], order_by="month_on", preceding=12, following=0)
    return (
        rows.mutate(usual=rows.quantity.mean().over(before))
        .filter(lambda t: t.usual > 0)
        .group_by("site_id", "month_on")
        .agg(activity=lambda t: (t.quantity / t.usual).mean())
    )


def _months(records: Records) -> ir.Table:
    """One row a site and month of activity, with entries of waste, and the spell of silence it stands in."""
    rows = worked(records)
    rows = rows.left_join(made_by_site(records), ["site_id", "month_on"]).drop("site_id_right", "month_on_right")
    sites = records["sites"].select("site_id", "industry")
    rows = rows.join(sites, "site_id")
    rows = rows.mutate(
        made_g=ibis.coalesce(rows.made_g, 0).cast("float64"), entries=ibis.coalesce(rows.entries, 0).cast("float64")
    )
    so_far = ibis.cumulative_window(group_by="site_id", order_by="month_on")
    rows = rows.mutate(told=(rows.made_g > 0).cast("int64"))
    return rows.mutate(spell=rows.told.sum().over(so_far))


def _after_entries(rows: ir.Table, at: Settings) -> ir.Table:
    """Silent months after months with entries, with the rate of the twelve months up to the last entry.

    The last month has an entry because the silence begins after it; it says nothing about how often a month has one.
    """
    year = ibis.window(group_by="site_id", order_by="month_on", preceding=11, following=0)
    rated = rows.mutate(
        rate=rows.entries.sum().over(year) / rows.entries.count().over(year),
        usual_g=rows.made_g.mean().over(year),
        seen=rows.entries.count().over(year),
        told_months=rows.told.sum().over(year),
    )
    known = rated.filter(lambda t: (t.made_g > 0) & (t.seen >= at.months)).select(
        "site_id",
        "spell",
        "rate",
        "usual_g",
        own_months=lambda t: t.seen - 1,
        own_fails=lambda t: t.seen - t.told_months,
        since_on=lambda t: (t.month_on + ibis.interval(months=1)).cast("date"),
    )
    return rows.filter(lambda t: t.made_g == 0).join(known, ["site_id", "spell"])


def _never(rows: ir.Table, at: Settings) -> ir.Table:
    """Months of sites without a single entry so far, with the rate and mass that nine of ten of their sector pass."""
    of_sites = rows.group_by("industry", "site_id").agg(
        rate=lambda t: t.entries.mean(), mean_g=lambda t: t.made_g.mean()
    )
    sectors = of_sites.group_by("industry").agg(
        peers=lambda t: t.count(), rate=lambda t: t.rate.quantile(0.1), usual_g=lambda t: t.mean_g.quantile(0.1)
    )
    silent = rows.filter(lambda t: (t.spell == 0) & t.industry.notnull())
    since = silent.group_by("site_id").agg(since_on=lambda t: t.month_on.min())
    silent = silent.join(sectors.filter(lambda t: t.peers >= at.peers), "industry").join(since, "site_id")
    return silent.mutate(own_months=ibis.literal(0, "int64"), own_fails=ibis.literal(0, "int64"))


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    rows = _months(records)
    columns = ("site_id", "spell", "month_on", "since_on", "activity", "rate", "usual_g", "own_months", "own_fails")
    silent = _after_entries(rows, at).select(*columns).union(_never(rows, at).select(*columns))
    silent = silent.filter(lambda t: t.activity > at.working).join(habits(rows, at.peers), "site_id")
    within = ibis.cumulative_window(group_by=["site_id", "spell"], order_by="month_on")
    silent = silent.mutate(months=silent.rate.count().over(within), work=ibis.least(silent.activity, 1.0))
    seen = silent.tells + silent.fails + silent.own_months
    silent = silent.mutate(unlikely=rarity(silent.fails + silent.own_fails, seen, silent.months - 1))
    silent = silent.mutate(
        expected=ibis.least(
            (silent.work * silent.rate).sum().over(within), (silent.work * silent.unlikely).sum().over(within)
        ),
        missing_g=(silent.activity * silent.usual_g).sum().over(within),
    )
    telling = first(silent.filter(lambda t: t.expected > at.log_chance), ("site_id", "spell"), "month_on")
    return findings(
        telling,
        severity=Severity.EXPLAIN.value,
        subject_kind="site",
        subject_id=telling.site_id,
        party_id=telling.site_id,
        since_at=begins(telling.since_on),
        found_at=over(telling.month_on),
        at_risk_g=telling.missing_g.round(0).cast("int64"),
        statistic=telling.expected,
        threshold=at.log_chance,
        months=telling.months,
        rate=telling.rate,
        activity=telling.activity,
    )


RULE = Rule(
    id="R29",
    version=2,
    title=message("Works, and tells of no waste"),
    queue=Queue.GENERATOR,
    severity=Severity.EXPLAIN,
    formula=(
        "the lesser of Σ rate × min(activity, 1) and Σ −ln((fails + i) / (seen + i)) × min(activity, 1) over silent "
        "months i with activity > working; exp(−Σ) is the chance of silence, if entries (Poisson) or months that have "
        "any (Beta of its sector and its own months) come independently"
    ),
    parameters=(
        Parameter("log_chance", 6.91, "1", "−ln of 1 in 1,000", "anomaly note R29"),
        Parameter("working", 0.5, "1", "of the usual activity, below which silence is plain", "anomaly note R29"),
        Parameter("months", 6, "month", "seen before a rate is believed", "design default"),
        Parameter("peers", 20, "site", "of a sector, from which one that never began is compared", "design default"),
    ),
    needs=(f"activity.kind={WORK}", "sites"),
    detectable=message(
        "Silence that one in 1,000 sites of its habit would keep: two months of a monthly ledger, a year where two "
        "months of three have an entry."
    ),
    false_alarms=message("1 in 1,000 spells of silence of a working site, if months with entries come independently."),
    innocent=(
        message("The store was not weighed in this time; waste is entered when it is fetched."),
        message("The process that made the waste was given up."),
    ),
    next_step=message("Ask for the ledger of the silent months; look at the process that made the waste."),
    article="固废法 art. 78; HJ 1259-2022",
    chance=0.4,
    cadence=Cadence.MONTH,
    find=_find,
)
