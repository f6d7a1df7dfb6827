"""One programme solved step by step: each objective is made least without giving up any before it.

First all objectives at once, weighted, which ends at or next to the answer. Then each for itself from the basis that
stands: what its reduced costs and duals say must not move is fixed, exactly, and the next follows. With plants to open,
integers come first, bounded by rows, and the same steps follow with them fixed.
"""

import time
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import tonnes
from wastetrack.capacity.building import Program
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.model import Numbers, Positions

STEP: Final = 30.0
"""How much more each objective weighs than the next one while they are taken together."""
STEEPEST: Final = 1e8
FIXED: Final = 1e-6
"""Reduced costs beyond this say that a column must stay; objectives are scaled to a largest coefficient of 1."""
ASKED: Final = ("unmatched", "cost")
"""The objectives whose duals are asked for."""
SLACK_T: Final = 1e-6
"""A gram: by so much a bound carried over between steps with integers may be missed, …"""
SLACK_SHARE: Final = 1e-7
"""… or by this share of the largest plant that may be opened, for an opening is whole only to a tolerance."""
WHOLE: Final = 1e-9
DONE: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
TALKS: Final = False
PRIMAL_SIMPLEX: Final = 4
DUAL_SIMPLEX: Final = 1


class Unsolved(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The solver gave up on a programme that has an answer by its making."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where the steps ended."""

    values: Numbers
    row_duals: tuple[Numbers, Numbers]
    """Of unmatched tonnes and of yuan, for each row."""
    proven: bool


class Silent(highspy.Highs):
    """A solver that prints nothing; with callbacks, which nobody here asks for, it names itself when it is made."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's name for it
        self.setOptionValue("output_flag", TALKS)


def engine(program: Program) -> highspy.Highs:
    """A solver that holds the programme."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.lower), len(program.row_lower)
    lp.col_cost_ = np.zeros(len(program.lower))
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.starts.astype(np.int32), program.index.astype(np.int32)
    lp.a_matrix_.value_ = program.values
    solver = Silent()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)
    solver.passModel(lp)
    return solver


def scaled(program: Program) -> list[Numbers]:
    """The objectives with a largest coefficient of 1."""
    return [costs / max(float(np.abs(costs).max(initial=0.0)), 1e-9) for _, costs in program.objectives]


def weighted(objectives: list[Numbers]) -> Numbers:
    """All at once, the first weighing most."""
    step = min(STEP, STEEPEST ** (1 / max(len(objectives) - 1, 1)))
    total = np.zeros(len(objectives[0]))
    for power, costs in enumerate(reversed(objectives)):
        total += costs * step**power
    return total


