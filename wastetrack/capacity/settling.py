"""A growing programme solved: columns come in until none would make the answer better, objective by objective.

First all objectives at once, weighted, which ends at or next to the answer. Then each for itself from the basis that
stands. What its reduced costs say must not move is fixed, and of the columns that do not stand yet those that it makes
dearer are passed over from then on; so each step is exact over all columns, also those that never came in.
"""

import time
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.columns import CARRIED, KEPT, Columns
from wastetrack.capacity.growing import (
    AGE,
    BALANCE,
    CAPACITY,
    COVER,
    LINE,
    PERMIT,
    STORAGE,
    THERE,
    Growing,
    Marks,
    at,
    marked,
)
from wastetrack.capacity.model import Numbers, Positions
from wastetrack.capacity.stepping import Unsolved

FIRST_WAYS: Final = 8
"""How many ways a stream has before the first prices are known."""
PRICED_WAYS: Final = 4
"""And how many once nearly right prices are known."""
MORE_WAYS: Final = 8
"""How many more it is given at once."""
FEW: Final = 0.12
"""With less than this share of new columns the last basis is a good beginning."""
SEEN: Final = 1e-6
"""Reduced costs beyond this count; objectives are scaled to a largest coefficient of 1."""
SOLVED: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
PRIMAL_SIMPLEX: Final = 4
DUAL_SIMPLEX: Final = 1


