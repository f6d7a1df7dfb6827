"""Why waste is unmatched, gram by gram, read from what is left beside a finished plan.

What no plant may take, or none within reach, is said of all of it. Of the rest, as much is for want of a place for
residues as plants could take that leave some; as much for want of an approval as plants in other provinces have room;
as much for want of quantity as plants that may take it could treat beyond their permit items, in that period or, where
an item is used up for the year and its waste may wait, in a later one; what is left finds them full. Room is given out
once, to the largest first.
"""

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.carrying import NONE, kilometres, provinces_of
from wastetrack.capacity.filling import Filling
from wastetrack.capacity.model import OPEN_TO_ALL, Positions, Unmatched, WhyUnmatched


class _Reasons:
    """What is still free beside a plan, given out once."""

    def __init__(self, filling: Filling) -> None:
        self.filling, self.ground = filling, filling.ground
        self.instance = self.ground.instance
        self.lines, self.accepts = self.instance.lines, self.instance.accepts
        self.province = provinces_of(self.instance)
        order = np.argsort(self.accepts.category, kind="stable")
        self.by_category = order
        self.first = np.searchsorted(self.accepts.category[order], np.arange(len(self.instance.categories) + 1))
        self.capacity_room = filling.capacity_room.copy()
        self.line_room = filling.line_room.copy()
        self.permit_room = filling.permit_room.copy()
        kept = np.zeros(len(self.instance.categories), dtype=np.int64)
        np.add.at(kept, self.ground.streams.category, self.ground.store_g)
        self.may_wait = (kept > 0) & np.array([one.max_age is None for one in self.instance.categories], dtype=np.bool_)
        """Categories that somebody may keep for a later period."""
        self.dry: set[tuple[int, int]] = set()
        self.may: dict[int, tuple[WhyUnmatched | None, Positions, NDArray[np.bool_]]] = {}

    def lines_for(self, stream: int) -> tuple[WhyUnmatched | None, Positions, NDArray[np.bool_]]:
        """The lines that may take a stream and are near enough, and which of them are allowed to it now."""
        if stream in self.may:
            return self.may[stream]
        category, place = int(self.ground.streams.category[stream]), int(self.ground.streams.place[stream])
        rows = self.by_category[self.first[category] : self.first[category + 1]]
        lines = self.accepts.line[rows]
        group = self.lines.group[lines]
        lines = lines[(group == OPEN_TO_ALL) | (group == self.instance.places.group[place])]
        at = self.instance.plants.place[self.lines.plant[lines]]
        km = kilometres(self.instance, np.full(len(at), place), at)
        near = km <= self.instance.reach_km
        none = WhyUnmatched.NO_PERMIT if not len(lines) else None if near.any() else WhyUnmatched.TOO_FAR
        lines, at = lines[near], at[near]
        near_first = np.argsort(km[near], kind="stable")
        found = (none, lines[near_first], (self.province[at] == self.province[place])[near_first])
        self.may[stream] = found
        return found

    def of(self, stream: int, period: int, mass_g: int) -> list[tuple[WhyUnmatched, int]]:
        """The reasons of so much, with their shares."""
        if self.filling.first[stream] < self.filling.first[stream + 1] and self._dry(stream, period):
            return self._full(stream, period, mass_g)
        none, lines, inside = self.lines_for(stream)
        if none is not None:
            return [(none, mass_g)]
        lines = np.where(self.lines.first_period[lines] <= period, lines, NONE)
        allowed = inside | self._approved(stream, lines)
        shares: list[tuple[WhyUnmatched, int]] = []
        for why, which, bounded in (
            (WhyUnmatched.NO_PLACE_FOR_RESIDUES, lines[self._open(stream, inside, lines) & (lines != NONE)], True),
            (WhyUnmatched.NO_APPROVAL, lines[~inside & (lines != NONE)], True),
            (WhyUnmatched.NO_QUANTITY, lines[allowed & (lines != NONE)], False),
        ):
            part = self._use_all(which, period, mass_g, bounded=bounded)
            mass_g -= part
            shares.append((why, part))
        if mass_g:
            shares += self._full(stream, period, mass_g)
        return [(why, part) for why, part in shares if part]

    def _full(self, stream: int, period: int, mass_g: int) -> list[tuple[WhyUnmatched, int]]:
        """Plants are full in the period: for want of quantity where an item is used up for the year and the plant has
        room later, for then a larger item would be treated then; else for want of capacity."""
        part = 0
        none, lines, inside = self.lines_for(stream)
        if none is None and self.may_wait[self.ground.streams.category[stream]]:
            lines = lines[inside | self._approved(stream, lines)]
            plant = self.lines.plant[lines]
            used_up = (self.line_room[lines] <= 0) | (self.permit_room[plant] <= 0)
            begun = self.lines.first_period[lines]
            for line, first in zip(lines[used_up].tolist(), begun[used_up].tolist(), strict=True):
                for later in range(max(period + 1, first), self.capacity_room.shape[1]):
                    part += self._use(line, later, mass_g - part, bounded=False)
                if part == mass_g:
                    break
        shares = [(WhyUnmatched.NO_QUANTITY, part), (WhyUnmatched.NO_CAPACITY, mass_g - part)]
        return [(why, some) for why, some in shares if some]

    def _dry(self, stream: int, period: int) -> bool:
        """Whether no plant anywhere has room for its category any more."""
        category = int(self.ground.streams.category[stream])
        if (category, period) not in self.dry:
            lines = self.accepts.line[self.by_category[self.first[category] : self.first[category + 1]]]
            if (self.capacity_room[self.lines.plant[lines], period] >= self.lines.load[lines]).any():
                return False
            self.dry.add((category, period))
        return True

    def _approved(self, stream: int, lines: Positions) -> NDArray[np.bool_]:
        """Which lines an approval leads to."""
        filling, ways = self.filling, self.ground.ways
        mine = slice(filling.first[stream], filling.first[stream + 1])
        return np.isin(lines, ways.line[mine][ways.crosses[mine]])

    def _open(self, stream: int, inside: NDArray[np.bool_], lines: Positions) -> NDArray[np.bool_]:
        """Which lines could take it as they are: then only what they would leave stands in the way."""
        filling, ways = self.filling, self.ground.ways
        mine = np.arange(filling.first[stream], filling.first[stream + 1])
        left = mine[ways.crosses[mine]]
        left = left[filling.cover_room[ways.approval[left]] > 0]
        return inside | np.isin(lines, ways.line[left])

    def _use_all(self, lines: Positions, period: int, wanted: int, *, bounded: bool) -> int:
        """Gives out room of lines, the nearest first."""
        room = self.capacity_room[self.lines.plant[lines], period] >= self.lines.load[lines]
        if bounded:
            room &= (self.line_room[lines] > 0) & (self.permit_room[self.lines.plant[lines]] > 0)
        left = wanted
        for line in lines[room].tolist():
            left -= self._use(line, period, left, bounded=bounded)
            if not left:
                break
        return wanted - left

    def _use(self, line: int, period: int, wanted: int, *, bounded: bool) -> int:
        """Gives out room of a line's plant; within its quantities or beyond them."""
        plant, load = int(self.lines.plant[line]), float(self.lines.load[line])
        rooms = [wanted, int(self.capacity_room[plant, period] / load)]
        if bounded:
            rooms += [int(self.line_room[line]), int(self.permit_room[plant])]
        part = max(min(rooms), 0)
        self.capacity_room[plant, period] -= part * load
        if bounded:
            self.line_room[line] -= part
            self.permit_room[plant] -= part
        return part


def explained(filling: Filling) -> Unmatched:
    """All that is unmatched, with its reasons."""
    plan, ground = filling.plan, filling.ground
    reasons = _Reasons(filling)
    streams, periods = np.nonzero(plan.unmatched_g > 0)
    mass = plan.unmatched_g[streams, periods]
    rows: list[tuple[int, int, int]] = []
    words: list[WhyUnmatched] = []
    for row in np.lexsort((streams, periods, -mass)).tolist():
        for why, part in reasons.of(int(streams[row]), int(periods[row]), int(mass[row])):
            rows.append((int(streams[row]), int(periods[row]), part))
            words.append(why)
    told = np.array(rows, dtype=np.int64).reshape(-1, 3)
    order = np.lexsort((told[:, 1], told[:, 0]))
    told = told[order]
    return Unmatched(
        place=ground.streams.place[told[:, 0]],
        category=ground.streams.category[told[:, 0]],
        period=told[:, 1],
        mass_g=told[:, 2],
        why=tuple(words[row] for row in order.tolist()),
    )
