"""R22: a plant uses lime, carbon, power, steam or water for a tonne as it never did, or leaves and uses more of all."""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir
from scipy.stats import norm

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.histories import MOST
from wastetrack.checks.models.plant_ratios import HONEST_MONTHS, exceeding, used
from wastetrack.checks.monthly import begins, first, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

DEVIATION_OF_TWO = math.sqrt(2 * (1 + 1 / (HONEST_MONTHS + 1)))
"""Of the sum of two months that are compared with one level: its own error, of the fewest months, is in both."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    edge = float(norm.ppf(0.5 + at.band / 2))
    rows = records.model("plant_use", used)
    rows = rows.filter(lambda t: ((t.z < -edge) & (t.z_before < -edge)) | ((t.z > edge) & (t.z_before > edge)))
    outside = first(rows, ("site_id", "kind"), "month_on")
    lost = outside.treated_g * ibis.greatest(1.0 - outside.share, 0.0)
    nearer = ibis.least(outside.z.abs(), outside.z_before.abs())
    months = records.model("plant_excess", exceeding).filter(lambda t: t.z.notnull() & t.z_before.notnull())
    two = months.mutate(of_two=(ibis.least(months.z, MOST) + ibis.least(months.z_before, MOST)) / DEVIATION_OF_TWO)
    # as rare as two months that are each above the band
    rare = float(norm.isf(((1.0 - at.band) / 2) ** 2))
    above = first(two.filter(two.of_two > rare), ("site_id",), "month_on").mutate(kind=ibis.literal("all"))
    gained = above.treated_g * ibis.greatest(above.share - 1.0, 0.0)
    return together(_told(outside, nearer, edge, lost), _told(above, above.of_two, rare, gained))


def _told(outside: ir.Table, statistic: ir.NumericValue, threshold: float, at_risk_g: ir.NumericValue) -> ir.Table:
    return findings(
        outside,
        severity=Severity.EXPLAIN.value,
        subject_kind="site",
        subject_id=outside.site_id,
        party_id=outside.site_id,
        since_at=begins((outside.month_on - ibis.interval(months=1)).cast("date")),
        found_at=over(outside.month_on),
        at_risk_g=at_risk_g.round(0).cast("int64"),
        statistic=statistic,
        threshold=threshold,
        kind=outside.kind,
        month_on=outside.month_on,
        z=outside.z,
        z_before=outside.z_before,
        share=outside.share,
        treated_g=outside.treated_g,
    )


RULE = Rule(
    id="R22",
    version=2,
    title=message("Uses another measure for a tonne than it did"),
    queue=Queue.FACILITY,
    severity=Severity.EXPLAIN,
    formula=(
        "ln(quantity / treated_g) outside the band of the plant's own twelve months before, on one side, for two "
        "months; residues, products, energy and what is added together (Stouffer), summed over two "
        "months, as rarely high"
    ),
    parameters=(Parameter("band", 0.99, "1", "of its own months that lie within", "anomaly note R22"),),
    needs=("batches", "readings"),
    detectable=message(
        "Treatment feigned, or cleaning of gases left off, by more than 2.6 monthly variations for two months; waste "
        "treated that the books do not have, by about 1.5 of them in all that a plant leaves and uses."
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
