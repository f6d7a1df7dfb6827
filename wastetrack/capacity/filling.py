"""Puts what has no place where room is, nearest and cheapest first: the grams that rounding left over, or all that a
solver which was cut short had not come to."""

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.model import Positions
from wastetrack.capacity.rounding import Plan, Rounding, leaves, sums


class Filling:
    """What room is left, kept up to date."""

    def __init__(self, rounding: Rounding) -> None:
        self.rounding, self.ground, self.plan = rounding, rounding.ground, rounding.plan
        instance, plan = self.ground.instance, self.plan
        self.lines = instance.lines
        mass, covered = plan.mass_g, rounding.approval != NONE
        self.line_room = self.lines.limit_g - sums(rounding.line, mass, len(self.lines))
        self.permit_room = instance.plants.permitted_g - sums(rounding.plant, mass, len(instance.plants))
        used = sums(rounding.approval[covered], mass[covered], len(self.ground.covers.key))
        self.cover_room = self.ground.covers.limit_g - used
        load = plan.treated_g * rounding.load[:, None]
        taken = np.zeros(instance.plants.capacity_g.shape)
        np.add.at(taken, rounding.accept_plant, load)
        self.capacity_room = rounding.capacity_g - taken
        self.residues: dict[int, list[int]] = {}
        """Rows of residues by row of accepts."""
        for row, accept in enumerate(self.ground.residue_accept.tolist()):
            self.residues.setdefault(accept, []).append(row)
        ways = self.ground.ways
        self.first = np.searchsorted(ways.stream, np.arange(len(self.ground.streams) + 1))
        self.price = ways.km * instance.haulage + self.lines.price[ways.line]

    def room(self, way: int, period: int) -> int:
        """What one more way could take."""
        ways = self.ground.ways
        line, approval = int(ways.line[way]), int(ways.approval[way])
        plant = int(self.lines.plant[line])
        if period < self.lines.first_period[line]:
            return 0
        rooms = [int(self.line_room[line]), int(self.permit_room[plant])]
        rooms.append(int(self.capacity_room[plant, period] / self.lines.load[line]))
        if approval != NONE:
            rooms.append(int(self.cover_room[approval]))
        return max(min(rooms), 0)

    def fill(self, excess: NDArray[np.int64]) -> Plan:
        """Up to so much of what is unmatched, (streams, periods), where there is room.

        What that leaves at plants goes on to lines that leave nothing, or stays unmatched.
        """
        self.new: list[tuple[int, int, int]] = []
        for stream, period in zip(*(where.tolist() for where in np.nonzero(excess > 0)), strict=True):
            for residue, mass_g in self._place(stream, period, int(excess[stream, period])):
                self._place(residue, period, mass_g, leaving=False)
        if self.new:
            self._join(np.array(self.new, dtype=np.int64))
        return self.plan

    def _place(self, stream: int, period: int, mass_g: int, *, leaving: bool = True) -> list[tuple[int, int]]:
        """Puts so much of a stream where room is; what that leaves, by stream."""
        ways, left, residues = self.ground.ways, mass_g, list[tuple[int, int]]()
        mine = np.arange(self.first[stream], self.first[stream + 1])
        order = np.lexsort((self.price[mine], ways.crosses[mine], self.lines.tier[ways.line[mine]]))
        for way in mine[order].tolist():
            accept = int(ways.accept[way])
            rows = self.residues.get(accept, [])
            more = min(left, self.room(way, period))
            if not more or (rows and not (leaving and self.rounding.ratio[rows].sum() < 1)):
                continue
            before = int(self.plan.treated_g[accept, period])
            self._take(way, period, more)
            self.new.append((way, period, more))
            left -= more
            residues += self._left(rows, period, before, before + more)
        self.plan.unmatched_g[stream, period] -= mass_g - left
        return residues

    def _left(self, rows: list[int], period: int, before: int, after: int) -> list[tuple[int, int]]:
        """What treating more leaves more, by stream: unmatched at first."""
        ratio, streams = self.rounding.ratio[rows], self.ground.residue_stream[rows]
        more = leaves(np.full(len(rows), after), ratio) - leaves(np.full(len(rows), before), ratio)
        np.add.at(self.plan.unmatched_g[:, period], streams, more)
        return list(zip(streams.tolist(), more.tolist(), strict=True))

    def _take(self, way: int, period: int, mass_g: int) -> None:
        ways = self.ground.ways
        line, approval, accept = int(ways.line[way]), int(ways.approval[way]), int(ways.accept[way])
        plant = int(self.lines.plant[line])
        self.line_room[line] -= mass_g
        self.permit_room[plant] -= mass_g
        self.capacity_room[plant, period] -= mass_g * self.lines.load[line]
        if approval != NONE:
            self.cover_room[approval] -= mass_g
        self.plan.treated_g[accept, period] += mass_g

    def _join(self, new: Positions) -> None:
        """New flows beside those that were, one of each."""
        plan, periods = self.plan, len(self.ground.instance.periods)
        keys = np.concatenate([plan.way * periods + plan.period, new[:, 0] * periods + new[:, 1]])
        unique, which = np.unique(keys, return_inverse=True)
        plan.mass_g = sums(which, np.concatenate([plan.mass_g, new[:, 2]]), len(unique))
        plan.way, plan.period = unique // periods, unique % periods
