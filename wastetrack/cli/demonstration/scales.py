"""What scales say: the true mass, the scale's own noise, the tare that differs from the printed one, the steps in
which it shows. Uncertainties are those that a careful owner would state (one sigma)."""

import math
from dataclasses import dataclass
from random import Random

from wastetrack.cli.demonstration.wastes import Vessel
from wastetrack.containers.model import Weighing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass

# One sigma of an empty container's mass about the figure in its data sheet.
_TARE_SPREAD = 0.008
_FLAT = math.sqrt(12)


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale: up to what gross mass, in what steps, with what noise (grams, one sigma)."""

    kind: str
    capacity_g: int
    step_g: int
    noise_g: int

    @property
    def uncertainty_g(self) -> int:
        """Noise and steps together."""
        return max(1, round(math.hypot(self.noise_g, self.step_g / _FLAT)))

    def show(self, true_gross_g: float, dice: Random) -> int:
        """What it shows for a load, in whole steps."""
        steps = round((true_gross_g + dice.gauss(0, self.noise_g)) / self.step_g)
        return max(steps, 1) * self.step_g


_OF_SHIPPERS = (
    Scale("BENCH", 60_000, 20, 15),
    Scale("PLATFORM", 600_000, 200, 130),
    Scale("FLOOR", 3_000_000, 500, 400),
)
_OF_GATES = (
    Scale("GATE-S", 60_000, 50, 30),
    Scale("GATE", 600_000, 200, 180),
    Scale("GATE-F", 3_000_000, 1_000, 600),
)


def _fitting(scales: tuple[Scale, ...], gross_g: int) -> Scale:
    return next(scale for scale in scales if gross_g <= scale.capacity_g)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled container as it truly is, and as its maker weighed it."""

    weighing: Weighing
    true_g: int


def fill(vessel: Vessel, true_g: int, owner: str, dice: Random) -> Filled:
    """Fill a vessel with so much waste and weigh it on the owner's scale. The tare written is the data sheet's."""
    true_tare_g = vessel.tare_g * dice.gauss(1, _TARE_SPREAD)
    scale = _fitting(_OF_SHIPPERS, true_g + vessel.tare_g)
    gross_g = max(scale.show(true_g + true_tare_g, dice), vessel.tare_g + scale.step_g)
    uncertainty_g = round(math.hypot(scale.uncertainty_g, vessel.tare_g * _TARE_SPREAD))
    weighing = Weighing(
        gross=Mass(gross_g),
        tare=Mass(vessel.tare_g),
        method=WeighingMethod.PLATFORM_SCALE,
        scale_id=f"{owner}-{scale.kind}",
        uncertainty=Mass(uncertainty_g),
        confirmed=True,
    )
    return Filled(weighing, true_g)


@dataclass(frozen=True, slots=True)
class AtGate:
    """What the gate's scale shows, and which it is."""

    gross: Mass
    scale_id: str
    uncertainty: Mass


def weigh_at_gate(true_g: int, tare_g: int, owner: str, dice: Random) -> AtGate:
    """Weigh a container on the receiver's scale; the tare is the label's, so its error comes along."""
    scale = _fitting(_OF_GATES, true_g + tare_g)
    gross_g = max(scale.show(true_g + tare_g * dice.gauss(1, _TARE_SPREAD), dice), tare_g + scale.step_g)
    return AtGate(Mass(gross_g), f"{owner}-{scale.kind}", Mass(scale.uncertainty_g))
