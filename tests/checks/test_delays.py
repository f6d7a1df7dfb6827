"""How long trips stood, what proved losses say of that, and what a firm's trips say of each."""

import numpy as np
import pytest

from wastetrack.checks.models.delays import Timed, log_likelihoods
from wastetrack.checks.models.firms import posteriors
from wastetrack.checks.models.paces import Paces, paces

KM = 100.0


def test_a_lane_is_as_fast_as_its_trips_that_went_through_and_its_error_is_theirs() -> None:
    draw = np.random.default_rng(3)
    speed = 50.0 + 2.0 * draw.normal(size=400)
    speed[::10] = 20.0  # forty stood for three hours

    known = paces(np.zeros(400, np.int64), speed)

    assert known.speed == pytest.approx(np.full(400, 50.0), abs=0.6)
    assert known.spread == pytest.approx(np.full(400, 2.0), abs=0.4)


def test_a_lane_with_one_trip_is_as_uncertain_as_lanes_differ_and_no_trip_is_judged_by_itself() -> None:
    draw = np.random.default_rng(4)
    lane = np.concatenate([np.repeat(np.arange(60), 30), [60]])
    middle = 50.0 + 6.0 * draw.normal(size=61)
    speed = middle[lane] + 2.0 * draw.normal(size=len(lane))
    speed[-1] = 30.0

    known = paces(lane, speed)

    assert known.speed[-1] == pytest.approx(50.0, abs=3.0)
    assert known.spread[-1] == pytest.approx(6.5, abs=2.0)
    assert known.spread[:-1].max() < 3.0


def timed(spread: float) -> tuple[Timed, np.ndarray]:
    """4,000 trips of 100 km in two hours: 200 rested for 60 to 240 minutes, 40 proved losses took 20 to 50 more; then
    one that came 30 minutes late, one 150, and one in time."""
    draw = np.random.default_rng(5)
    minutes = KM / (50.0 + spread * draw.normal(size=4043)) * 60.0
    minutes[:200] += draw.uniform(60.0, 240.0, 200)
    minutes[200:240] += draw.uniform(20.0, 50.0, 40)
    minutes[-3:] = 150.0, 270.0, 120.0
    proved = np.zeros(4043, bool)
    proved[200:240] = True
    known = Paces(np.full(4043, 50.0), np.full(4043, spread))
    return Timed(np.full(4043, KM), minutes, known), proved


def test_who_comes_as_late_as_proved_losses_and_no_honest_driver_is_suspected() -> None:
    trips, proved = timed(spread=1.5)

    half_an_hour, long_rest, in_time = np.exp(log_likelihoods(trips, np.ones(4043, bool), proved)[-3:])

    assert half_an_hour > 30.0
    assert long_rest < 1.0
    assert in_time < 0.1


def test_where_the_lane_is_known_badly_the_same_delay_tells_little() -> None:
    sharp, proved = timed(spread=1.5)
    blunt, _ = timed(spread=8.0)
    every = np.ones(4043, bool)

    assert log_likelihoods(blunt, every, proved)[-3] < log_likelihoods(sharp, every, proved)[-3] - 2.0


def test_a_firm_that_did_it_before_is_likelier_to_have_done_it_again() -> None:
    firm = np.repeat(np.arange(20), 500)
    odds = np.full(10_000, 0.001)
    usual = np.full(10_000, 0.002)
    odds[3 * 500 : 3 * 500 + 10] = 99.0  # ten proved losses of one firm
    usual[3 * 500 : 3 * 500 + 10] = 0.0
    odds[[3 * 500 + 20, 7 * 500 + 20]] = 0.2  # and one trip of it, and one of another, that came late

    real = posteriors(firm, odds, usual, np.ones(10_000, bool))

    assert real[3 * 500 + 20] > 0.5
    assert real[7 * 500 + 20] < 0.2


def test_where_all_firms_are_alike_no_trip_is_judged_by_its_firm() -> None:
    firm = np.repeat(np.arange(20), 500)
    odds = np.full(10_000, 0.001)
    usual = np.full(10_000, 0.011)
    odds[::100], usual[::100] = 99.0, 0.0
    odds[5] = 0.2

    assert posteriors(firm, odds, usual, np.ones(10_000, bool))[5] == pytest.approx(0.2 / 1.2, abs=0.05)
