"""Who drives when: a vehicle is in one place at a time, stands sometimes, and breaks down."""

import dataclasses

import numpy as np

from wastetrack.simulation.cast import TONNE, Cast, distance_km
from wastetrack.simulation.chances import Chances, Whole
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.trips import Trips

_APART = 10**11
"""More seconds than any queue is long: keeps the vehicles apart in one running maximum."""


@dataclasses.dataclass(slots=True)
class Fleet:
    """Since when each vehicle is free, and at which site it stands (-1: at home)."""

    free_s: Whole
    stands_at: Whole


def rested(cast: Cast) -> Fleet:
    """All vehicles at home, free for ever."""
    vehicles = cast.counts.carriers * cast.counts.trucks
    return Fleet(np.zeros(vehicles, np.int64), np.full(vehicles, -1))


def drive(cast: Cast, fleet: Fleet, trips: Trips, untidy: Untidiness, chances: Chances) -> None:
    """Give each trip its vehicle and its times; the fleet is changed."""
    trips.vehicle = _vehicles(cast, trips, chances)
    trips.km = distance_km(cast, trips.shipper, trips.receiver)
    key = trips.key
    speed = 38 + 18 * chances.uniform("lane speed", trips.shipper, trips.receiver) + 3 * chances.normal("speed", key)
    stop = np.where(
        chances.happens("long stop", untidy.long_stops, key), chances.uniform("stop", key, low=0.6, high=4.0), 0.0
    )
    broken = chances.happens("breakdown", untidy.breakdowns, key)
    stop = np.where(broken, chances.uniform("repair", key, low=3.0, high=22.0), stop)
    road = trips.km / np.clip(speed, 25, 65) + stop
    loading = chances.uniform("loading", key, low=0.4, high=1.2)
    unloading = chances.uniform("unloading", key, low=0.3, high=1.6)
    order = np.lexsort((key, trips.filed_s, trips.vehicle))
    wish = trips.filed_s[order]
    vehicle = trips.vehicle[order]
    first = np.ones(len(order), bool)
    first[1:] = vehicle[1:] != vehicle[:-1]
    came_from = np.where(first, fleet.stands_at[vehicle], np.concatenate([[-1], trips.receiver[order][:-1]]))
    empty_km = np.where(came_from < 0, 0.0, distance_km(cast, np.maximum(came_from, 0), trips.shipper[order]))
    approach = (empty_km / 55 * 3600).astype(np.int64)
    busy = ((loading + road + unloading)[order] * 3600).astype(np.int64) + 600
    starts = _queue(wish, approach, busy, first, fleet.free_s[vehicle])
    begun = np.empty(len(order), np.int64)
    begun[order] = starts
    trips.filed_s = begun + (chances.uniform("signing", key, low=0.1, high=0.6) * loading * 3600).astype(np.int64)
    trips.departed_s = begun + (loading * 3600).astype(np.int64)
    trips.arrived_s = trips.departed_s + (road * 3600).astype(np.int64)
    trips.received_s = trips.arrived_s + (chances.uniform("gate", key, low=0.3, high=0.9) * unloading * 3600).astype(
        np.int64
    )
    trips.stop_s = (stop * 3600).astype(np.int64)
    last = np.flatnonzero(np.concatenate([first[1:], [True]])) if len(order) else np.zeros(0, np.int64)
    fleet.free_s[vehicle[last]] = starts[last] + busy[last]
    fleet.stands_at[vehicle[last]] = trips.receiver[order][last]


def _vehicles(cast: Cast, trips: Trips, chances: Chances) -> Whole:
    """Small loads go with the small lorry half of the time, large ones only with the large."""
    trucks = cast.counts.trucks
    large = 1 + chances.one_of("large vehicle", trucks - 1, trips.key)
    small = (trips.loaded_g < 6 * TONNE) & chances.happens("small vehicle", 0.5, trips.key)
    return trips.carrier * trucks + np.where(small, 0, large)


def _queue(wish: Whole, approach: Whole, busy: Whole, first: Whole, free: Whole) -> Whole:
    """When each trip of a vehicle begins: not before it is wished, nor before the one before is over (Lindley)."""
    group = np.cumsum(first)
    serving = np.where(first, 0, np.concatenate([[0], busy[:-1]]) + approach)
    passed = np.cumsum(serving)
    earliest = np.where(first, np.maximum(wish, free + approach), wish)
    ahead = np.maximum.accumulate(earliest - passed + group * _APART) - group * _APART
    return np.asarray(ahead + passed)