class OutOfTime(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The deadline came first."""


class Settling:
    """A growing programme on its way to its answer."""

    def __init__(self, growing: Growing, deadline: float) -> None:
        self.growing, self.deadline = growing, deadline
        self.costs = growing.costs
        self.value = np.zeros(0)
        self.proven = True
        self.duals: dict[int, Numbers] = {}
        """Prices of the rows by objective, in its own unit."""
        self._forget()

    def _forget(self) -> None:
        """No objective has been made least yet."""
        growing = self.growing
        self.free = growing.possible()
        self.free_kept = growing.active & (growing.room > 0)
        stores = (growing.plants.storage_g > 0)[growing.accept_plant]
        begun = np.arange(growing.periods)[None, :] >= growing.lines.first_period[growing.accepts.line][:, None]
        self.may_wait = stores[:, None] & begun
        self.may_treat = np.ones_like(begun)

    def begin(self, asks: Numbers | None = None, used: Marks | None = None, *, keeping: bool = False) -> None:
        """The cheapest ways inside the province; `asks` says what each row of accepts asks beside the way's costs."""
        growing, ways = self.growing, self.growing.ground.ways
        stream = ways.stream[growing.ways]
        inside = ways.approval[growing.ways] == NONE
        cost = self.costs.of_ways(None)[growing.ways]
        first = np.zeros((len(stream), growing.periods), dtype=bool)
        for period in range(1 if asks is None else growing.periods):
            asked = cost if asks is None else cost + asks[ways.accept[growing.ways], period]
            order = np.lexsort((asked, ~inside, stream))
            rank = np.arange(len(order)) - np.searchsorted(stream[order], stream[order])
            few = order[rank < (FIRST_WAYS if asks is None else PRICED_WAYS)]
            first[few, period if asks is not None else slice(None)] = True
        first &= inside[:, None]
        if used is not None:
            first |= (used[growing.ways] & inside)[:, None]
        growing.load(first, self.free_kept.copy() if keeping else None)

    def asks(self) -> Numbers:
        """(accepts, periods): what the prices of lines, permits and of treating ask for taking a tonne in."""
        growing, price = self.growing, self.price
        quantity = price[growing.row[LINE]][growing.accepts.line] + price[growing.row[PERMIT]][growing.accept_plant]
        asks: Numbers = -self.taking(self.treating(), None) - quantity[:, None]
        return asks

    def run(self, *, warm: bool, simplex: int = PRIMAL_SIMPLEX) -> None:
        """Solve for the costs that are set. Raises OutOfTime."""
        solver = self.growing.solver
        # Now and then a basis is a bad one to begin from; without it, and at last without presolve, it goes well.
        tries = ((True, simplex), (False, DUAL_SIMPLEX), (False, PRIMAL_SIMPLEX))
        status = highspy.HighsModelStatus.kNotset
        for keeping, strategy in tries[0 if warm else 1 :]:
            if not keeping:
                solver.clearSolver()
            solver.setOptionValue("presolve", "choose" if strategy == DUAL_SIMPLEX and not keeping else "off")
            solver.setOptionValue("simplex_strategy", strategy)
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise OutOfTime
            if np.isfinite(left):
                solver.setOptionValue("time_limit", solver.getRunTime() + left)
            solver.run()
            status = solver.getModelStatus()
            if status == highspy.HighsModelStatus.kTimeLimit:
                raise OutOfTime
            if status in SOLVED:
                break
        else:
            raise Unsolved(solver.modelStatusToString(status))
        solution = solver.getSolution()
        self.value, self.reduced = np.asarray(solution.col_value), np.asarray(solution.col_dual)
        self.activity = np.asarray(solution.row_value)
        self.price = np.append(np.asarray(solution.row_dual), 0.0)

    def together(self, *, warm: bool = False) -> None:
        """All objectives at once, weighted."""
        warmer, number = warm, 0
        while True:
            self.run(warm=warmer)
            number = self.ask(None)
            if not number:
                return
            warmer = warm or number < FEW * len(self.growing.columns)

    def step_by_step(self) -> None:
        """Each objective after the other, from the basis that stands."""
        while not self._steps():
            self.loosen()
            self.together(warm=True)

    def _steps(self) -> bool:
        """Whether no permit item had to be let wait on the way: its rows stand outside what was fixed."""
        growing = self.growing
        for objective, scale in enumerate(self.costs.scales):
            every = np.arange(len(growing.columns), dtype=np.int32)
            growing.solver.changeColsCost(len(every), every, self.costs.of(growing.columns, objective))
            waiting = int(growing.waits.sum())
            self.run(warm=True)
            while self.ask(objective):
                if growing.waits.sum() != waiting:
                    return False
                self.run(warm=True)
            self.duals[objective] = self.price * scale
            self._fix()
            self._pass_over(objective)
        return True

    def _fix(self) -> None:
        """What must not move any more stays."""
        solver, growing = self.growing.solver, self.growing
        columns = np.flatnonzero(np.abs(self.reduced) > SEEN).astype(np.int32)
        stays = self.value[columns]
        upper = growing.bounds(growing.columns)[columns]
        stays = np.where(np.abs(stays) <= np.abs(stays - upper), 0.0, upper)
        solver.changeColsBounds(len(columns), columns, stays, stays)
        rows = np.flatnonzero(np.abs(self.price[:-1]) > SEEN)
        lower, upper = (side[rows] for side in growing.limits())
        activity = self.activity[rows]
        stays = np.where(np.abs(activity - lower) <= np.abs(activity - upper), lower, upper)
        growing.limit(rows, stays, stays)

    def loosen(self) -> None:
        """Nothing is fixed any more."""
        growing = self.growing
        columns, rows = np.arange(len(growing.columns), dtype=np.int32), np.arange(growing.count)
        growing.solver.changeColsBounds(len(columns), columns, np.zeros(len(columns)), growing.bounds(growing.columns))
        growing.limit(rows, *growing.limits())
        growing.solver.changeColsCost(len(columns), columns, self.costs.of(growing.columns))
        self._forget()

    # What the prices ask for.

    def treating(self) -> Numbers:
        """(accepts, periods): what the prices say of treating a tonne: load taken, residues left."""
        growing, price = self.growing, self.price
        worth = price[growing.row[CAPACITY]][growing.accept_plant] * growing.lines.load[growing.accepts.line][:, None]
        residue = growing.residue
        stream = growing.ground.residue_stream[residue]
        left, aged = price[growing.row[BALANCE]][stream], price[growing.row[AGE]][stream]
        for later in range(growing.longest()):
            young = (later < growing.age[stream])[:, None]
            left[:, : growing.periods - later] += np.where(young, aged[:, later:], 0.0)
        ratio = growing.ground.instance.residues.ratio[residue]
        accepts, first = np.unique(growing.ground.residue_accept[residue], return_index=True)
        if len(first):
            worth[accepts] -= np.add.reduceat(left * ratio[:, None], first, axis=0)
        return np.asarray(worth)

    def taking(self, treating: Numbers, objective: int | None) -> Numbers:
        """(accepts, periods): the same of taking it in, if it may wait from then on until treating is best."""
        growing = self.growing
        taking = np.where(self.may_treat, treating, -np.inf)
        store = self.price[growing.row[STORAGE]][growing.accept_plant]
        store -= self.costs.of_keeping(objective, at_plant=True)
        for period in range(growing.periods - 2, -1, -1):
            later = np.where(self.may_wait[:, period], store[:, period] + taking[:, period + 1], -np.inf)
            np.maximum(taking[:, period], later, out=taking[:, period])
        there = treating + self.price[growing.row[THERE]]
        return np.where(growing.waits[:, None], there, taking)

    def carrying(self, objective: int | None, taking: Numbers) -> Numbers:
        """(ways, periods): reduced costs."""
        growing, price, ways, mine = self.growing, self.price, self.growing.ground.ways, self.growing.ways
        accept = ways.accept[mine]
        cost = self.costs.of_ways(objective)[mine] - price[at(growing.row[LINE], ways.line[mine])]
        cost -= price[at(growing.row[PERMIT], growing.accept_plant[accept])]
        cost -= price[at(growing.row[COVER], ways.approval[mine])]
        reduced: Numbers = cost[:, None] - price[growing.row[BALANCE]][ways.stream[mine]]
        reduced -= taking[accept]
        return reduced

    def keeping(self, objective: int | None) -> Numbers:
        """(streams, periods): reduced costs of what is kept at the end of a period."""
        balance = self.price[self.growing.row[BALANCE]]
        reduced: Numbers = -balance - self.price[self.growing.row[AGE]]
        reduced[:, :-1] += balance[:, 1:]
        reduced += self.costs.of_keeping(objective, at_plant=False)
        return reduced

    def ask(self, objective: int | None) -> int:
        """Adds the columns that would make it better; how many."""
        growing, ways = self.growing, self.growing.ground.ways
        treating = self.treating()
        taking = self.taking(treating, objective)
        reduced = self.carrying(objective, taking)
        way, period = np.nonzero((reduced < -SEEN) & self.free)
        found: list[tuple[int, Positions, Positions]] = []
        accept = ways.accept[growing.ways[way]]
        waits = ~growing.waits[accept] & (taking[accept, period] > treating[accept, period] + SEEN)
        wait = np.unique(accept[waits])
        new = ~growing.carried[way, period]
        way, period = way[new], period[new]
        chosen = _best(ways.stream[growing.ways[way]] * growing.periods + period, reduced[way, period])
        way, period = way[chosen], period[chosen]
        growing.carried[way, period] = True
        found.append((CARRIED, growing.ways[way], period))
        keep: Marks = self.free_kept & ~growing.kept
        if keep.any():
            keep &= self.keeping(objective) < -SEEN
            growing.kept |= keep
            found.append(marked(KEPT, keep))
        added = Columns.of(*found)
        if len(wait):
            added += growing.let_wait(wait)
        if len(added):
            growing.add(added, objective)
        return len(added)

    def _pass_over(self, objective: int) -> None:
        """What this objective makes dearer does not come in later."""
        growing = self.growing
        treating = self.treating()
        taking = self.taking(treating, objective)
        self.free &= self.carrying(objective, taking) <= SEEN
        self.free_kept &= self.keeping(objective) <= SEEN
        store = self.price[growing.row[STORAGE]][growing.accept_plant]
        store -= self.costs.of_keeping(objective, at_plant=True)
        self.may_treat &= treating >= taking - SEEN
        self.may_wait[:, :-1] &= store[:, :-1] + taking[:, 1:] >= taking[:, :-1] - SEEN


def _best(key: Positions, reduced: Numbers) -> Positions:
    """The best few of each key."""
    order = np.lexsort((reduced, key))
    rank = np.arange(len(order)) - np.searchsorted(key[order], key[order])
    return order[rank < MORE_WAYS]
