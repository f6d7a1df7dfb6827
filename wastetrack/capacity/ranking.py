"""Which plant would be missed most: each is taken away in turn and the rest is matched anew.

Worths say what a little less would cost; they must not be read as what a whole plant would. So every answer is solved,
from the basis of the whole, and one plant costs little.
"""

import contextlib
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import TONNE_G, Ground, ground_of
from wastetrack.capacity.deciding import with_all
from wastetrack.capacity.joining import HANDS
from wastetrack.capacity.model import Instance, Matching, Numbers
from wastetrack.capacity.removing import FIGURES, Removing
from wastetrack.capacity.rolling import as_one
from wastetrack.capacity.settling import DUAL_SIMPLEX, OutOfTime, Settling
from wastetrack.capacity.solving import Progress, grows, parts_of, rolls

FEW: Final = 20
"""So many plants are not worth a second pair of hands."""


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
    """A part of the instance with all its plants, at its optimum. Raises OutOfTime."""

    def __init__(self, settling: Settling) -> None:
        self.settling = settling
        settling.together()
        self.basis = settling.program.solver.getBasis()
        settling.step_by_step()
        self.base = self.now()

    def now(self) -> Numbers:
        """Unmatched tonnes, tonne-kilometres across borders, yuan."""
        return np.array([self.settling.figure(name) for name in FIGURES])

    def without(self, plant: int) -> Numbers:
        """How much more of each. Raises OutOfTime."""
        settling = self.settling
        settling.program.gone = plant
        settling.loosen()
        settling.program.solver.setBasis(self.basis)
        settling.run(warm=True, simplex=DUAL_SIMPLEX)
        settling.step_by_step()
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
    parts = parts_of(ground)
    for chosen in parts:
        mine = sorted(wanted & set(_plants_of(ground, chosen)))
        if not mine:
            continue
        hear = partial(_told, tell, len(losses), total)
        large = grows(ground, chosen)
        losses += (_of_large if large else _of_small)(ground, chosen, mine, deadline, hear)
        if time.monotonic() > deadline:
            return ranked(losses)
        wanted -= set(mine)
    losses += [Loss(plant, 0, 0.0, 0.0) for plant in sorted(wanted)]
    return ranked(losses)


def _told(tell: Progress, done: int, total: int, more: int) -> None:
    tell("losing", (done + more) / total)


def _plants_of(ground: Ground, chosen: NDArray[np.bool_]) -> list[int]:
    """Plants that a part's ways lead to."""
    lines = ground.ways.line[chosen[ground.ways.stream]]
    return [int(plant) for plant in np.unique(ground.instance.lines.plant[lines])]


def _of_small(
    ground: Ground, chosen: NDArray[np.bool_], plants: list[int], deadline: float, hear: Callable[[int], None]
) -> list[Loss]:
    """One after the other."""
    losses: list[Loss] = []
    with contextlib.suppress(OutOfTime):
        whole = _Whole(with_all(ground, chosen, deadline))
        for plant in plants:
            hear(len(losses))
            losses.append(_loss(plant, whole.without(plant)))
    return losses


def _of_large(
    ground: Ground, chosen: NDArray[np.bool_], plants: list[int], deadline: float, hear: Callable[[int], None]
) -> list[Loss]:
    """By two hands; a long time is taken as one."""
    if rolls(ground, np.flatnonzero(chosen[ground.ways.stream])):
        ground = as_one(ground)
    losses: list[Loss] = []

    def some(removing: Removing, mine: list[int]) -> None:
        for plant in mine:
            if time.monotonic() > deadline:
                return
            with contextlib.suppress(OutOfTime):
                losses.append(_loss(plant, removing.without(plant)))
            hear(len(losses))

    with contextlib.suppress(OutOfTime), ThreadPoolExecutor(HANDS) as hands:
        first = Removing.of(ground, chosen, deadline)
        every = [first] + [first.twin() for _ in range(HANDS - 1) if len(plants) > FEW]
        list(hands.map(some, every, [plants[place :: len(every)] for place in range(len(every))]))
    return losses


def _loss(plant: int, more: Numbers) -> Loss:
    return Loss(plant, round(float(more[0]) * TONNE_G), float(more[1]), float(more[2]))


def ranked(losses: list[Loss]) -> tuple[Loss, ...]:
    """The worst first."""
    return tuple(sorted(losses, key=lambda loss: (-loss.unmatched_g, -loss.border_tkm, -loss.cost, loss.plant)))
