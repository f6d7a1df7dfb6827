"""R28: a site works as before and tells less waste than it did."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.intensities import drops
from wastetrack.checks.monthly import WORK, begins, first, number_of, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    share = at.false_share
    rows = records.model(f"drops {share:g}", lambda records: drops(records, share))
    half_year = ibis.window(group_by="site_id", order_by="month_on", preceding=5, following=0)
    rows = rows.mutate(
        lost_g=ibis.greatest(rows.missing_g, 0.0).sum().over(half_year), began_on=rows.month_on.min().over(half_year)
    )
    months = rows.filter(lambda t: (t.z < -at.z) & (t.z_before < -at.z))
    sums = rows.filter(lambda t: t.cusum > ibis.greatest(t.allowed, at.h))
    parts = []
    for test, found in (("months", months), ("sum", sums)):
        one = first(found, ("site_id",), "month_on")
        lasted = one.month_on - ibis.interval(months=1) if test == "months" else one.began_on
        near = ibis.greatest(lasted.cast("date"), (one.month_on - ibis.interval(months=11)).cast("date"))
        parts.append(
            findings(
                one,
                severity=Severity.EXPLAIN.value,
                subject_kind="site",
                subject_id=one.site_id,
                party_id=one.site_id,
                since_at=begins(near),
                found_at=over(one.month_on),
                at_risk_g=one.lost_g.round(0).cast("int64"),
                statistic=-ibis.greatest(one.z, one.z_before) if test == "months" else one.cusum,
                threshold=at.z if test == "months" else ibis.greatest(one.allowed, at.h),
                test=test,
                month_on=one.month_on,
                z=one.z,
                z_before=one.z_before,
                cusum=one.cusum,
                share=one["share"],
                made_g=one.made_g,
                months=number_of(one.month_on) - number_of(near) + 1,
            )
        )
    return together(*parts)


RULE = Rule(
    id="R28",
    version=2,
    title=message("Less waste for the same work than before"),
    queue=Queue.GENERATOR,
    severity=Severity.EXPLAIN,
    formula=(
        "i = made_g / activity^β of the sector; ln(1 + i / usual) = site + month of the sector + e, against the twelve "
        "months before; z < −z_limit in two months, or S = max(0, S − z − 0.5) > h; of sites with entries in 8 of 10 "
        "months before"
    ),
    parameters=(
        Parameter("z", 3, "1", "robust standard deviations, in two successive months", "anomaly note R28"),
        Parameter(
            "h", 6, "1", "of the cumulated sum with k = 0.5, at least", "anomaly note R28: 5; 1 site of 100 a year"
        ),
        Parameter(
            "false_share",
            0.01,
            "1",
            "of sites whose rises may pass h in a year; h is raised until then",
            "anomaly note 0.3",
        ),
    ),
    needs=(f"activity.kind={WORK}", "sites.industry"),
    detectable=message(
        "A third hidden where months vary by a tenth; little where waste is entered a few times a year."
    ),
    false_alarms=message("1 to 2 sites in 100 in a year, as processes change; R46 is sharper."),
    innocent=(
        message("Another process, raw material or product."),
        message("Waste is taken back by a supplier or recovered on site."),
    ),
    next_step=message("Ask what changed in that month; compare with purchases and the environmental assessment."),
    article="法释〔2023〕7号 art. 15; 固废法 art. 78",
    chance=0.2,
    cadence=Cadence.MONTH,
    find=_find,
)
