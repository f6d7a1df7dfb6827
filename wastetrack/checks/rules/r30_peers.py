"""R30: a site makes far less waste for its work than the others of its sector."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import WORK, begins, first, made_by_site, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

NORMAL_MAD = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""


def _intensities(records: Records, at: Settings) -> ir.Table:
    """ln(grams for a unit of activity) of each site, kind of activity and quarter in which it worked all months."""
    rows = (
        records["activity"]
        .filter(lambda t: (t.kind != "input") & (t.quantity > 0))
        .group_by("site_id", "kind", "unit", "month_on")
        .agg(quantity=lambda t: t.quantity.sum())
    )
    rows = rows.left_join(made_by_site(records), ["site_id", "month_on"]).drop("site_id_right", "month_on_right")
    rows = rows.mutate(made_g=ibis.coalesce(rows.made_g, 0).cast("float64"))
    so_far = ibis.cumulative_window(group_by=["site_id", "kind", "unit"], order_by="month_on")
    rows = rows.mutate(
        seen=rows.made_g.count().over(so_far),
        told=(rows.made_g > 0).cast("int64").sum().over(so_far),
        made_so_far_g=rows.made_g.sum().over(so_far),
    )
    # in the store of a site that tells now and then: the months of its usual interval but the one that is told
    waiting = rows.made_so_far_g / rows.seen * (rows.seen / ibis.greatest(rows.told, 1) - 1.0)
    rows = rows.mutate(waiting_g=waiting)
    quarters = rows.group_by("site_id", "kind", "unit", quarter_on=lambda t: t.month_on.truncate("Q")).agg(
        months=lambda t: t.count(),
        quantity=lambda t: t.quantity.sum(),
        made_g=lambda t: t.made_g.sum(),
        waiting_g=lambda t: t.waiting_g.argmax(t.month_on),
    )
    quarters = quarters.filter(lambda t: (t.months == at.months) & (t.made_g > 0))
    return (
        quarters.mutate(intensity=((quarters.made_g + quarters.waiting_g + 1000.0) / quarters.quantity).ln())
        .join(records["sites"].select("site_id", "industry"), "site_id")
        .filter(lambda t: t.industry.notnull())
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  a quarter is known when it is over
    rows = _intensities(records, at)
    keys = ["industry", "kind", "unit", "quarter_on"]
    middle = rows.group_by(keys).agg(
        peers=lambda t: t.count(), middle=lambda t: t.intensity.quantile(0.5), low=lambda t: t.intensity.quantile(0.05)
    )
    rows = rows.join(middle.filter(lambda t: t.peers >= at.peers), keys)
    spread = rows.group_by(keys).agg(spread=lambda t: (t.intensity - t.middle).abs().quantile(0.5) * NORMAL_MAD)
    rows = rows.join(spread, keys)
    rows = rows.mutate(z=(rows.intensity - rows.middle) / ibis.greatest(rows.spread, at.least_spread))
    low = rows.filter(lambda t: (t.z < -at.z) & (t.intensity < t.low))
    in_quarter = low.group_by("site_id", "quarter_on").agg(
        z=lambda t: t.z.min(),
        kinds=lambda t: t.count(),
        kind=lambda t: t.kind.min(),
        peers=lambda t: t.peers.max(),
        made_g=lambda t: t.made_g.max(),
        waiting_g=lambda t: t.waiting_g.max(),
        usual_g=lambda t: ((t.middle - t.intensity).exp() * (t.made_g + t.waiting_g + 1000.0)).min(),
    )
    order = ibis.cumulative_window(group_by="site_id", order_by="quarter_on")
    in_quarter = in_quarter.mutate(
        times=in_quarter.z.count().over(order), since_on=in_quarter.quarter_on.min().over(order)
    )
    parts = [first(in_quarter.filter(in_quarter.times == times), ("site_id",), "quarter_on") for times in (1, 2)]
    told = ibis.union(*parts)
    return findings(
        told,
        severity=(told.times == 1).ifelse(Severity.WATCH.value, Severity.EXPLAIN.value),
        subject_kind="site",
        subject_id=told.site_id,
        party_id=told.site_id,
        since_at=begins(told.since_on),
        found_at=over(told.quarter_on, 3),
        at_risk_g=ibis.greatest(told.usual_g - told.made_g - told.waiting_g, 0.0).round(0).cast("int64"),
        statistic=-told.z,
        threshold=at.z,
        kind=told.kind,
        kinds=told.kinds,
        peers=told.peers,
        made_g=told.made_g,
        waiting_g=told.waiting_g,
        usual_g=told.usual_g,
    )


RULE = Rule(
    id="R30",
    version=2,
    title=message("Far less waste for its work than its peers"),
    queue=Queue.GENERATOR,
    severity=Severity.WATCH,
    formula=(
        "z = (ln((made_g + waiting_g) / quantity) − median of the sector) / (1.4826 × MAD) < −z, and below the 5 % "
        "quantile; waiting_g: mean month × (months / months with entries − 1); told again at the second quarter"
    ),
    parameters=(
        Parameter("z", 3, "1", "robust standard deviations below the median", "anomaly note R30"),
        Parameter(
            "peers", 20, "site", "of one sector and kind of activity, from which they are compared", "design default"
        ),
        Parameter("months", 3, "month", "of a quarter with activity", "design default"),
        Parameter(
            "least_spread", 0.05, "1", "of ln intensity, below which peers are not taken as equal", "design default"
        ),
    ),
    needs=(f"activity.kind={WORK}", "sites.industry"),
    detectable=message(
        "What hides nine tenths where intensities of a sector spread by half; a third only where they hardly spread."
    ),
    false_alarms=message("1 in 700 site-quarters if ln intensity is normal; more where a sector mixes processes."),
    innocent=(
        message("Another process than its peers, or one that takes its waste back."),
        message("Its activity is measured for several sites together."),
    ),
    next_step=message(
        "Ask for the process, material purchases and the ledger; compare with the environmental assessment."
    ),
    article="法释〔2023〕7号 art. 15; 固废法 art. 78",
    chance=0.25,
    cadence=Cadence.MONTH,
    find=_find,
)
