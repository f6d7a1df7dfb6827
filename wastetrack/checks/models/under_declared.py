"""All that speaks for a site telling less waste than it makes, as one standard normal.

Three kinds of evidence, each an effect in ln(told / made) with its standard error: a shift of the site's own level, its
level against peers of its sector, and what it tells against what it bought. They are joined by Stouffer with weights
1 / error, so that for each site what is sharpest speaks loudest, and with their correlation as all sites show it.

What is rare is read from the other side: by chance as many sites tell too much as too little, and nobody hides by
telling more. The threshold lets pass as many of those as alarms may be false; it is lower where more
kilograms are at stake (Neyman and Pearson: a larger catch for the same number of false alarms).
"""

import dataclasses
import warnings

import ibis
import ibis.expr.types as ir
import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from wastetrack.checks.inputs import against_inputs
from wastetrack.checks.models.histories import MANY, middles, spreads
from wastetrack.checks.models.intensities import LEAST, MOST_ROWS, Period, Work, gather, groups_of, periods
from wastetrack.checks.models.panels import Panel, matrix, rows_where
from wastetrack.extracts.reading import Records

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Labels = NDArray[np.int64]

AFTER = (2, 3, 4, 6, 9, 12)
"""Months that a shift may have lasted."""
LEAST_LEVEL = -4.6
"""ln of a hundredth: so little stands for nothing."""
QUARTER = 3
"""Months that a level needs."""
YEAR = 12
RECENT = 6
"""Months of which a level against peers or purchases is taken."""
ASSUMED = -0.357
"""ln(1 − 0.3): three tenths hidden is what the threshold is laid out for."""
LEAST_Z = 2.0
"""However much is at stake, so much must speak for it."""
FEW = 100
"""Sites below which the other side says nothing about a threshold; a fixed one stands instead."""
FIXED_Z = 3.09
SHARPEST = 6.0
"""The assumed effect is not taken for more standard errors than this."""
COLUMNS = ("z", "threshold", "z_shift", "z_peers", "z_inputs", "months", "share", "missing_g", "made_g")


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """Of one month and kind: a standard normal (negative: too little), its mirror image, and its standard error."""

    z: Vector
    mirror: Vector
    error: Vector


def under_declared(records: Records, false_share: float) -> ir.Table:
    """One row a site and month in which the joined z passes LEAST_Z, with its threshold."""
    work = gather(records)
    if work is None:
        return ibis.memtable(
            rows_where(Panel((), 0, 0), np.zeros((0, 0), dtype=bool), dict.fromkeys(COLUMNS, np.empty((0, 0))))
        )
    inputs = _inputs(records, work)
    group, groups = groups_of(work)
    out = {name: np.full(work.made_g.shape, np.nan) for name in COLUMNS}
    mirrored = np.full(work.made_g.shape, -np.inf)
    for period in periods(work, group):
        lines = _peer_lines(work, period)
        for month in range(period.begin, period.end):
            shift, months = _shift(period, month, group, groups)
            parts = [
                shift,
                _peers(work, period, lines, month, group=group, groups=groups),
                _bought(work, inputs, month),
            ]
            joined, mirror, error = _joined(parts)
            stake = np.nansum(work.made_g[:, max(0, month - 11) : month + 1], axis=1)
            gain = np.minimum(-ASSUMED / error, SHARPEST)
            worth = np.log(np.maximum(stake, 1.0)) - gain**2 / 2
            with np.errstate(invalid="ignore"):
                mirrored[:, month] = np.where(
                    mirror > LEAST_Z, np.nan_to_num(gain * mirror + worth, nan=-np.inf), -np.inf
                )
                limit = _limit(mirrored[:, max(0, month - 11) : month + 1], false_share)
                needed = (limit - worth) / gain
            effect = np.clip(-joined * error, -3.0, 0.0)
            out["z"][:, month] = joined
            out["threshold"][:, month] = np.maximum(needed, LEAST_Z) if len(joined) >= FEW else FIXED_Z
            for name, part in zip(("z_shift", "z_peers", "z_inputs"), parts, strict=True):
                out[name][:, month] = -part.z
            out["months"][:, month] = months
            out["share"][:, month] = np.exp(effect)
            out["missing_g"][:, month] = stake * (np.exp(-effect) - 1)
            out["made_g"][:, month] = stake
    with np.errstate(invalid="ignore"):
        return ibis.memtable(rows_where(work.panel, out["z"] > LEAST_Z, out))


