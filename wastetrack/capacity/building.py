"""The linear programme of a question: columns and rows in tonnes, objectives in their order.

Balances of streams (what arose, was kept before, and is left by treatment goes somewhere, is kept or stays unmatched),
balances of what waits at plants, capacity by period, quantities of permit items, permits and approvals over all periods
together, room in stores. Unmatched is a column, so every programme has an answer. A plant that is not built yet has a
column of its own that is 0 or 1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import Ground, tonnes, window_of
from wastetrack.capacity.carrying import NONE, Ways, joined
from wastetrack.capacity.model import NO_LIMIT, Numbers, Positions, Tier

Marks = NDArray[np.bool_]
NO_SIDE: Final = np.inf


@dataclass(slots=True, eq=False, kw_only=True)
class Columns:
    """Numbers of columns by what they mean; NONE where there is none."""

    way: Positions
    """Of each carried mass, which stand first: its way …"""
    period: Positions
    """… and its period."""
    kept: Positions
    """(streams, periods)"""
    unmatched: Positions
    """(streams, periods)"""
    treated: Positions
    """(accepts, periods), where waste may wait before."""
    waiting: Positions
    """(accepts, periods)"""
    overload: Positions
    """(plants, periods)"""
    opens: Positions
    """(plants)"""


@dataclass(slots=True, eq=False, kw_only=True)
class Rows:
    """Numbers of rows by what they mean; NONE where there is none."""

    balance: Positions
    """(streams, periods)"""
    waiting: Positions
    """(accepts, periods)"""
    capacity: Positions
    """(plants, periods)"""
    storage: Positions
    """(plants, periods)"""
    line: Positions
    permit: Positions
    """(plants)"""
    cover: Positions
    age: Positions
    """(streams, periods)"""
    overload: Positions
    """(plants, periods), of plants that do not stand yet"""


@dataclass(slots=True, eq=False, kw_only=True)
class Program:
    """Least `objectives`, one after the other, within bounds and rows."""

    ground: Ground
    ways: Ways
    columns: Columns
    rows: Rows
    lower: Numbers
    upper: Numbers
    row_lower: Numbers
    row_upper: Numbers
    starts: Positions
    """Coefficients by columns."""
    index: Positions
    values: Numbers
    objectives: tuple[tuple[str, Numbers], ...]


class _Block:
    """Columns or rows as they are numbered, with their sides."""

    def __init__(self) -> None:
        self.count = 0
        self.lower: list[Numbers] = []
        self.upper: list[Numbers] = []

    def add(self, where: Marks, upper: Numbers | float, lower: float | None = None) -> Positions:
        """One for each place that is marked; an equation where no lower side is named."""
        numbers = np.full(where.shape, NONE)
        marked = int(np.count_nonzero(where))
        numbers[where] = np.arange(self.count, self.count + marked)
        self.count += marked
        side = np.broadcast_to(np.asarray(upper, dtype=np.float64), where.shape)[where]
        self.upper.append(side)
        self.lower.append(side if lower is None else np.full(marked, lower))
        return numbers


class _Entries:
    """Coefficients as they are gathered."""

    def __init__(self) -> None:
        self.rows: list[Positions] = []
        self.columns: list[Positions] = []
        self.values: list[Numbers] = []

    def add(self, rows: Positions, columns: Positions, values: Numbers | float) -> None:
        """Those whose row and column stand."""
        both = (rows != NONE) & (columns != NONE)
        self.rows.append(rows[both])
        self.columns.append(columns[both])
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)[both])

    def packed(self, row_count: int, column_count: int) -> tuple[Positions, Positions, Numbers]:
        """By columns: starts, rows, values; what stands twice is added up."""
        keys = np.concatenate(self.columns) * row_count + np.concatenate(self.rows)
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], np.concatenate(self.values)[order]
        if len(keys):
            first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
            keys, values = keys[first], np.add.reduceat(values, first)
        starts = np.searchsorted(keys, np.arange(column_count + 1) * row_count)
        return starts, keys % max(row_count, 1), values


class _Draft:
    """A programme as it is written."""

    def __init__(self, ground: Ground, ways: Ways, chosen: Marks | None) -> None:
        self.ground, self.ways = ground, ways
        instance = ground.instance
        self.instance, self.lines, self.plants = instance, instance.lines, instance.plants
        self.active = ground.active if chosen is None else ground.active & chosen[:, None]
        self.periods = np.arange(len(instance.periods))
        self.plant_of = self.lines.plant[instance.accepts.line]
        """Of each row of accepts."""
        self.way_plant = self.lines.plant[ways.line]
        self.touched = np.zeros(len(self.plants), dtype=bool)
        self.touched[self.way_plant] = True
        self.stored = self.plants.storage_g > 0
        self.standing = np.isnan(self.plants.opening_cost)
        self.refilled = np.zeros(len(ground.streams), dtype=bool)
        self.refilled[ground.residue_stream] = True
        self.has_age, self.young = window_of(ground)

    def columns(self, block: _Block) -> Columns:
        """All columns with their bounds."""
        ground, plants, accepts = self.ground, self.plants, self.instance.accepts
        ready = self.periods[None, :] >= self.lines.first_period[self.ways.line][:, None]
        usable = (plants.capacity_g + plants.overload_g > 0) | self.stored[:, None]
        way, period = np.nonzero(self.active[self.ways.stream] & ready & usable[self.way_plant])
        block.add(np.ones(len(way), dtype=bool), np.inf, 0.0)
        room = np.where(self.refilled[:, None], np.inf, self.young)
        room = np.minimum(room, tonnes(ground.store_g)[:, None])
        room[:, -1] = np.minimum(room[:, -1], tonnes(ground.opening_g))
        used = np.zeros(len(accepts.line), dtype=bool)
        used[self.ways.accept] = True
        begun = self.periods[None, :] >= self.lines.first_period[accepts.line][:, None]
        at_plant = (self.stored[self.plant_of] & used)[:, None] & begun
        fits = np.where(self.periods == self.periods[-1], 0.0, tonnes(plants.storage_g)[self.plant_of][:, None])
        return Columns(
            way=way,
            period=period,
            kept=block.add(self.active & (ground.store_g > 0)[:, None], room, 0.0),
            unmatched=block.add(self.active, np.inf, 0.0),
            treated=block.add(at_plant, np.inf, 0.0),
            waiting=block.add(at_plant, fits, 0.0),
            overload=block.add((plants.overload_g > 0) & self.touched[:, None], tonnes(plants.overload_g), 0.0),
            opens=block.add(~self.standing & self.touched, 1.0, 0.0),
        )

    def rows(self, block: _Block, columns: Columns) -> Rows:
        """All rows with their sides."""
        ground, plants = self.ground, self.plants
        arising = ground.supply_g.copy()
        arising[:, 0] += ground.opening_g
        shape = plants.capacity_g.shape
        capacity = np.where(self.standing[:, None], tonnes(plants.capacity_g), 0.0)
        storage = np.where(self.standing, tonnes(plants.storage_g), 0.0)[:, None]
        line_used = np.zeros(len(self.lines), dtype=bool)
        line_used[self.ways.line] = True
        cover_used = np.zeros(len(ground.covers.key), dtype=bool)
        cover_used[self.ways.approval[self.ways.approval != NONE]] = True
        aged = (self.has_age & self.refilled)[:, None] & (columns.kept != NONE)
        none = -NO_SIDE
        return Rows(
            balance=block.add(self.active, tonnes(arising)),
            waiting=block.add(columns.treated != NONE, 0.0),
            capacity=block.add(np.broadcast_to(self.touched[:, None], shape), capacity, none),
            storage=block.add(np.broadcast_to((self.stored & self.touched)[:, None], shape), storage, none),
            line=block.add(line_used & (self.lines.limit_g < NO_LIMIT), tonnes(self.lines.limit_g), none),
            permit=block.add(self.touched & (plants.permitted_g < NO_LIMIT), tonnes(plants.permitted_g), none),
            cover=block.add(cover_used, tonnes(ground.covers.limit_g), none),
            age=block.add(aged, self.young, none),
            overload=block.add((columns.overload != NONE) & ~self.standing[:, None], 0.0, none),
        )

    def carried(self, entries: _Entries, columns: Columns, rows: Rows) -> None:
        """What a carried mass takes part in."""
        way, period = columns.way, columns.period
        number = np.arange(len(way))
        line, plant, accept = self.ways.line[way], self.way_plant[way], self.ways.accept[way]
        entries.add(rows.balance[self.ways.stream[way], period], number, 1.0)
        waits = rows.waiting[accept, period]
        entries.add(waits, number, 1.0)
        direct = np.where(waits == NONE, rows.capacity[plant, period], NONE)
        entries.add(direct, number, self.lines.load[line])
        entries.add(rows.line[line], number, 1.0)
        entries.add(rows.permit[plant], number, 1.0)
        approval = self.ways.approval[way]
        entries.add(np.where(approval == NONE, NONE, _at(rows.cover, approval)), number, 1.0)

    def standing_still(self, entries: _Entries, columns: Columns, rows: Rows) -> None:
        """What is kept, unmatched or waiting."""
        entries.add(rows.balance, columns.kept, 1.0)
        entries.add(rows.balance[:, 1:], columns.kept[:, :-1], -1.0)
        entries.add(rows.balance, columns.unmatched, 1.0)
        entries.add(rows.age, columns.kept, 1.0)
        entries.add(rows.waiting, columns.waiting, -1.0)
        entries.add(rows.waiting[:, 1:], columns.waiting[:, :-1], 1.0)
        entries.add(rows.waiting, columns.treated, -1.0)
        capacity, storage = rows.capacity[self.plant_of], rows.storage[self.plant_of]
        entries.add(capacity, columns.treated, self.lines.load[self.instance.accepts.line][:, None])
        entries.add(storage, columns.waiting, 1.0)
        entries.add(rows.capacity, columns.overload, -1.0)
        opens = np.broadcast_to(columns.opens[:, None], rows.capacity.shape)
        entries.add(rows.capacity, opens, -tonnes(self.plants.capacity_g))
        entries.add(rows.overload, columns.overload, 1.0)
        entries.add(rows.overload, opens, -tonnes(self.plants.overload_g))
        entries.add(rows.storage, opens, -tonnes(self.plants.storage_g)[:, None])

    def residues(self, entries: _Entries, columns: Columns, rows: Rows) -> None:
        """What treating leaves is supply again."""
        accept, stream = self.ground.residue_accept, self.ground.residue_stream
        ratio, age = self.instance.residues.ratio, len(self.periods)
        which = np.flatnonzero(accept != NONE)
        left, right = joined(self.ways.accept[columns.way], accept[which])
        direct = columns.treated[self.ways.accept[columns.way[left]], columns.period[left]] == NONE
        left, right = left[direct], which[right[direct]]
        self._leaves(entries, rows, (left, columns.period[left], stream[right], ratio[right]))
        row, period = np.repeat(which, age), np.tile(self.periods, len(which))
        self._leaves(entries, rows, (columns.treated[accept[row], period], period, stream[row], ratio[row]))

    def _leaves(self, entries: _Entries, rows: Rows, what: tuple[Positions, Positions, Positions, Numbers]) -> None:
        """Into the balance of its stream, and as long as it is young enough into what may be kept."""
        column, period, stream, ratio = what
        entries.add(rows.balance[stream, period], column, -ratio)
        ages = [kind.max_age for kind in self.instance.categories]
        limits = np.array([0 if age is None else age for age in ages], dtype=np.int64)[self.ground.streams.category]
        for later in range(min(int(limits.max(initial=0)), len(self.periods))):
            then = np.minimum(period + later, len(self.periods) - 1)
            young = (period + later < len(self.periods)) & (later < limits[stream])
            entries.add(np.where(young, rows.age[stream, then], NONE), column, -ratio)

    def objectives(self, columns: Columns, count: int) -> tuple[tuple[str, Numbers], ...]:
        """What is to be least, in its order: unmatched, left at the end, emergency, across borders, cost, kept."""
        way = columns.way
        number, line = np.arange(len(way)), self.ways.line[way]
        unmatched, late, cost, border, overload = (np.zeros(count) for _ in range(5))
        unmatched[_standing(columns.unmatched)] = 1
        late[_standing(np.where(self.ground.opening_g > 0, columns.kept[:, -1], NONE))] = 1
        overload[_standing(columns.overload)] = 1
        border[number] = np.where(self.ways.crosses, self.ways.km, 0.0)[way]
        cost[number] = self.ways.km[way] * self.instance.haulage + self.lines.price[line]
        cost[_standing(columns.opens)] = self.plants.opening_cost[columns.opens != NONE]
        tiers = []
        for tier in reversed(range(1, len(Tier))):
            called = np.zeros(count)
            called[number] = self.lines.tier[line] == tier
            tiers.append((f"tier_{tier}", called))
        stages = [("unmatched", unmatched), ("late", late), *tiers, ("overload", overload), ("border", border)]
        idle = np.zeros(count)
        idle[_standing(columns.kept)] = 1
        idle[_standing(columns.waiting)] = 1
        stages += [("cost", cost), ("idle", idle)]
        return tuple((name, stage) for name, stage in stages if stage.any() or name == "cost")


def _at(numbers: Positions, where: Positions) -> Positions:
    """`numbers[where]`, where it may be empty and `where` NONE."""
    return numbers[where] if len(numbers) else np.full(where.shape, NONE)


def _standing(numbers: Positions) -> Positions:
    standing: Positions = numbers[numbers != NONE]
    return standing


def built(ground: Ground, ways: Ways | None = None, chosen: Marks | None = None) -> Program:
    """The programme of some ways and some streams: all unless told."""
    ways = ground.ways if ways is None else ways
    draft, block, sides, entries = _Draft(ground, ways, chosen), _Block(), _Block(), _Entries()
    columns = draft.columns(block)
    rows = draft.rows(sides, columns)
    draft.carried(entries, columns, rows)
    draft.standing_still(entries, columns, rows)
    draft.residues(entries, columns, rows)
    starts, index, values = entries.packed(sides.count, block.count)
    return Program(
        ground=ground,
        ways=ways,
        columns=columns,
        rows=rows,
        lower=np.concatenate(block.lower),
        upper=np.concatenate(block.upper),
        row_lower=np.concatenate(sides.lower),
        row_upper=np.concatenate(sides.upper),
        starts=starts,
        index=index,
        values=values,
        objectives=draft.objectives(columns, block.count),
    )
