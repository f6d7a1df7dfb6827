"""F01: a figure that was written wrongly.

A quantity that is a thousand times the usual of its generator or more than any vehicle carries, and two weights of a
load that differ in the way in which clerks err: by a factor of ten, by the vehicle, by two figures exchanged, or until
they were put right.
"""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, may_hold
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.differences import odd
from wastetrack.checks.models.slips import AMENDED, NONE, TOO_HEAVY
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

LEAST_PART = 0.1
"""Of a load: lesser differences of weights are no slips (anomaly note, R04)."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    return together(_declared(records, at), _weighed(records, at, as_of))


def _weighed(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """Two weights of one load that a slip explains better than a loss."""
    every = odd(records, as_of)
    wrong = every.filter(
        every.slip != NONE, ~every.loss | (every.posterior < at.likelier) | every.slip.isin((TOO_HEAVY, AMENDED))
    )
    return findings(
        wrong,
        severity=Severity.WATCH.value,
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=wrong.loss.ifelse(wrong.shipper_site_id, wrong.receiver_site_id),
        since_at=ibis.coalesce(wrong.departed_at, wrong.known_at),
        found_at=wrong.known_at,
        at_risk_g=wrong.rest_g.abs().round(0).cast("int64"),
        statistic=(wrong.sent_g / wrong.taken_g).log10().abs(),
        threshold=-math.log10(1 - LEAST_PART),
        waste_code=wrong.waste_code,
        declared_g=wrong.sent_g,
        median_g=wrong.taken_g.cast("float64"),
        unit_slip=False,
        signature=wrong.slip,
    )


def _declared(records: Records, at: Settings) -> ir.Table:
    """Quantities that no vehicle carries, or that are a thousand times the usual."""
    manifests = records["manifests"].filter(lambda t: t.cancelled_at.isnull(), lambda t: t.declared_g > 0)
    usual = (
        manifests.group_by("shipper_site_id", "waste_code")
        .agg(loads=lambda t: t.count(), median_g=lambda t: t.declared_g.cast("float64").quantile(0.5))
        .filter(lambda t: t.loads >= at.least_loads, lambda t: t.median_g > 0)
    )
    rows = manifests.left_join(usual, ["shipper_site_id", "waste_code"]).drop(
        "shipper_site_id_right", "waste_code_right"
    )
    rows = rows.mutate(ratio=rows.declared_g / rows.median_g)
    slip = holds((rows.ratio.log10().abs() - 3).abs() <= at.decades)
    heavy = (rows.declared_g > at.most_g) & may_hold(rows.kind != "continuous")
    wrong = rows.mutate(slip=slip, heavy=heavy).filter(lambda t: t.slip | t.heavy)
    # A thousandth is as little data as a thousandfold is too much: the mass in doubt is what the median would be.
    doubt_g = wrong.slip.ifelse((wrong.declared_g - wrong.median_g).abs(), wrong.declared_g - at.most_g)
    return findings(
        wrong,
        severity=Severity.WATCH.value,
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=wrong.shipper_site_id,
        since_at=wrong.filed_at,
        found_at=wrong.filed_at,
        at_risk_g=doubt_g.round(0).cast("int64"),
        # A slip is told in decades, what no vehicle carries in vehicles.
        statistic=wrong.slip.ifelse(wrong.ratio.log10().abs(), wrong.declared_g / at.most_g),
        threshold=wrong.slip.ifelse(3 - at.decades, 1.0),
        waste_code=wrong.waste_code,
        declared_g=wrong.declared_g,
        median_g=wrong.median_g,
        unit_slip=wrong.slip,
        signature=wrong.slip.ifelse("unit", TOO_HEAVY),
    )


RULE = Rule(
    id="F01",
    version=2,
    title=message("Unit or weight written wrongly"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="|log10(declared / median of the generator and code)| within decades of 3, or declared > most_g on "
    "one vehicle; or two weights of a load with the signature of a slip, of which losses and gains are as many",
    parameters=(
        Parameter("most_g", 60_000_000, "g", "on one vehicle", "VigieDéchets, data SQL"),
        Parameter("decades", 0.2, "1", "about a factor of 1,000: 630 to 1,585", "design default"),
        Parameter("likelier", 0.5, "1", "posterior of a loss, from which it is one", "likelier than not"),
        Parameter("least_loads", 5, "1", "from which on a median is known", "design default"),
    ),
    needs=("manifests",),
    detectable=message(
        "Kilograms that were written as tonnes or grams, at generators with five loads of the code; weights of one "
        "load that differ by a factor of ten, by the vehicle, or by two figures exchanged."
    ),
    false_alarms=message(
        "Generators whose loads honestly differ by a factor of a thousand; and a loss that by chance looks like a "
        "slip: about one in twenty."
    ),
    innocent=(
        message("The unit was mistaken: kilograms were written as tonnes."),
        message("Gross was written for net, a nought too many, or two figures changed places."),
    ),
    next_step=message("Ask the generator to correct the quantity by the weighing slip."),
    chance=0.6,
    find=_find,
)
