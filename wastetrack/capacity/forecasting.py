"""What will arise: months of a region's category carried on, with an interval, after a trial on its own past. Pure.

A method may speak only if it beats the seasonal naive (the same month of last year) at each of three origins in the
past, which it did not see beyond; else the naive speaks, and the trial is told either way. Each method gives paths
that could follow; monthly and yearly quantiles are read off the same paths, so that the year's interval is not the sum
of twelve intervals. The median feeds plans, the ninth decile stress.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from wastetrack.capacity.forecast import ForecastMethod

SEASON: Final = 12
QUANTILES: Final = (0.1, 0.5, 0.9)
PATHS: Final = 500
ORIGINS: Final = 3
INTERMITTENT: Final = 0.25
"""From this share of empty months on a series is intermittent: whether anything arises is a question of its own."""
_TRIALS: Final = ((12, 6), (6, 3), (3, 1))
"""Months ahead and months between origins; the longest that leaves two seasons before the first origin."""
_SMOOTHINGS: Final = ((None, None), (None, "add"), ("add", "add"))
_STEPS: Final = np.linspace(0.05, 0.5, 10)

Series = NDArray[np.float64]
Paths = NDArray[np.float64]
"""(paths, months ahead), in grams."""
Method = Callable[[Series, int, np.random.Generator], Paths]


@dataclass(frozen=True, slots=True)
class Trial:
    """How methods did at origins in the past: errors against those of the seasonal naive within what was known."""

    months_ahead: int
    origins: tuple[int, ...]
    """How many months were known at each."""
    mase: Mapping[ForecastMethod, tuple[float, ...]]
    """Mean absolute scaled error at each origin."""
    pinball: Mapping[ForecastMethod, tuple[float, ...]]
    """Mean quantile loss in grams, at each of QUANTILES."""
    covered: Mapping[ForecastMethod, float]
    """Share of the months that lay between the first and the ninth decile; eight in ten would be right."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Months ahead in whole grams; low and high are the first and the ninth decile."""

    method: ForecastMethod
    low_g: tuple[int, ...]
    middle_g: tuple[int, ...]
    high_g: tuple[int, ...]
    year_g: tuple[int, int, int]
    """Low, middle and high of the first twelve months together, or of all where fewer were asked for."""
    trial: Trial | None
    """None where the past is too short to try anything on."""

    @property
    def mase(self) -> float | None:
        """The mean over origins of the method that speaks."""
        return None if self.trial is None else float(np.mean(self.trial.mase[self.method]))

    @property
    def naive_mase(self) -> float | None:
        """The same of the seasonal naive."""
        return None if self.trial is None else float(np.mean(self.trial.mase[ForecastMethod.SEASONAL_NAIVE]))


def forecast(months_g: Sequence[int], *, ahead: int = SEASON, seed: int = 0) -> Forecast:
    """Carry a series of months on. The same series and seed give the same figures."""
    series = np.asarray(months_g, dtype=np.float64)
    if len(series) == 0 or ahead < 1:
        raise ValueError("a forecast needs a month known and a month ahead")
    trial = None
    if len(series) < SEASON:
        method = ForecastMethod.AVERAGE
    else:
        trial = _trial(series, seed)
        method = _champion(trial)
    paths = METHODS[method](series, ahead, np.random.default_rng(seed))
    low, middle, high = (_grams(values) for values in np.quantile(paths, QUANTILES, axis=0))
    year = _grams(np.quantile(paths[:, :SEASON].sum(axis=1), QUANTILES))
    return Forecast(method, low, middle, high, (year[0], year[1], year[2]), trial)


def shared_out(total_g: int, known_g: Mapping[str, int]) -> dict[str, int]:
    """A total among parts in proportion to what is known of each, to the gram: the largest remainders get the rest.

    Counties are too small to forecast one by one; nothing known of any of them is an even share.
    """
    weights = known_g if sum(known_g.values()) else dict.fromkeys(known_g, 1)
    whole = sum(weights.values())
    shares = {name: total_g * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(total_g * weights[name] % whole), name))
    for name in by_remainder[: total_g - sum(shares.values())]:
        shares[name] += 1
    return shares


def _trial(series: Series, seed: int) -> Trial | None:
    fitting = (one for one in _TRIALS if len(series) - one[0] - (ORIGINS - 1) * one[1] >= 2 * SEASON)
    ahead, step = next(fitting, (0, 0))
    if not ahead:
        return None
    origins = tuple(len(series) - ahead - step * back for back in reversed(range(ORIGINS)))
    is_intermittent = np.mean(series == 0) >= INTERMITTENT
    tried = [ForecastMethod.SEASONAL_NAIVE, ForecastMethod.SMOOTHING]
    tried += [ForecastMethod.INTERMITTENT] if is_intermittent else []
    mase: dict[ForecastMethod, tuple[float, ...]] = {}
    pinball: dict[ForecastMethod, tuple[float, ...]] = {}
    covered: dict[ForecastMethod, float] = {}
    for method in tried:
        paths = [METHODS[method](series[:known], ahead, np.random.default_rng(seed)) for known in origins]
        truths = [series[known : known + ahead] for known in origins]
        deciles = [np.quantile(one, QUANTILES, axis=0) for one in paths]
        mase[method] = tuple(
            scaled_error(series[:known], truth, decile[1])
            for known, truth, decile in zip(origins, truths, deciles, strict=True)
        )
        truth, decile = np.concatenate(truths), np.concatenate(deciles, axis=1)
        pinball[method] = tuple(quantile_loss(truth, decile[at], share) for at, share in enumerate(QUANTILES))
        covered[method] = float(np.mean((truth >= decile[0]) & (truth <= decile[2])))
    return Trial(ahead, origins, mase, pinball, covered)


