"""R19: a plant took in more than its furnaces could burn in the hours they ran and its stores could hold."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, first, over, received, stock, treated
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

G_PER_T = 1_000_000.0
NORMAL_MAD = 1.4826


def _reached(months: ir.Table, at: Settings) -> ir.Table:
    """One row, `reach`: what part of its nominal rate a furnace reaches; `margin`, or more where most plants show it.

    Nominal rates are entered from permits and hours from meters. Where the best month of most plants is near or above
    the margin, the register of rates is what is wrong, and only what stands out among all plants speaks against one.
    """
    best = (
        months.filter(lambda t: (t.hours_on > 0) & (t.rate_t_per_h > 0) & (t.treated_g > 0))
        .group_by("site_id")
        .agg(part=lambda t: (t.treated_g / (t.rate_t_per_h * t.hours_on * G_PER_T)).max())
    )
    middle = best.agg(plants=best.part.count(), middle=best.part.median())
    away = best.cross_join(middle).mutate(away=lambda t: (t.part - t.middle).abs())
    spread = away.agg(plants=away.plants.max(), middle=away.middle.max(), spread=away.away.median() * NORMAL_MAD)
    shown = (spread.plants >= at.plants).ifelse(spread.middle + at.z * spread.spread, 0.0)
    return spread.select(reach=ibis.greatest(ibis.coalesce(shown, 0.0), at.margin))


def _months(records: Records, at: Settings) -> ir.Table:
    """One row a site and month with its hours: `received_g`, `treated_g` by its own word, stock at both ends, room, and
    `possible_g`, what its furnaces could treat in these hours."""
    facilities = records["facilities"]
    rate = (
        facilities.filter(lambda t: (t.kind == "treatment") & t.rated_t_per_h.notnull())
        .group_by("site_id")
        .agg(rate_t_per_h=lambda t: t.rated_t_per_h.sum())
    )
    room = (
        facilities.filter(lambda t: (t.kind == "storage") & t.limit_g.notnull())
        .group_by("site_id")
        .agg(limit_g=lambda t: t.limit_g.sum().cast("float64"))
    )
    hours = (
        records["readings"]
        .filter(lambda t: t.kind == "hours_on")
        .group_by("site_id", "month_on")
        .agg(hours_on=lambda t: t.quantity.sum())
    )
    base = hours.join(rate, "site_id")
    opening = stock(records).rename(opening_g="stock_g")
    closing = stock(records).select(
        "site_id", month_on=lambda t: (t.month_on - ibis.interval(months=1)).cast("date"), closing_g="stock_g"
    )
    for other in (received(records), treated(records).drop("residue_g"), opening, closing):
        base = base.left_join(other, ["site_id", "month_on"]).drop("site_id_right", "month_on_right")
    base = base.left_join(room, "site_id").drop("site_id_right")
    base = base.mutate(received_g=ibis.coalesce(base.received_g, 0)).cross_join(_reached(base, at))
    return base.mutate(possible_g=base.rate_t_per_h * base.reach * base.hours_on * G_PER_T)


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  months are known when they are over
    months = _months(records, at)
    counted = months.received_g + months.opening_g - months.closing_g
    free = ibis.greatest(months.limit_g - ibis.coalesce(months.opening_g, 0), 0.0)
    known = months.mutate(
        claimed_g=ibis.greatest(months.treated_g, counted),
        beyond_g=ibis.greatest(
            ibis.coalesce(months.treated_g - months.possible_g, 0.0),
            ibis.coalesce(counted - months.possible_g, 0.0),
            ibis.coalesce(months.received_g - months.possible_g - free, 0.0),
        ),
        known_at=over(months.month_on),
    )
    more = first(known.filter(lambda t: t.beyond_g > at.least_g), ("site_id",), "month_on")
    return findings(
        more,
        severity=Severity.INSPECT.value,
        subject_kind="site",
        subject_id=more.site_id,
        party_id=more.site_id,
        since_at=begins(more.month_on),
        found_at=more.known_at,
        at_risk_g=more.beyond_g.round(0).cast("int64"),
        statistic=(more.beyond_g + more.possible_g) / ibis.greatest(more.possible_g, 1.0),
        threshold=1.0,
        month_on=more.month_on,
        received_g=more.received_g,
        treated_g=more.treated_g,
        possible_g=more.possible_g,
        hours_on=more.hours_on,
        rate_t_per_h=more.rate_t_per_h,
        reach=more.reach,
        opening_g=more.opening_g,
        closing_g=more.closing_g,
        limit_g=more.limit_g,
    )


RULE = Rule(
    id="R19",
    version=2,
    title=message("More treated than the furnaces could"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula=(
        "max(treated_g, received_g + opening_g − closing_g, received_g − free store) > rate_t_per_h × reach × "
        "hours_on; reach = margin, or more where the best months of most plants show it"
    ),
    parameters=(
        Parameter("margin", 1.15, "1", "of the nominal rate that a furnace can reach", "anomaly note R19"),
        Parameter("z", 3.09, "1", "robust deviations of plants' best months beyond their median", "1 in 1,000"),
        Parameter("plants", 8, "1", "from which on their best months are believed", "design default"),
        Parameter("least_g", 3_000_000, "g", "beyond it, before it is told", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("facilities.rated_t_per_h", "readings.kind=hours_on", "manifests.received_g"),
    detectable=message(
        "What is beyond 115 % of the nominal rate in the hours run; nothing while the plant has spare hours."
    ),
    false_alarms=message("None, if hours come from the furnace's own temperature and the nominal rate is right."),
    innocent=(
        message("The nominal rate was raised by a rebuild."),
        message("The counter of hours stood still."),
    ),
    next_step=message("Compare the hours with the temperature record of emission monitoring; count the store."),
    article="法释〔2023〕7号 art. 15",
    chance=0.4,
    find=_find,
)
