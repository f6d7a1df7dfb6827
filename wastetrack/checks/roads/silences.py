"""When a vehicle with a load sent nothing, for longer than it usually sends nothing."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import hours, kilometres
from wastetrack.checks.roads.stops import degrees_cell
from wastetrack.checks.roads.tracks import on_trips, trips
from wastetrack.extracts.reading import Records

HOLE = 0.05
"""Degrees of a cell in which a hole of the network is looked for."""
LEAST_MINUTES = 10.0
"""No shorter silence is kept."""


def gaps(records: Records) -> ir.Table:
    """Silences within trips that are longer than the vehicle's usual interval, with both ends and `minutes`."""
    return records.model("gaps", _gaps)


def _steps(records: Records) -> ir.Table:
    """Each pair of fixes that follow each other on a trip; the gate, where the trip says it began or ended, is one."""
    seen = on_trips(records)
    pairs = seen.filter(seen.earlier_at.notnull()).select(
        "manifest_id",
        "vehicle_id",
        begins_at="earlier_at",
        ends_at="seen_at",
        begins_north="earlier_latitude",
        begins_east="earlier_longitude",
        ends_north="latitude",
        ends_east="longitude",
    )
    return pairs.mutate(minutes=hours(pairs.begins_at, pairs.ends_at) * 60.0)


def _gaps(records: Records) -> ir.Table:
    steps = _steps(records)
    usual = steps.group_by("vehicle_id").agg(usual_minutes=lambda t: t.minutes.quantile(0.5), steps=lambda t: t.count())
    # Silent up to the gate: the last fix of a trip is far from where it says to have arrived.
    seen = on_trips(records)
    last = ibis.window(group_by="manifest_id", order_by=ibis.desc("seen_at"))
    ends = seen.mutate(nth=ibis.row_number().over(last)).filter(lambda t: t.nth == 0)
    arrived = trips(records).filter(lambda t: t.arrives).select("manifest_id", "reached_at")
    ends = ends.join(arrived, "manifest_id").select(
        "manifest_id",
        "vehicle_id",
        begins_at="seen_at",
        ends_at="reached_at",
        begins_north="latitude",
        begins_east="longitude",
        ends_north="to_latitude",
        ends_east="to_longitude",
    )
    ends = ends.mutate(minutes=hours(ends.begins_at, ends.ends_at) * 60.0)
    long = ibis.union(
        steps.filter(steps.minutes > LEAST_MINUTES), ends.filter(ends.minutes > LEAST_MINUTES), distinct=False
    )
    rows = long.join(usual, "vehicle_id")
    moved = kilometres(rows.begins_north, rows.begins_east, rows.ends_north, rows.ends_east)
    return rows.mutate(
        moved_km=moved,
        hole_north=degrees_cell(rows.begins_north, HOLE),
        hole_east=degrees_cell(rows.begins_east, HOLE),
    ).cache()
