"""Many periods of a large question: the whole time as one first, then period by period at its prices.

Taken as one period, with all that arises and all capacity added up, the question is easier than it is: its answer is a
bound that no plan can pass, and is solved exactly. Its prices say what a tonne of a permit item is worth, and what it
costs to keep a tonne for later. At these prices each province goes through the periods, and keeps where that is
cheaper. What comes out is a plan, and how far it can be from the best is known. Nothing waits at plants in it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import Ground, tonnes
from wastetrack.capacity.building import AGE, BALANCE, CAPACITY, LINE, PERMIT, Marks, Program, at
from wastetrack.capacity.carrying import NONE, provinces_of
from wastetrack.capacity.columns import CARRIED, KEPT, UNMATCHED, Columns
from wastetrack.capacity.joining import HANDS, reached
from wastetrack.capacity.model import NO_LIMIT, Instance, Numbers, Positions
from wastetrack.capacity.pricing import LATE_STEP, Costs
from wastetrack.capacity.settling import DUAL_SIMPLEX, OutOfTime, Settling

WHOLE_SHARE: Final = 0.3
"""Of the work, what the whole time as one takes."""
DEARER: Final = 1e-6
"""What is kept costs this share more than later, so that nothing is kept for nothing."""
HOPE: Final = 0.999
"""What is kept costs at most this share of what is unmatched."""


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """A plan over all periods, and what none can be better than."""

    way: Positions
    period: Positions
    mass_t: Numbers
    kept_t: Numbers
    """(streams, periods)"""
    unmatched_t: Numbers
    """(streams, periods)"""
    capacity_worth: Numbers
    """(plants, 2): unmatched tonnes and yuan that one more tonne in every period would save, time taken as one."""
    line_worth: Numbers
    """(lines, 2)"""
    least: dict[str, float]
    """By objective."""


class _Prices(Costs):
    """What ways and keeping cost in a period, with what they take from later ones."""

    def __init__(self, costs: Costs, ways: Numbers, keeping: Numbers, quantities: tuple[Numbers, Numbers]) -> None:
        self.names, self.scales, self.ways, self.weights = costs.names, costs.scales, costs.ways, costs.weights
        self.last = 0
        self.together, self.keeping = ways, keeping
        self.scarce_lines, self.scarce_permits = (prices < -DEARER for prices in quantities)

    def of(self, columns: Columns, objective: int | None = None) -> Numbers:
        """All together; there are no steps on the way."""
        cost = super().of(columns, objective) if objective is not None else np.zeros(len(columns))
        if objective is None:
            carried, kept = columns.kind == CARRIED, columns.kind == KEPT
            cost[carried], cost[kept] = self.together[columns.what[carried]], self.keeping[columns.what[kept]]
            cost[columns.kind == UNMATCHED] = self.weights[0]
        return cost

    def of_keeping(self, objective: int | None, *, at_plant: bool) -> Numbers:
        """(streams, 1): of a tonne that is kept; nothing waits at plants."""
        return np.zeros(1) if at_plant or objective is not None else self.keeping[:, None]

    def late(self) -> float:
        """Of a tonne that is still kept at the end."""
        return self.weights[self.names.index(LATE_STEP)] if LATE_STEP in self.names else 0.0


def as_one(ground: Ground) -> Ground:
    """The whole time as one period: no plan over the periods is better than the best of this."""
    instance = ground.instance
    plants, lines = instance.plants, instance.lines
    once: Instance = replace(
        instance,
        periods=(f"{instance.periods[0]}..{instance.periods[-1]}",),
        plants=replace(
            plants,
            capacity_g=plants.capacity_g.sum(axis=1, keepdims=True),
            overload_g=plants.overload_g.sum(axis=1, keepdims=True),
            storage_g=np.zeros_like(plants.storage_g),
        ),
        lines=replace(lines, first_period=np.zeros_like(lines.first_period)),
    )
    return replace(
        ground,
        instance=once,
        supply_g=ground.supply_g.sum(axis=1, keepdims=True),
        active=np.asarray(ground.active.any(axis=1, keepdims=True)),
    )


def rolled(
    ground: Ground, streams: Marks, *, deadline: float = np.inf, tell: Callable[[float], None] = lambda _share: None
) -> Rolled:
    """A plan for some streams. Raises OutOfTime before there is one."""
    once = as_one(ground)
    costs = Costs(once)
    whole = reached(once, costs, streams, deadline=deadline, tell=lambda share: tell(WHOLE_SHARE * share))
    if not whole.proven:
        raise OutOfTime
    prices = whole.price
    whole.step_by_step()
    columns = whole.program.columns
    least = {name: whole.figure(name) for name in costs.names}
    row, ways = whole.program.row, ground.ways
    quantity = prices[at(row[LINE], ways.line)] + prices[at(row[PERMIT], ground.instance.lines.plant[ways.line])]
    # Even what the whole time has no place for is kept while there is room: a later period may have one.
    keeping = np.clip(prices[row[BALANCE][:, 0]] * (1 + DEARER) + DEARER, DEARER, costs.weights[0] * HOPE)
    asked = _Prices(costs, costs.together - quantity * HOPE**2, keeping, (prices[row[LINE]], prices[row[PERMIT]]))
    whole.price = prices
    asks = whole.asks() + _quantities(whole)
    crossing = _crossing(ground, whole)
    province = np.where(streams, provinces_of(ground.instance)[ground.streams.place], NONE)
    parts = [province == name for name in np.unique(province[streams])]
    used = np.zeros(len(ways), dtype=bool)
    carried = columns.kind == CARRIED
    used[columns.what[carried][whole.value[carried] > 0]] = True
    done: list[int] = []

    def block(part: Marks) -> "_Block":
        one = _Block(ground, once, asked, part, crossing)
        one.begin(asks, used, deadline)
        for period in range(ground.supply_g.shape[1]):
            one.pass_through(period)
        done.append(1)
        tell(WHOLE_SHARE + (1 - WHOLE_SHARE) * len(done) / len(parts))
        return one

    with ThreadPoolExecutor(HANDS) as hands:
        blocks = list(hands.map(block, parts))
    return _put_together(ground, whole, blocks, crossing, least)


def _quantities(whole: Settling) -> Numbers:
    """(accepts, 1): what lines and permits ask; the ways' costs hold it already."""
    program, price = whole.program, whole.price
    quantity = price[program.row[LINE]][program.accepts.line] + price[program.row[PERMIT]][program.accept_plant]
    return np.asarray(quantity[:, None])


