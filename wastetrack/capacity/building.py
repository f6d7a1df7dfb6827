"""The linear programme of a question: columns and rows in tonnes. It has all its columns at once, or grows.

Balances of streams (what arose, was kept before, and is left by treatment goes somewhere, is kept or stays unmatched),
capacity by period, quantities of permit items, permits and approvals over all periods together, ages, room in stores.
Unmatched is a column, so every programme has an answer. Waste that waits at a plant is what is taken in a period and
treated in the next: a column that moves its load and its residues by a period, beside a row that says that no more
waits than there is. A plant that does not stand yet has a column of its own that is 0 or 1.

Where it grows, a way is a column in a period only after the prices of the rows have shown that it would be used; so is
what is kept in a store; and a permit item gets the rows and columns of waiting when waiting would pay.
"""

from collections.abc import Callable
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import Ground, tonnes, window_of
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.columns import CARRIED, KEPT, OPENS, OVERLOAD, UNMATCHED, WAITING, Columns
from wastetrack.capacity.model import NO_LIMIT, Numbers, Positions
from wastetrack.capacity.pricing import Costs

Marks = NDArray[np.bool_]
BALANCE, CAPACITY, LINE, PERMIT, COVER, AGE, OPENED, STORAGE, THERE = range(9)
"""Kinds of rows; OPENED says that only an opened plant is overloaded, THERE that no more waits at one than is there."""
TALKS: Final = False
_INF: Final = highspy.kHighsInf
_Adding = Callable[[Positions, Positions, Numbers | float], None]


