"""Proximity first (就近): which shipments go past a nearer plant that could have taken them, by a finished matching.

A plant could have taken a shipment if it stands in the same province, a usual permit item of it that is open to the
place accepts the waste, and item, permit and capacity have room left in the period. As kilometres are part of what is
made least, that happens only where the nearer plant asks a higher price or leaves residues, or where the matching was
cut short or is a plan with a bound. A nearer plant that is full of other waste is not passed: who gets a plant that
two want is decided by what is least for all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import Ground, ground_of
from wastetrack.capacity.carrying import NONE, found, kilometres
from wastetrack.capacity.model import Grams, Matching, Numbers, Positions

NEARER_KM: Final = 0.1
"""What differs by less is as near."""
SEEN_G: Final = 10_000
"""Less room than this is what whole grams leave."""


@dataclass(frozen=True, slots=True, eq=False)
class Passing:
    """Shipments that go past a nearer plant, the largest first."""

    flow: Positions
    """The row of the matching's flows."""
    nearer: Positions
    """The nearest line that could have taken it."""
    mass_g: Grams
    """So much of it at the most: its own mass, or the room there, which other shipments may pass, too."""
    km: Numbers
    nearer_km: Numbers
    is_dearer: NDArray[np.bool_]
    """The nearer line asks a higher price."""
    leaves: NDArray[np.bool_]
    """Treating there leaves residues."""

    def __len__(self) -> int:
        return len(self.flow)


def passed_over(matching: Matching) -> Passing:
    """All of them."""
    ground, flows = ground_of(matching.instance), matching.flows
    lines, ways = matching.instance.lines, ground.ways
    width = len(matching.instance.categories)
    stream = found(ground.streams.place * width + ground.streams.category, flows.place * width + flows.category)
    km = kilometres(matching.instance, flows.place, matching.instance.plants.place[lines.plant[flows.line]])
    way, room = _nearest(ground, matching, stream)
    has = np.flatnonzero(way != NONE)
    has = has[ways.km[way[has]] < km[has] - NEARER_KM]
    mass = np.minimum(flows.mass_g[has], room[has])
    has, mass = has[mass >= SEEN_G], mass[mass >= SEEN_G]
    order = np.argsort(-mass, kind="stable")
    has, mass = has[order], mass[order]
    nearer = ways.line[way[has]]
    return Passing(
        flow=has,
        nearer=nearer,
        mass_g=mass,
        km=km[has],
        nearer_km=ways.km[way[has]],
        is_dearer=lines.price[nearer] > lines.price[flows.line[has]],
        leaves=np.isin(ways.accept[way[has]], ground.residue_accept),
    )


def _nearest(ground: Ground, matching: Matching, stream: Positions) -> tuple[Positions, Grams]:
    """For each flow the nearest way inside the province with room in its period, and the room; NONE without one."""
    ways, lines, flows = ground.ways, matching.instance.lines, matching.flows
    end = np.searchsorted(ways.stream, stream, side="right")
    nearest, room = np.full(len(stream), NONE), np.zeros(len(stream), dtype=np.int64)
    usual = (lines.tier[ways.line] == 0) & ~ways.crosses
    for period in np.unique(flows.period).tolist():
        left = _left(matching, period)[ways.line]
        open_ways = np.flatnonzero(usual & (lines.first_period[ways.line] <= period) & (left >= SEEN_G))
        mine = np.flatnonzero(flows.period == period)
        # Ways of a stream stand together, the nearest first: the first with room is the one.
        at = np.searchsorted(open_ways, np.searchsorted(ways.stream, stream[mine]))
        one = np.append(open_ways, len(ways))[at]
        there = one < end[mine]
        nearest[mine[there]] = one[there]
        room[mine[there]] = left[one[there]]
    return nearest, room


def _left(matching: Matching, period: int) -> Grams:
    """(lines): what each could still take in a period without emergency."""
    instance, treated, flows = matching.instance, matching.treated, matching.flows
    lines, plants = instance.lines, instance.plants
    now = treated.period == period
    load = np.bincount(lines.plant[treated.line[now]], treated.mass_g[now] * lines.load[treated.line[now]], len(plants))
    standing = np.isnan(plants.opening_cost)
    standing[matching.opened] = True
    capacity = np.where(standing, plants.capacity_g[:, period] - load, 0.0)
    used, permit = np.zeros(len(lines), dtype=np.int64), np.zeros(len(plants), dtype=np.int64)
    np.add.at(used, flows.line, flows.mass_g)
    np.add.at(permit, lines.plant[flows.line], flows.mass_g)
    left: Grams = np.minimum(lines.limit_g - used, (plants.permitted_g - permit)[lines.plant])
    return np.minimum(left, np.floor(capacity[lines.plant] / lines.load).astype(np.int64))
