"""A program programme solved: columns come in until none would make the answer better, objective by objective.

First all objectives at once, weighted, which ends at or next to the answer. Then each for itself from the basis that
stands. What its reduced costs say must not move is fixed, and of the columns that do not stand yet those that it makes
dearer are passed over from then on; so each step is exact over all columns, also those that never came in.
"""

import time
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.building import (
    AGE,
    BALANCE,
    CAPACITY,
    COVER,
    LINE,
    PERMIT,
    STORAGE,
    THERE,
    Marks,
    Program,
    at,
    marked,
)
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.columns import CARRIED, KEPT, Columns
from wastetrack.capacity.model import Numbers, Positions

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


class Unsolved(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The solver gave up on a programme that has an answer by its making."""


class OutOfTime(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The deadline came first."""


class Settling:
    """A program programme on its way to its answer."""

    def __init__(self, program: Program, deadline: float) -> None:
        self.program, self.deadline = program, deadline
        self.costs = program.costs
        self.value = np.zeros(0)
        self.proven = True
        self.duals: dict[int, Numbers] = {}
        """Prices of the rows by objective, in its own unit."""
        self._forget()

    def _forget(self) -> None:
        """No objective has been made least yet."""
        program = self.program
        self.free = program.possible()
        self.free_kept = program.active & (program.room > 0)
        stores = (program.plants.storage_g > 0)[program.accept_plant]
        begun = np.arange(program.periods)[None, :] >= program.lines.first_period[program.accepts.line][:, None]
        self.may_wait = stores[:, None] & begun
        self.may_treat = np.ones_like(begun)

    def begin(self, asks: Numbers | None = None, used: Marks | None = None, *, keeping: bool = False) -> None:
        """The cheapest ways inside the province; `asks` says what each row of accepts asks beside the way's costs."""
        program, ways = self.program, self.program.ground.ways
        stream = ways.stream[program.ways]
        inside = ways.approval[program.ways] == NONE
        cost = self.costs.of_ways(None)[program.ways]
        first = np.zeros((len(stream), program.periods), dtype=bool)
        for period in range(1 if asks is None else program.periods):
            asked = cost if asks is None else cost + asks[ways.accept[program.ways], period]
            order = np.lexsort((asked, ~inside, stream))
            rank = np.arange(len(order)) - np.searchsorted(stream[order], stream[order])
            few = order[rank < (FIRST_WAYS if asks is None else PRICED_WAYS)]
            first[few, period if asks is not None else slice(None)] = True
        first &= inside[:, None]
        if used is not None:
            first |= (used[program.ways] & inside)[:, None]
        program.load(first, self.free_kept.copy() if keeping else None)

    def asks(self) -> Numbers:
        """(accepts, periods): what the prices of lines, permits and of treating ask for taking a tonne in."""
        program, price = self.program, self.price
        quantity = price[program.row[LINE]][program.accepts.line] + price[program.row[PERMIT]][program.accept_plant]
        asks: Numbers = -self.taking(self.treating(), None) - quantity[:, None]
        return asks

    def run(self, *, warm: bool, simplex: int = PRIMAL_SIMPLEX) -> None:
        """Solve for the costs that are set. Raises OutOfTime."""
        solver = self.program.solver
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
            warmer = warm or number < FEW * len(self.program.columns)

    def figure(self, name: str) -> float:
        """An objective where it stands, in its own unit; nothing where nobody asks for it."""
        if name not in self.costs.names:
            return 0.0
        one = self.costs.names.index(name)
        return float(self.costs.of(self.program.columns, one) @ self.value) * self.costs.scales[one]

    def step_by_step(self) -> None:
        """Each objective after the other, from the basis that stands."""
        while not self._steps():
            self.loosen()
            self.together(warm=True)

    def _steps(self) -> bool:
        """Whether no permit item had to be let wait on the way: its rows stand outside what was fixed."""
        program = self.program
        for objective, scale in enumerate(self.costs.scales):
            every = np.arange(len(program.columns), dtype=np.int32)
            program.solver.changeColsCost(len(every), every, self.costs.of(program.columns, objective))
            waiting = int(program.waits.sum())
            self.run(warm=True)
            while self.ask(objective):
                if program.waits.sum() != waiting:
                    return False
                self.run(warm=True)
            self.duals[objective] = self.price * scale
            self._fix()
            self._pass_over(objective)
        return True

    def _fix(self) -> None:
        """What must not move any more stays."""
        solver, program = self.program.solver, self.program
        columns = np.flatnonzero(np.abs(self.reduced) > SEEN).astype(np.int32)
        stays = self.value[columns]
        lower, upper = (bound[columns] for bound in program.bounds(program.columns))
        stays = np.where(np.abs(stays - lower) <= np.abs(stays - upper), lower, upper)
        solver.changeColsBounds(len(columns), columns, stays, stays)
        rows = np.flatnonzero(np.abs(self.price[:-1]) > SEEN)
        lower, upper = (side[rows] for side in program.limits())
        activity = self.activity[rows]
        stays = np.where(np.abs(activity - lower) <= np.abs(activity - upper), lower, upper)
        program.limit(rows, stays, stays)

    def loosen(self) -> None:
        """Nothing is fixed any more."""
        program = self.program
        columns, rows = np.arange(len(program.columns), dtype=np.int32), np.arange(program.count)
        program.solver.changeColsBounds(len(columns), columns, *program.bounds(program.columns))
        program.limit(rows, *program.limits())
        program.solver.changeColsCost(len(columns), columns, self.costs.of(program.columns))
        self._forget()

    # What the prices ask for.

    def treating(self) -> Numbers:
        """(accepts, periods): what the prices say of treating a tonne: load taken, residues left."""
        program, price = self.program, self.price
        worth = price[program.row[CAPACITY]][program.accept_plant] * program.lines.load[program.accepts.line][:, None]
        residue = program.residue
        stream = program.ground.residue_stream[residue]
        left, aged = price[program.row[BALANCE]][stream], price[program.row[AGE]][stream]
        for later in range(program.longest()):
            young = (later < program.age[stream])[:, None]
            left[:, : program.periods - later] += np.where(young, aged[:, later:], 0.0)
        ratio = program.ground.instance.residues.ratio[residue]
        accepts, first = np.unique(program.ground.residue_accept[residue], return_index=True)
        if len(first):
            worth[accepts] -= np.add.reduceat(left * ratio[:, None], first, axis=0)
        return np.asarray(worth)

    def taking(self, treating: Numbers, objective: int | None) -> Numbers:
        """(accepts, periods): the same of taking it in, if it may wait from then on until treating is best."""
        program = self.program
        taking = np.where(self.may_treat, treating, -np.inf)
        store = self.price[program.row[STORAGE]][program.accept_plant]
        store -= self.costs.of_keeping(objective, at_plant=True)
        for period in range(program.periods - 2, -1, -1):
            later = np.where(self.may_wait[:, period], store[:, period] + taking[:, period + 1], -np.inf)
            np.maximum(taking[:, period], later, out=taking[:, period])
        there = treating + self.price[program.row[THERE]]
        return np.where(program.waits[:, None], there, taking)

    def carrying(self, objective: int | None, taking: Numbers) -> Numbers:
        """(ways, periods): reduced costs."""
        program, price, ways, mine = self.program, self.price, self.program.ground.ways, self.program.ways
        accept = ways.accept[mine]
        cost = self.costs.of_ways(objective)[mine] - price[at(program.row[LINE], ways.line[mine])]
        cost -= price[at(program.row[PERMIT], program.accept_plant[accept])]
        cost -= price[at(program.row[COVER], ways.approval[mine])]
        reduced: Numbers = cost[:, None] - price[program.row[BALANCE]][ways.stream[mine]]
        reduced -= taking[accept]
        return reduced

    def keeping(self, objective: int | None) -> Numbers:
        """(streams, periods): reduced costs of what is kept at the end of a period."""
        balance = self.price[self.program.row[BALANCE]]
        reduced: Numbers = -balance - self.price[self.program.row[AGE]]
        reduced[:, :-1] += balance[:, 1:]
        reduced += self.costs.of_keeping(objective, at_plant=False)
        return reduced

    def ask(self, objective: int | None) -> int:
        """Adds the columns that would make it better; how many."""
        if self.program.complete:
            return 0
        program, ways = self.program, self.program.ground.ways
        treating = self.treating()
        taking = self.taking(treating, objective)
        reduced = self.carrying(objective, taking)
        way, period = np.nonzero((reduced < -SEEN) & self.free)
        found: list[tuple[int, Positions, Positions]] = []
        accept = ways.accept[program.ways[way]]
        waits = ~program.waits[accept] & (taking[accept, period] > treating[accept, period] + SEEN)
        wait = np.unique(accept[waits])
        new = ~program.carried[way, period]
        way, period = way[new], period[new]
        chosen = _best(ways.stream[program.ways[way]] * program.periods + period, reduced[way, period])
        way, period = way[chosen], period[chosen]
        program.carried[way, period] = True
        found.append((CARRIED, program.ways[way], period))
        keep: Marks = self.free_kept & ~program.kept
        if keep.any():
            keep &= self.keeping(objective) < -SEEN
            program.kept |= keep
            found.append(marked(KEPT, keep))
        added = Columns.of(*found)
        if len(wait):
            added += program.let_wait(wait)
        if len(added):
            program.add(added, objective)
        return len(added)

    def _pass_over(self, objective: int) -> None:
        """What this objective makes dearer does not come in later."""
        if self.program.complete:
            return
        program = self.program
        treating = self.treating()
        taking = self.taking(treating, objective)
        self.free &= self.carrying(objective, taking) <= SEEN
        self.free_kept &= self.keeping(objective) <= SEEN
        store = self.price[program.row[STORAGE]][program.accept_plant]
        store -= self.costs.of_keeping(objective, at_plant=True)
        self.may_treat &= treating >= taking - SEEN
        self.may_wait[:, :-1] &= store[:, :-1] + taking[:, 1:] >= taking[:, :-1] - SEEN


def _best(key: Positions, reduced: Numbers) -> Positions:
    """The best few of each key."""
    order = np.lexsort((reduced, key))
    rank = np.arange(len(order)) - np.searchsorted(key[order], key[order])
    return order[rank < MORE_WAYS]
