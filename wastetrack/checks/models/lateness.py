"""How many minutes later than usual each load came, and how well that is known.

A lane has its own pace, and most of its trips keep to it: the median is what they usually take, and the distance from
the median to the lower quarter how much they differ; who stands on the way is in the upper half alone. A lane with few
trips borrows from all the others, by as much as lanes differ among each other.
"""

import math

import ibis.expr.types as ir

from wastetrack.checks.expressions import hours
from wastetrack.checks.journeys import ENOUGH_TRIPS, SHORTEST_H, journeys
from wastetrack.extracts.reading import Records

LANE = ["shipper_site_id", "receiver_site_id"]
_QUARTER = 0.6745
"""Standard deviations between the middle and the quarter of a normal error."""
_LEAST_SPREAD = 0.02
_MEDIAN_VARIANCE = math.pi / 2
"""Of the median of normal errors, times the number of them and in the variance of one."""
_USUAL = (0.08, 0.2)
"""Spread of a lane's trips and of lanes among each other, where too few are known."""
_ENOUGH_LANES = 5


def lateness(records: Records) -> ir.Table:
    """One row a manifest that left and came: `took_minutes`, `late_minutes` beyond what is usual, and `late_sigma`."""
    return records.model("lateness", _lateness)


def _lateness(records: Records) -> ir.Table:
    trips = (
        journeys(records)
        .group_by("manifest_id")
        .agg(
            carrier_id=lambda t: t.carrier_id.max(),
            shipper_site_id=lambda t: t.shipper_site_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            departed_at=lambda t: t.departed_at.min(),
            reached_at=lambda t: t.reached_at.max(),
            road_km=lambda t: t.road_km.max().clip(lower=1.0),
            declared_g=lambda t: t.declared_g.sum().cast("int64"),
        )
        .mutate(took_minutes=lambda t: hours(t.departed_at, t.reached_at) * 60.0)
        .filter(lambda t: t.took_minutes > SHORTEST_H * 60.0)
    )
    trips = trips.mutate(pace=(trips.took_minutes / trips.road_km).ln()).cache()
    lanes = trips.group_by(LANE).agg(
        lane_trips=trips.count(), middle=trips.pace.quantile(0.5), quarter=trips.pace.quantile(0.25)
    )
    known = lanes.filter(lanes.lane_trips >= ENOUGH_TRIPS)
    (row,) = (
        known.aggregate(
            lanes=known.count(),
            within=((known.middle - known.quarter) / _QUARTER).quantile(0.5),
            middle=known.middle.quantile(0.5),
            among=(known.middle.quantile(0.75) - known.middle.quantile(0.25)) / (2 * _QUARTER),
        )
        .to_pyarrow()
        .to_pylist()
    )
    within, among = _USUAL
    if row["lanes"]:
        within = max(row["within"], _LEAST_SPREAD)
    if row["lanes"] >= _ENOUGH_LANES:
        among = max(row["among"], _LEAST_SPREAD)
    every = row["middle"]
    if every is None:
        every = trips.pace.quantile(0.5).to_pyarrow().as_py()
    own = lanes.lane_trips / (lanes.lane_trips + _MEDIAN_VARIANCE * (within / among) ** 2)
    lanes = lanes.mutate(
        usual_pace=own * lanes.middle + (1.0 - own) * (0.0 if every is None else float(every)),
        relative=(within**2 + among**2 * (1.0 - own)).sqrt(),
    ).drop("middle", "quarter")
    both = trips.join(lanes, LANE)
    usual = both.usual_pace.exp() * both.road_km
    return both.mutate(late_minutes=both.took_minutes - usual, late_sigma=usual * both.relative).drop(
        "pace", "usual_pace", "relative"
    )
