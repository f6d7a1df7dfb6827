"""How fast each trip was to be expected, by the other trips of its lane, and how well that is known.

Drivers drive evenly slower or faster, so that speeds lie about their mean alike on both sides; who stands on the way is
slow alone. A trip counts for its lane as far as it is likely to have gone through: its speed beside the spread of the
lane, against a small flat part of trips that stood. A lane with few trips borrows its mean, and every lane its spread,
from all the others, by as much as lanes differ among each other. Each trip is judged by the others alone.
"""

import dataclasses

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

ROUNDS = 4
_MIDDLE = 0.6745
"""Standard deviations between the middle and the quarter of a normal error."""
_USUAL = (0.07, 0.12)
"""Spread of a lane's trips and of lanes among each other, as part of the speed, where too few are known."""
_ENOUGH = 20
"""Trips of lanes with two and more, from which spreads are learned."""
_STOOD_OVER = 20.0
"""Spreads over which the speeds of those lie that stood."""
_STOOD = 0.05
"""Of all trips, to begin with."""
_LEAST_SPREAD = 0.01
"""Part of the speed: no lane is known better."""
_MANY = 30.0
"""Trips from which on a lane tells how much spreads differ among lanes."""
_ALIKE = (4.0, 400.0)
"""Least and most trips that the spread of all lanes counts for beside those of one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Paces:
    """Of each trip: its expected speed, and the standard deviation of its own about that."""

    speed: Numbers
    spread: Numbers


@dataclasses.dataclass(frozen=True, slots=True)
class _Lanes:
    """Weighted sums of each lane's speeds."""

    weight: Numbers
    total: Numbers
    squares: Numbers

    def mean(self) -> Numbers:
        return self.total / np.maximum(self.weight, 1e-9)

    def off(self) -> Numbers:
        """Sum of the squared distances from the mean."""
        return np.maximum(self.squares - self.weight * self.mean() ** 2, 0.0)


def paces(lane: Places, speed: Numbers) -> Paces:
    """Expected speeds of trips whose lanes are numbered from 0, in the unit of the speeds."""
    order = np.lexsort((speed, lane))
    first = np.searchsorted(lane[order], np.arange(lane.max() + 1)) if len(lane) else np.zeros(0, np.int64)
    count = np.bincount(lane)
    median = speed[order[np.minimum(first + count // 2, len(lane) - 1)]] if len(lane) else np.zeros(0)
    every = float(np.median(median)) if len(lane) else 1.0
    faster = (speed - median[lane])[speed > median[lane]]
    within = float(np.median(faster)) / _MIDDLE if len(faster) >= _ENOUGH else _USUAL[0] * every
    known = Paces(median[lane], np.full(len(lane), max(within, _LEAST_SPREAD * every)))
    stood = _STOOD
    for _ in range(ROUNDS):
        through = _through(speed, known, stood)
        stood = float(np.clip(1.0 - through.mean(), 0.005, 0.5)) if len(lane) else stood
        known = _learned(lane, speed, through, every)
    return known


def _through(speed: Numbers, known: Paces, stood: float) -> Numbers:
    """How likely each trip went through: certain of those that were faster than expected."""
    z = (speed - known.speed) / known.spread
    usual = (1.0 - stood) * np.exp(-0.5 * np.minimum(z, 0.0) ** 2) / np.sqrt(2.0 * np.pi)
    return np.where(z >= 0, np.exp(-0.5 * np.maximum(z - 4.0, 0.0) ** 2), usual / (usual + stood / _STOOD_OVER))


def _learned(lane: Places, speed: Numbers, through: Numbers, every: float) -> Paces:
    lanes = _Lanes(*(np.bincount(lane, through * power).astype(np.float64) for power in (1.0, speed, speed**2)))
    several = lanes.weight >= 2.0  # noqa: PLR2004  two differ
    degrees = (lanes.weight[several] - 1.0).sum()
    variance = (_USUAL[0] * every) ** 2
    if degrees >= _ENOUGH:
        variance = max(lanes.off()[several].sum() / degrees, (_LEAST_SPREAD * every) ** 2)
    among, middle = _among(lanes, variance, every)
    alike = _alike(lanes)
    # without the trip itself
    weight = np.maximum(lanes.weight[lane] - through, 0.0)
    some = weight > 1e-3  # noqa: PLR2004  of a trip
    mean = np.where(some, (lanes.total[lane] - through * speed) / np.maximum(weight, 1e-3), middle)
    off = np.maximum(lanes.squares[lane] - through * speed**2 - weight * mean**2, 0.0) * some
    own = (off + alike * variance) / (np.maximum(weight - 1.0, 0.0) + alike)
    own = np.maximum(own, (_LEAST_SPREAD * every) ** 2)
    unsure = own / np.maximum(weight, 1e-3)
    drawn = among / (among + unsure)
    return Paces(middle + drawn * (mean - middle), np.sqrt(own + drawn * unsure))


def _among(lanes: _Lanes, variance: float, every: float) -> tuple[float, float]:
    """The variance of lanes about their middle, and that middle."""
    usual = (_USUAL[1] * every) ** 2
    told = lanes.weight >= 2.0  # noqa: PLR2004
    if told.sum() < _ENOUGH:
        return usual, float(np.median(lanes.mean()[lanes.weight > 0])) if (lanes.weight > 0).any() else every
    mean, error = lanes.mean()[told], variance / lanes.weight[told]
    middle = float(np.median(mean))
    # quarters, not squares: some lanes are told with a distance that is none
    low, high = np.quantile(mean, [0.25, 0.75])
    among = ((high - low) / (2.0 * _MIDDLE)) ** 2 - float(np.median(error))
    return max(float(among), 0.1 * variance), middle


def _alike(lanes: _Lanes) -> float:
    """For how many trips the spread of all lanes counts, by how much the spreads of lanes differ beyond chance."""
    many = lanes.weight >= _MANY
    if many.sum() < _ENOUGH:
        return _ALIKE[1] / 10.0
    degrees = lanes.weight[many] - 1.0
    spreads = np.log(np.maximum(lanes.off()[many] / degrees, 1e-12))
    low, high = np.quantile(spreads, [0.25, 0.75])
    beyond = ((high - low) / (2.0 * _MIDDLE)) ** 2 - float(np.mean(2.0 / degrees))
    return float(np.clip(2.0 / max(beyond, 1e-6), *_ALIKE))
