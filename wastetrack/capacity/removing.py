"""Plants of a large question taken away in turn, each from the basis of the whole."""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.building import CAPACITY, STORAGE, Marks, Program
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.columns import CARRIED, OVERLOAD, Columns
from wastetrack.capacity.joining import join, reached
from wastetrack.capacity.model import Numbers, Positions
from wastetrack.capacity.pricing import Costs
from wastetrack.capacity.settling import DUAL_SIMPLEX, OutOfTime, Settling

STEEP: Final = 1e3
"""How much more each objective weighs than the next."""
FIGURES: Final = ("unmatched", "border", "cost")


@dataclass(slots=True, eq=False)
class _State:
    """A basis, to go back to."""

    columns: list[highspy.HighsBasisStatus]
    rows: list[highspy.HighsBasisStatus]


class Removing:
    """A part of a large question where all objectives together are least, and what it is without a plant.

    Objectives are weighted here, steeply, and not made least one by one: each plant is one short run.
    """

    def __init__(self, settling: Settling) -> None:
        self.settling = settling
        basis = settling.program.solver.getBasis()
        self.state = _State(list(basis.col_status), list(basis.row_status))
        self.prices = np.zeros((len(FIGURES), 0))
        self.base = self._figures()
        columns, lines = settling.program.columns, settling.program.lines
        carried = (columns.kind == CARRIED) & (settling.value > 0)
        self.used: Positions = np.unique(lines.plant[settling.program.ground.ways.line[columns.what[carried]]])
        """Without any other nothing changes."""

    @classmethod
    def of(cls, ground: Ground, streams: Marks, deadline: float = np.inf) -> "Removing":
        """From the beginning. Raises OutOfTime."""
        settling = reached(ground, Costs(ground, step=STEEP), streams, deadline=deadline)
        if not settling.proven:
            raise OutOfTime
        return cls(settling)

    def twin(self) -> "Removing":
        """The same once more, for another hand."""
        settling, program = self.settling, self.settling.program
        streams = np.asarray(program.active.any(axis=1))
        other = Settling(Program(program.ground, program.costs, streams, program.ways), settling.deadline)
        join(other, [settling])
        other.together(warm=True)
        return Removing(other)

    def _go_back(self) -> None:
        """To the basis of the whole; what came in since stands at 0."""
        program, state = self.settling.program, self.state
        state.columns += [highspy.HighsBasisStatus.kLower] * (len(program.columns) - len(state.columns))
        state.rows += [highspy.HighsBasisStatus.kBasic] * (program.count - len(state.rows))
        basis = highspy.HighsBasis()
        basis.col_status, basis.row_status, basis.valid = state.columns, state.rows, True
        program.solver.setBasis(basis)

    def without(self, plant: int) -> Numbers:
        """How much more is unmatched (t), carried across borders (t·km) and paid (yuan). Raises OutOfTime."""
        settling = self.settling
        if plant not in self.used:
            return np.zeros(len(FIGURES))
        self._take_away(plant)
        self._go_back()
        try:
            settling.run(warm=True, simplex=DUAL_SIMPLEX)
            while settling.ask(None):
                settling.run(warm=True)
            return self._figures() - self.base
        finally:
            self._take_away(NONE)

    def _take_away(self, plant: int) -> None:
        """A plant, or NONE to give it back."""
        program = self.settling.program
        which = max(program.gone, plant)
        program.gone = plant
        rows = np.concatenate([program.row[CAPACITY][which], program.row[STORAGE][which]])
        rows = rows[rows != NONE]
        lower, upper = program.limits()
        program.limit(rows, lower[rows], upper[rows])
        columns = np.flatnonzero((program.columns.kind == OVERLOAD) & (program.columns.what == which))
        if len(columns):
            bounds = (bound[columns] for bound in program.bounds(program.columns))
            program.solver.changeColsBounds(len(columns), columns.astype(np.int32), *bounds)

    def _figures(self) -> Numbers:
        settling, costs = self.settling, self.settling.costs
        columns, known = settling.program.columns, self.prices.shape[1]
        if known < len(columns):
            new = Columns(columns.kind[known:], columns.what[known:], columns.period[known:])
            more = np.zeros((len(FIGURES), len(new)))
            for place, name in enumerate(FIGURES):
                if name in costs.names:
                    one = costs.names.index(name)
                    more[place] = costs.of(new, one) * costs.scales[one]
            self.prices = np.concatenate([self.prices, more], axis=1)
        return np.asarray(self.prices @ settling.value)
