"""A large question solved: each province for itself first, all of them then together from where these ended.

Little crosses the border of a province, so that together few columns are still to come in.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.building import Columns as Numbered
from wastetrack.capacity.building import Rows
from wastetrack.capacity.carrying import NONE, provinces_of
from wastetrack.capacity.coarsening import coarse
from wastetrack.capacity.columns import CARRIED, KEPT, OVERLOAD, UNMATCHED, WAITING
from wastetrack.capacity.growing import AGE, BALANCE, CAPACITY, COVER, LINE, PERMIT, STORAGE, THERE, Growing, Marks
from wastetrack.capacity.pricing import COST_STEP, Costs
from wastetrack.capacity.settling import OutOfTime, Settling
from wastetrack.capacity.stepping import Point

HANDS: Final = 2
"""How many provinces are solved at once."""
_STATES: Final = [
    highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kZero, highspy.HighsBasisStatus.kNonbasic,
]  # fmt: skip
_LOWER, _BASIC = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """Where a programme ended, told like one of building.py."""

    columns: Numbered
    rows: Rows


def settled(
    ground: Ground,
    costs: Costs,
    streams: Marks,
    *,
    deadline: float = np.inf,
    tell: Callable[[float], None] = lambda _share: None,
    used: Marks | None = None,
) -> tuple[Grown, Point]:
    """The answer for some streams; `tell` hears which share is done, ways that are `used` stand from the beginning."""
    whole = reached(ground, costs, streams, deadline=deadline, tell=tell, used=used)
    try:
        if whole.proven:
            whole.step_by_step()
    except OutOfTime:
        whole.proven = False
    return told(whole)


def reached(
    ground: Ground,
    costs: Costs,
    streams: Marks,
    *,
    deadline: float = np.inf,
    tell: Callable[[float], None] = lambda _share: None,
    used: Marks | None = None,
) -> Settling:
    """Where all objectives taken together end, or as far as time went."""
    ways = np.flatnonzero(streams[ground.ways.stream])
    province = np.where(streams, provinces_of(ground.instance)[ground.streams.place], NONE)
    parts = [province == name for name in np.unique(province[streams])]
    inside = ground.ways.approval == NONE
    whole = Settling(Growing(ground, costs, streams, ways), deadline)
    done: list[int] = []

    def block(part: Marks) -> Settling:
        mine = np.flatnonzero(inside & part[ground.ways.stream])
        one = whole if len(parts) == 1 else Settling(Growing(ground, costs, part, mine), deadline)
        try:
            _guess(one, used)
            one.together()
        except OutOfTime:
            one.proven = False
        done.append(1)
        tell(0.8 * len(done) / len(parts))
        return one

    with ThreadPoolExecutor(HANDS) as hands:
        blocks = list(hands.map(block, parts))
    if len(parts) > 1:
        join(whole, blocks)
        try:
            if whole.proven:
                whole.together(warm=True)
        except OutOfTime:
            whole.proven = False
    return whole


def _guess(settling: Settling, used: Marks | None) -> None:
    """First columns by the prices of a coarser question."""
    ground = settling.growing.ground
    inside = ground.ways.approval[settling.growing.ways] == NONE
    like = coarse(ground, settling.growing.ways[inside])
    some = np.zeros(len(like.streams), dtype=bool)
    some[like.ways.stream] = True
    rough = Settling(Growing(like, Costs(like, settling.costs), some, np.arange(len(like.ways))), settling.deadline)
    rough.begin()
    rough.together()
    settling.begin(rough.asks(), used)


def join(settling: Settling, blocks: list[Settling]) -> None:
    """Give the whole the columns of its blocks, their basis and the point where they are."""
    whole = settling.growing
    carried = np.zeros((len(whole.ways), whole.periods), dtype=bool)
    for block in (one.growing for one in blocks):
        carried[np.searchsorted(whole.ways, block.ways)] |= block.carried
    whole.load(carried, np.any([block.growing.kept for block in blocks], axis=0))
    waits = np.flatnonzero(np.any([block.growing.waits for block in blocks], axis=0))
    if len(waits):
        whole.add(whole.let_wait(waits))
    most = int(whole.columns.what.max(initial=0)) + whole.periods + 1
    keys = whole.columns.keys(most)
    order = np.argsort(keys)
    column_states, row_states = np.full(len(keys), _LOWER), np.full(whole.count, _BASIC)
    number = {state: place for place, state in enumerate(_STATES)}
    settling.value = np.zeros(len(keys))
    settling.proven = all(block.proven for block in blocks)
    for one in blocks:
        block = one.growing
        if not len(block.columns):
            continue
        basis = block.solver.getBasis()
        place = order[np.searchsorted(keys[order], block.columns.keys(most))]
        settling.value[place[: len(one.value)]] = one.value
        column_states[place] = [number[state] for state in basis.col_status]
        states = np.array([number[state] for state in basis.row_status])
        for mine, theirs in zip(whole.row, block.row, strict=True):
            both = (mine != NONE) & (theirs != NONE)
            row_states[mine[both]] = states[theirs[both]]
    basis = highspy.HighsBasis()
    basis.col_status = [_STATES[state] for state in column_states.tolist()]
    basis.row_status = [_STATES[state] for state in row_states.tolist()]
    basis.valid = True
    whole.solver.setBasis(basis)


def told(whole: Settling) -> tuple[Grown, Point]:
    """The last point that was reached, by the meaning of columns and rows."""
    growing = whole.growing
    columns, value = growing.columns, np.zeros(len(growing.columns))
    value[: len(whole.value)] = whole.value
    order = np.argsort(columns.kind, kind="stable")
    kind, what, period = columns.kind[order], columns.what[order], columns.period[order]
    number = np.arange(len(order))
    shapes = {
        UNMATCHED: growing.active.shape, KEPT: growing.active.shape, WAITING: growing.row[THERE].shape,
        OVERLOAD: growing.row[CAPACITY].shape,
    }  # fmt: skip
    numbers = {}
    for one, shape in shapes.items():
        numbers[one] = np.full(shape, NONE)
        mine = kind == one
        numbers[one][what[mine], period[mine]] = number[mine]
    carried = kind == CARRIED
    row = growing.row
    nothing = np.zeros(growing.count)
    duals = (
        [np.zeros(0)] * 2
        if not whole.duals
        else [whole.duals[0], whole.duals.get(whole.costs.names.index(COST_STEP), np.zeros(0))]
    )
    first, last = (np.concatenate([dual[:-1], nothing])[: growing.count] for dual in duals)
    return Grown(
        Numbered(
            way=what[carried],
            period=period[carried],
            kept=numbers[KEPT],
            unmatched=numbers[UNMATCHED],
            treated=np.full(shapes[WAITING], NONE),
            waiting=numbers[WAITING],
            overload=numbers[OVERLOAD],
            opens=np.full(len(growing.plants), NONE),
        ),
        Rows(
            balance=row[BALANCE],
            waiting=row[THERE],
            capacity=row[CAPACITY],
            storage=row[STORAGE],
            line=row[LINE],
            permit=row[PERMIT],
            cover=row[COVER],
            age=row[AGE],
            overload=np.full(row[CAPACITY].shape, NONE),
        ),
    ), Point(value[order], (first, last), proven=whole.proven)
