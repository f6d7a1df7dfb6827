"""What a site's purchases must become, beside what it declared."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.monthly import made
from wastetrack.extracts.reading import Records

GRAMS = {"t": 1e6, "kg": 1e3, "g": 1.0}
"""Of units of mass; an input in another unit has a return factor in tonnes for that unit."""


def expected_by_month(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, expected_g`: what purchases of a month become; code "" where none is named."""
    rows = records["activity"].filter(lambda t: (t.kind == "input") & t.return_factor.notnull())
    per_unit = ibis.cases(*[(rows.unit == unit, grams) for unit, grams in GRAMS.items()], else_=1e6)
    rows = rows.mutate(expected=rows.quantity * rows.return_factor * per_unit, code=ibis.coalesce(rows.waste_code, ""))
    return rows.group_by("site_id", waste_code="code", month_on="month_on").agg(expected_g=lambda t: t.expected.sum())


def against_inputs(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, expected_g, made_g`: beside it what was declared of that code, or of all."""
    expected = expected_by_month(records)
    declared = made(records).select("site_id", "waste_code", "month_on", "made_g")
    both = declared.union(declared.mutate(waste_code=ibis.literal("")))
    told = both.group_by("site_id", "waste_code", "month_on").agg(made_g=lambda t: t.made_g.sum().cast("float64"))
    keys = ["site_id", "waste_code", "month_on"]
    rows = expected.left_join(told, keys)
    return rows.select(*keys, "expected_g", made_g=ibis.coalesce(rows.made_g, 0.0))
