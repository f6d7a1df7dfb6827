"""Where vehicles were: a fix each ten minutes on the way, thinned to what shows the road, the stops and the gaps."""

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import transfers
from wastetrack.simulation.cast import Cast
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.tables import Names, instants, rows
from wastetrack.simulation.trips import NEVER, Trips

EACH_S = 600
_LONGEST_S = 3 * 86_400
_KM_H = 45
_BEND = 0.12
"""How far a road leaves the straight line at most, of its length."""


def positions(cast: Cast, trips: Trips, names: Names, untidy: Untidiness, chances: Chances, ends_s: int) -> pa.Table:
    """Of all trips that were driven; a vehicle that never arrived is seen on half of its way."""
    driven = trips.some(~trips.no_gate)
    usual = driven.departed_s + (driven.km / _KM_H * 3600).astype(np.int64) + driven.stop_s
    backwards = driven.arrived_s <= driven.departed_s
    arrived = np.where((driven.arrived_s >= NEVER) | backwards, usual, driven.arrived_s)
    took = np.clip(arrived - driven.departed_s, 0, _LONGEST_S)
    seen = np.where(driven.arrived_s >= NEVER, took // 2, took)
    count = seen // EACH_S + 1
    trip = np.repeat(np.arange(len(driven)), count)
    place = np.arange(len(trip)) - np.repeat(np.cumsum(count) - count, count)
    after = place * EACH_S
    at_s = driven.departed_s[trip] + after
    gone, moves = _progress(after, took[trip], driven.stop_s[trip])
    keep = (at_s < ends_s) & ~_in_gap(driven.key[trip], gone, untidy, chances)
    trip, at_s, gone, moves = trip[keep], at_s[keep], gone[keep], moves[keep]
    latitude, longitude = _on_the_road(cast, driven, trip, gone)
    dumps = (driven.delivered_g < driven.loaded_g * 9 // 10)[trip] & ~moves
    columns = {
        "vehicle_id": names.vehicle(driven.vehicle[trip]),
        "seen_at": instants(at_s),
        "latitude": (latitude + 0.02 * dumps).round(5),
        "longitude": longitude.round(5),
        "speed_km_h": np.where(moves, 30 + 40 * chances.uniform("speed seen", driven.key[trip], at_s), 0.0).round(0),
        "door_open": dumps,
    }
    return rows(transfers.POSITIONS, columns, len(trip))


def _progress(after: Whole, took: Whole, stop: Whole) -> tuple[Real, np.typing.NDArray[np.bool_]]:
    """Part of the way that is done, with one stop in the middle; whether the vehicle moves."""
    road = np.maximum(took - stop, 1)
    before_stop = np.minimum(after, road // 2)
    behind = np.maximum(after - road // 2 - stop, 0)
    stands = (after >= road // 2) & (after < road // 2 + stop)
    return np.clip((before_stop + behind) / road, 0.0, 1.0), ~stands


def _in_gap(key: Whole, gone: Real, untidy: Untidiness, chances: Chances) -> np.typing.NDArray[np.bool_]:
    """The part of a trip of which nothing was received."""
    begins = chances.uniform("gap from", key, low=0.1, high=0.7)
    return np.asarray(chances.happens("gap", untidy.gaps, key) & (gone > begins) & (gone < begins + 0.25))


def _on_the_road(cast: Cast, driven: Trips, trip: Whole, gone: Real) -> tuple[Real, Real]:
    """On a bent line that is the same for each trip between two sites."""
    sites = cast.sites
    start, end = driven.shipper[trip], driven.receiver[trip]
    north = sites.latitude[end] - sites.latitude[start]
    east = sites.longitude[end] - sites.longitude[start]
    bend = _BEND * np.sin(np.pi * gone) * np.where((start + end) % 2 == 0, 1, -1)
    return sites.latitude[start] + gone * north + bend * east, sites.longitude[start] + gone * east - bend * north
