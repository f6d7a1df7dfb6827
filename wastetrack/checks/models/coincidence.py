"""How often a loss looks by chance like something else: a clerk's slip, or an error of an estimate.

Whoever leaves a third of a load does not choose a third that looks like no slip. What the losses without a signature
took, taken from other loads of these same records, says how often a loss bears each signature, and how far beside an
estimate it lies; so many are real among those that are seen so, whatever clerks do besides.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from wastetrack.checks.models.slips import NONE, signature

LOADS = 4000
"""From which the lost parts are taken, one each: what befalls a tenth of them is known to a twentieth of itself."""


def by_chance(fine: ir.Table, losses: ir.Table, most_g: float) -> ir.Table:
    """`slip, chance`: how many losses like these bear it for each that bears none; no row where there are none.

    `fine` are loads of which nothing is missing, with what `signature` needs and `division_g`; `losses` those without
    a signature, with the `part` of the load that is missing.
    """
    both = _taken_from(fine, losses)
    step = ibis.coalesce(both.division_g, 1)
    left = both.mutate(taken_g=((both.taken_g * (1.0 - both.part) / step).floor() * step).cast("int64"))
    left = left.filter(left.taken_g > 0)
    counted = left.mutate(slip=signature(left, most_g)).group_by("slip").agg(loads=lambda t: t.count())
    none = counted.filter(counted.slip == NONE).select(none="loads")
    return counted.cross_join(none).select("slip", chance=lambda t: t.loads / t.none)


def beside_estimates(fine: ir.Table, losses: ir.Table, size: Callable[[ir.Table], ir.StringValue]) -> ir.Table:
    """`size, chance`: the part of losses like these that would be seen so large beside an estimate; `fine` are loads
    that were estimated, with `rest_g`, `z`, `z_limit` and `all_sigma_g`."""
    both = _taken_from(fine, losses)
    short = both.mutate(z=both.z + both.part * both.sent_g / both.all_sigma_g)
    sized = short.mutate(size=size(short), seen=short.z > short.z_limit)
    sized = sized.mutate(of=sized.count().over(ibis.window()))
    return sized.filter(sized.seen).group_by("size").agg(chance=lambda t: t.count() / t["of"].max())


def _taken_from(fine: ir.Table, losses: ir.Table) -> ir.Table:
    """An even choice of the loads, each with the `part` of one of the losses."""
    parts = losses.select("part", nth=ibis.row_number().over(order_by=[losses.part, losses.manifest_id]))
    taken = fine.mutate(
        nth=ibis.row_number().over(order_by=[fine.manifest_id, fine.waste_code]),
        step=ibis.greatest(fine.count().over(ibis.window()) // LOADS, 1),
    )
    taken = taken.filter(taken.nth % taken.step == 0).cross_join(parts.aggregate(of_parts=parts.count()))
    return taken.mutate(nth=taken.nth // taken.step % ibis.greatest(taken.of_parts, 1)).join(
        parts.select("nth", "part"), "nth"
    )
