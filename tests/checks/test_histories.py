"""Months against the months before them: what the anomaly note promises of residues, with our own chance."""

import numpy as np
import pytest

from wastetrack.checks.models.histories import (
    Matrix,
    Reference,
    against_own_past,
    cumulated,
    middles,
    pooled,
    spreads,
)

PLANTS, REFERENCE, FEIGNED_PLANTS = 2000, 12, 200


def _pooled(feigned: float, seed: int = 7) -> Matrix:
    """Twelve honest months, and twelve in which the first plants feign; residue varies by 10 %, energy by 8 %."""
    chance = np.random.default_rng(seed)
    one_group = np.zeros(PLANTS, dtype=np.int64)
    parts = []
    for variation in (0.10, 0.08):
        values = chance.normal(chance.normal(0, 0.3, (PLANTS, 1)), variation, (PLANTS, 2 * REFERENCE))
        values[:FEIGNED_PLANTS, REFERENCE:] += np.log(1 - feigned)
        parts.append(against_own_past(values, one_group, Reference()).z)
    return pooled(parts)


def _found_within(z: Matrix, months: int) -> float:
    """Of the plants without an alarm in the honest months, those with one in the months after them."""
    alarms = (z < -3.09) | (cumulated(z, 0.5) > 5)
    quiet = ~alarms[:, :REFERENCE].any(axis=1)
    return float(np.mean(alarms[quiet, REFERENCE : REFERENCE + months].any(axis=1)))


@pytest.mark.parametrize(
    ("feigned", "months", "promised"), [(0.30, 1, 0.99), (0.20, 2, 0.94), (0.15, 3, 0.83), (0.10, 12, 0.85)]
)
def test_feigned_treatment_is_found_as_soon_as_the_note_says(feigned: float, months: int, promised: float) -> None:
    power = _found_within(_pooled(feigned)[:FEIGNED_PLANTS], months)

    assert power == pytest.approx(promised, abs=0.1)


def test_five_per_cent_stay_unseen_and_the_honest_are_left_alone() -> None:
    z = _pooled(0.05)

    assert _found_within(z[:FEIGNED_PLANTS], 12) < 0.5
    assert _found_within(z[FEIGNED_PLANTS:], 12) < 0.12
    assert np.mean(z[FEIGNED_PLANTS:, REFERENCE:] < -3.09) < 0.003


def test_the_month_tested_is_no_part_of_its_reference() -> None:
    chance = np.random.default_rng(3)
    values = chance.normal(0, 0.1, (40, 20))
    changed = values.copy()
    changed[:, 15:] = -9.0

    before, after = (against_own_past(each, np.zeros(40, dtype=np.int64), Reference()) for each in (values, changed))

    assert np.array_equal(before.center[:, :16], after.center[:, :16], equal_nan=True)
    assert np.array_equal(before.z[:, :15], after.z[:, :15], equal_nan=True)
    assert (after.z[:, 15] < -5).all()


def test_a_scheme_does_not_become_the_rule() -> None:
    chance = np.random.default_rng(5)
    values = chance.normal(0, 0.1, (200, 36))
    values[:20, 12:] += np.log(0.6)

    z = against_own_past(values, np.zeros(200, dtype=np.int64), Reference()).z

    assert (np.median(z[:20, 12:29], axis=1) < -3).all()


def test_what_a_sector_has_in_common_in_a_month_is_nobodys_fault() -> None:
    chance = np.random.default_rng(6)
    values = chance.normal(0, 0.1, (50, 14))
    values[:, 13] -= 1.0
    labels = np.zeros(50, dtype=np.int64)

    assert (against_own_past(values, labels, Reference()).z[:, 13] < -3).all()
    assert (np.abs(against_own_past(values, labels, Reference(), sectors=labels).z[:, 13]) < 4).all()


def test_groups_have_their_own_middle_and_spread() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, 10.0, 30.0])
    groups = np.array([0, 0, 0, 0, 1, 1])

    assert middles(values, groups, 3)[:2].tolist() == [2.0, 20.0]
    assert np.isnan(middles(values, groups, 3)[2])
    assert np.isnan(middles(values, groups, 2, least=3)[1])
    assert spreads(values, groups, 2).tolist() == pytest.approx([1.4826, 14.826])


def test_three_months_of_its_own_and_its_peers_scatter_make_a_standard_normal() -> None:
    """A median of three, clipped, says a third too little of how months scatter; that is allowed for."""
    chance = np.random.default_rng(3)
    groups = np.repeat(np.arange(150), 8)

    z = against_own_past(chance.normal(0, 0.08, (1200, 12)), groups, Reference(least=3)).z

    for month in range(3, 12):
        assert z[:, month].std() == pytest.approx(1.0, abs=0.1), month
    assert np.mean(z[:, 3:] < -3.09) < 0.004
