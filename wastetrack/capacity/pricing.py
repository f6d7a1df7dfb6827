"""What columns cost by each objective, and by all of them together."""

from typing import Final

import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.columns import CARRIED, KEPT, OPENS, OVERLOAD, UNMATCHED, WAITING, Columns
from wastetrack.capacity.model import Numbers, Tier

STEP: Final = 1e2
"""How much more each objective weighs than the next one while they are taken together."""
STEEPEST: Final = 1e8
SEEN: Final = 1e-6
"""What is beyond this is better, or dearer; objectives are scaled to a largest coefficient of 1."""
UNMATCHED_STEP, LATE_STEP, OVERLOAD_STEP, COST_STEP, IDLE_STEP = "unmatched", "late", "overload", "cost", "idle"


class Costs:
    """Objectives in their order, each scaled to a largest coefficient of 1; and all in one."""

    def __init__(self, ground: Ground, like: "Costs | None" = None, *, step: float = STEP) -> None:
        instance, ways = ground.instance, ground.ways
        lines = instance.lines
        tier = lines.tier[ways.line]
        nothing = np.zeros(len(ways))
        stages = [(UNMATCHED_STEP, nothing, True), (LATE_STEP, nothing, bool((ground.opening_g > 0).any()))]
        for one in reversed(range(1, len(Tier))):
            called = (tier == one).astype(float)
            stages.append((f"tier_{one}", called, bool(called.any())))
        stages.append((OVERLOAD_STEP, nothing, bool((instance.plants.overload_g > 0).any())))
        border = np.where(ways.crosses, ways.km, 0.0)
        stages.append(("border", border, bool(border.any())))
        stages.append((COST_STEP, ways.km * instance.haulage + lines.price[ways.line], True))
        stages.append((IDLE_STEP, nothing, bool((ground.store_g > 0).any() or (instance.plants.storage_g > 0).any())))
        stages = [stage for stage in stages if (stage[2] if like is None else stage[0] in like.names)]
        self.names: list[str] = [name for name, _, _ in stages]
        self.scales = [max(float(np.abs(cost).max(initial=0.0)), 1e-9) if cost.any() else 1.0 for _, cost, _ in stages]
        if like is not None:
            self.scales = like.scales
        self.ways = [cost / scale for (_, cost, _), scale in zip(stages, self.scales, strict=True)]
        step = min(step, STEEPEST ** (1 / max(len(stages) - 1, 1)))
        self.weights = [step**power for power in reversed(range(len(stages)))]
        self.together = np.asarray(np.tensordot(np.array(self.weights), np.array(self.ways), axes=1))
        self.opening = np.nan_to_num(instance.plants.opening_cost)
        """(plants): yuan."""
        self.last = len(instance.periods) - 1

    def of_ways(self, objective: int | None) -> Numbers:
        """Of each way by one objective, or all together."""
        return self.together if objective is None else self.ways[objective]

    def of(self, columns: Columns, objective: int | None = None) -> Numbers:
        """Of columns by one objective, or all together."""
        if objective is None:
            every = [weight * self.of(columns, one) for one, weight in enumerate(self.weights)]
            return np.asarray(np.sum(every, axis=0))
        cost, carried = np.zeros(len(columns)), columns.kind == CARRIED
        cost[carried] = self.ways[objective][columns.what[carried]]
        name = self.names[objective]
        if name == UNMATCHED_STEP:
            cost[columns.kind == UNMATCHED] = 1
        elif name == LATE_STEP:
            cost[(columns.kind == KEPT) & (columns.period == self.last)] = 1
        elif name == OVERLOAD_STEP:
            cost[columns.kind == OVERLOAD] = 1
        elif name == COST_STEP:
            opens = columns.kind == OPENS
            cost[opens] = self.opening[columns.what[opens]] / self.scales[objective]
        elif name == IDLE_STEP:
            cost[(columns.kind == KEPT) | (columns.kind == WAITING)] = 1
        return cost

    def of_keeping(self, objective: int | None, *, at_plant: bool) -> Numbers:
        """(periods): of a tonne that is kept at the end of a period where it arose, or at a plant."""
        periods = np.arange(self.last + 1)
        kind = np.full(len(periods), WAITING if at_plant else KEPT)
        return self.of(Columns(kind, np.zeros_like(periods), periods), objective)
