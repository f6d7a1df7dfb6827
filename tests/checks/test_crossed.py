"""Effects of crossed factors: the ridge solution itself, and the same whoever adds up."""

import numpy as np
import pytest

from wastetrack.checks.models.crossed import HUBER, effects

Drawn = tuple[list[np.ndarray], list[np.ndarray | float], np.ndarray, np.ndarray]


def drawn(size: int = 600, seed: int = 5) -> Drawn:
    """Cells of 40 and 6 scales, their lanes, 20 carriers and 5 codes: heavy ones, so that little is shrunken."""
    rng = np.random.default_rng(seed)
    one, two = rng.integers(0, 40, size), rng.integers(0, 6, size)
    _, lane = np.unique(one * 6 + two, return_inverse=True)
    factors = [one, two, lane, rng.integers(0, 20, size), rng.integers(0, 5, size)]
    priors: list[np.ndarray | float] = [rng.uniform(0.002, 0.01, 40), np.full(6, 0.002), 0.0005, 0.003, 0.004]
    precision = rng.uniform(1, 300, size) / 0.002**2
    off = rng.normal(0, 1, size) * np.where(rng.random(size) < 0.1, 12, 1)
    return factors, priors, precision, off * np.sqrt(precision) + 0.004 * precision


def by_definition(
    factors: list[np.ndarray], priors: list[np.ndarray | float], precision: np.ndarray, loss: np.ndarray
) -> np.ndarray:
    """Least squares with a row for each effect that says it is nought, dense; and again with Huber's weights."""
    columns = []
    for codes, prior in zip(factors, priors, strict=True):
        levels = np.arange(codes.max() + 1)
        columns.append((codes[:, None] == levels) * np.broadcast_to(prior, levels.shape))
    design = np.concatenate(columns, axis=1) * np.sqrt(precision)[:, None]
    right, weight, found = loss / np.sqrt(precision), np.ones(precision.size), np.zeros(design.shape[1])
    for _ in range(2):
        root = np.sqrt(weight)
        rows = np.concatenate([design * root[:, None], np.eye(design.shape[1])])
        found = np.linalg.lstsq(rows, np.concatenate([right * root, np.zeros(design.shape[1])]), rcond=None)[0]
        weight = np.minimum(1.0, HUBER / np.abs(right - design @ found))
    widths = np.concatenate([np.broadcast_to(p, (int(c.max()) + 1,)) for c, p in zip(factors, priors, strict=True)])
    return np.asarray(found * widths)


@pytest.mark.parametrize("first", [(), (2,), (2, 0)])
def test_effects_are_the_ridge_solution(first: tuple[int, ...]) -> None:
    given = drawn()

    found = np.concatenate(effects(*given, first=first))

    assert found == pytest.approx(by_definition(*given), abs=1e-12)
    assert np.abs(found).max() > 1e-3


def test_effects_are_the_same_whoever_added_up() -> None:
    factors, priors, precision, loss = drawn(size=4000)
    noise = np.random.default_rng(1).normal(0, 1e-13, loss.size)

    here = np.concatenate(effects(factors, priors, precision, loss, first=(2, 0)))
    there = np.concatenate(effects(factors, priors, precision * (1 - noise), loss * (1 + noise), first=(2, 0)))

    # as parts of a load: a tenth of a milligram of a tonne
    assert there == pytest.approx(here, abs=1e-10)


def test_a_factor_that_no_cell_has_is_empty() -> None:
    nothing = np.zeros(0, dtype=np.int64)

    assert [one.size for one in effects([nothing], [0.1], np.zeros(0), np.zeros(0))] == [0]


def test_what_is_no_number_does_not_pass_for_an_effect() -> None:
    factors, priors, precision, loss = drawn(size=50)
    loss[3] = np.nan

    with pytest.raises(ArithmeticError):
        effects(factors, priors, precision, loss, first=(2, 0))
