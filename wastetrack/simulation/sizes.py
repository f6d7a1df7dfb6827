"""How large a world is, and how untidy."""

import dataclasses
from enum import StrEnum


class Size(StrEnum):
    """Size S is that of the anomaly note, 2.2; XS is for tests."""

    XS = "XS"
    S = "S"
    M = "M"
    L = "L"


class Hardness(StrEnum):
    """How much honest work looks like fraud."""

    EASY = "easy"
    HARD = "hard"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many there are of each, and how many manifests are aimed at in a year."""

    generators: int
    carriers: int
    disposers: int
    intermediates: int
    manifests: int
    trucks: int = 5
    """Of a carrier."""


COUNTS = {
    Size.XS: Counts(generators=60, carriers=6, disposers=12, intermediates=3, manifests=2_400),
    Size.S: Counts(generators=1_500, carriers=60, disposers=30, intermediates=6, manifests=60_000),
    Size.M: Counts(generators=15_000, carriers=600, disposers=300, intermediates=60, manifests=600_000),
    Size.L: Counts(generators=150_000, carriers=6_000, disposers=3_000, intermediates=600, manifests=6_000_000),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Untidiness:
    """Shares and relative errors of an honest world."""

    scale_error: float = 1.0
    """Times the error that the verification class allows in service (OIML R76, JJG 539), as MPE/√3."""
    platform_error: float = 0.01
    estimate_error: float = 0.06
    systematic_share: float = 0.6
    """Part of the variance of a scale that stays the same from load to load."""
    drift_a_month: float = 0.05
    """Standard deviation of a scale's monthly step, in its own systematic error."""
    moisture: float = 1.0
    """Times what the code loses on the road."""
    clerical: float = 0.008
    """Manifests with a mistake of a clerk: US e-Manifest counts 6.0 % electronic and 7.7 % other corrections."""
    uncorrected: float = 0.1
    """Part of those mistakes that nobody puts right."""
    long_stops: float = 0.03
    breakdowns: float = 0.005
    gaps: float = 0.01
    """Trips on which the positions are missing for a while."""
    distance_known: float = 1.0
    late_writing: float = 0.01
    cancelled: float = 0.01
    offline: float = 0.02
    shared_devices: float = 0.01
    pieces_wrong: float = 0.0005
    """Containers that a gate does not find, or finds too many, without any scheme."""
    season: float = 0.15
    monthly_noise: float = 0.08
    """Of a generator's intensity."""
    plant_noise: float = 0.05
    """Of residues and energy by month."""
    stock_error: float = 0.02
    feed_error: float = 0.002
    shutdowns: float = 0.01
    """Of generators, in any month: they make almost nothing."""
    surge: float = 0.0
    """Medical waste in two months of an epidemic, as a part more."""


UNTIDINESS = {
    Hardness.EASY: Untidiness(),
    Hardness.HARD: Untidiness(
        scale_error=1.5, platform_error=0.012, systematic_share=0.7, drift_a_month=0.15, moisture=2.0, clerical=0.077,
        uncorrected=0.15, long_stops=0.06, breakdowns=0.01, gaps=0.03, distance_known=0.7, late_writing=0.03,
        cancelled=0.025, offline=0.08, shared_devices=0.05, pieces_wrong=0.001,
        monthly_noise=0.2, plant_noise=0.08, stock_error=0.04,
        feed_error=0.004, shutdowns=0.025, surge=0.6,
    ),
}  # fmt: skip
EXACT = Untidiness(
    scale_error=0, platform_error=0, estimate_error=0, drift_a_month=0, moisture=0, clerical=0, stock_error=0,
    feed_error=0, pieces_wrong=0,
)  # fmt: skip
"""Every scale is right and nothing dries: then the records balance to the gram."""
