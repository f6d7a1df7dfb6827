"""Plants of a large question taken away in turn, each from the basis of the whole."""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.columns import CARRIED
from wastetrack.capacity.growing import Growing, Marks
from wastetrack.capacity.joining import join, reached
from wastetrack.capacity.model import Numbers, Positions
from wastetrack.capacity.pricing import Costs
from wastetrack.capacity.settling import DUAL_SIMPLEX, Settling

FIGURES: Final = ("unmatched", "border", "cost")


@dataclass(slots=True, eq=False)
class _State:
    """A basis, to go back to."""

    columns: list[highspy.HighsBasisStatus]
    rows: list[highspy.HighsBasisStatus]


class Removing:
    """A part of a large question at its optimum, and what it is without a plant."""

    def __init__(self, settling: Settling) -> None:
        self.settling = settling
        basis = settling.growing.solver.getBasis()
        self.state = _State(list(basis.col_status), list(basis.row_status))
        settling.step_by_step()
        self.base = self._figures()
        columns, lines = settling.growing.columns, settling.growing.lines
        carried = (columns.kind == CARRIED) & (settling.value > 0)
        self.used: Positions = np.unique(lines.plant[settling.growing.ground.ways.line[columns.what[carried]]])
        """Without any other nothing changes."""

    @classmethod
    def of(cls, ground: Ground, costs: Costs, streams: Marks, deadline: float) -> "Removing":
        """From the beginning. Raises OutOfTime."""
        settling = reached(ground, costs, streams, deadline=deadline)
        return cls(settling)

    def twin(self) -> "Removing":
        """The same once more, for another hand."""
        settling, growing = self.settling, self.settling.growing
        streams = growing.active.any(axis=1)
        other = Settling(Growing(growing.ground, growing.costs, streams, growing.ways), settling.deadline)
        settling.loosen()
        self._go_back()
        join(other, [settling])
        other.run(warm=True)
        other.together(warm=True)
        return Removing(other)

    def _go_back(self) -> None:
        """To the basis of the whole; what came in since stands at 0."""
        growing, state = self.settling.growing, self.state
        state.columns += [highspy.HighsBasisStatus.kLower] * (len(growing.columns) - len(state.columns))
        state.rows += [highspy.HighsBasisStatus.kBasic] * (growing.count - len(state.rows))
        basis = highspy.HighsBasis()
        basis.col_status, basis.row_status, basis.valid = state.columns, state.rows, True
        growing.solver.setBasis(basis)

    def without(self, plant: int) -> Numbers:
        """How much more is unmatched (t), carried across borders (t·km) and paid (yuan). Raises OutOfTime."""
        settling, growing = self.settling, self.settling.growing
        if plant not in self.used:
            return np.zeros(len(FIGURES))
        growing.gone = plant
        settling.loosen()
        self._go_back()
        settling.run(warm=True, simplex=DUAL_SIMPLEX)
        while settling.ask(None):
            settling.run(warm=True)
        settling.step_by_step()
        return self._figures() - self.base

    def _figures(self) -> Numbers:
        settling, costs = self.settling, self.settling.costs
        columns, figures = settling.growing.columns, np.zeros(len(FIGURES))
        for place, name in enumerate(FIGURES):
            if name in costs.names:
                one = costs.names.index(name)
                figures[place] = float(costs.of(columns, one) @ settling.value) * costs.scales[one]
        return figures
