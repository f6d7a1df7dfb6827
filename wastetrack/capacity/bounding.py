"""What must stay unmatched whatever is done: a bound that needs no solver, for an answer that was cut short.

What no way leads anywhere; and of streams that share plants as much as arises beyond all that these can take, of all of
them together or of one category, whichever says more. What lay in store before the first period may lie there again at
the end, so it is not counted.
"""

from typing import Final

import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.model import Numbers, Positions

_MOST: Final = 10**15
"""Grams that nobody takes: so sums are exact."""


def must_stay(ground: Ground, component: Positions) -> int:
    """Grams; streams of different components share no plants."""
    ways, lines = ground.ways, ground.instance.lines
    arising = ground.supply_g.sum(axis=1) + np.maximum(ground.opening_g - ground.store_g, 0)
    leads = np.zeros(len(ground.streams), dtype=bool)
    leads[ways.stream] = True
    if not len(ways):
        return int(arising.sum())
    width, can_g = len(ground.instance.categories), _can(ground)
    # Together: each component's plants, once.
    plants = np.unique(component[ways.stream] * len(can_g) + lines.plant[ways.line])
    count = int(component.max()) + 1
    together = np.bincount(component[leads], arising[leads], count)
    together -= np.bincount(plants // len(can_g), can_g[plants % len(can_g)], count)
    # Alone: of each category in it, what its lines allow at each plant.
    key = component * width + ground.streams.category
    allowed = np.unique(key[ways.stream] * len(lines) + ways.line)
    place, line = allowed // len(lines), allowed % len(lines)
    at, which = np.unique(place * len(can_g) + lines.plant[line], return_inverse=True)
    limit = np.bincount(which, np.minimum(lines.limit_g[line], _MOST))
    alone = np.bincount(key[leads], arising[leads], count * width)
    alone -= np.bincount(at // len(can_g), np.minimum(limit, can_g[at % len(can_g)]), count * width)
    short = np.maximum(np.maximum(together, alone.reshape(count, width).max(axis=1)), 0.0)
    # Sums of floating numbers: a gram is theirs.
    return int(arising[~leads].sum()) + max(int(np.floor(short).sum()) - count, 0)


def _can(ground: Ground) -> Numbers:
    """(plants): grams that each can take over all periods; a load below 1 lets it take more than its capacity says."""
    plants, lines = ground.instance.plants, ground.instance.lines
    lightest = np.full(len(plants), np.inf)
    np.minimum.at(lightest, lines.plant, lines.load)
    can = (plants.capacity_g + plants.overload_g).sum(axis=1)
    grams: Numbers = np.floor(np.divide(can, lightest, out=np.zeros(len(plants)), where=np.isfinite(lightest)))
    return np.minimum(grams, plants.permitted_g.astype(np.float64))
