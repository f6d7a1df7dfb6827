"""Manifests that exist only because of a scheme: rounds of a loop, and the same load under another code."""

import numpy as np

from wastetrack.simulation.calendars import DAY_S, Month
from wastetrack.simulation.cast import TONNE, Cast
from wastetrack.simulation.chances import Chances, Whole
from wastetrack.simulation.schemes.planning import Culprits, general_stream
from wastetrack.simulation.shipping import KEY_SHIFT
from wastetrack.simulation.trips import Trips, fresh
from wastetrack.simulation.wastes import COLLECTED, GENERAL

GIRO, LOOP = 1 << 40, 1 << 41
"""Added to keys: no stream has so many."""
_DAYS_OF_A_HOP = 7
_SHRINKS = 0.97


def giro(cast: Cast, trips: Trips, launderers: Culprits, chances: Chances) -> tuple[Trips, Whole]:
    """For some loads of a tonne and more that come to a launderer: the same mass out a day later as general waste.

    Gives the trips and the code that each was.
    """
    place = launderers.place(trips.receiver)
    rows = np.flatnonzero((place >= 0) & (trips.loaded_g >= TONNE))
    rows = rows[trips.filed_s[rows] >= launderers.from_s[place[rows]]] if len(rows) else rows
    rows = rows[chances.uniform("giro", trips.key[rows]) < launderers.share[place[rows]]] if len(rows) else rows
    site, key = trips.receiver[rows], trips.key[rows] + GIRO
    stream = general_stream(cast, site) if len(rows) else rows
    wait = chances.uniform("giro after", key, low=12, high=40)
    added = fresh(
        key=key,
        stream=stream,
        shipper=site,
        receiver=cast.streams.main[stream],
        code=np.full(len(rows), GENERAL),
        carrier=trips.carrier[rows],
        loaded_g=(trips.loaded_g[rows] * (1 - 0.004 * chances.uniform("giro mass", key))).astype(np.int64)
        if len(rows)
        else rows,
        filed_s=trips.filed_s[rows] + (wait * 3600).astype(np.int64),
    )
    return added, trips.code[rows]


def hops(
    cast: Cast, loops: tuple[Whole, ...], circles: Culprits, month: Month, chances: Chances
) -> tuple[Trips, Whole]:
    """The hops of this month: each loop sends one load round and round, a hop a week, a little less each time."""
    which, number, start = [], [], []
    for circle, begins in enumerate(circles.from_s):
        first = max(0, -(-(month.starts_s - int(begins)) // (_DAYS_OF_A_HOP * DAY_S)))
        count = (month.ends_s - int(begins)) // (_DAYS_OF_A_HOP * DAY_S) - first + 1
        for turn in range(first, first + max(count, 0)):
            at = int(begins) + turn * _DAYS_OF_A_HOP * DAY_S
            if month.starts_s <= at < month.ends_s - DAY_S:
                which.append(circle)
                number.append(turn)
                start.append(at)
    loop, hop = np.array(which, np.int64), np.array(number, np.int64)
    sites = np.array(loops, np.int64).reshape(-1, 3)
    key: Whole = LOOP + (loop << KEY_SHIFT) + hop
    mass = chances.uniform("loop mass", loop, hop // 9, low=8, high=20) * TONNE * _SHRINKS ** (hop % 9)
    hour = chances.uniform("loop hour", key, low=8, high=16)
    trips = fresh(
        key=key,
        stream=np.full(len(key), len(cast.streams)),
        shipper=sites[loop, hop % 3],
        receiver=sites[loop, (hop + 1) % 3],
        code=np.full(len(key), COLLECTED[0]),
        carrier=chances.one_of("loop carrier", cast.counts.carriers, loop, hop % 3),
        loaded_g=mass.astype(np.int64),
        filed_s=np.array(start, np.int64) + (hour * 3600).astype(np.int64),
    )
    return trips, loop
