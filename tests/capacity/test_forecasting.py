"""Forecasts: what is tried on the past, who may speak, what the figures mean."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wastetrack.capacity.forecast import ForecastMethod
from wastetrack.capacity.forecasting import (
    METHODS,
    PATHS,
    forecast,
    quantile_loss,
    scaled_error,
    shared_out,
)

_TONNE = 1_000_000


def _wave(months: int, *, noise: float, growth: float = 0.0, seed: int = 7) -> list[int]:
    """Some hundred tonnes a month with a season."""
    chance = np.random.default_rng(seed)
    at = np.arange(months)
    tonnes = 100 + growth * at + 30 * np.sin(at * math.tau / 12) + chance.normal(0, noise, months)
    return [max(round(one * _TONNE), 0) for one in tonnes]


def test_the_scaled_error_is_one_where_one_errs_as_the_naive_erred() -> None:
    """By hand: the naive missed by 2 each month of the second year; the forecast misses by 3."""
    known = np.array([10.0] * 12 + [12.0] * 12)
    assert scaled_error(known, np.array([15.0, 15.0]), np.array([12.0, 18.0])) == 1.5


def test_the_pinball_charges_too_low_and_too_high_as_it_should() -> None:
    """By hand, at the ninth decile: 10 too low costs 9, 10 too high costs 1."""
    assert quantile_loss(np.array([110.0]), np.array([100.0]), 0.9) == pytest.approx(9)
    assert quantile_loss(np.array([90.0]), np.array([100.0]), 0.9) == pytest.approx(1)


def test_who_beats_the_naive_at_each_origin_speaks_and_nobody_else() -> None:
    """Averaging over years takes away the noise of the one year on which the naive rests; not at each origin."""
    spoken = set()
    for seed in range(6):
        found = forecast(_wave(60, noise=12, seed=seed))
        assert found.trial is not None
        assert found.trial.origins == (36, 42, 48)
        smoothing, naive = (found.trial.mase[one] for one in (ForecastMethod.SMOOTHING, ForecastMethod.SEASONAL_NAIVE))
        is_better = all(mine < its for mine, its in zip(smoothing, naive, strict=True))
        assert found.method is (ForecastMethod.SMOOTHING if is_better else ForecastMethod.SEASONAL_NAIVE)
        assert found.mase == pytest.approx(sum(smoothing if is_better else naive) / 3)
        spoken.add(found.method)
    assert len(spoken) == 2


def test_who_loses_at_one_origin_does_not_speak() -> None:
    """A year that repeats itself exactly: nobody beats the naive, which never errs."""
    year = [_TONNE * one for one in (5, 90, 14, 3, 77, 8, 41, 2, 66, 9, 30, 12)]
    found = forecast(year * 5)
    assert found.method is ForecastMethod.SEASONAL_NAIVE
    assert found.middle_g == found.low_g == found.high_g == tuple(year)
    assert found.year_g == (sum(year),) * 3


def test_what_seldom_arises_is_told_by_how_often_and_how_much() -> None:
    """One month in four some 40 t: a year is near 120 t, though the median month is empty."""
    chance = np.random.default_rng(3)
    months = [round(float(chance.normal(40, 5)) * _TONNE) if chance.random() < 0.25 else 0 for _ in range(72)]
    paths = METHODS[ForecastMethod.INTERMITTENT](np.array(months, dtype=float), 12, np.random.default_rng(0))
    yearly = np.median(paths.sum(axis=1)) / _TONNE
    assert 60 < yearly < 200
    assert np.median(paths, axis=0).max() == 0
    found = forecast(months)
    assert found.trial is not None
    assert ForecastMethod.INTERMITTENT in found.trial.mase


def test_eight_in_ten_months_lie_within_the_interval() -> None:
    """Over many series of which the truth is known, the interval says what it means."""
    covered = []
    for seed in range(12):
        months = _wave(72, noise=10, seed=seed)
        found = forecast(months[:60])
        covered += [low <= true <= high for low, true, high in zip(found.low_g, months[60:], found.high_g, strict=True)]
    assert 0.65 < sum(covered) / len(covered) < 0.92


def test_the_interval_of_the_year_is_narrower_than_twelve_intervals() -> None:
    """Good and bad months make up for each other."""
    found = forecast(_wave(60, noise=15))
    assert found.year_g[2] - found.year_g[0] < 0.6 * (sum(found.high_g) - sum(found.low_g))
    assert found.year_g[0] < found.year_g[1] < found.year_g[2]


@pytest.mark.parametrize(
    ("months", "method", "tried"),
    [
        (5, ForecastMethod.AVERAGE, None),
        (12, ForecastMethod.SEASONAL_NAIVE, None),
        (28, ForecastMethod.SEASONAL_NAIVE, None),
        (30, None, 3),
        (36, None, 6),
        (48, None, 12),
    ],
)
def test_how_long_the_past_is_says_what_can_be_tried(
    months: int, method: ForecastMethod | None, tried: int | None
) -> None:
    """Below a year only the mean; the trial needs two seasons before its first origin."""
    found = forecast(_wave(months, noise=5))
    assert (found.trial.months_ahead if found.trial else None) == tried
    assert method is None or found.method is method


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.integers(1, 18))
def test_any_series_has_a_forecast_in_order_and_never_below_nothing(months: list[int], ahead: int) -> None:
    """Empty months, jumps, a single month: the deciles stand in order, and the same series gives the same again."""
    found = forecast(months, ahead=ahead)
    for low, middle, high in zip(found.low_g, found.middle_g, found.high_g, strict=True):
        assert 0 <= low <= middle <= high
    assert len(found.low_g) == ahead
    assert forecast(months, ahead=ahead) == found


def test_every_method_gives_as_many_paths() -> None:
    """Quantiles are read off the same number of paths, whoever speaks."""
    series = np.array(_wave(36, noise=5), dtype=float)
    for method in METHODS.values():
        assert method(series, 7, np.random.default_rng(1)).shape == (PATHS, 7)


def test_nothing_known_is_refused() -> None:
    """There is nothing to carry on."""
    with pytest.raises(ValueError, match="a month known"):
        forecast([])


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_shares_of_a_total_add_up_to_the_gram(total: int, known: Sequence[int]) -> None:
    """Nothing is lost by rounding, and more known is not less shared."""
    weights = {f"3706{place:02d}": weight for place, weight in enumerate(known)}
    shares = shared_out(total, weights)
    assert sum(shares.values()) == total
    ordered = sorted(weights, key=lambda name: weights[name])
    assert all(shares[less] <= shares[more] + 1 for less, more in pairwise(ordered))
