"""A figure of each month against the unit's own months before it.

A robust level, a scale that units of a group share as far as they scatter alike, and sums of what is missing.

Values are natural logarithms in a matrix of units by months, not a number where there is none. A month is never part of
what it is compared with; nor is a month that was itself far too low, so that a scheme does not become the rule.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Labels = NDArray[np.int64]

NORMAL_MAD = 1.4826
CLIP = 2.0
CLIPPED_VARIANCE = 0.9205
"""Of a standard normal that is clipped at two."""
GROUP = 3
"""Units of a group from which on they share a scale."""
SHARED = 8
"""Units of a sector from which on a month has something in common."""
LOW = -2.5
"""A month below this is not taken into later references."""
MOST = 4.0
"""So much of one month enters a cumulated sum."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How the months before one are read."""

    months: int = 12
    """So many clean ones, of the last twice as many."""
    least: int = 6
    floor: float = 0.01
    """Least standard deviation of a logarithm that is believed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """Matrices of units by months."""

    z: Matrix
    """Standard normal where nothing changed; negative is too low."""
    center: Matrix
    """The own level that was expected."""
    scale: Matrix
    common: Matrix
    """What the group had in common that month."""


def middles(values: Vector, groups: Labels, count: int, least: int = 1) -> Vector:
    """Median of each group, of the values that are there; not a number for a group with fewer than `least`."""
    there = np.isfinite(values)
    order = np.lexsort((values[there], groups[there]))
    sorted_values = values[there][order]
    sizes = np.bincount(groups[there], minlength=count)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    result = np.full(count, np.nan)
    full = sizes >= max(least, 1)
    lower = sorted_values[starts[full] + (sizes[full] - 1) // 2]
    upper = sorted_values[starts[full] + sizes[full] // 2]
    result[full] = (lower + upper) / 2
    return result


def spreads(values: Vector, groups: Labels, count: int, least: int = 1) -> Vector:
    """Robust standard deviation of each group."""
    away = np.abs(values - middles(values, groups, count)[groups])
    return NORMAL_MAD * middles(away, groups, count, least)


def _row_middles(values: Matrix) -> Vector:
    ordered = np.sort(values, axis=1)
    number = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    lower = ordered[rows, np.maximum((number - 1) // 2, 0)]
    upper = ordered[rows, np.minimum(number // 2, values.shape[1] - 1)]
    return np.where(number > 0, (lower + upper) / 2, np.nan)


def robust(values: Matrix) -> tuple[Vector, Vector, Vector]:
    """Number, level and deviation of each row: the mean of what is clipped at two deviations about the median."""
    number = np.isfinite(values).sum(axis=1).astype(float)
    middle = _row_middles(values)
    away = values - middle[:, None]
    rough = NORMAL_MAD * _row_middles(np.abs(away))
    rough = np.where(rough > 0, rough, np.nan)
    bound = (CLIP * rough)[:, None]
    clipped = np.clip(away, -bound, bound)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.nansum(clipped, axis=1) / number
        square = np.nansum((clipped - shift[:, None]) ** 2, axis=1) / (number - 1) / CLIPPED_VARIANCE
    deviation = np.where((number > 1) & np.isfinite(rough), np.sqrt(square), np.nan)
    return number, middle + np.where(np.isfinite(rough), shift, 0.0), deviation


def against_own_past(
    values: Matrix, groups: Labels, reference: Reference, *, sectors: Labels | None = None
) -> Compared:
    """Each month against those before it; `groups` share a scale. What `sectors` have in common in a month is "
    "taken off."""
    units, months = values.shape
    count = int(groups.max()) + 1 if units else 0
    z, center, scale, common = (np.full((units, months), np.nan) for _ in range(4))
    clean = np.isfinite(values)
    level_free = values.copy()
    for month in range(months):
        begin = max(0, month - 2 * reference.months)
        past = _latest(np.where(clean[:, begin:month], level_free[:, begin:month], np.nan), reference.months)
        if past.shape[1] < 2:  # noqa: PLR2004  no deviation of one
            continue
        number, level, own = robust(past)
        enough = number >= reference.least
        away = values[:, month] - level
        if sectors is not None and units:
            some = np.where(number >= min(3, reference.least), away, np.nan)
            common[:, month] = np.nan_to_num(middles(some, sectors, int(sectors.max()) + 1, least=SHARED)[sectors])
            away = away - common[:, month]
            level_free[:, month] = values[:, month] - common[:, month]
        together, weight = _shared_scale(np.where(enough, own, np.nan), number, groups, count)
        together, prior = together[groups], weight[groups]
        together = np.where(np.isfinite(together), together, own)
        own = np.where(np.isfinite(own), own, together)
        with np.errstate(invalid="ignore", divide="ignore"):
            freedom = prior + number - 1
            mine = own**2 / _of_few(_MEAN, number)
            deviation = np.sqrt((prior * together**2 + (number - 1) * mine) / freedom)
            deviation = np.maximum(deviation, reference.floor)
            ratio = away / (deviation * np.sqrt(1 + _of_few(_LEVEL, number) / np.maximum(number, 1)))
        z[:, month] = np.where(enough, normal(ratio, freedom), np.nan)
        center[:, month] = np.where(enough, level, np.nan)
        scale[:, month] = np.where(enough, deviation, np.nan)
        clean[:, month] &= ~(z[:, month] < LOW)
    return Compared(z, center, scale, common)


