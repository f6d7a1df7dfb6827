"""What simple methods make of the same worlds: a score for each manifest, higher where it looks worse.

- legal: the loss as a part of what was declared where it is 10 % and more, any piece too few or too many, and what was
  never received (40 CFR 264.72; 转移管理办法 art. 16).
- isolation_forest, lof: of scikit-learn, as they come; both are fitted on at most 20,000 manifests of the world.
- ecod: sum over features of the greatest of the negative logarithms of the left, the right and the skew's tail (Li et
  al. 2022, ECOD: Unsupervised Outlier Detection Using Empirical Cumulative Distribution Functions, IEEE TKDE).
- boosting: gradient boosting that knows of every manifest of the other worlds whether a case touched it. Where there is
  one world, it learns from four fifths of its time and scores the last fifth, five times.
- boosting_40: the same, but of the guilty manifests only 40 are known; all others pass for honest.
"""

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from wastetrack.checks.bench.features import FEATURES, LOSS, PIECES, RECEIVED
from wastetrack.errors import Unavailable

Real = npt.NDArray[np.float64]
Yes = npt.NDArray[np.bool_]
FITTED_ON = 20_000
LEGAL_SHARE = 0.1
LABELS = 40
FOLDS = 5


def need_learning() -> None:
    """Raises Unavailable without the library that the baselines learn with."""
    if importlib.util.find_spec("sklearn") is None:
        sentence = "The baselines need scikit-learn: pip install 'wastetrack[bench]', or leave them out."
        raise Unavailable("bench_not_installed", sentence)


def legal(rows: Real) -> Real:
    """0 where the law sees nothing."""
    loss, pieces, received = (rows[:, FEATURES.index(name)] for name in (LOSS, PIECES, RECEIVED))
    beyond = np.nan_to_num(np.abs(loss), nan=0.0)
    share = np.where(beyond >= LEGAL_SHARE, np.minimum(beyond, 1.0), 0.0)
    score: Real = share + (np.nan_to_num(pieces) > 0) + (received == 0) * 2.0
    return score


def ecod(rows: Real) -> Real:
    """The tails of each feature, added up."""
    filled = _filled(rows)
    filled = filled[:, filled.min(axis=0) < filled.max(axis=0)]  # what is the same everywhere has no tail
    left = -np.log(stats.rankdata(filled, method="max", axis=0) / len(filled))
    right = -np.log(stats.rankdata(-filled, method="max", axis=0) / len(filled))
    by_skew = np.where(stats.skew(filled, axis=0) < 0, left, right)
    score: Real = np.maximum(np.maximum(left, right), by_skew).sum(axis=1)
    return score


def isolation_forest(rows: Real, seed: int = 1) -> Real:
    """Depths of random trees."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415  an extra

    filled = _filled(rows)
    model = IsolationForest(random_state=seed, max_samples=256).fit(_some(filled, seed))
    score: Real = -model.score_samples(filled)
    return score


def lof(rows: Real, seed: int = 1) -> Real:
    """How much emptier it is around a manifest than around its neighbours."""
    from sklearn.neighbors import LocalOutlierFactor  # noqa: PLC0415  an extra

    filled = _filled(rows)
    spread = filled.std(axis=0)
    scaled = (filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    model = LocalOutlierFactor(n_neighbors=20, novelty=True).fit(_some(scaled, seed))
    score: Real = -model.score_samples(scaled)
    return score


UNLABELLED = {"legal": legal, "isolation_forest": isolation_forest, "lof": lof, "ecod": ecod}


def boosting(rows: Sequence[Real], guilty: Sequence[Yes], *, labels: int | None = None, seed: int = 1) -> list[Real]:
    """A score for each manifest of each world, by a model that has not seen its world, or its fifth of the only one."""
    if len(rows) > 1:
        return [
            _learned(
                np.concatenate([one for number, one in enumerate(rows) if number != world]),
                np.concatenate([one for number, one in enumerate(guilty) if number != world]),
                rows[world], labels, seed,
            )
            for world in range(len(rows))
        ]  # fmt: skip
    scores = np.zeros(len(rows[0]))
    for fold in np.array_split(np.arange(len(scores)), FOLDS):  # rows stand in the order of filing
        others = np.setdiff1d(np.arange(len(scores)), fold)
        scores[fold] = _learned(rows[0][others], guilty[0][others], rows[0][fold], labels, seed)
    return [scores]


def _learned(rows: Real, guilty: Yes, asked: Real, labels: int | None, seed: int) -> Real:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  an extra

    known = guilty
    if labels is not None and guilty.sum() > labels:
        known = np.zeros(len(guilty), bool)
        known[np.random.default_rng(seed).choice(np.flatnonzero(guilty), labels, replace=False)] = True
    if not known.any() or known.all():
        return np.zeros(len(asked))
    model: Any = HistGradientBoostingClassifier(random_state=seed, max_iter=150, early_stopping=False)
    score: Real = model.fit(rows, known).predict_proba(asked)[:, 1]
    return score


def _filled(rows: Real) -> Real:
    """What is not known is as usual; a feature that nobody has is 0."""
    with np.errstate(all="ignore"):
        known = ~np.isnan(rows).all(axis=0)
        middle = np.zeros(rows.shape[1])
        middle[known] = np.nanmedian(rows[:, known], axis=0)
    filled: Real = np.where(np.isnan(rows), middle, rows)
    return filled


def _some(rows: Real, seed: int) -> Real:
    if len(rows) <= FITTED_ON:
        return rows
    return rows[np.random.default_rng(seed).choice(len(rows), FITTED_ON, replace=False)]