class Steps:
    """A programme on its way."""

    def __init__(self, program: Program, deadline: float) -> None:
        self.program, self.deadline = program, deadline
        self.solver = engine(program)
        self.objectives = scaled(program)
        self.every = np.arange(len(program.lower), dtype=np.int32)
        self.lower, self.upper = program.lower.copy(), program.upper.copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.basis: highspy.HighsBasis | None = None
        """Where all objectives together were least for the first time."""

    def run(self, costs: Numbers, simplex: int = DUAL_SIMPLEX) -> bool:
        """Whether these costs were made least before the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return False
        solver = self.solver
        if np.isfinite(left):
            solver.setOptionValue("time_limit", solver.getRunTime() + left)
        solver.setOptionValue("simplex_strategy", simplex)
        solver.changeColsCost(len(self.every), self.every, costs)
        solver.run()
        status = solver.getModelStatus()
        if status not in (highspy.HighsModelStatus.kTimeLimit, *DONE):
            # From a basis it may lose its way in rounding; from the beginning it has not been seen to.
            solver.clearSolver()
            solver.run()
            status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return False
        if status not in DONE:
            raise Unsolved(solver.modelStatusToString(status))
        return True

    def reset(self) -> None:
        """As it was before anything was fixed, at the basis where all objectives together were least."""
        program, rows = self.program, np.arange(len(self.row_lower))
        self.lower, self.upper = program.lower.copy(), program.upper.copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.solver.changeColsBounds(len(self.every), self.every, self.lower, self.upper)
        self._change_rows(rows)
        if self.basis is not None:
            self.solver.setBasis(self.basis)

    def shut(self, rows: Positions, columns: Positions) -> None:
        """Rows that allow nothing any more, columns that are nothing."""
        self.row_upper[rows] = self.upper[columns] = 0.0
        self._change_rows(rows)
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), self.lower[columns], self.upper[columns])

    def _change_rows(self, rows: Positions) -> None:
        lower, upper = self.row_lower[rows], self.row_upper[rows]
        self.solver.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper)  # type: ignore[attr-defined]

    def values(self) -> Numbers:
        """Where it stands."""
        values = np.array(self.solver.getSolution().col_value)
        return values if len(values) else np.zeros(len(self.every))

    def fix(self) -> Numbers:
        """What must not move any more stays; the duals of the rows."""
        solution = self.solver.getSolution()
        values, reduced = np.array(solution.col_value), np.array(solution.col_dual)
        activity, duals = np.array(solution.row_value), np.array(solution.row_dual)
        columns = np.flatnonzero((np.abs(reduced) > FIXED) & (self.lower < self.upper))
        at_lower = np.abs(values - self.lower) <= np.abs(values - self.upper)
        side = np.where(at_lower, self.lower, self.upper)[columns]
        self.lower[columns] = self.upper[columns] = side
        rows = np.flatnonzero((np.abs(duals) > FIXED) & (self.row_lower < self.row_upper))
        at_lower = np.abs(activity - self.row_lower) <= np.abs(activity - self.row_upper)
        side = np.where(at_lower, self.row_lower, self.row_upper)[rows]
        self.row_lower[rows] = self.row_upper[rows] = side
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), self.lower[columns], self.upper[columns])
        self._change_rows(rows)
        return duals

    def step(self) -> Point:
        """Each objective after the other."""
        nothing = np.zeros(len(self.row_lower))
        proven = self.run(weighted(self.objectives))
        if proven and self.basis is None:
            self.basis = self.solver.getBasis()
        duals = [nothing, nothing]
        for (name, told), costs in zip(self.program.objectives, self.objectives, strict=True):
            if not (proven and self.run(costs, PRIMAL_SIMPLEX)):
                return Point(self.values(), (duals[0], nothing), proven=False)
            saved = self.fix() * float(np.abs(told).max(initial=0.0))
            if name in ASKED:
                duals[ASKED.index(name)] = saved
        return Point(self.values(), (duals[0], duals[1]), proven=True)

    def open(self, columns: Positions) -> bool:
        """Decides which plants are opened; whether each step was proven."""
        solver, count = self.solver, len(columns)
        integer = np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(count, columns.astype(np.int32), integer)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", SLACK_T / 10)
        solver.setOptionValue("mip_feasibility_tolerance", WHOLE)
        plants = self.program.ground.instance.plants
        largest = tonnes(plants.capacity_g.max(axis=1) + plants.storage_g)[self.program.columns.opens != NONE].max()
        slack = max(SLACK_T, SLACK_SHARE * float(largest))
        rows, proven = len(self.row_lower), True
        chosen = np.zeros(count)
        for _, costs in self.program.objectives:
            try:
                proven = self.run(costs)
            except Unsolved:
                # The bounds carried over were too tight for its tolerances: what was chosen before stands, unproven.
                proven = False
            if not proven:
                break
            values = self.values()
            chosen = np.round(values[columns])
            used = np.flatnonzero(costs)
            side = float(costs @ values) + slack * float(np.abs(costs).max(initial=1.0))
            solver.addRow(-np.inf, side, len(used), used.astype(np.int32), costs[used])
        solver.deleteRows(solver.getNumRow() - rows, np.arange(rows, solver.getNumRow(), dtype=np.int32))
        continuous = np.full(count, int(highspy.HighsVarType.kContinuous), dtype=np.uint8)
        solver.changeColsIntegrality(count, columns.astype(np.int32), continuous)
        self.lower[columns] = self.upper[columns] = chosen
        solver.changeColsBounds(count, columns.astype(np.int32), self.lower[columns], self.upper[columns])
        return proven


def stepped(program: Program, deadline: float = np.inf) -> Point:
    """The programme solved; all that is known at the deadline where it comes first."""
    if not len(program.lower):
        return Point(np.zeros(0), (np.zeros(len(program.row_lower)), np.zeros(len(program.row_lower))), proven=True)
    steps = Steps(program, deadline)
    columns = program.columns.opens[program.columns.opens != NONE]
    decided = steps.open(columns) if len(columns) else True
    point = steps.step()
    return Point(point.values, point.row_duals, proven=point.proven and decided)
