"""A large question solved: each province for itself first, all of them then together from where these ended.

Little crosses the border of a province, so that together few columns are still to come in.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.building import Marks, Program
from wastetrack.capacity.carrying import NONE, provinces_of
from wastetrack.capacity.coarsening import coarse
from wastetrack.capacity.pricing import Costs
from wastetrack.capacity.settling import OutOfTime, Settling

HANDS: Final = 2
"""How many provinces are solved at once."""
_STATES: Final = [
    highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kZero, highspy.HighsBasisStatus.kNonbasic,
]  # fmt: skip
_LOWER, _BASIC = 0, 1


def settled(
    ground: Ground,
    costs: Costs,
    streams: Marks,
    *,
    deadline: float = np.inf,
    tell: Callable[[float], None] = lambda _share: None,
    used: Marks | None = None,
) -> Settling:
    """The answer for some streams; `tell` hears which share is done, ways that are `used` stand from the beginning."""
    whole = reached(ground, costs, streams, deadline=deadline, tell=tell, used=used)
    try:
        if whole.proven:
            whole.step_by_step()
    except OutOfTime:
        whole.proven = False
    return whole


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
    whole = Settling(Program(ground, costs, streams, ways), deadline)
    done: list[int] = []

    def block(part: Marks) -> Settling:
        mine = np.flatnonzero(inside & part[ground.ways.stream])
        one = whole if len(parts) == 1 else Settling(Program(ground, costs, part, mine), deadline)
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
    ground = settling.program.ground
    inside = ground.ways.approval[settling.program.ways] == NONE
    like = coarse(ground, settling.program.ways[inside])
    some = np.zeros(len(like.streams), dtype=bool)
    some[like.ways.stream] = True
    rough = Settling(Program(like, Costs(like, settling.costs), some, np.arange(len(like.ways))), settling.deadline)
    rough.begin()
    rough.together()
    settling.begin(rough.asks(), used)


def join(settling: Settling, blocks: list[Settling]) -> None:
    """Give the whole the columns of its blocks, their basis and the point where they are."""
    whole = settling.program
    carried = np.zeros((len(whole.ways), whole.periods), dtype=bool)
    for block in (one.program for one in blocks):
        carried[np.searchsorted(whole.ways, block.ways)] |= block.carried
    kept, waits = (np.any([getattr(one.program, name) for one in blocks], axis=0) for name in ("kept", "waits"))
    whole.load(carried, kept, np.flatnonzero(waits))
    most = int(whole.columns.what.max(initial=0)) + whole.periods + 1
    keys = whole.columns.keys(most)
    order = np.argsort(keys)
    column_states, row_states = np.full(len(keys), _LOWER), np.full(whole.count, _BASIC)
    number = {state: place for place, state in enumerate(_STATES)}
    settling.value = np.zeros(len(keys))
    settling.proven = all(block.proven for block in blocks)
    for one in blocks:
        block = one.program
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
