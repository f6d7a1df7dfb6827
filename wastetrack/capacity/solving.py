"""Solves a question: where waste goes, what stays unmatched and why, what more capacity would be worth.

What cannot touch each other is solved apart; small parts share a programme. The answer is in whole grams, and what a
time limit cuts short is filled up by hand and marked as not proven.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import TONNE_G, Ground, ground_of
from wastetrack.capacity.asking import asked
from wastetrack.capacity.bounding import must_stay
from wastetrack.capacity.building import CAPACITY, LINE
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.columns import CARRIED, KEPT, OPENS, UNMATCHED, WAITING
from wastetrack.capacity.deciding import answered, with_all
from wastetrack.capacity.deferring import deferred
from wastetrack.capacity.explaining import explained
from wastetrack.capacity.filling import Filling
from wastetrack.capacity.joining import settled
from wastetrack.capacity.model import Flows, Instance, Kept, Matching, Numbers, Positions, Treated
from wastetrack.capacity.pricing import COST_STEP, UNMATCHED_STEP, Costs
from wastetrack.capacity.rolling import Rolled, rolled
from wastetrack.capacity.rounding import Plan, Rounding, grams
from wastetrack.capacity.settling import OutOfTime, Settling

Progress = Callable[[str, float], None]
"""Told what is being done and which share of all is done, 0 to 1."""
GROWS: Final = 20_000
"""With more ways times periods than this a part's columns come in as they are needed."""
ROLLS: Final = 500_000
"""With more ways times periods than this a part is taken as one first, and then period by period."""
APART: Final = 20_000
"""Parts with fewer ways share a programme up to this size."""


def labels_of(count: int, left: Positions, right: Positions) -> Positions:
    """For each of `count` things the least one it hangs together with."""
    label = np.arange(count)
    while True:
        least = np.minimum(label[left], label[right])
        after = label.copy()
        np.minimum.at(after, left, least)
        np.minimum.at(after, right, least)
        after = after[after]
        if (after == label).all():
            return label
        label = after


def components_of(ground: Ground) -> tuple[Positions, int]:
    """For each stream the number of its component, and how many there are: streams hang together that share a plant, or
    whose residues do."""
    lines, streams = ground.instance.lines, len(ground.streams)
    plant = streams + lines.plant[ground.ways.line]
    standing = ground.residue_accept != NONE
    residue_plant = streams + lines.plant[ground.instance.residues.line[standing]]
    label = labels_of(
        streams + len(ground.instance.plants),
        np.concatenate([ground.ways.stream, ground.residue_stream[standing]]),
        np.concatenate([plant, residue_plant]),
    )[:streams]
    names, part = np.unique(label, return_inverse=True)
    return part, len(names)


def parts_of(ground: Ground) -> list[NDArray[np.bool_]]:
    """Streams that are solved together; small components share a programme."""
    part, count = components_of(ground)
    size = np.bincount(part[ground.ways.stream], minlength=count)
    order = np.argsort(-size, kind="stable")
    bunch, filled = np.zeros(count, dtype=np.int64), np.cumsum(size[order])
    big = int(np.count_nonzero(size > APART))
    bunch[order[:big]] = np.arange(big)
    rest = filled[big:] - (filled[big - 1] if big else 0)
    bunch[order[big:]] = big + rest // APART
    mine = bunch[part]
    return [mine == number for number in np.unique(mine)] or [np.ones(0, dtype=bool)]


def grows(ground: Ground, chosen: NDArray[np.bool_]) -> bool:
    """Whether so much is asked that columns had better come in as they are needed; integers need all of them."""
    ways = np.flatnonzero(chosen[ground.ways.stream])
    opening = ground.instance.plants.opening_cost[ground.instance.lines.plant[ground.ways.line[ways]]]
    return len(ways) * len(ground.instance.periods) > GROWS and bool(np.isnan(opening).all())


def rolls(ground: Ground, ways: Positions) -> bool:
    """Whether so much is asked over so long that it is not solved exactly; nothing of an emergency is."""
    instance, line = ground.instance, ground.ways.line[ways]
    plant = instance.lines.plant[line]
    ordinary = not instance.plants.overload_g[plant].any() and not instance.lines.tier[line].any()
    standing = bool(np.isnan(instance.plants.opening_cost[plant]).all())
    return len(instance.periods) > 1 and len(ways) * len(instance.periods) > ROLLS and ordinary and standing


