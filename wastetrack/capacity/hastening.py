"""Nothing waits longer than it must: of equally good matchings one in which waste leaves where it arose early.

A load moves to an earlier day on its own way, from its place to its plant, where its waste waits already and the plant
is not full: neither unmatched mass nor who is called nor any distance changes by it.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.model import Flows, Kept, Matching, Treated, Unmatched, WhyUnmatched

_Loads = dict[int, dict[tuple[int, int], int]]


def hastened(found: Matching) -> Matching:
    """The same matching with its loads as early as can be.

    For instances of one category whose plants treat on the day what arrives: without residues, storage at plants, and
    with a load of 1 on every line.
    """
    instance = found.instance
    count = len(instance.periods)
    kept = np.zeros((len(instance.places), count), dtype=np.int64)
    np.add.at(kept, (found.kept.place, found.kept.period), found.kept.mass_g)
    loads: _Loads = defaultdict(dict)
    free = instance.plants.capacity_g.copy()
    plant = instance.lines.plant
    for place, line, period, mass_g in zip(
        *(one.tolist() for one in (found.flows.place, found.flows.line, found.flows.period, found.flows.mass_g)),
        strict=True,
    ):
        loads[period][place, line] = loads[period].get((place, line), 0) + mass_g
        free[plant[line], period] -= mass_g
    state = _State(loads=loads, kept=kept, free=free, plant=plant, first=instance.lines.first_period)
    longest = max((one.max_age or 0 for one in instance.categories), default=0)
    # A load that came nearer may come nearer still; each round that moves anything leaves less waiting.
    pairs = [(early, late) for early in range(count) for late in range(early + 1, min(early + 1 + longest, count))]
    while sum(state.move(early, late) for early, late in pairs):
        pass
    unmatched = _at_once(found, kept)
    return replace(_told(found, loads, kept), unmatched=unmatched)


def _at_once(found: Matching, kept: NDArray[np.int64]) -> Unmatched:
    """What goes nowhere does so when it arises, and does not wait first; what waited for it waits no more."""
    rows: dict[tuple[int, int, WhyUnmatched], int] = defaultdict(int)
    lost = found.unmatched
    told = zip(lost.place.tolist(), lost.period.tolist(), lost.mass_g.tolist(), lost.why, strict=True)
    for place, period, mass_g, why in sorted(told):
        left, day = mass_g, period
        while left > 0:
            waited = min(left, int(kept[place, day - 1])) if day > 0 else 0
            if left > waited:
                rows[place, day, why] += left - waited
            kept[place, day - 1 : day] -= waited
            left, day = waited, day - 1
    place, period = (np.array([row[column] for row in rows], dtype=np.int64) for column in (0, 1))
    return Unmatched(
        place=place,
        category=np.zeros_like(place),
        period=period,
        mass_g=np.array(list(rows.values()), dtype=np.int64),
        why=tuple(why for _, _, why in rows),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """Loads by day, what waits by place and day, what is free by plant and day."""

    loads: _Loads
    kept: NDArray[np.int64]
    free: NDArray[np.int64]
    plant: NDArray[np.int64]
    first: NDArray[np.int64]

    def move(self, early: int, late: int) -> int:
        """Bring loads of one day to an earlier one, as far as their waste waits there and their plant has room."""
        whole = 0
        for (place, line), mass_g in sorted(self.loads[late].items()):
            plant = self.plant[line]
            room = int(self.free[plant, early]) if self.first[line] <= early else 0
            moved = min(mass_g, room, int(self.kept[place, early:late].min()))
            if moved > 0:
                self.loads[late][place, line] -= moved
                self.loads[early][place, line] = self.loads[early].get((place, line), 0) + moved
                self.free[plant, early] -= moved
                self.free[plant, late] += moved
                self.kept[place, early:late] -= moved
                whole += moved
        return whole


def _told(found: Matching, loads: _Loads, kept: NDArray[np.int64]) -> Matching:
    rows = [
        (place, line, period, mass_g)
        for period in sorted(loads)
        for (place, line), mass_g in sorted(loads[period].items())
        if mass_g > 0
    ]
    place, line, period, mass_g = np.array(rows, dtype=np.int64).reshape(-1, 4).T.copy()
    nothing = np.zeros_like(place)
    treated = np.zeros((len(found.instance.lines), len(found.instance.periods)), dtype=np.int64)
    np.add.at(treated, (line, period), mass_g)
    on, day = np.nonzero(treated)
    at, when = np.nonzero(kept)
    return replace(
        found,
        flows=Flows(place=place, category=nothing, period=period, line=line, mass_g=mass_g),
        treated=Treated(line=on, category=np.zeros_like(on), period=day, mass_g=treated[on, day]),
        kept=Kept(place=at, category=np.zeros_like(at), period=when, mass_g=kept[at, when]),
    )
