"""From tonnes of a solver to whole grams that keep every limit exactly.

Corners of a flow are whole by themselves and only written down; where they are not, or where the solver was cut short,
what is beyond a limit is taken back, and what is left without a place is put where room is. Time runs forward: what a
period does is final before the next one begins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import TONNE_G, Ground
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.model import NO_LIMIT, Grams, Numbers, Positions


@dataclass(slots=True, eq=False, kw_only=True)
class Plan:
    """A matching in whole grams, as columns."""

    way: Positions
    period: Positions
    mass_g: Grams
    kept_g: NDArray[np.int64]
    """(streams, periods)"""
    waiting_g: NDArray[np.int64]
    """(accepts, periods)"""
    treated_g: NDArray[np.int64]
    unmatched_g: NDArray[np.int64]
    """(streams, periods)"""
    opened: NDArray[np.bool_]
    """(plants): standing or opened."""


def grams(values: Numbers) -> NDArray[np.int64]:
    """The nearest whole ones, none below nothing."""
    return np.maximum(np.rint(values * TONNE_G), 0).astype(np.int64)


def sums(where: Positions, mass_g: Grams, count: int) -> Grams:
    """By number, exactly."""
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, where, mass_g)
    return total


def leaves(treated_g: Grams, ratio: Numbers) -> Grams:
    """What so much leaves, to the nearest gram."""
    return np.floor(treated_g * ratio + 0.5).astype(np.int64)


def take_back(mass_g: Grams, rows: Positions, limit_g: Grams, last: Positions) -> None:
    """Lessens masses until no row has more than its limit, those first that stand late in `last`."""
    over = sums(rows[rows != NONE], mass_g[rows != NONE], len(limit_g)) - limit_g
    full = np.flatnonzero(over > 0)
    if not len(full):
        return
    members = np.flatnonzero(np.isin(rows, full))
    members = members[np.lexsort((-last[members], rows[members]))]
    ends = np.searchsorted(rows[members], full, side="right")
    for row, start, end in zip(full, np.searchsorted(rows[members], full), ends, strict=True):
        _less(mass_g, members[start:end], int(over[row]))


def _less(mass_g: Grams, members: Positions, excess: int) -> None:
    """Takes so much from members, one after the other."""
    for member in members:
        less = min(excess, int(mass_g[member]))
        mass_g[member] -= less
        excess -= less
        if not excess:
            return


@dataclass(slots=True)
class _Seats:
    """What a plant can still do in a period, and what it can let wait."""

    capacity: float
    later: float
    store: int

    def seat(self, mass_g: int, wanted: int, may: int, load: float) -> tuple[int, int]:
        """How much of a mass waits, and how much fits nowhere; as much as is wanted waits if it can."""
        waits = self._wait(min(mass_g, wanted), load)
        treated = self._treat(mass_g - waits, load)
        if may:
            waits += self._wait(mass_g - waits - treated, load)
        return waits, mass_g - waits - treated

    def _wait(self, mass_g: int, load: float) -> int:
        part = max(min(mass_g, self.store, int(self.later / load)), 0)
        self.store -= part
        self.later -= part * load
        return part

    def _treat(self, mass_g: int, load: float) -> int:
        part = max(min(mass_g, int(self.capacity / load)), 0)
        self.capacity -= part * load
        return part


class Rounding:
    """A plan as it is made whole."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self.ground, self.plan = ground, plan
        instance = ground.instance
        self.lines, self.plants, self.accepts = instance.lines, instance.plants, instance.accepts
        self.ratio = instance.residues.ratio
        self.accept_plant = self.lines.plant[self.accepts.line]
        self.load = self.lines.load[self.accepts.line]
        ways = ground.ways
        self.line, self.stream, self.accept = ways.line[plan.way], ways.stream[plan.way], ways.accept[plan.way]
        self.plant, self.approval = self.lines.plant[self.line], ways.approval[plan.way]
        order = np.empty(len(plan.way), dtype=np.int64)
        order[np.argsort(ways.km[plan.way], kind="stable")] = np.arange(len(plan.way))
        self.order = order
        """Nearest first."""
        limit = np.where(plan.opened[:, None], self.plants.capacity_g + self.plants.overload_g, 0)
        self.capacity_g = limit
        self.storage_g = np.where(plan.opened, self.plants.storage_g, 0)
        heavy = np.zeros(len(self.plants))
        np.maximum.at(heavy, self.accept_plant, np.where(self.load == np.rint(self.load), 0.0, self.load))
        after = np.cumsum(np.maximum(limit - 2 * heavy[:, None], 0.0)[:, ::-1], axis=1)[:, ::-1]
        self.later_g = np.concatenate([after[:, 1:], np.zeros((len(self.plants), 1))], axis=1)
        """What capacity comes after each period; broken loads leave parts of a gram of it unused."""
        begun = np.arange(len(instance.periods))[None, :] >= self.lines.first_period[self.accepts.line][:, None]
        self.may_wait = begun & (self.storage_g[self.accept_plant] > 0)[:, None]

    def quantities(self) -> None:
        """Limits over all periods together."""
        mass = self.plan.mass_g
        take_back(mass, self.line, self.lines.limit_g, self.order)
        take_back(mass, self.plant, self.plants.permitted_g, self.order)
        take_back(mass, self.approval, self.ground.covers.limit_g, self.order)

    def received(self, period: int) -> Grams:
        """(accepts): what comes in."""
        now = self.plan.period == period
        return sums(self.accept[now], self.plan.mass_g[now], len(self.accepts.line))

    def treat(self, period: int) -> None:
        """What waits and what is treated; takes back what does not fit."""
        plan = self.plan
        before, came = self.before(period), self.received(period)
        waiting = plan.waiting_g[:, period]
        waiting[:] = np.where(self.may_wait[:, period], np.minimum(waiting, before + came), 0)
        mass = sums(self.accept_plant, waiting, len(self.plants))
        later = np.bincount(self.accept_plant, waiting * self.load, len(self.plants))
        used = np.bincount(self.accept_plant, (before + came - waiting) * self.load, len(self.plants))
        beyond = (mass > self.storage_g) | (later > self.later_g[:, period]) | (used > self.capacity_g[:, period])
        for plant in np.flatnonzero(beyond):
            self._fit(int(plant), period, came)
        plan.treated_g[:, period] = before + self.received(period) - waiting

    def before(self, period: int) -> Grams:
        """(accepts): what waits when a period begins."""
        return self.plan.waiting_g[:, period - 1] if period else np.zeros(len(self.accepts.line), dtype=np.int64)

    def _fit(self, plant: int, period: int, came: Grams) -> None:
        """Treats and lets wait what fits, and takes back the rest, the farthest first.

        What waited before is seated first and always fits: there is store for it, and capacity now or later.
        """
        rows = np.flatnonzero((self.accept_plant == plant) & (came + self.before(period) > 0))
        seats = _Seats(
            capacity=float(self.capacity_g[plant, period]),
            later=float(self.later_g[plant, period]),
            store=int(self.storage_g[plant]),
        )
        wanted = self.plan.waiting_g[rows, period].tolist()
        self.plan.waiting_g[rows, period] = 0
        for coming, masses in ((False, self.before(period)), (True, came)):
            for place, row in enumerate(rows.tolist()):
                may = int(self.plants.storage_g[plant]) if self.may_wait[row, period] else 0
                waits, left = seats.seat(int(masses[row]), min(wanted[place], may), may, float(self.load[row]))
                self.plan.waiting_g[row, period] += waits
                wanted[place] -= waits
                if coming and left:
                    members = np.flatnonzero((self.accept == row) & (self.plan.period == period))
                    _less(self.plan.mass_g, members[np.argsort(-self.order[members], kind="stable")], left)

    def inflow(self, period: int) -> Grams:
        """(streams): what arises, what residues are, what lay there before."""
        ground, plan = self.ground, self.plan
        arises = ground.supply_g[:, period] + (0 if period else ground.opening_g)
        standing = ground.residue_accept != NONE
        left = leaves(plan.treated_g[ground.residue_accept[standing], period], self.ratio[standing])
        return arises + sums(ground.residue_stream[standing], left, len(ground.streams))

    def balance(self, period: int) -> bool:
        """What is kept and what has no place; whether nothing had to be taken back for it."""
        ground, plan = self.ground, self.plan
        there = self.inflow(period) + (plan.kept_g[:, period - 1] if period else 0)
        now = plan.period == period
        left = there - sums(self.stream[now], plan.mass_g[now], len(ground.streams))
        kept = np.minimum(plan.kept_g[:, period], np.minimum(ground.store_g, self.young(period)))
        if period == plan.kept_g.shape[1] - 1:
            kept = np.minimum(kept, ground.opening_g)
        plan.kept_g[:, period] = np.clip(kept, 0, np.maximum(left, 0))
        plan.unmatched_g[:, period] = left - plan.kept_g[:, period]
        if (left >= 0).all():
            return True
        rows = np.where(now, self.stream, NONE)
        limit = np.where(left < 0, np.maximum(there, 0), NO_LIMIT)
        take_back(plan.mass_g, rows, limit, self.order)
        return False

    def young(self, period: int) -> Grams:
        """(streams): what is young enough to be kept at the end of a period."""
        ground = self.ground
        long = len(ground.instance.periods) + 1
        ages = [long if kind.max_age is None else kind.max_age for kind in ground.instance.categories]
        age = np.array(ages, dtype=np.int64)[ground.streams.category]
        total = np.where(age > period + 1, NO_LIMIT, 0)
        for back in range(int(age[age <= period + 1].max(initial=0))):
            total += np.where((back < age) & (age <= period + 1), self.arisen(period - back), 0)
        return total

    def arisen(self, period: int) -> Grams:
        """(streams): inflow without what lay there before the first period."""
        return self.inflow(period) - (0 if period else self.ground.opening_g)

    def whole(self) -> Plan:
        """Everything, forward in time."""
        self.quantities()
        for period in range(len(self.ground.instance.periods)):
            self.treat(period)
            while not self.balance(period):
                self.treat(period)
        return self.plan