class _Answer:
    """What the parts say, put together."""

    def __init__(self, ground: Ground) -> None:
        instance = ground.instance
        self.ground = ground
        nothing = np.zeros(0, dtype=np.int64)
        self.carried: list[tuple[Positions, Positions, Numbers]] = [(nothing, nothing, np.zeros(0))]
        self.kept, self.unmatched = (np.zeros(ground.supply_g.shape) for _ in range(2))
        self.waiting = np.zeros((len(instance.accepts.line), len(instance.periods)))
        self.opened = np.isnan(instance.plants.opening_cost)
        self.worth = np.zeros((len(instance.plants), 2))
        self.line_worth = np.zeros((len(instance.lines), 2))
        self.proven, self.rolled, self.is_cut = True, False, False
        self.least = np.zeros(3)
        """Tonnes unmatched, tonne-kilometres across borders, yuan: no plan can be better, in this order."""

    def add(self, settling: Settling, ways: Positions | None = None) -> None:
        """One more part; `ways` says where its ways stand among all, if it has numbers of its own for them."""
        program, columns = settling.program, settling.program.columns
        value = np.zeros(len(columns))
        value[: len(settling.value)] = settling.value
        carried = columns.kind == CARRIED
        way, mass = columns.what[carried], value[carried]
        way = way if ways is None else ways[way]
        self.carried.append((way, columns.period[carried], mass))
        for into, kind in ((self.kept, KEPT), (self.unmatched, UNMATCHED), (self.waiting, WAITING)):
            mine = columns.kind == kind
            into[columns.what[mine], columns.period[mine]] = value[mine]
        opens = columns.kind == OPENS
        self.opened[columns.what[opens]] |= value[opens] > 0.5  # noqa: PLR2004
        for place, name in enumerate((UNMATCHED_STEP, COST_STEP)):
            duals = settling.duals.get(settling.costs.names.index(name))
            if duals is not None:
                self.worth[:, place] -= duals[program.row[CAPACITY]].sum(axis=1)
                self.line_worth[:, place] -= duals[program.row[LINE]]
        self.is_cut |= not settling.proven
        self.proven &= settling.proven
        used = self.ground.ways.taken(way)
        price = used.km * self.ground.instance.haulage + self.ground.instance.lines.price[used.line]
        self.least += (value[columns.kind == UNMATCHED].sum(), (mass * used.km)[used.crosses].sum(), mass @ price)

    def add_rolled(self, rolled: Rolled) -> None:
        """A part whose time was taken as one, and then period by period."""
        self.carried.append((rolled.way, rolled.period, rolled.mass_t))
        self.kept += rolled.kept_t
        self.unmatched += rolled.unmatched_t
        self.worth += rolled.capacity_worth
        self.line_worth += rolled.line_worth
        self.least += [rolled.least.get(name, 0.0) for name in ("unmatched", "border", "cost")]
        self.proven, self.rolled = False, True

    def plan(self) -> Plan:
        """In whole grams."""
        ground = self.ground
        way, period, values = (np.concatenate([part[place] for part in self.carried]) for place in range(3))
        mass = grams(values)
        some = mass > 0
        return Plan(
            way=way[some].astype(np.int64),
            period=period[some].astype(np.int64),
            mass_g=mass[some],
            kept_g=grams(self.kept),
            waiting_g=grams(self.waiting),
            treated_g=np.zeros(self.waiting.shape, dtype=np.int64),
            unmatched_g=np.zeros(ground.supply_g.shape, dtype=np.int64),
            opened=self.opened,
        )