def _crossing(ground: Ground, whole: Settling) -> tuple[Positions, Numbers]:
    """What crosses a border: as much as over the whole time, spread like what arises, as far as plants have room."""
    columns, ways, instance = whole.program.columns, ground.ways, ground.instance
    mine = np.flatnonzero((columns.kind == CARRIED) & (whole.value > 0))
    mine = mine[ways.approval[columns.what[mine]] != NONE]
    way = columns.what[mine]
    arising = tonnes(ground.supply_g)
    arising[:, 0] += tonnes(ground.opening_g)
    total = np.maximum(arising.sum(axis=1), 1e-9)
    mass = np.minimum(whole.value[mine] / total[ways.stream[way]], 1.0)[:, None] * arising[ways.stream[way]]
    begun = np.arange(arising.shape[1])[None, :] >= instance.lines.first_period[ways.line[way]][:, None]
    mass *= begun
    plant = instance.lines.plant[ways.line[way]]
    taken = np.zeros(instance.plants.capacity_g.shape)
    np.add.at(taken, plant, mass * instance.lines.load[ways.line[way]][:, None])
    room = np.minimum(tonnes(instance.plants.capacity_g) / np.maximum(taken, 1e-9), 1.0)
    return way, mass * room[plant]


class _Block:
    """A province on its way through the periods."""

    def __init__(
        self, ground: Ground, once: Ground, asked: _Prices, part: Marks, crossing: tuple[Positions, Numbers]
    ) -> None:
        self.ground, self.asked, self.part = ground, asked, part
        ways = ground.ways
        self.program = Program(once, asked, part, np.flatnonzero((ways.approval == NONE) & part[ways.stream]))
        instance = ground.instance
        arising = tonnes(ground.supply_g)
        arising[:, 0] += tonnes(ground.opening_g)
        way, mass = crossing
        np.subtract.at(arising, ways.stream[way], mass)
        self.arising = np.maximum(arising, 0.0)
        capacity, line = tonnes(instance.plants.capacity_g), ways.line[way]
        np.subtract.at(capacity, instance.lines.plant[line], mass * instance.lines.load[line][:, None])
        self.capacity = np.maximum(capacity, 0.0)
        self.line = tonnes(instance.lines.limit_g) - np.bincount(line, mass.sum(axis=1), len(instance.lines))
        plant = instance.lines.plant[line]
        self.permit = tonnes(instance.plants.permitted_g) - np.bincount(plant, mass.sum(axis=1), len(instance.plants))
        ratio = self._left(way)
        for one, stream, part_left in ratio:
            np.add.at(self.arising, stream, mass[one] * part_left[:, None])
        shape = ground.supply_g.shape
        self.kept, self.unmatched, self.inflow = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.carried: list[tuple[Positions, Positions, Numbers]] = []

    def _left(self, way: Positions) -> list[tuple[Positions, Positions, Numbers]]:
        """Which of the ways leave residues, in which stream, how much a gram: one entry for each residue of a way."""
        program, accept = self.program, self.ground.ways.accept[way]
        every = np.flatnonzero(self.ground.residue_accept != NONE)
        every = every[np.argsort(self.ground.residue_accept[every], kind="stable")]
        first = np.searchsorted(self.ground.residue_accept[every], accept)
        end = np.searchsorted(self.ground.residue_accept[every], accept, side="right")
        found = []
        for one in range(int((end - first).max(initial=0))):
            has = np.flatnonzero(first + one < end)
            residue = every[first[has] + one]
            ratio = program.ground.instance.residues.ratio[residue]
            found.append((has, self.ground.residue_stream[residue], ratio))
        return found

    def begin(self, asks: Numbers, used: NDArray[np.bool_], deadline: float) -> None:
        """The first columns: ways that are good at the prices, and whatever may be kept."""
        self.settling = Settling(self.program, deadline)
        self.settling.begin(asks, used, keeping=True)
        self.free = self.settling.free.copy()

    def pass_through(self, period: int) -> None:
        """Solve a period, and go on with what is kept and what is left of quantities."""
        program, ground, lines = self.program, self.ground, self.ground.instance.lines
        self._set(period)
        begun = (lines.first_period[ground.ways.line[program.ways]] <= period)[:, None]
        self.settling.free = self.free & begun
        self.settling.run(warm=period > 0, simplex=DUAL_SIMPLEX)
        while self.settling.ask(None):
            self.settling.run(warm=True)
        columns, value = program.columns, self.settling.value
        carried = (columns.kind == CARRIED) & (value > 0)
        way, mass = columns.what[carried], value[carried]
        self.carried.append((way, np.full(len(way), period), mass))
        kept, unmatched = columns.kind == KEPT, columns.kind == UNMATCHED
        self.kept[columns.what[kept], period] = value[kept]
        self.unmatched[columns.what[unmatched], period] = value[unmatched]
        self.inflow[:, period] = np.where(self.part, self.arising[:, period], 0.0)
        for one, stream, ratio in self._left(way):
            np.add.at(self.inflow[:, period], stream, mass[one] * ratio)
        line = ground.ways.line[way]
        self.line -= np.bincount(line, mass, len(self.line))
        self.permit -= np.bincount(lines.plant[line], mass, len(self.permit))

    def _set(self, period: int) -> None:
        """Sides of the rows and of what may be kept."""
        program, ground = self.program, self.ground
        lower, upper = program.limits()
        before = self.kept[:, period - 1] if period else 0.0
        row = program.row
        for kind, side in (
            (BALANCE, self.arising[:, period] + before), (CAPACITY, self.capacity[:, period]),
            (LINE, self._ration(self.line, self.asked.scarce_lines, period)),
            (PERMIT, self._ration(self.permit, self.asked.scarce_permits, period)),
        ):  # fmt: skip
            numbers = row[kind].ravel()
            upper[numbers[numbers != NONE]] = side[numbers != NONE]
        equal = row[BALANCE][row[BALANCE] != NONE]
        lower[equal] = upper[equal]
        young = self.arising[:, period].copy()
        for back in range(1, period + 1):
            young += np.where(back < program.age, self.inflow[:, period - back], 0.0)
        ages = np.array([one.max_age is None for one in ground.instance.categories])[ground.streams.category]
        young = np.where(ages | (program.age > period + 1), np.inf, np.where(program.age > 0, young, 0.0))
        numbers = row[AGE][:, 0]
        upper[numbers[numbers != NONE]] = young[numbers != NONE]
        program.limit(np.arange(program.count), lower, upper)
        room = np.minimum(tonnes(ground.store_g), np.where(numbers == NONE, young, np.inf))
        if period + 1 == ground.supply_g.shape[1]:
            room = np.minimum(room, tonnes(ground.opening_g))
        kept = np.flatnonzero(program.columns.kind == KEPT)
        if period + 1 == ground.supply_g.shape[1]:
            late = np.full(len(kept), self.asked.late() + DEARER)
            program.solver.changeColsCost(len(kept), kept.astype(np.int32), late)
        most = room[program.columns.what[kept]]
        program.solver.changeColsBounds(len(kept), kept.astype(np.int32), np.zeros(len(kept)), most)
        self._let_begin(period)

    def _ration(self, left: Numbers, scarce: Marks, period: int) -> Numbers:
        """What may be used of a quantity: of a scarce one no faster than time goes."""
        share = 1.0 / (self.ground.supply_g.shape[1] - period)
        return np.maximum(np.where(scarce, left * share, left), 0.0)

    def _let_begin(self, period: int) -> None:
        """Lines that open later carry nothing before."""
        program, first = self.program, self.ground.instance.lines.first_period
        if not first.any():
            return
        carried = np.flatnonzero(program.columns.kind == CARRIED)
        begun = first[self.ground.ways.line[program.columns.what[carried]]] <= period
        most = np.where(begun, np.inf, 0.0)
        program.solver.changeColsBounds(len(carried), carried.astype(np.int32), np.zeros(len(carried)), most)


def _put_together(
    ground: Ground, whole: Settling, blocks: list[_Block], crossing: tuple[Positions, Numbers], least: dict[str, float]
) -> Rolled:
    periods = ground.supply_g.shape[1]
    way, mass = crossing
    parts = [(np.repeat(way, periods), np.tile(np.arange(periods), len(way)), mass.ravel())]
    parts += [part for block in blocks for part in block.carried]
    names = whole.costs.names
    duals = (whole.duals[0], whole.duals[names.index("cost")])
    row = whole.program.row
    lines = ground.instance.lines.limit_g < NO_LIMIT
    ways, when, masses = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return Rolled(
        way=ways,
        period=when,
        mass_t=masses,
        kept_t=np.sum([block.kept for block in blocks], axis=0),
        unmatched_t=np.sum([block.unmatched for block in blocks], axis=0),
        capacity_worth=np.stack([-periods * np.append(dual, 0.0)[row[CAPACITY][:, 0]] for dual in duals], axis=1),
        line_worth=np.stack([np.where(lines, -np.append(dual, 0.0)[row[LINE]], 0.0) for dual in duals], axis=1),
        least=least,
    )
