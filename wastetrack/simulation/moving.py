"""Where vehicles were: a fix each ten minutes, at the gates as on the road, with stops, detours, turnings and gaps.

What was told of a load does not matter here: a vehicle is where it truly was. Whoever leaves something on the way turns
off the road, stands there, and comes back; some pull the plug of the receiver while they do.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import transfers
from wastetrack.simulation.cast import Cast
from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.places import KM_PER_DEGREE, kilometres
from wastetrack.simulation.protecting import Protected
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.tables import Names, instants, rows
from wastetrack.simulation.trips import NEVER, Trips

EACH_S = 600
_AT_GATE_S = 900
"""Before the road and after the receipt: the vehicle stands at a gate and is seen there."""
_LONGEST_S = 3 * 86_400
_KM_H = 45
_BEND = 0.12
"""How far a road leaves the straight line at most, of its length."""
_OTHER_ROAD = 0.08
"""Of the trips of a lane: by the second road, on the other side of the straight line."""
_BLUR_KM = 0.012
"""Standard deviation of a fix, north and east each."""
_TURNING = 0.3
"""Of the time off the road: driving there, and as much driving back."""
_AREAS = 0.25
"""Degrees between service areas."""
_TO_AREA_KM = 10.0


@dataclasses.dataclass(slots=True)
class _Ways:
    """What each driven trip did: seconds since its departure, parts of its road."""

    took: Whole
    rests: Whole
    """How long it stood for honest reasons, and after how much driving."""
    rests_after: Whole
    stands: Whole
    """The same where it had no business to stand."""
    stands_after: Whole
    road: Whole
    """Seconds of driving in all."""


def positions(
    cast: Cast,
    trips: Trips,
    names: Names,
    untidy: Untidiness,
    chances: Chances,
    protected: Protected,
    ends_s: int,
) -> pa.Table:
    """Of all trips that were driven; of a vehicle that never arrived nothing is seen once it is empty."""
    driven = trips.some(~trips.no_gate)
    ways = _ways(driven, chances)
    trip, after = _clock(driven, ways)
    gone, resting, aside = _progress(ways, trip, after)
    at_s = driven.departed_s[trip] + after
    seen = (at_s < ends_s) & ~_in_gap(driven.key[trip], gone, untidy, chances) & ~(driven.dark[trip] & (aside >= 0))
    seen &= (driven.arrived_s[trip] < NEVER) | (gone <= driven.aside_at[trip])
    trip, at_s, gone, resting, aside = trip[seen], at_s[seen], gone[seen], resting[seen], aside[seen]
    latitude, longitude = _on_the_road(cast, driven, trip, gone, untidy, chances)
    latitude, longitude = _at_an_area(driven, trip, resting, latitude, longitude, chances)
    latitude, longitude = _off_the_road(cast, driven, trip, aside, latitude, longitude, protected)
    unloading = (aside > _TURNING) & (aside < 1 - _TURNING)
    stands = resting | unloading | (gone <= 0) | (gone >= 1)
    key = driven.key[trip]
    columns = {
        "vehicle_id": names.vehicle(driven.vehicle[trip]),
        "seen_at": instants(at_s),
        "latitude": (latitude + _BLUR_KM / KM_PER_DEGREE * chances.normal("fix north", key, at_s)).round(6),
        "longitude": (longitude + _BLUR_KM / KM_PER_DEGREE * chances.normal("fix east", key, at_s)).round(6),
        "speed_km_h": np.where(stands, 0.0, 30 + 40 * chances.uniform("speed seen", key, at_s)).round(0),
        "door_open": unloading & chances.happens("lid has a sensor", 0.2, driven.vehicle[trip]),
    }
    table = rows(transfers.POSITIONS, columns, len(trip))
    return _one_a_moment(table, driven.vehicle[trip], at_s)


def _one_a_moment(table: pa.Table, vehicle: Whole, at_s: Whole) -> pa.Table:
    """A vehicle with two manifests on board is in one place at a time: the first of them says where."""
    order = np.lexsort((np.arange(len(vehicle)), at_s, vehicle))
    first = np.ones(len(order), bool)
    first[1:] = (vehicle[order][1:] != vehicle[order][:-1]) | (at_s[order][1:] != at_s[order][:-1])
    return table.take(pa.array(np.sort(order[first])))


def _ways(driven: Trips, chances: Chances) -> _Ways:
    usual = driven.departed_s + (driven.km / _KM_H * 3600).astype(np.int64) + driven.stop_s
    unknown = (driven.arrived_s >= NEVER) | (driven.arrived_s <= driven.departed_s)
    took = np.clip(np.where(unknown, usual, driven.arrived_s) - driven.departed_s, 0, _LONGEST_S)
    stands = np.where(driven.arrived_s >= NEVER, driven.aside_s, np.minimum(driven.aside_s, driven.stop_s))
    rests = np.maximum(driven.stop_s - stands, 0)
    took = np.where(driven.arrived_s >= NEVER, took + stands, took)
    road = np.maximum(took - rests - stands, 1)
    where = chances.uniform("rests at", driven.key, low=0.25, high=0.75)
    return _Ways(took, rests, (road * where).astype(np.int64), stands, (road * driven.aside_at).astype(np.int64), road)


def _clock(driven: Trips, ways: _Ways) -> tuple[Whole, Whole]:
    """Which trip, and how many seconds after its departure, for each fix."""
    waits = np.clip(driven.received_s - driven.arrived_s, 0, 3 * 3600) * (driven.arrived_s < NEVER)
    lasts = _AT_GATE_S + ways.took + waits + _AT_GATE_S
    count = lasts // EACH_S + 1
    trip = np.repeat(np.arange(len(driven)), count)
    place = np.arange(len(trip)) - np.repeat(np.cumsum(count) - count, count)
    return trip, place * EACH_S - _AT_GATE_S


def _progress(ways: _Ways, trip: Whole, after: Whole) -> tuple[Real, Yes, Real]:
    """Part of the way that is done; whether it rests; how much of its time off the road is over, -1 on the road."""
    rests, stands = ways.rests[trip], ways.stands[trip]
    first = ways.rests_after[trip] <= ways.stands_after[trip]
    rests_from = ways.rests_after[trip] + np.where(first, 0, stands)
    stands_from = ways.stands_after[trip] + np.where(first, rests, 0)
    stood = np.clip(after - rests_from, 0, rests) + np.clip(after - stands_from, 0, stands)
    gone = np.clip((after - stood) / ways.road[trip], 0.0, 1.0)
    resting = (after >= rests_from) & (after < rests_from + rests)
    off = (after >= stands_from) & (after < stands_from + stands)
    return gone, resting, np.where(off, (after - stands_from) / np.maximum(stands, 1), -1.0)


def _in_gap(key: Whole, gone: Real, untidy: Untidiness, chances: Chances) -> Yes:
    """The part of a trip of which nothing was received."""
    begins = chances.uniform("gap from", key, low=0.1, high=0.7)
    return np.asarray(chances.happens("gap", untidy.gaps, key) & (gone > begins) & (gone < begins + 0.25))


def _on_the_road(
    cast: Cast, driven: Trips, trip: Whole, gone: Real, untidy: Untidiness, chances: Chances
) -> tuple[Real, Real]:
    """On a bent line: each lane has a usual road and a second one; where a road is closed, some kilometres round it."""
    sites, key = cast.sites, driven.key[trip]
    start, end = driven.shipper[trip], driven.receiver[trip]
    north = sites.latitude[end] - sites.latitude[start]
    east = sites.longitude[end] - sites.longitude[start]
    side = np.where((start + end) % 2 == 0, 1.0, -1.0)
    side = np.where(chances.happens("other road", _OTHER_ROAD, key), -0.6 * side, side)
    bend = _BEND * np.sin(np.pi * gone) * side
    long_degrees = np.maximum(np.hypot(north, east), 1e-6)
    closed = chances.happens("road closed", untidy.long_stops / 6, key)
    where = chances.uniform("closed at", key, low=0.3, high=0.7)
    round_it = np.where(closed, chances.uniform("round it", key, low=2.0, high=7.0), 0.0) / KM_PER_DEGREE / long_degrees
    bend += round_it * np.exp(-(((gone - where) / 0.12) ** 2)) * np.sin(np.pi * gone)
    return sites.latitude[start] + gone * north + bend * east, sites.longitude[start] + gone * east - bend * north


def _at_an_area(
    driven: Trips, trip: Whole, resting: Yes, latitude: Real, longitude: Real, chances: Chances
) -> tuple[Real, Real]:
    """Who rests does so at the next service area, if one is near; who breaks down stands where it happens."""
    row, column = np.round(latitude / _AREAS).astype(np.int64), np.round(longitude / _AREAS).astype(np.int64)
    north = (row + chances.uniform("area north", row, column, low=-0.3, high=0.3)) * _AREAS
    east = (column + chances.uniform("area east", row, column, low=-0.3, high=0.3)) * _AREAS
    there = resting & (driven.stop_s[trip] <= 4 * 3600)
    there &= kilometres(latitude, longitude, north, east) < _TO_AREA_KM
    return np.where(there, north, latitude), np.where(there, east, longitude)


def _off_the_road(
    cast: Cast, driven: Trips, trip: Whole, aside: Real, latitude: Real, longitude: Real, protected: Protected
) -> tuple[Real, Real]:
    """Across the lane, or to a lonely lake where there is one; there and back in the same time."""
    sites = cast.sites
    start, end = driven.shipper[trip], driven.receiver[trip]
    north = sites.latitude[end] - sites.latitude[start]
    east = sites.longitude[end] - sites.longitude[start]
    long_degrees = np.maximum(np.hypot(north, east), 1e-6)
    degrees = driven.aside_km[trip] / KM_PER_DEGREE
    to_north, to_east = latitude + degrees * east / long_degrees, longitude - degrees * north / long_degrees
    lake_north, lake_east, far = protected.nearest(latitude, longitude, driven.lured[trip] & (aside >= 0))
    lured = far < 2 * np.abs(driven.aside_km[trip])
    to_north, to_east = np.where(lured, lake_north, to_north), np.where(lured, lake_east, to_east)
    way = np.where(aside < 0, 0.0, np.clip(np.minimum(aside, 1 - aside) / _TURNING, 0.0, 1.0))
    return latitude + way * (to_north - latitude), longitude + way * (to_east - longitude)
