"""R31: a hospital declares much less, or much more, than its beds and visits make."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, first, hazardous, made, number_of, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

NORMAL_MAD = 1.4826
MEDICAL = "01"
"""Category of medical waste (HW01)."""


def _months(records: Records, at: Settings) -> ir.Table:
    """One row a medical site and month with its expected and declared mass, and both of the month before."""
    sites = records["sites"].filter(lambda t: t.medical).select("site_id")
    expected = (
        records["activity"]
        .semi_join(sites, "site_id")
        .filter(lambda t: t.kind.isin(("bed_days", "visits")))
        .group_by("site_id", "month_on")
        .agg(
            bed_days=lambda t: ibis.coalesce(t.quantity.sum(where=t.kind == "bed_days"), 0.0),
            visits=lambda t: ibis.coalesce(t.quantity.sum(where=t.kind == "visits"), 0.0),
        )
        .mutate(expected_g=lambda t: 1000.0 * (at.per_bed_day * t.bed_days + t.visits / at.visits_per_kg))
    )
    told = (
        made(records)
        .filter(lambda t: hazardous(t.waste_code) & (t.waste_code.right(2) == MEDICAL))
        .group_by("site_id", "month_on")
        .agg(made_g=lambda t: t.made_g.sum().cast("float64"))
    )
    rows = expected.left_join(told, ["site_id", "month_on"]).drop("site_id_right", "month_on_right")
    rows = rows.mutate(made_g=ibis.coalesce(rows.made_g, 0.0), number=number_of(rows.month_on))
    rows = rows.mutate(ratio=rows.made_g / ibis.greatest(rows.expected_g, 1.0))
    before = ibis.window(group_by="site_id", order_by="month_on")
    rows = rows.mutate(
        before=rows.number.lag().over(before),
        ratio_before=rows.ratio.lag().over(before),
        made_before_g=rows.made_g.lag().over(before),
    )
    rows = rows.filter(lambda t: t.expected_g >= at.least_g)
    return rows.cross_join(_fences(rows, at))


def _fences(rows: ir.Table, at: Settings) -> ir.Table:
    """One row, `low, high`: those of the planning figures, or wider where the medical sites themselves lie wider. What
    wards make for a bed differs by what they treat, and a planning figure that does not fit most accuses nobody."""
    each = rows.filter(lambda t: t.ratio > 0).group_by("site_id").agg(level=lambda t: t.ratio.median().ln())
    middle = each.agg(sites=each.level.count(), middle=each.level.median())
    away = each.cross_join(middle).mutate(away=lambda t: (t.level - t.middle).abs())
    spread = away.agg(sites=away.sites.max(), middle=away.middle.max(), spread=away.away.median() * NORMAL_MAD)
    known = ibis.coalesce(spread.sites, 0) >= at.sites
    reach = at.z * spread.spread
    return spread.select(
        low=ibis.least(at.low, ibis.ifelse(known, (spread.middle - reach).exp(), at.low)),
        high=ibis.greatest(at.high, ibis.ifelse(known, (spread.middle + reach).exp(), at.high)),
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    rows = _months(records, at)
    fell = (
        (rows.before == rows.number - 1) & (rows.made_before_g > 0) & (rows.ratio < rows.ratio_before * (1.0 - at.fall))
    )
    test = ibis.cases((rows.ratio < rows.low, "low"), (rows.ratio > rows.high, "high"), (fell, "fell"))
    wrong = rows.mutate(test=test).filter(lambda t: t.test.notnull())
    wrong = first(wrong, ("site_id", "test"), "month_on")
    distance = ibis.cases(
        (wrong.test == "low", wrong.low / ibis.greatest(wrong.ratio, 0.001)),
        (wrong.test == "high", wrong.ratio / wrong.high),
        else_=(1.0 - at.fall) * wrong.ratio_before / ibis.greatest(wrong.ratio, 0.001),
    )
    return findings(
        wrong,
        severity=(wrong.test == "high").ifelse(Severity.WATCH.value, Severity.EXPLAIN.value),
        subject_kind="site",
        subject_id=wrong.site_id,
        party_id=wrong.site_id,
        since_at=begins(wrong.month_on),
        found_at=over(wrong.month_on),
        at_risk_g=(wrong.expected_g - wrong.made_g).abs().round(0).cast("int64"),
        statistic=distance,
        threshold=1.0,
        test=wrong.test,
        month_on=wrong.month_on,
        made_g=wrong.made_g,
        expected_g=wrong.expected_g,
        ratio=wrong.ratio,
        low=wrong.low,
        high=wrong.high,
        ratio_before=wrong.ratio_before,
        bed_days=wrong.bed_days,
        visits=wrong.visits,
    )


RULE = Rule(
    id="R31",
    version=2,
    title=message("Medical waste does not fit beds and visits"),
    queue=Queue.GENERATOR,
    severity=Severity.EXPLAIN,
    formula=(
        "made_g / (per_bed_day × bed_days + visits / visits_per_kg) < low, > high, or fallen by `fall` within a month; "
        "fences wider where most medical sites lie wider"
    ),
    parameters=(
        Parameter(
            "per_bed_day", 0.5, "kg", "for an occupied bed and day", "anomaly note R31, planning figure 0.5 to 1.0"
        ),
        Parameter("visits_per_kg", 25, "visit", "for a kilogram", "anomaly note R31, planning figure 20 to 30"),
        Parameter("low", 0.5, "1", "of what is expected", "anomaly note R31"),
        Parameter("high", 2, "1", "of what is expected", "anomaly note R31"),
        Parameter("fall", 0.4, "1", "within a month", "anomaly note R31"),
        Parameter(
            "z", 3.09, "1", "robust deviations of sites' levels, to which the fences reach at least", "1 in 1,000"
        ),
        Parameter("sites", 8, "1", "from which on their levels are believed", "design default"),
        Parameter(
            "least_g",
            100_000,
            "g",
            "expected in a month: seven beds, planning figures are of hospitals",
            "design default",
        ),
    ),
    needs=("activity.kind=bed_days|visits", "sites.medical"),
    detectable=message("Half of a hospital's waste missing, or two fifths from one month to the next."),
    false_alarms=message(
        "Depends on the wards: the planning figures fit general hospitals; "
        "1 in 100 months for the fall where months vary by 15 %."
    ),
    innocent=(
        message("Wards with little waste (psychiatry, rehabilitation)."),
        message("The collection of the last days fell into the next month."),
    ),
    next_step=message("Ask for the handover book of the wards; compare with the collector's trip cards."),
    article="医疗废物管理条例 art. 17, 25",
    chance=0.3,
    find=_find,
)