def _shared_scale(own: Vector, number: Vector, groups: Labels, count: int) -> tuple[Vector, Vector]:
    """Scale of each group, and how many own months it weighs: many where units of a group scatter alike, few where they
    differ (a scaled inverse χ² prior, its freedom by the spread of ln s² beyond what chance gives)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = 2 * np.log(np.where(own > 0, own / _of_few(_MEDIAN, number), np.nan))
    scale = np.exp(middles(logs, groups, count, least=GROUP) / 2)
    usual = middles(number, groups, count)
    beyond = spreads(logs, groups, count, least=GROUP) ** 2 - _of_few(_LOGS, usual)
    beyond = np.maximum(np.nan_to_num(beyond), 1e-3)
    prior = np.clip((1 + np.sqrt(1 + 2 * beyond)) / beyond, 2.0, MOST_PRIOR)
    few = spreads(logs, groups, count, least=SHARED)
    prior = np.where(np.isfinite(few), prior, FEW_PRIOR)
    return scale, np.where(np.isfinite(scale), prior, 0.0)


def _of_few(factors: tuple[float, ...], number: Vector) -> Vector:
    """The factor of so many months; the last one stands for all longer histories."""
    at = np.clip(np.nan_to_num(number), 2, len(factors) + 1).astype(int) - 2
    return np.asarray(np.asarray(factors)[at], dtype=float)


_MEDIAN = (0.704, 0.625, 0.789, 0.804, 0.857, 0.868, 0.892, 0.899, 0.915, 0.920, 0.930)
"""Median of what `robust` says of the deviation of 2 to 12 standard normal values: of few it says too little."""
_MEAN = (1.086, 0.744, 0.864, 0.838, 0.887, 0.879, 0.903, 0.902, 0.922, 0.919, 0.932)
"""Mean of its square."""
_LEVEL = (0.99, 1.16, 1.07, 1.09, 1.06, 1.07, 1.04, 1.05, 1.04, 1.04, 1.03)
"""Variance of its level, in that of a plain mean."""
_LOGS = (3.28, 2.73, 1.20, 0.98, 0.67, 0.57, 0.44, 0.40, 0.33, 0.30, 0.27)
"""Variance of the logarithm of its square, as `spreads` sees it. All four from 200,000 histories of each length."""
MOST_PRIOR = 60.0
FEW_PRIOR = 8.0
"""Own months that the scale of a group weighs which is too small to tell."""


def _latest(past: Matrix, most: int) -> Matrix:
    """Of each row only the last so many that are there: clean months stay in view while a scheme goes on."""
    after = np.cumsum(np.isfinite(past)[:, ::-1], axis=1)[:, ::-1]
    return np.where(after <= most, past, np.nan)


def normal(ratio: Vector, freedom: Vector) -> Vector:
    """Student's ratio as the standard normal that is as rare."""
    with np.errstate(invalid="ignore"):
        low = stats.norm.ppf(stats.t.cdf(-np.abs(ratio), freedom))
    return np.asarray(np.where(ratio > 0, -low, low), dtype=float)


def cumulated(z: Matrix, k: float) -> Matrix:
    """S = max(0, S − z − k) month by month: what is missing adds up. A month without a value adds nothing."""
    sums = np.zeros(z.shape)
    standing = np.zeros(len(z))
    for month in range(z.shape[1]):
        step = np.where(np.isfinite(z[:, month]), -np.clip(z[:, month], -MOST, MOST) - k, 0.0)
        standing = np.maximum(0.0, standing + step)
        sums[:, month] = standing
    return sums


def pooled(parts: list[Matrix]) -> Matrix:
    """Several standard normals as one (Stouffer), with their correlation as all units show it; a part that is absent is
    left out."""
    stack = np.stack(parts)
    there = np.isfinite(stack)
    filled = np.where(there, stack, 0.0)
    size = len(parts)
    correlation = np.eye(size)
    for one in range(size):
        for other in range(one):
            both = there[one] & there[other]
            if both.sum() >= MANY:
                agree = np.mean(np.sign(stack[one][both]) * np.sign(stack[other][both]))
                correlation[one, other] = correlation[other, one] = np.clip(np.sin(np.pi / 2 * agree), 0.0, 0.95)
    variance = np.einsum("iab,ij,jab->ab", there.astype(float), correlation, there.astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(variance > 0, filled.sum(axis=0) / np.sqrt(variance), np.nan), dtype=float)


MANY = 30
"""Pairs of values from which on their correlation is believed."""
