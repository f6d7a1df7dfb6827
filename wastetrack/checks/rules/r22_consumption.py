"""R22: a plant uses lime, carbon, power, steam or water for a tonne as it never did."""

from datetime import datetime

import ibis
import ibis.expr.types as ir
from scipy.stats import norm

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.plant_ratios import used
from wastetrack.checks.monthly import begins, first, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    edge = float(norm.ppf(0.5 + at.band / 2))
    rows = records.model("plant_use", used)
    rows = rows.filter(lambda t: ((t.z < -edge) & (t.z_before < -edge)) | ((t.z > edge) & (t.z_before > edge)))
    outside = first(rows, ("site_id", "kind"), "month_on")
    nearer = ibis.least(outside.z.abs(), outside.z_before.abs())
    return findings(
        outside,
        severity=Severity.EXPLAIN.value,
        subject_kind="site",
        subject_id=outside.site_id,
        party_id=outside.site_id,
        since_at=begins((outside.month_on - ibis.interval(months=1)).cast("date")),
        found_at=over(outside.month_on),
        at_risk_g=(outside.treated_g * ibis.greatest(1.0 - outside.share, 0.0)).round(0).cast("int64"),
        statistic=nearer,
        threshold=edge,
        kind=outside.kind,
        month_on=outside.month_on,
        z=outside.z,
        z_before=outside.z_before,
        share=outside.share,
        treated_g=outside.treated_g,
    )


RULE = Rule(
    id="R22",
    title=message("Uses another measure for a tonne than it did"),
    queue=Queue.FACILITY,
    severity=Severity.EXPLAIN,
    formula=(
        "ln(quantity / treated_g) outside the band of the plant's own twelve months before, on one side, for two months"
    ),
    parameters=(Parameter("band", 0.99, "1", "of its own months that lie within", "anomaly note R22"),),
    needs=("batches", "readings"),
    detectable=message(
        "Treatment feigned, or cleaning of gases left off, by more than 2.6 monthly variations for two months."
    ),
    false_alarms=message("1 in 20,000 months of a plant and kind, if months are independent; more with the seasons."),
    innocent=(
        message("Another mix of waste, or cold weather."),
        message("The meter was changed or read late."),
    ),
    next_step=message("Ask for invoices of lime, carbon and power; compare with the emission record."),
    article="法释〔2023〕7号 art. 15",
    chance=0.3,
    cadence=Cadence.MONTH,
    find=_find,
)