def _limit(mirrored: Matrix, false_share: float) -> float:
    """What the worst of these months passes for only so many sites on the side where nobody hides. What may be false in
    a year is spent evenly: of few months only their part of it, or each month would add its own."""
    worst = mirrored.max(axis=1)
    judged = np.isfinite(mirrored).any(axis=0).sum()
    spent = false_share * max(judged, 1) / YEAR
    return float(np.quantile(worst, 1 - spent, method="higher")) if judged else 0.0


def _shift(period: Period, month: int, group: Labels, groups: int) -> tuple[Evidence, Vector]:
    """The clearest fall of the level, over the months that it may have lasted; its mirror is the clearest rise.

    In sums, not in logarithms: waste that is entered now and then has months of nothing, which a sum forgives.
    """
    intensity = period.intensity[:, : month + 1]
    down, up, error, lasted = (np.full(len(intensity), np.nan) for _ in range(4))
    for after in AFTER:
        begin = month + 1 - after
        if begin < LEAST:
            break
        number, level, variation = _usual(intensity[:, max(0, begin - 12) : begin], group, groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            now = np.minimum(intensity[:, begin:] / level[:, None], CAP)
            seen = np.isfinite(now).sum(axis=1)
            known = (number >= LEAST) & (seen * 2 >= after)
            wide = variation * np.sqrt(1 / number + 1 / seen)
            z = np.where(known, (np.nansum(now, axis=1) / seen - 1) / wide, np.nan)
        better = np.isfinite(z) & (np.isnan(down) | (z < down))
        down, error, lasted = np.where(better, z, down), np.where(better, wide, error), np.where(better, after, lasted)
        up = np.fmax(up, z)
    low, high = _standard(down, group, groups), _standard(up, group, groups)
    wider = spreads(down, group, groups, least=8)[group]
    return Evidence(low, -high, error * np.maximum(np.where(np.isfinite(wider), wider, 1.0), 1.0)), lasted


def _usual(before: Matrix, group: Labels, groups: int) -> tuple[Vector, Vector, Vector]:
    """Number of months, mean and coefficient of variation, cut off at CAP; the variation is shared in its group."""
    number = np.isfinite(before).sum(axis=1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(before, axis=1) / number
        cut = np.minimum(before, CAP * mean[:, None])
        level = np.nansum(cut, axis=1) / number
        square = np.nansum((cut / level[:, None] - 1) ** 2, axis=1) / (number - 1)
        shared = middles(np.where(number >= LEAST, square, np.nan), group, groups, least=8)[group]
        shared = np.where(np.isfinite(shared), shared, square)
        variation = np.sqrt((PRIOR * shared + (number - 1) * square) / (PRIOR + number - 1))
    return number, level, np.maximum(variation, 0.03)


CAP = 4.0
"""A month of more than so many usual ones is a clearing of the store or a slip of the pen."""
PRIOR = 4.0
"""So many own months weigh as much as the variation that the group shares."""


def _standard(z: Vector, group: Labels, groups: int) -> Vector:
    """About the middle of its group, and no wider than one."""
    middle = middles(z, group, groups, least=8)[group]
    spread = spreads(z, group, groups, least=8)[group]
    usable = np.isfinite(middle) & np.isfinite(spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(usable, (z - middle) / np.maximum(spread, 0.6), z), dtype=float)


def _peer_lines(work: Work, period: Period) -> Matrix:
    """Of each sector, the line of levels over work: those who work more may need less for a unit of it."""
    window = slice(max(0, period.begin - RECENT), period.begin)
    level, size = _level(period, window), _size(work, window)
    lines = np.zeros((work.sectors, 2))
    for sector in range(work.sectors):
        rows = (work.sector == sector) & np.isfinite(level) & np.isfinite(size)
        if rows.sum() < 20 or np.ptp(size[rows]) == 0:  # noqa: PLR2004  too few for a line
            lines[sector] = (np.median(level[rows]) if rows.any() else np.nan, 0.0)
            continue
        step = max(1, int(rows.sum()) // MOST_ROWS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = sm.RLM(level[rows][::step], sm.add_constant(size[rows][::step]), M=sm.robust.norms.HuberT()).fit(
                maxiter=20
            )
        lines[sector] = fit.params
    return lines


def _level(period: Period, window: slice) -> Vector:
    """ln of the mean intensity; minus infinity for a site that told nothing."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(_mean(period.intensity[:, window])), dtype=float)


def _mean(values: Matrix) -> Vector:
    seen = np.isfinite(values).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(seen >= QUARTER, np.nansum(values, axis=1) / seen, np.nan), dtype=float)


def _size(work: Work, window: slice) -> Vector:
    """Work of a site against its sector: the mean over its kinds, each less the sector's middle."""
    total, number = np.zeros(len(work.sector)), np.zeros(len(work.sector))
    for log_work in work.log_work:
        mean = _mean(log_work[:, window])
        away = mean - middles(mean, work.sector, work.sectors)[work.sector]
        total, number = total + np.nan_to_num(away), number + np.isfinite(away)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(number > 0, total / number, np.nan), dtype=float)


def _peers(work: Work, period: Period, lines: Matrix, month: int, *, group: Labels, groups: int) -> Evidence:
    window = slice(max(0, month + 1 - RECENT), month + 1)
    level, size = _level(period, window), _size(work, window)
    away = np.maximum(level - lines[work.sector, 0] - lines[work.sector, 1] * size, LEAST_LEVEL)
    return _among(away, work.sector, work.sectors, group, groups)


def _among(away: Vector, sector: Labels, sectors: int, group: Labels, groups: int) -> Evidence:
    """Against the middle of the sector, with the spread of the sites of its size where they are many."""
    away = away - middles(away, sector, sectors, least=8)[sector]
    wide = spreads(away, group, groups, least=MANY)[group]
    wide = np.maximum(np.where(np.isfinite(wide), wide, spreads(away, sector, sectors, least=8)[sector]), 0.03)
    return Evidence(away / wide, -away / wide, wide)


def _inputs(records: Records, work: Work) -> tuple[Matrix, Matrix]:
    """What purchases become, and what was told of it, by site and month."""
    rows = (
        against_inputs(records)
        .group_by("site_id", "month_on")
        .agg(expected_g=lambda t: t.expected_g.sum(), made_g=lambda t: t.made_g.sum())
    )
    return matrix(work.panel, rows, "expected_g"), matrix(work.panel, rows, "made_g")


def _bought(work: Work, inputs: tuple[Matrix, Matrix], month: int) -> Evidence:
    window = slice(max(0, month + 1 - RECENT), month + 1)
    expected, told = (
        np.where((np.isfinite(part[:, window]).sum(axis=1) >= QUARTER), np.nansum(part[:, window], axis=1), np.nan)
        for part in inputs
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.log(told + SMALL_INPUT * expected) - np.log(expected)
    return _among(np.where(np.isfinite(away), away, np.nan), work.sector, work.sectors, work.sector, work.sectors)


SMALL_INPUT = 0.02
"""Of what purchases become, so that nothing told has a logarithm."""


def _joined(parts: list[Evidence]) -> tuple[Vector, Vector, Vector]:
    """Positive is suspicious: the joined z, its mirror, and the standard error of the joined effect."""
    z, mirror = -np.stack([part.z for part in parts]), -np.stack([part.mirror for part in parts])
    there = np.isfinite(z) & np.isfinite(np.stack([part.error for part in parts]))
    weight = np.where(there, 1 / np.stack([part.error for part in parts]), 0.0)
    correlation = np.eye(len(parts))
    for one in range(len(parts)):
        for other in range(one):
            both = there[one] & there[other]
            if both.sum() >= MANY:
                agree = np.mean(np.sign(z[one][both]) * np.sign(z[other][both]))
                correlation[one, other] = correlation[other, one] = np.clip(np.sin(np.pi / 2 * agree), 0.0, 0.9)
    variance = np.einsum("ia,ij,ja->a", weight, correlation, weight)
    total = (weight**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(variance)
        error = deviation / total
        joined = np.where(there, weight * z, 0.0).sum(axis=0) / deviation
        mirrored = np.where(there, weight * mirror, 0.0).sum(axis=0) / deviation
    return joined, mirrored, error
