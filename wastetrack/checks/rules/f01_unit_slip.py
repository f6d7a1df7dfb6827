"""F01: a quantity that is a thousand times the usual of its generator, or more than any vehicle carries."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, may_hold
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
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
    odd = rows.mutate(slip=slip, heavy=heavy).filter(lambda t: t.slip | t.heavy)
    # A thousandth is as little data as a thousandfold is too much: the mass in doubt is what the median would be.
    doubt_g = odd.slip.ifelse((odd.declared_g - odd.median_g).abs(), odd.declared_g - at.most_g)
    return findings(
        odd,
        severity=Severity.WATCH.value,
        subject_kind="manifest",
        subject_id=odd.manifest_id,
        party_id=odd.shipper_site_id,
        since_at=odd.filed_at,
        found_at=odd.filed_at,
        at_risk_g=doubt_g.round(0).cast("int64"),
        statistic=ibis.coalesce(odd.ratio.log10().abs(), odd.declared_g / at.most_g),
        threshold=odd.slip.ifelse(3 - at.decades, 1.0),
        waste_code=odd.waste_code,
        declared_g=odd.declared_g,
        median_g=odd.median_g,
        unit_slip=odd.slip,
    )


RULE = Rule(
    id="F01",
    title=message("Unit mistaken"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="|log10(declared / median of the generator and code)| within decades of 3, or declared > most_g on "
    "one vehicle",
    parameters=(
        Parameter("most_g", 60_000_000, "g", "on one vehicle", "VigieDéchets, data SQL"),
        Parameter("decades", 0.2, "1", "about a factor of 1,000: 630 to 1,585", "design default"),
        Parameter("least_loads", 5, "1", "from which on a median is known", "design default"),
    ),
    needs=("manifests",),
    detectable=message("Kilograms that were written as tonnes or grams, at generators with five loads of the code."),
    false_alarms=message("Generators whose loads honestly differ by a factor of a thousand."),
    innocent=(message("The unit was mistaken: kilograms were written as tonnes."),),
    next_step=message("Ask the generator to correct the quantity by the weighing slip."),
    chance=0.6,
    find=_find,
)
