"""Shrunken effects of crossed factors, from sums over cells.

Ridge regression, and once more with cells that fit badly weighing less (Huber 1964). The normal equations are solved,
not iterated upon until they look well: what is left of an error depends on the order in which threads add, and a load
that lies at a limit would be told in one run and not in the next. Lanes meet no other lane and shippers' scales no
other shipper's scale, so both are eliminated one by one; what stays, scaled to a unit diagonal, is sparse and is solved
by conjugate gradients to TOLERANCE of its right side, in some hundred steps whatever the number of loads.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

TOLERANCE = 1e-12
HUBER = 3.0
"""Standard uncertainties beyond which a cell loses weight."""
ROUNDS = 2


def effects(
    factors: Sequence[Codes],
    priors: Sequence[Numbers | float],
    precision: Numbers,
    loss: Numbers,
    *,
    first: tuple[int, ...] = (),
) -> list[Numbers]:
    """The effect of each level of each factor.

    `factors` give the level of each cell, `priors` the standard deviations to which effects are shrunken, `precision`
    the sum of the loads' precisions and `loss` that of their differences times these. `first` names the factors that
    are eliminated, in this order: no cell and no earlier one may join two levels of one. Raises ArithmeticError when
    it does not converge, which the ridge rules out for finite numbers.
    """
    sizes = [int(codes.max(initial=-1)) + 1 for codes in factors]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    wide = [np.broadcast_to(np.asarray(prior, dtype=np.float64), np.shape(prior) or (size,))[:size]
            for prior, size in zip(priors, sizes, strict=True)]  # fmt: skip
    root = np.sqrt(precision)
    matrix = sparse.csr_matrix(
        (
            np.concatenate([root * prior[codes] for prior, codes in zip(wide, factors, strict=True)]),
            (
                np.tile(np.arange(root.size), len(sizes)),
                np.concatenate([codes + start for codes, start in zip(factors, starts[:-1], strict=True)]),
            ),
        ),
        (root.size, int(starts[-1])),
    )
    right, weight, solution = loss / root, np.ones(root.size), np.zeros(int(starts[-1]))
    aside = [np.arange(starts[place], starts[place + 1]) for place in first]
    for _ in range(ROUNDS):
        normal = matrix.T @ sparse.diags(weight) @ matrix + sparse.identity(solution.size)
        solution = _solved(normal.tocsr(), matrix.T @ (weight * right), aside, solution)
        off = np.abs(right - matrix @ solution)
        weight = np.minimum(1.0, HUBER / np.maximum(off, 1e-12))
    return [solution[a:b] * prior for a, b, prior in zip(starts[:-1], starts[1:], wide, strict=True)]


def _solved(matrix: sparse.csr_matrix, right: Numbers, aside: Sequence[Codes], guess: Numbers) -> Numbers:
    """Of a positive definite system; the rows of the first of `aside` are a diagonal among themselves, and so on."""
    if not aside:
        scale = 1.0 / np.sqrt(matrix.diagonal())
        scaled = sparse.diags(scale) @ matrix @ sparse.diags(scale)
        found, left = linalg.cg(scaled.tocsr(), scale * right, guess / scale, rtol=TOLERANCE, atol=0.0)
        if left:
            message = f"The effects of scales did not converge in {left} steps."
            raise ArithmeticError(message)
        return np.asarray(scale * found, dtype=np.float64)
    out, rest = aside[0], np.setdiff1d(np.arange(right.size), aside[0])
    rows = matrix[rest]
    across, own = rows[:, out].tocsr(), matrix.diagonal()[out]
    reduced = (rows[:, rest] - across @ sparse.diags(1.0 / own) @ across.T).tocsr()
    others = [np.searchsorted(rest, one) for one in aside[1:]]
    solution = np.empty_like(right)
    solution[rest] = _solved(reduced, right[rest] - across @ (right[out] / own), others, guess[rest])
    solution[out] = (right[out] - across.T @ solution[rest]) / own
    return solution
