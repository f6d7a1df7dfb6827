"""How likely each trip hides a loss, by what it tells itself and by what its firm's other trips tell.

Firms differ: of most nobody leaves waste on the way, of some they do it again and again. How many times the usual share
of losses each firm may have is a mixture over a grid, whose parts are found from all firms by maximum likelihood, so
that nothing is assumed of how many are bad, or how bad. A firm's place on it is told by its proved losses and, as far
as they tell anything, by its suspected ones; each trip is then judged over all places that its firm may have.
"""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

TIMES = np.geomspace(0.1, 40.0, 16)
"""How many times the usual share of losses."""
_TURNS = 50
_ALIKE = 0.2
"""Firms that each place of the grid is thought to have besides."""
_LEAST = 0.05
"""Likelihood of a trip beside the usual firm, below which no single trip speaks for its firm."""


def posteriors(firm: Places, odds: Numbers, usual: Numbers, counts: npt.NDArray[np.bool_]) -> Numbers:
    """Of each trip how likely it hides a loss; `firm` numbers them from 0.

    `odds` are those of a loss for a trip of the usual firm by all but the firm, `usual` the share of losses that a trip
    of it was expected to show, and `counts` marks trips that speak for their firm.
    """
    if not len(firm):
        return np.zeros(0)
    firms = int(firm.max()) + 1
    told = [np.log(np.maximum(1.0 + (times - 1.0) * _part(odds) - times * usual, _LEAST)) * counts for times in TIMES]
    logs = np.stack([np.bincount(firm, each, firms) for each in told], axis=1)
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    parts = np.full(len(TIMES), 1.0 / len(TIMES))
    for _ in range(_TURNS):
        share = likely * parts
        share /= share.sum(axis=1, keepdims=True)
        parts = share.sum(axis=0) + _ALIKE
        parts /= parts.sum()
    share = likely * parts
    share /= share.sum(axis=1, keepdims=True)
    result = np.zeros(len(firm))
    for place, times in enumerate(TIMES):
        result += share[firm, place] * times * odds / (1.0 + times * odds)
    return result


def _part(odds: Numbers) -> Numbers:
    return odds / (1.0 + odds)