def _champion(trial: Trial | None) -> ForecastMethod:
    naive = ForecastMethod.SEASONAL_NAIVE
    if trial is None:
        return naive
    better = [
        method
        for method, errors in trial.mase.items()
        if all(mine < its for mine, its in zip(errors, trial.mase[naive], strict=True))
    ]
    return min(better, key=lambda method: sum(trial.mase[method]), default=naive)


def scaled_error(known: Series, truth: Series, told: Series) -> float:
    """Mean absolute error over that of the seasonal naive within what was known; over the mean if that never erred."""
    scale = float(np.mean(np.abs(known[SEASON:] - known[:-SEASON]))) or float(np.mean(np.abs(known))) or 1.0
    return float(np.mean(np.abs(truth - told))) / scale


def quantile_loss(truth: Series, told: Series, share: float) -> float:
    """The pinball: too low costs `share`, too high the rest, each gram."""
    missed = truth - told
    return float(np.mean(np.maximum(share * missed, (share - 1) * missed)))


def _seasonal_naive(series: Series, ahead: int, chance: np.random.Generator) -> Paths:
    differences = series[SEASON:] - series[:-SEASON] if len(series) > SEASON else series - series.mean()
    paths = np.empty((PATHS, ahead))
    for month in range(ahead):
        before = paths[:, month - SEASON] if month >= SEASON else series[len(series) - SEASON + month]
        # As often up as down, for the naive says that nothing changes.
        signs = chance.choice((-1.0, 1.0), PATHS)
        paths[:, month] = before + signs * chance.choice(differences, PATHS)
    return np.maximum(paths, 0)


def _smoothing(series: Series, ahead: int, chance: np.random.Generator) -> Paths:
    if not np.any(series):
        return np.zeros((PATHS, ahead))
    # The search for parameters goes by absolute steps: near one it behaves, in tonnes of grams it does not.
    scale = float(np.abs(series).mean())
    fitted = []
    for trend, season in _SMOOTHINGS:
        model = ETSModel(
            series / scale,
            error="add",
            trend=trend,
            damped_trend=trend is not None,
            seasonal=season,
            seasonal_periods=SEASON if season else None,
            initialization_method="heuristic",
        )
        with warnings.catch_warnings():
            # A fit that did not settle is judged by its likelihood like any other, and by the trial after that.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            fitted.append(model.fit(disp=False, maxiter=200))
    best = min(fitted, key=lambda one: one.aicc if np.isfinite(one.aicc) else np.inf)
    # What was fitted lies closer to its own past than to any future: by its parameters, and by the mean it has learnt.
    free = max(len(series) - best.model.k_params - (SEASON - 1 if best.seasonal else 0), 1)
    wider = np.sqrt(len(series) / free * (1 + SEASON / len(series)))
    errors = chance.choice(np.asarray(best.resid) * wider, (ahead, PATHS))
    paths = best.simulate(ahead, anchor="end", repetitions=PATHS, random_errors=errors)
    told: Paths = np.asarray(paths, dtype=np.float64).reshape(ahead, PATHS).T * scale
    return np.maximum(told, 0)


def _intermittent(series: Series, ahead: int, chance: np.random.Generator) -> Paths:
    if not np.any(series):
        return np.zeros((PATHS, ahead))
    how_often, how_much = min(
        (_smoothed(series, often, much) for often in _STEPS for much in _STEPS), key=lambda one: one[2]
    )[:2]
    sizes = series[series > 0]
    arises = chance.random((PATHS, ahead)) < how_often
    paths: Paths = np.where(arises, chance.choice(sizes / sizes.mean(), (PATHS, ahead)) * how_much, 0.0)
    return paths


def _smoothed(series: Series, often: float, much: float) -> tuple[float, float, float]:
    """Chance and size after the last month, and the squared error of one month ahead on the way."""
    chance, size, error = float(np.mean(series > 0)), float(series[series > 0].mean()), 0.0
    for value in series:
        error += (value - chance * size) ** 2
        chance += often * (float(value > 0) - chance)
        size += much * (value - size) if value > 0 else 0.0
    return chance, size, error


def _average(series: Series, ahead: int, chance: np.random.Generator) -> Paths:
    paths: Paths = chance.choice(series, (PATHS, ahead))
    return paths


def _grams(values: NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in values)


METHODS: Final[Mapping[ForecastMethod, Method]] = {
    ForecastMethod.SEASONAL_NAIVE: _seasonal_naive,
    ForecastMethod.SMOOTHING: _smoothing,
    ForecastMethod.INTERMITTENT: _intermittent,
    ForecastMethod.AVERAGE: _average,
}
