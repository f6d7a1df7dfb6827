"""A question with all its columns: which plants are opened first, each objective after the other then.

Integers are decided by the same objectives in the same order, each bounded by a row for those after it; the steps
follow with them fixed.
"""

import time
from dataclasses import replace
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import Ground, tonnes
from wastetrack.capacity.building import Marks, Program
from wastetrack.capacity.columns import OPENS
from wastetrack.capacity.model import Numbers, Positions
from wastetrack.capacity.pricing import Costs
from wastetrack.capacity.settling import SOLVED, OutOfTime, Settling

SLACK_T: Final = 1e-6
"""A gram: by so much a bound carried over between steps with integers may be missed, …"""
SLACK_SHARE: Final = 1e-7
"""… or by this share of the largest plant that may be opened, for an opening is whole only to a tolerance."""
WHOLE: Final = 1e-9


def with_all(ground: Ground, streams: Marks | None = None, deadline: float = np.inf) -> Settling:
    """The programme of some streams, of all unless told; its ways have numbers of their own."""
    mine = ground if streams is None else replace(ground, ways=ground.ways.taken(streams[ground.ways.stream]))
    streams = np.ones(len(ground.streams), dtype=bool) if streams is None else streams
    program = Program(mine, Costs(mine), streams, np.arange(len(mine.ways)))
    program.load_all()
    return Settling(program, deadline)


def answered(settling: Settling) -> Settling:
    """The programme solved; all that is known at the deadline where it comes first."""
    program = settling.program
    columns = np.flatnonzero(program.columns.kind == OPENS)
    decided = True
    if len(columns):
        chosen, decided = _decided(settling, columns)
        program.decided = np.zeros(len(program.plants))
        program.decided[program.columns.what[columns]] = chosen
        program.solver.changeColsBounds(len(columns), columns.astype(np.int32), chosen, chosen)
    try:
        if len(program.columns):
            settling.together()
            settling.step_by_step()
    except OutOfTime:
        settling.proven = False
    settling.proven &= decided
    return settling


def _decided(settling: Settling, columns: Positions) -> tuple[Numbers, bool]:
    """Which plants are opened, 1 for each that is; and whether each step was proven."""
    program, solver, count = settling.program, settling.program.solver, len(columns)
    numbers = columns.astype(np.int32)
    solver.changeColsIntegrality(count, numbers, _kinds(count, highspy.HighsVarType.kInteger))
    for option, value in (
        ("solver", "choose"), ("presolve", "choose"), ("mip_rel_gap", 0.0), ("mip_abs_gap", SLACK_T / 10),
        ("mip_feasibility_tolerance", WHOLE),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    plants = program.columns.what[columns]
    largest = tonnes(program.plants.capacity_g[plants].max(axis=1) + program.plants.storage_g[plants]).max()
    slack = max(SLACK_T, SLACK_SHARE * float(largest))
    rows, chosen, proven = solver.getNumRow(), np.zeros(count), True
    every = np.arange(len(program.columns), dtype=np.int32)
    for objective in range(len(settling.costs.names)):
        costs = settling.costs.of(program.columns, objective)
        costs /= max(float(costs.max()), 1e-9)
        solver.changeColsCost(len(every), every, costs)
        if not (proven := _run(solver, settling.deadline)):
            break
        values = np.asarray(solver.getSolution().col_value)
        chosen = np.round(values[columns])
        used = np.flatnonzero(costs)
        solver.addRow(-np.inf, float(costs @ values) + slack, len(used), used.astype(np.int32), costs[used])
    solver.deleteRows(solver.getNumRow() - rows, np.arange(rows, solver.getNumRow(), dtype=np.int32))
    solver.changeColsIntegrality(count, numbers, _kinds(count, highspy.HighsVarType.kContinuous))
    solver.changeColsCost(len(every), every, settling.costs.of(program.columns))
    solver.setOptionValue("solver", "simplex")
    return chosen, proven


def _run(solver: highspy.Highs, deadline: float) -> bool:
    """Whether it came to an end before the deadline.

    Bounds carried over may be too tight for its tolerances: then what was chosen before stands, unproven.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        return False
    if np.isfinite(left):
        solver.setOptionValue("time_limit", solver.getRunTime() + left)
    solver.run()
    if solver.getModelStatus() not in (highspy.HighsModelStatus.kTimeLimit, *SOLVED):
        # From a basis it may lose its way in rounding; from the beginning it has not been seen to.
        solver.clearSolver()
        solver.run()
    return solver.getModelStatus() in SOLVED


def _kinds(count: int, kind: highspy.HighsVarType) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full(count, int(kind), dtype=np.uint8)
