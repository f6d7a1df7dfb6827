"""Each manifest with the road it had to go and when it was to be expected."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import DETOUR, hours, kilometres, plus_hours
from wastetrack.extracts.reading import Records

SPEED_KM_H = 50.0
SLOW_KM_H = 30.0
LOADING_H = 1.0
"""Between the signature and the road, and at the gate."""
SHORTEST_H = 0.1
"""A trip told as shorter was not timed: its speed says nothing."""
ENOUGH_TRIPS = 20
"""Of a lane, from which on its own speeds are used."""


def journeys(records: Records) -> ir.Table:
    """One row a manifest and code that has left, with `road_km`, `reached_at`, `expected_at` and `slowest_at`.

    The expected speed is the median of the lane where it has ENOUGH_TRIPS, the slow one its 5 % quantile; else the
    defaults of 50 and 30 km/h (anomaly note, R01).
    """
    sites = records["sites"].select("site_id", "latitude", "longitude", "region_code")
    start = sites.rename(
        shipper_site_id="site_id", from_latitude="latitude", from_longitude="longitude", from_region="region_code"
    )
    end = sites.rename(
        receiver_site_id="site_id", to_latitude="latitude", to_longitude="longitude", to_region="region_code"
    )
    left = (
        records["manifests"]
        .filter(lambda t: t.departed_at.notnull())
        .left_join(start, "shipper_site_id")
        .drop("shipper_site_id_right")
        .left_join(end, "receiver_site_id")
        .drop("receiver_site_id_right")
    )
    straight = kilometres(left.from_latitude, left.from_longitude, left.to_latitude, left.to_longitude)
    left = left.mutate(road_km=ibis.coalesce(left.distance_km, straight * DETOUR, 100.0))
    reached = ibis.coalesce(left.arrived_at, left.received_at)  # what was received has arrived, whoever kept the gate
    return _expected(left.mutate(reached_at=reached), records.once("lanes", lambda _: _lanes(left)))


def _lanes(left: ir.Table) -> ir.Table:
    """Speeds of the lanes that are known: door to door, loading included."""
    took = hours(left.departed_at, left.arrived_at)
    gone = left.mutate(speed=left.road_km / took).filter(
        lambda t: t.arrived_at.notnull(), took > SHORTEST_H, lambda t: t.speed > 0
    )
    return (
        gone.group_by("shipper_site_id", "receiver_site_id")
        .agg(trips=lambda t: t.count(), median=lambda t: t.speed.quantile(0.5), slow=lambda t: t.speed.quantile(0.05))
        .filter(lambda t: t.trips >= ENOUGH_TRIPS)
    )


def _expected(left: ir.Table, lanes: ir.Table) -> ir.Table:
    with_lane = left.left_join(lanes, ["shipper_site_id", "receiver_site_id"]).drop(
        "shipper_site_id_right", "receiver_site_id_right"
    )
    usual = ibis.coalesce(with_lane.road_km / with_lane["median"], with_lane.road_km / SPEED_KM_H + LOADING_H)
    slow = ibis.coalesce(with_lane.road_km / with_lane.slow, with_lane.road_km / SLOW_KM_H + LOADING_H)
    return with_lane.mutate(
        expected_at=plus_hours(with_lane.departed_at, usual), slowest_at=plus_hours(with_lane.departed_at, slow)
    ).drop("median", "slow", "trips")