def solve(
    instance: Instance,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    start: Matching | Flows | None = None,
    exact: bool = False,
) -> Matching:
    """The matching of an instance; within `time_limit` seconds the best that was found.

    A question of many periods and ways is answered by a plan whose distance from the best is told (`least`); `exact`
    solves it to the end, however long that takes.

    What `start` uses, a matching of this question or one with like places, lines and categories, stands from the
    beginning.
    """
    begun = time.monotonic()
    deadline = begun + (np.inf if time_limit is None else time_limit)
    tell = progress or (lambda _what, _share: None)
    tell("building", 0.0)
    ground = ground_of(asked(instance))
    answer = _Answer(ground)
    costs, used = Costs(ground), None if start is None else used_ways(ground, start)
    parts, done, total = parts_of(ground), 0.0, max(len(ground.ways), 1)
    for chosen in parts:
        places = np.flatnonzero(chosen[ground.ways.stream])
        part = len(places) / total
        tell("solving", done)
        if rolls(ground, places) and not exact:
            try:
                answer.add_rolled(rolled(ground, chosen, deadline=deadline, tell=partial(_within, tell, done, part)))
            except OutOfTime:
                answer.proven, answer.is_cut = False, True
        elif grows(ground, chosen):
            hear = partial(_within, tell, done, part)
            answer.add(settled(ground, costs, chosen, deadline=deadline, tell=hear, used=used))
        else:
            answer.add(answered(with_all(ground, None if len(parts) == 1 else chosen, deadline)), places)
        done += part
    tell("writing", 1.0)
    return written(answer, begun)


def _within(tell: Progress, done: float, part: float, share: float) -> None:
    """Tells a share of a part as one of all."""
    tell("solving", done + part * share)


def used_ways(ground: Ground, start: Matching | Flows) -> NDArray[np.bool_]:
    """The ways that a matching of this or a like question uses: one with the same places, lines and categories."""
    flows = start.flows if isinstance(start, Matching) else start
    width, lines = len(ground.instance.categories), len(ground.instance.lines)
    streams, ways = ground.streams, ground.ways
    mine = (streams.place * width + streams.category)[ways.stream] * lines + ways.line
    used: NDArray[np.bool_] = np.isin(mine, (flows.place * width + flows.category) * lines + flows.line)
    return used


def written(answer: "_Answer", begun: float) -> Matching:
    """The matching of all parts."""
    ground = answer.ground
    rounding = Rounding(ground, answer.plan())
    plan = rounding.whole()
    filling = Filling(rounding)
    goal = grams(answer.unmatched) if answer.proven else np.zeros_like(plan.unmatched_g)
    plan = deferred(filling, filling.fill(plan.unmatched_g - goal))
    instance, ways, streams = ground.instance, ground.ways, ground.streams
    line, crosses = ways.line[plan.way], ways.crosses[plan.way]
    mass_t, km = plan.mass_g / TONNE_G, ways.km[plan.way]
    price = km * instance.haulage + instance.lines.price[line]
    used = np.zeros(len(instance.plants), dtype=bool)
    used[instance.lines.plant[line[plan.mass_g > 0]]] = True
    opened = np.flatnonzero(used & ~np.isnan(instance.plants.opening_cost))
    stream, period = np.nonzero(plan.kept_g)
    some = plan.mass_g > 0
    return Matching(
        instance=instance,
        flows=Flows(
            place=streams.place[ways.stream[plan.way]][some],
            category=streams.category[ways.stream[plan.way]][some],
            period=plan.period[some],
            line=line[some],
            mass_g=plan.mass_g[some],
        ),
        treated=_by_line(ground, plan.treated_g),
        kept=Kept(streams.place[stream], streams.category[stream], period, plan.kept_g[stream, period]),
        waiting=_by_line(ground, plan.waiting_g),
        unmatched=explained(filling),
        opened=opened,
        unmatched_g=int(plan.unmatched_g.sum()),
        border_tkm=float((mass_t * km)[crosses].sum()),
        cost=float((mass_t * price).sum() + instance.plants.opening_cost[opened].sum()),
        worth=answer.worth,
        line_worth=answer.line_worth,
        seconds=time.monotonic() - begun,
        proven=answer.proven,
        least=_least(answer),
        is_cut=answer.is_cut,
    )


def _least(answer: "_Answer") -> tuple[int, float, float] | None:
    """Of a plan the bound that it came with; of what was cut short what needs no solver; None where it is proven."""
    if answer.is_cut:
        return must_stay(answer.ground, components_of(answer.ground)[0]), 0.0, 0.0
    return (int(answer.least[0] * TONNE_G), float(answer.least[1]), float(answer.least[2])) if answer.rolled else None


def _by_line(ground: Ground, mass_g: NDArray[np.int64]) -> Treated:
    accept, period = np.nonzero(mass_g)
    accepts = ground.instance.accepts
    return Treated(accepts.line[accept], accepts.category[accept], period, mass_g[accept, period])
