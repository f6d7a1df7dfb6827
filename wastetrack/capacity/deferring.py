"""What may wait waits: waste that finds no plant is kept as long as its store holds it, and only then is unmatched.

For how much is unmatched it is all one in which month it is said. But only so do the months tell from when on the
stores are full, and the reason is that of the month in which there is no way out any more: a plant may be full for one
month and have room in the next, what its permit names may be used up for the year.
"""

import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.filling import Filling
from wastetrack.capacity.rounding import Plan


def deferred(filling: Filling, plan: Plan) -> Plan:
    """The same with what is unmatched as late as stores allow; what comes to a month with room is taken there,
    as may be where a plan was cut short or rounded."""
    before = plan.unmatched_g.copy()
    _defer(filling.ground, plan)
    plan = filling.fill(np.where(plan.unmatched_g > before, plan.unmatched_g, 0))
    _defer(filling.ground, plan)
    return plan


def _defer(ground: Ground, plan: Plan) -> None:
    """In place; the sum stays. What has an age limit gains nothing by growing old: it is unmatched when it arises."""
    kinds = ground.instance.categories
    ages = np.array([kind.max_age is not None for kind in kinds], dtype=np.bool_)[ground.streams.category]
    limit = np.where(ages, 0, ground.store_g)
    for period in range(plan.kept_g.shape[1] - 1):
        room = np.maximum(limit - plan.kept_g[:, period], 0)
        later = np.minimum(plan.unmatched_g[:, period], room)
        plan.unmatched_g[:, period] -= later
        plan.kept_g[:, period] += later
        plan.unmatched_g[:, period + 1] += later
