"""What must stay unmatched whatever is done: a bound that needs no solver, for an answer that was cut short.

What no way leads anywhere; and of streams that share plants as much as arises beyond all that these can treat. What lay
in store before the first period may lie there again at the end, so it is not counted.
"""

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.arising import Ground


def must_stay(ground: Ground, parts: list[NDArray[np.bool_]]) -> int:
    """Grams, of streams in parts that share no plants."""
    plants, lines, ways = ground.instance.plants, ground.instance.lines, ground.ways
    arising = ground.supply_g.sum(axis=1) + np.maximum(ground.opening_g - ground.store_g, 0)
    leads = np.zeros(len(ground.streams), dtype=bool)
    leads[ways.stream] = True
    least = int(arising[~leads].sum())
    can = (plants.capacity_g + plants.overload_g).sum(axis=1)
    lightest = np.full(len(plants), np.inf)
    np.minimum.at(lightest, lines.plant, lines.load)
    # A load below 1 lets a plant treat more grams than its capacity says.
    can_g = np.floor(np.divide(can, lightest, out=np.zeros(len(plants)), where=np.isfinite(lightest)) + 1)
    for chosen in parts:
        mine = np.unique(lines.plant[ways.line[chosen[ways.stream]]])
        least += max(int(arising[chosen & leads].sum()) - int(can_g[mine].sum()), 0)
    return least
