"""How long trips stood on the way, and how much oftener those do of whom a loss is proved.

Of no trip it is known how long it stood: it came so late, and its speed is known so well. What all trips together say
of the time that is added to the road is found by maximum likelihood over a grid of minutes (Kiefer and Wolfowitz 1956),
for all trips and again for those of proved losses. Both are freed of the error of the speed, so that a lane that is
known to the minute and one that is known to the half hour teach the same, and each trip is judged by its own lane's.
"""

import dataclasses

import numpy as np
import numpy.typing as npt

from wastetrack.checks.models.paces import Numbers, Paces

Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

ADDED = np.concatenate([[0.0], np.geomspace(6.0, 1600.0, 28)])
"""Minutes that may be added, each a fifth more than the one before."""
LATE = -0.5
"""Standard deviations of the speed, below which a trip is looked at; of the others only their number counts."""
_SCALES = np.array([0.7, 1.0, 1.4, 2.5])
"""Spreads of normal errors that together make the error of speeds: tails are what the faster half shows."""
_MOST_ROWS = 10_000
"""From which is learned: an even part of more."""
_TURNS = 40
_STRANGE = 1e-9
"""Density a minute of what no such trip does."""
_WIDTH = 0.3
"""Of the kernel over the logarithm of minutes: few proved losses tell no finer."""
_PROVED_ALIKE = 2.0
"""Proved losses that an even spread over all minutes counts for."""
_TRIPS_ALIKE = 0.2
"""Trips that each number of minutes is thought to have besides."""


@dataclasses.dataclass(frozen=True, slots=True)
class Timed:
    """Trips as the learning needs them."""

    km: Numbers
    took_minutes: Numbers
    paces: Paces
    """In kilometres an hour."""

    def some(self, rows: Marks | Places) -> "Timed":
        """Those rows."""
        known = Paces(self.paces.speed[rows], self.paces.spread[rows])
        return Timed(self.km[rows], self.took_minutes[rows], known)

    def z(self) -> Numbers:
        """How much faster than expected, in standard deviations."""
        found: Numbers = (self.km / self.took_minutes * 60.0 - self.paces.speed) / self.paces.spread
        return found


def log_likelihoods(every: Timed, heavy: Marks, proved: Marks) -> Numbers:
    """Of each trip the log of how much oftener a trip of a proved loss takes as long.

    `heavy` marks trips of loads that are worth it, by which is learned what is usual, and `proved` those of the losses.
    """
    trips, of_loss = every.some(heavy), proved[heavy]
    late = trips.z() < LATE
    shape = _shape(trips)
    # of the trips that are not proved: among these, few hide anything
    rows = np.flatnonzero(late & ~of_loss)
    step = max(1, -(-len(rows) // _MOST_ROWS))
    # who came in time did not stand
    in_time = np.where(ADDED > 0, 0.0, (~late).sum() / step)
    usual = _weights(_densities(trips.some(rows[::step]), shape), _TURNS, in_time)
    usual = (usual + _TRIPS_ALIKE / len(late)) / (usual + _TRIPS_ALIKE / len(late)).sum()
    even = np.where(ADDED > 0, _PROVED_ALIKE / (len(ADDED) - 1), 0.0)
    lost = _smooth(_weights(_densities(trips.some(of_loss), shape), _TURNS, even))
    # of losses and of all, the parts that came in time
    lost_in_time = ((~late & of_loss).sum() + 1.0) / (of_loss.sum() + 2.0)
    result = np.full(len(proved), min(np.log(lost_in_time / (1.0 - late.mean())), 0.0))
    came_late = np.flatnonzero(every.z() < LATE)
    for part in np.array_split(came_late, max(1, len(came_late) // _MOST_ROWS)):
        densities = _densities(every.some(part), shape)
        result[part] = np.log(densities @ lost / (densities @ usual))
    return result


def _shape(trips: Timed) -> Numbers:
    """The parts of _SCALES in the error, by the trips that were faster than expected."""
    fast = trips.z()
    fast = fast[fast > 0]
    fast = fast[:: max(1, -(-len(fast) // _MOST_ROWS))]
    densities = np.exp(-0.5 * (fast[:, None] / _SCALES) ** 2) / _SCALES
    return _weights(densities, _TURNS, (_SCALES == 1.0).astype(float))


def _densities(trips: Timed, shape: Numbers) -> Numbers:
    """Of each trip and number of added minutes, the density a minute of its taking so long."""
    road = trips.took_minutes[:, None] - ADDED
    driven = np.maximum(road, 1.0)
    speed = trips.km[:, None] / driven * 60.0
    half = -0.5 * ((speed - trips.paces.speed[:, None]) / trips.paces.spread[:, None]) ** 2
    total = np.zeros_like(half)
    for scale, part in zip(_SCALES, shape, strict=True):
        if part > 1e-4:  # noqa: PLR2004  a part of no weight
            total += part / scale * np.exp(half / scale**2)
    total *= speed / driven / (trips.paces.spread[:, None] * np.sqrt(2.0 * np.pi))
    found: Numbers = np.where(road > 1.0, total, 0.0) + _STRANGE
    return found


def _weights(densities: Numbers, turns: int, prior: Numbers) -> Numbers:
    """Parts of a mixture of these densities, by expectation and maximisation; `prior` counts as so many rows."""
    weights = np.full(densities.shape[1], 1.0 / densities.shape[1])
    for _ in range(turns):
        share = weights * ((1.0 / np.maximum(densities @ weights, 1e-300)) @ densities) + prior
        weights = share / share.sum()
    return weights


def _smooth(weights: Numbers) -> Numbers:
    """With the added minutes spread over their neighbours."""
    logs = np.log(ADDED[1:])
    kernel = np.exp(-0.5 * ((logs[:, None] - logs) / _WIDTH) ** 2)
    found: Numbers = np.concatenate([weights[:1], (kernel / kernel.sum(0)) @ weights[1:]])
    return found
