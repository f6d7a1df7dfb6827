"""The usual road of a lane, learned from its own trips; where they are few, an ellipse about its two ends."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import kilometres
from wastetrack.checks.model import Parameter
from wastetrack.checks.roads.stops import loaded_stops
from wastetrack.checks.roads.tracks import ACROSS_KM, ALONG_KM, LANE, cell, in_lane, short_loads, trip_cells
from wastetrack.extracts.reading import Records

CORRIDOR = (
    Parameter("known_trips", 10, "1", "trips of a lane with fixes, from which on its road is known", "design default"),
    Parameter("usual_trips", 3, "1", "trips that make a cell of the lane usual, at least", "design default"),
    Parameter("usual_share", 0.05, "1", "part of a lane's trips that makes a cell usual, at least", "design default"),
    Parameter(
        "detour", 1.6, "1", "way by a place, of the straight line, where the road is not known", "design default"
    ),
    Parameter("detour_km", 10, "km", "and so much more", "design default"),
)
OF = {parameter.name: parameter.default for parameter in CORRIDOR}
ODD_MINUTES = 10.0
"""Of a stop at no site and no service area: its trip teaches nothing about the road."""
_NEIGHBOURS = (-1, 0, 1)


def usual_cells(records: Records) -> ir.Table:
    """`shipper_site_id, receiver_site_id, along, across` of every cell that is, or touches, a usual one of its lane.

    Neither one trip alone nor trips that stood somewhere odd or came short make a cell usual: who leaves the road again
    and again does not make it his corridor.
    """
    return records.model("usual cells", _usual_cells)


def known_lanes(records: Records) -> ir.Table:
    """Lanes with enough trips, and the median of what they drove."""
    return records.model("known lanes", _known_lanes)


def _known_lanes(records: Records) -> ir.Table:
    each = _honest(records).group_by(*LANE, "manifest_id").agg(driven_km=lambda t: t.driven_km.sum())
    return (
        each.group_by(*LANE)
        .agg(lane_trips=lambda t: t.count(), usual_km=lambda t: t.driven_km.quantile(0.5))
        .filter(lambda t: t.lane_trips >= OF["known_trips"])
        .cache()
    )


def _honest(records: Records) -> ir.Table:
    """Cells of trips on which nothing else was odd."""
    stood = loaded_stops(records).filter(lambda t: ~t.white, lambda t: t.minutes >= ODD_MINUTES)
    odd = ibis.union(stood.select("manifest_id"), short_loads(records).select("manifest_id"), distinct=True)
    return trip_cells(records).anti_join(odd, "manifest_id")


def _usual_cells(records: Records) -> ir.Table:
    counted = _honest(records).group_by(*LANE, "along", "across").agg(times=lambda t: t.count())
    usual = counted.join(known_lanes(records), LANE).filter(
        lambda t: t.times >= OF["usual_trips"], lambda t: t.times >= OF["usual_share"] * t.lane_trips
    )
    around = [
        usual.select(*LANE, along=usual.along + more, across=usual.across + aside)
        for more in _NEIGHBOURS
        for aside in _NEIGHBOURS
    ]
    return ibis.union(*around, distinct=True).cache()


def off_corridor(records: Records, rows: ir.Table) -> ir.Table:
    """Rows with `latitude`, `longitude` and the ends of their trip, and for each `off`: not on the lane's usual road.

    `lane_trips` is null where the road was not known.
    """
    along, across = in_lane(rows, rows.latitude, rows.longitude)
    placed = rows.mutate(along=cell(along, ALONG_KM), across=cell(across, ACROSS_KM))
    usual = usual_cells(records).mutate(usual=ibis.literal(value=True))
    keys = [*LANE, "along", "across"]
    found = placed.left_join(usual, keys).drop(*(f"{name}_right" for name in keys))
    found = found.left_join(known_lanes(records), LANE).drop(*(f"{name}_right" for name in LANE))
    there = kilometres(found.from_latitude, found.from_longitude, found.latitude, found.longitude)
    back = kilometres(found.latitude, found.longitude, found.to_latitude, found.to_longitude)
    round_ = there + back > OF["detour"] * found.straight_km + OF["detour_km"]
    off = found.lane_trips.notnull().ifelse(found.usual.isnull(), round_)
    return found.mutate(off=off, end_km=ibis.least(there, back)).drop("usual", "along", "across", "usual_km")
