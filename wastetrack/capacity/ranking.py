"""Which plant would be missed most: each is taken away in turn and the rest is matched anew.

Worths say what a little less would cost; they must not be read as what a whole plant would. So every answer is solved,
from the basis of the whole, and one plant costs little.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from wastetrack.capacity.arising import TONNE_G, ground_of
from wastetrack.capacity.carrying import NONE
from wastetrack.capacity.model import Instance, Matching, Numbers
from wastetrack.capacity.solving import Progress, programs
from wastetrack.capacity.stepping import Steps


@dataclass(frozen=True, slots=True)
class Loss:
    """What is worse without a plant."""

    plant: int
    unmatched_g: int
    """So much more is unmatched, to the gram as the solver counts."""
    border_tkm: float
    cost: float
    """Yuan more; less where what is unmatched is no longer hauled."""


def as_decided(instance: Instance, matching: Matching | None) -> Instance:
    """The same with nothing left to decide: plants that were opened stand, the others do not exist."""
    planned = ~np.isnan(instance.plants.opening_cost)
    if not planned.any():
        return instance
    opened = np.zeros(len(instance.plants), dtype=bool)
    if matching is not None:
        opened[matching.opened] = True
    gone = planned & ~opened
    plants = instance.plants
    return replace(
        instance,
        plants=replace(
            plants,
            capacity_g=np.where(gone[:, None], 0, plants.capacity_g),
            overload_g=np.where(gone[:, None], 0, plants.overload_g),
            storage_g=np.where(gone, 0, plants.storage_g),
            opening_cost=np.full(len(plants), np.nan),
        ),
    )


class _Whole:
    """A part of the instance with all its plants, at its optimum."""

    def __init__(self, steps: Steps) -> None:
        self.steps, self.program = steps, steps.program
        self.figures = dict(self.program.objectives)
        self.base = self.now()

    def now(self) -> Numbers:
        """Unmatched tonnes, tonne-kilometres across borders, yuan."""
        self.steps.step()
        values = self.steps.values()
        nothing = np.zeros(len(values))
        return np.array([float(self.figures.get(name, nothing) @ values) for name in ("unmatched", "border", "cost")])

    def without(self, plant: int) -> Numbers:
        """How much more of each."""
        steps, rows, columns = self.steps, self.program.rows, self.program.columns
        shut = np.concatenate([rows.capacity[plant], rows.storage[plant]])
        overload = columns.overload[plant]
        steps.reset()
        steps.shut(shut[shut != NONE], overload[overload != NONE])
        return self.now() - self.base


def n_minus_one(
    instance: Instance,
    matching: Matching | None = None,
    *,
    plants: Collection[int] | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> tuple[Loss, ...]:
    """The losses of plants (all unless told), the worst first; within the time limit as many as were reached."""
    deadline = time.monotonic() + (np.inf if time_limit is None else time_limit)
    tell = progress or (lambda _what, _share: None)
    ground = ground_of(as_decided(instance, matching))
    wanted = set(range(len(instance.plants)) if plants is None else plants)
    total = max(len(wanted), 1)
    losses: list[Loss] = []
    for program in programs(ground):
        mine = sorted(wanted & set(np.flatnonzero(program.rows.capacity[:, 0] != NONE).tolist()))
        if not mine or not len(program.lower):
            continue
        whole = _Whole(Steps(program, deadline))
        for plant in mine:
            if time.monotonic() > deadline:
                return ranked(losses)
            tell("losing", len(losses) / total)
            more = whole.without(plant)
            losses.append(Loss(plant, round(float(more[0]) * TONNE_G), float(more[1]), float(more[2])))
        wanted -= set(mine)
    losses += [Loss(plant, 0, 0.0, 0.0) for plant in sorted(wanted)]
    return ranked(losses)


def ranked(losses: list[Loss]) -> tuple[Loss, ...]:
    """The worst first."""
    return tuple(sorted(losses, key=lambda loss: (-loss.unmatched_g, -loss.border_tkm, -loss.cost, loss.plant)))
