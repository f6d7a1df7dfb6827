"""R36: the last digit that a scale can show is not evenly spread: somebody writes weights instead of reading them."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.weighing import weighings
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

DIGITS = 10
ON_A_STEP = 0.001


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    shown = (
        weighings(records)
        .filter(lambda t: t.method == "truck_scale", lambda t: t.scale_id.notnull(), lambda t: t.weighed_at <= as_of)
        .mutate(divisions=lambda t: t.net_g / t.division_g)
        .mutate(place=lambda t: t.divisions.round(0).cast("int64"))
    )
    read = (shown.divisions - shown.place).abs() < ON_A_STEP
    digit = shown.place % DIGITS
    counts = {f"digit_{number}": read.ifelse((digit == number).cast("int64"), 0).sum() for number in range(DIGITS)}
    scales = shown.group_by("scale_id").agg(
        **counts,
        n=read.cast("int64").sum(),
        every=shown.count(),
        spread=shown.divisions.std(),
        first_at=shown.weighed_at.min(),
    )
    # narrow weights have no even last digit, and weights off the steps of the scale have no last digit at all
    fit = scales.filter(scales.n >= at.weighings, scales.n > scales.every * 0.95, scales.spread > at.spread)
    judged = fit.mutate(chi_square=_chi_square(fit))
    odd = judged.filter(judged.chi_square > at.chi_square)
    found = odd.join(records["scales"].select("scale_id", "site_id"), "scale_id").join(
        _crossed(shown.mutate(read=read, digit=digit).semi_join(odd, "scale_id"), at), "scale_id"
    )
    return findings(
        found,
        severity=(found.chi_square > at.grave_chi_square).ifelse(Severity.EXPLAIN.value, Severity.WATCH.value),
        subject_kind="site",
        subject_id=found.site_id,
        party_id=found.site_id,
        since_at=found.first_at,
        found_at=found.crossed_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=found.chi_square,
        threshold=at.chi_square,
        scale_id=found.scale_id,
        weighings=found.n,
        **{name: found[name] for name in counts},
    )


def _chi_square(counts: ir.Table) -> ir.FloatingValue:
    squares = sum((counts[f"digit_{number}"].cast("float64").pow(2.0) for number in range(DIGITS)), ibis.literal(0.0))
    return squares * DIGITS / counts.n - counts.n


def _crossed(shown: ir.Table, at: Settings) -> ir.Table:
    """When the digits of each scale were first as uneven."""
    so_far = ibis.cumulative_window(group_by="scale_id", order_by=["weighed_at", "manifest_id", "waste_code"])
    seen = {
        f"digit_{number}": (shown.read & (shown.digit == number)).ifelse(1, 0).sum().over(so_far)
        for number in range(DIGITS)
    }
    steps = shown.select("scale_id", "weighed_at", n=shown.read.ifelse(1, 0).sum().over(so_far), **seen)
    enough = steps.filter(steps.n >= at.weighings)
    uneven = enough.filter(_chi_square(enough) > at.chi_square)
    return uneven.group_by("scale_id").agg(crossed_at=lambda t: t.weighed_at.min())


RULE = Rule(
    id="R36",
    version=2,
    title=message("Last digits are not those of a scale"),
    queue=Queue.DOCUMENTS,
    severity=Severity.WATCH,
    formula="digit = (net / e) mod 10; chi² = 10/n · Σ n_digit² - n, 9 degrees of freedom; found "
    "at the first weighing at which it was passed",
    parameters=(
        Parameter("weighings", 100, "weighing", "least number of a scale", "anomaly note R36"),
        Parameter("chi_square", 27.88, "1", "exceeded by chance once in 1,000", "chi-square, 9 df, 0.001"),
        Parameter("grave_chi_square", 44.81, "1", "exceeded by chance once in a million", "chi-square, 9 df, 0.000001"),
        Parameter("spread", 10, "e", "least standard deviation of the weights", "design default"),
    ),
    needs=("weighings", "scales.division_g"),
    detectable=message(
        "30 invented weights of 100 in nine of ten cases, 50 of 500 in half of them; none on a scale "
        "whose division is not told."
    ),
    false_alarms=message("One scale in a thousand."),
    innocent=(message("The scale shows coarser steps than its division, or the operator rounds."),),
    next_step=message("Compare the weights with the printed slips and the memory of the scale."),
    chance=0.15,
    find=_find,
)