class Silent(highspy.Highs):
    """A solver that prints nothing; with callbacks, which nobody here asks for, it names itself when it is made."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's name for it
        self.setOptionValue("output_flag", TALKS)


class Program:
    """The programme of some streams, some ways, and the plants that these lead to."""

    def __init__(self, ground: Ground, costs: Costs, streams: Marks, ways: Positions) -> None:
        self.ground, self.costs, self.ways = ground, costs, ways
        instance = ground.instance
        self.lines, self.plants, self.accepts = instance.lines, instance.plants, instance.accepts
        self.periods = len(instance.periods)
        self.accept_plant = self.lines.plant[self.accepts.line]
        self.touched = np.zeros(len(self.plants), dtype=bool)
        self.touched[self.lines.plant[ground.ways.line[ways]]] = True
        self.standing = np.isnan(self.plants.opening_cost)
        self.decided: Numbers | None = None
        """(plants): 1 of those that are opened, once that is known."""
        self.active = ground.active & streams[:, None]
        ages = np.array([0 if one.max_age is None else one.max_age for one in instance.categories], dtype=np.int64)
        self.age = ages[ground.streams.category]
        plant_touched = self.touched[self.accept_plant]
        self.residue = np.flatnonzero((ground.residue_accept != NONE) & plant_touched[ground.residue_accept])
        self.residue = self.residue[np.argsort(ground.residue_accept[self.residue], kind="stable")]
        every = np.arange(len(self.accepts.line) + 1)
        self.first_residue = np.searchsorted(ground.residue_accept[self.residue], every)
        self._rows()
        self.columns = Columns.of((CARRIED, *(np.zeros(0, dtype=np.int64),) * 2))
        self.carried = np.zeros((len(ways), self.periods), dtype=bool)
        """Which ways are columns, and when."""
        self.kept = np.zeros(self.active.shape, dtype=bool)
        self.waits = np.zeros(len(self.accepts.line), dtype=bool)
        self.complete = False
        """Whether there is no column beside those that stand."""
        self.gone = NONE
        """A plant that is taken away for a while."""
        self.solver = Silent()  # type: ignore[no-untyped-call]
        for option, value in (("threads", 1), ("solver", "simplex")):
            self.solver.setOptionValue(option, value)

    def _rows(self) -> None:
        """Numbers and sides of the rows that stand from the beginning."""
        ground, lines, plants = self.ground, self.lines, self.plants
        used_line, used_cover = np.zeros(len(lines), dtype=bool), np.zeros(len(ground.covers.key), dtype=bool)
        used_line[ground.ways.line[self.ways]] = True
        approval = ground.ways.approval[self.ways]
        used_cover[approval[approval != NONE]] = True
        has_age, young = window_of(ground)
        refilled = np.zeros(len(ground.streams), dtype=bool)
        refilled[ground.residue_stream] = True
        self.room = np.minimum(np.where(refilled[:, None], np.inf, young), tonnes(ground.store_g)[:, None])
        self.room[:, -1] = np.minimum(self.room[:, -1], tonnes(ground.opening_g))
        aged = self.active & (has_age & refilled & (ground.store_g > 0))[:, None]
        arising = tonnes(ground.supply_g)
        arising[:, 0] += tonnes(ground.opening_g)
        self.count = 0
        self.sides: tuple[list[Numbers], list[Numbers]] = ([], [])
        self.row = [
            self._numbered(self.active, arising, equal=True),
            self._numbered(
                np.repeat(self.touched[:, None], self.periods, axis=1),
                np.where(self.standing[:, None], tonnes(plants.capacity_g), 0.0),
            ),
            self._numbered(used_line & (lines.limit_g < NO_LIMIT), tonnes(lines.limit_g)),
            self._numbered(self.touched & (plants.permitted_g < NO_LIMIT), tonnes(plants.permitted_g)),
            self._numbered(used_cover, tonnes(ground.covers.limit_g)),
            self._numbered(aged, young),
            self._numbered(self.overloads() & ~self.standing[:, None], np.zeros(plants.overload_g.shape)),
            np.full((len(plants), self.periods), NONE),
            np.full((len(self.accepts.line), self.periods), NONE),
        ]

    def _numbered(self, where: Marks, side: Numbers, *, equal: bool = False) -> Positions:
        numbers, marked = np.full(where.shape, NONE), int(np.count_nonzero(where))
        numbers[where] = self.count + np.arange(marked)
        self.count += marked
        self.sides[0].append(side[where] if equal else np.full(marked, -_INF))
        self.sides[1].append(side[where])
        return numbers

    def overloads(self) -> Marks:
        """(plants, periods): which can be overloaded."""
        return np.asarray((self.plants.overload_g > 0) & self.touched[:, None])

    def possible(self) -> Marks:
        """(ways, periods): when a way can carry anything."""
        ways, plants = self.ground.ways, self.plants
        line = ways.line[self.ways]
        begun = np.arange(self.periods)[None, :] >= self.lines.first_period[line][:, None]
        works = (plants.capacity_g + plants.overload_g > 0) | (plants.storage_g > 0)[:, None]
        return self.active[ways.stream[self.ways]] & begun & works[self.lines.plant[line]]

    def coefficients(self, added: Columns) -> tuple[Positions, Positions, Numbers]:
        """By columns: starts, rows, values."""
        entries: list[tuple[Positions, Positions, Numbers]] = []
        row, ways = self.row, self.ground.ways

        def add(rows: Positions, columns: Positions, values: Numbers | float) -> None:
            there = rows != NONE
            entries.append((rows[there], columns[there], np.broadcast_to(values, rows.shape)[there].astype(float)))

        (carried, way, period), (unmatched, stream, when), kept, waiting, overload, opens = (
            (one := np.flatnonzero(added.kind == kind), added.what[one], added.period[one]) for kind in range(6)
        )
        accept = ways.accept[way]
        add(row[BALANCE][ways.stream[way], period], carried, 1.0)
        add(at(row[LINE], ways.line[way]), carried, 1.0)
        add(at(row[PERMIT], self.accept_plant[accept]), carried, 1.0)
        add(at(row[COVER], ways.approval[way]), carried, 1.0)
        add(row[THERE][accept, period], carried, 1.0)
        self._treated(add, (accept, period, carried), 1.0)
        add(row[BALANCE][stream, when], unmatched, 1.0)
        self._standing(add, kept, waiting)
        add(row[CAPACITY][overload[1], overload[2]], overload[0], -1.0)
        add(row[OPENED][overload[1], overload[2]], overload[0], 1.0)
        self._opening(add, opens[0], opens[1])
        return _packed(entries, len(added), self.count)

    def _standing(self, add: _Adding, kept: tuple[Positions, ...], waiting: tuple[Positions, ...]) -> None:
        """What is kept where it arose, and what waits at plants, is there again in the next period."""
        row = self.row
        column, stream, period = kept
        add(row[BALANCE][stream, period], column, 1.0)
        add(row[AGE][stream, period], column, 1.0)
        before = period + 1 < self.periods
        add(row[BALANCE][stream[before], period[before] + 1], column[before], -1.0)
        column, accept, period = waiting
        add(row[STORAGE][self.accept_plant[accept], period], column, 1.0)
        add(row[THERE][accept, period], column, -1.0)
        add(row[THERE][accept, period + 1], column, 1.0)
        self._treated(add, (accept, period, column), -1.0)
        self._treated(add, (accept, period + 1, column), 1.0)

    def _opening(self, add: _Adding, column: Positions, plant: Positions) -> None:
        """What a plant can do once it is opened; what waits there is treated there, so its store needs no word."""
        every = np.broadcast_to(column[:, None], (len(column), self.periods))
        for kind, can in ((CAPACITY, self.plants.capacity_g), (OPENED, self.plants.overload_g)):
            add(self.row[kind][plant], every, -tonnes(can[plant]))

    def _treated(self, add: _Adding, what: tuple[Positions, Positions, Positions], sign: float) -> None:
        """What treating takes and leaves: load of the plant, residues, and what of them may be kept."""
        accept, period, column = what
        load = self.lines.load[self.accepts.line[accept]]
        add(self.row[CAPACITY][self.accept_plant[accept], period], column, sign * load)
        first, end = self.first_residue[accept], self.first_residue[accept + 1]
        for one in range(int((end - first).max(initial=0))):
            has = np.flatnonzero(first + one < end)
            residue, then = self.residue[first[has] + one], period[has]
            stream, ratio = self.ground.residue_stream[residue], self.ground.instance.residues.ratio[residue]
            add(self.row[BALANCE][stream, then], column[has], -sign * ratio)
            for later in range(self.longest()):
                young = (then + later < self.periods) & (later < self.age[stream])
                rows = self.row[AGE][stream, np.minimum(then + later, self.periods - 1)]
                add(np.where(young, rows, NONE), column[has], -sign * ratio)

    def longest(self) -> int:
        """Over how many periods what was left may be kept; 0 where no row asks."""
        return min(int(self.age.max(initial=0)), self.periods) if (self.row[AGE] != NONE).any() else 0

    def limits(self) -> tuple[Numbers, Numbers]:
        """The sides of all rows; a plant that is gone has neither capacity nor store."""
        lower, upper = (np.concatenate(side) for side in self.sides)
        if self.gone != NONE:
            rows = np.concatenate([self.row[CAPACITY][self.gone], self.row[STORAGE][self.gone]])
            upper[rows[rows != NONE]] = 0.0
        return lower, upper

    def bounds(self, added: Columns) -> tuple[Numbers, Numbers]:
        """The least and the most of each."""
        lower, upper = np.zeros(len(added)), np.full(len(added), _INF)
        kept, overload, opens = (added.kind == kind for kind in (KEPT, OVERLOAD, OPENS))
        upper[kept] = self.room[added.what[kept], added.period[kept]]
        upper[overload] = tonnes(self.plants.overload_g[added.what[overload], added.period[overload]])
        upper[overload & (added.what == self.gone)] = 0.0
        upper[opens] = 1.0
        if self.decided is not None:
            lower[opens] = upper[opens] = self.decided[added.what[opens]]
        return lower, upper

    def load_all(self) -> None:
        """All columns there can be."""
        used = np.zeros(len(self.accepts.line), dtype=bool)
        used[self.ground.ways.accept[self.ways]] = self.periods > 1
        waits = np.flatnonzero(used & (self.plants.storage_g > 0)[self.accept_plant])
        self.load(np.ones_like(self.carried), self.active & (self.room > 0), waits)
        self.complete = True

    def load(self, carried: Marks, kept: Marks | None = None, waits: Positions | None = None) -> None:
        """The first columns, given to the solver with all rows; waste may wait at rows of accepts that are `waits`."""
        self.carried = carried & self.possible()
        self.kept = np.zeros_like(self.active) if kept is None else kept
        waits = np.zeros(0, dtype=np.int64) if waits is None else waits
        self._number_waiting(waits)
        way, period = np.nonzero(self.carried)
        opens = np.flatnonzero(self.touched & ~self.standing)
        columns = Columns.of(
            (CARRIED, self.ways[way], period),
            marked(UNMATCHED, self.active),
            marked(KEPT, self.kept),
            self._waiting(waits),
            marked(OVERLOAD, self.overloads()),
            (OPENS, opens, np.zeros_like(opens)),
        )
        starts, index, values = self.coefficients(columns)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), self.count
        lp.col_cost_ = self.costs.of(columns)
        lp.col_lower_, lp.col_upper_ = self.bounds(columns)
        lp.row_lower_, lp.row_upper_ = self.limits()
        matrix = lp.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.num_col_, matrix.num_row_ = len(columns), self.count
        matrix.start_, matrix.index_, matrix.value_ = starts.astype(np.int32), index.astype(np.int32), values
        self.columns = columns
        self.solver.passModel(lp)

    def add(self, added: Columns, objective: int | None = None) -> None:
        """More columns, which stand at 0, priced by one objective or by all together."""
        starts, index, values = self.coefficients(added)
        self.solver.addCols(
            len(added), self.costs.of(added, objective), *self.bounds(added), len(values), starts[:-1].astype(np.int32),
            index.astype(np.int32), values,
        )  # fmt: skip
        self.columns += added

    def limit(self, rows: Positions, lower: Numbers, upper: Numbers) -> None:
        """New sides for some rows."""
        change = self.solver.changeRowsBounds  # type: ignore[attr-defined]
        change(len(rows), rows.astype(np.int32), lower, upper)

    def _number_waiting(self, accepts: Positions) -> tuple[Numbers, Positions]:
        """Rows for what waits at plants: rooms where there were none yet; (accepts, periods) that it is there."""
        self.waits[accepts] = True
        plants = np.unique(self.accept_plant[accepts])
        plants = plants[self.row[STORAGE][plants, 0] == NONE]
        room = np.repeat(tonnes(self.plants.storage_g[plants]), self.periods)
        self.row[STORAGE][plants] = self.count + np.arange(len(room)).reshape(-1, self.periods)
        there = np.arange(len(accepts) * self.periods).reshape(-1, self.periods)
        self.row[THERE][accepts] = self.count + len(room) + there
        self.count += len(room) + there.size
        self.sides[0].extend((np.full(len(room), -_INF), np.zeros(there.size)))
        self.sides[1].extend((room, np.full(there.size, _INF)))
        return room, there

    def _waiting(self, accepts: Positions) -> tuple[int, Positions, Positions]:
        """The columns of what waits, at the end of each period but the last."""
        begun = np.arange(self.periods)[None, :] >= self.lines.first_period[self.accepts.line[accepts]][:, None]
        begun[:, -1] = False
        row, period = np.nonzero(begun)
        return WAITING, accepts[row], period

    def let_wait(self, accepts: Positions) -> Columns:
        """Gives the solver the rows for what waits at plants. The columns are still to be added."""
        room, there = self._number_waiting(accepts)
        carried = np.flatnonzero(self.columns.kind == CARRIED)
        place = np.full(len(self.accepts.line), NONE)
        place[accepts] = np.arange(len(accepts))
        accept = place[self.ground.ways.accept[self.columns.what[carried]]]
        has = accept != NONE
        row = there[accept[has], self.columns.period[carried[has]]]
        order = np.argsort(row, kind="stable")
        starts = np.concatenate([np.zeros(len(room), np.int64), np.searchsorted(row[order], np.arange(there.size))])
        self.solver.addRows(
            len(starts), np.concatenate([np.full(len(room), -_INF), np.zeros(there.size)]),
            np.concatenate([room, np.full(there.size, _INF)]), len(row), starts.astype(np.int32),
            carried[has][order].astype(np.int32), np.ones(len(row)),
        )  # fmt: skip
        return Columns.of(self._waiting(accepts))


def marked(kind: int, where: Marks) -> tuple[int, Positions, Positions]:
    """Columns of a kind where a table by periods is marked."""
    what, period = np.nonzero(where)
    return kind, what, period


def at(numbers: Positions, where: Positions) -> Positions:
    """`numbers[where]`, and NONE where that is NONE."""
    return np.where(where == NONE, NONE, numbers[where]) if len(numbers) else np.full(where.shape, NONE)


def _packed(
    entries: list[tuple[Positions, Positions, Numbers]], columns: int, rows: int
) -> tuple[Positions, Positions, Numbers]:
    """By columns: starts, rows, values; what stands twice is added up."""
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    keys = column * rows + row
    order = np.argsort(keys, kind="stable")
    keys, value = keys[order], value[order]
    if len(keys):
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        keys, value = keys[first], np.add.reduceat(value, first)
    return np.searchsorted(keys, np.arange(columns + 1) * rows), keys % max(rows, 1), value
