"""What a site's purchases must become, beside what it declared."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.monthly import made, number_of
from wastetrack.extracts.reading import Records

GRAMS = {"t": 1e6, "kg": 1e3, "g": 1.0}
"""Of units of mass; an input in another unit has a return factor in tonnes for that unit."""


def expected_by_month(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, expected_g`: what purchases of a month become; code "" where none is named."""
    rows = records["activity"].filter(lambda t: (t.kind == "input") & t.return_factor.notnull())
    per_unit = ibis.cases(*[(rows.unit == unit, grams) for unit, grams in GRAMS.items()], else_=1e6)
    rows = rows.mutate(expected=rows.quantity * rows.return_factor * per_unit, code=ibis.coalesce(rows.waste_code, ""))
    return rows.group_by("site_id", waste_code="code", month_on="month_on").agg(expected_g=lambda t: t.expected.sum())


def between_purchases(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, months, expected_g, made_g`: each month with purchases, with what was declared
    until the next one.

    What is bought once a quarter becomes waste all quarter long. The last purchase is given as long as the longest of
    the site lasted.
    """
    expected = expected_by_month(records)
    by = ["site_id", "waste_code"]
    order = ibis.window(group_by=by, order_by="month_on")
    steps = expected.mutate(number=number_of(expected.month_on))
    steps = steps.mutate(lasts=steps.number.lead().over(order) - steps.number)
    longest = ibis.window(group_by=by)
    steps = steps.mutate(months=ibis.coalesce(steps.lasts, steps.lasts.max().over(longest), 1)).drop("lasts")
    declared = made(records).select("site_id", "waste_code", "month_on", "made_g")
    both = declared.union(declared.mutate(waste_code=ibis.literal("")))
    told = both.select("site_id", "waste_code", "made_g", made_number=number_of(both.month_on))
    met = steps.join(told, by).filter(
        lambda t: t.made_number >= t.number, lambda t: t.made_number < t.number + t.months
    )
    sums = met.group_by(*by, "month_on").agg(made_g=lambda t: t.made_g.sum().cast("float64"))
    keys = [*by, "month_on"]
    rows = steps.left_join(sums, keys)
    return rows.select(*keys, "months", "expected_g", made_g=ibis.coalesce(rows.made_g, 0.0))


def against_inputs(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, expected_g, made_g`: beside it what was declared of that code, or of all."""
    expected = expected_by_month(records)
    declared = made(records).select("site_id", "waste_code", "month_on", "made_g")
    both = declared.union(declared.mutate(waste_code=ibis.literal("")))
    told = both.group_by("site_id", "waste_code", "month_on").agg(made_g=lambda t: t.made_g.sum().cast("float64"))
    keys = ["site_id", "waste_code", "month_on"]
    rows = expected.left_join(told, keys)
    return rows.select(*keys, "expected_g", made_g=ibis.coalesce(rows.made_g, 0.0))
