"""Cumulative sums without a loop: a chart that falls back to nought is a running sum less its lowest point so far.

S_i = max(0, S_(i-1) + x_i) is C_i - min(0, min of C up to i) with C the running sum of x: two windows, on every engine.
"""

import math
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from scipy import optimize


def cusum(rows: ir.Table, stream: str, order: tuple[str, ...], increments: Mapping[str, ir.FloatingValue]) -> ir.Table:
    """The rows with the chart of each increment, by name, along each stream in that order."""
    window = ibis.window(group_by=stream, order_by=order, preceding=None, following=0)
    summed = rows.mutate(**{f"sum_{name}": step.sum().over(window) for name, step in increments.items()})
    lowest = summed.mutate(**{f"low_{name}": summed[f"sum_{name}"].min().over(window) for name in increments})
    charts = {name: lowest[f"sum_{name}"] - ibis.least(lowest[f"low_{name}"], ibis.literal(0.0)) for name in increments}
    return lowest.mutate(**charts).drop(*(f"{part}_{name}" for name in increments for part in ("sum", "low")))


def run_length(k: float, h: float, shift: float = 0.0) -> float:
    """Mean number of values until a chart of standard normal values passes h, when their mean is `shift` (Siegmund 1985)."""
    drift, b = shift - k, h + 1.166
    if abs(drift) < 1e-9:
        return b * b
    return (math.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift * drift)


def limit(k: float, values: float) -> float:
    """The h at which honest values raise an alarm once in so many."""
    return float(optimize.brentq(lambda h: math.log(run_length(k, h)) - math.log(values), 0.01, 60.0 / k))
