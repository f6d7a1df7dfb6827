"""How likely a finding is true, and which come first. Pure.

The prior of a rule is a Beta distribution with its `chance` as mean, worth four outcomes; outcomes move it. What
findings of other queues say of the same subject is added in log-odds, each queue once and by at most three, for
detectors of one kind err together.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wastetrack.findings.model import FindingQueue, Judgement

PRIOR_WORTH = 4.0
CAP = 3.0
BASE_RATE = 0.05
"""Of things that a rule looks at, so many are not as they should be before anything is known of them."""
_Z95 = 1.959963984540054
NEVER = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the closed findings of a rule turned out."""

    confirmed: int = 0
    explained: int = 0
    data_error: int = 0
    unfounded: int = 0

    @property
    def judged(self) -> int:
        """All of them."""
        return self.confirmed + self.explained + self.data_error + self.unfounded

    def right(self, queue: FindingQueue) -> int:
        """Those in which the rule was right. One that looks for wrong records is right where they were wrong."""
        return self.confirmed + (self.data_error if queue is FindingQueue.QUALITY else 0)

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Tally":
        """From counts by outcome."""
        return cls(**{outcome.value: counts.get(outcome.value, 0) for outcome in Judgement})


@dataclass(frozen=True, slots=True)
class Precision:
    """The share of closed findings that were true, with its 95 % interval (Wilson)."""

    right: int
    judged: int

    @property
    def share(self) -> float | None:
        """None until one is closed."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval, which stays within 0 and 1 and means something for three outcomes, too."""
        if not self.judged:
            return None
        share, trials = self.right / self.judged, self.judged
        spread = _Z95 * _Z95 / trials
        middle = (share + spread / 2) / (1 + spread)
        half = _Z95 * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
        return max(middle - half, 0.0), min(middle + half, 1.0)


def chance_of(chance: float, precision: Precision) -> float:
    """The posterior mean of a rule's precision."""
    return (chance * PRIOR_WORTH + precision.right) / (PRIOR_WORTH + precision.judged)


def log_odds(probability: float) -> float:
    """Never infinite: a rule that says of itself that it is always right may err once in a thousand."""
    sure = min(max(probability, NEVER), 1 - NEVER)
    return math.log(sure / (1 - sure))


def says_of_others(chance: float) -> float:
    """What a finding of this rule says of other findings about the same subject, in log-odds, capped."""
    return min(max(log_odds(chance) - log_odds(BASE_RATE), -CAP), CAP)


def evidence(own: FindingQueue, others: Iterable[tuple[FindingQueue, float]]) -> float:
    """What other queues add: of each the strongest voice."""
    strongest: dict[FindingQueue, float] = {}
    for queue, says in others:
        if queue is not own:
            strongest[queue] = max(says, strongest.get(queue, -CAP))
    return sum(strongest.values())


def posterior(rule_log_odds: float, added: float) -> float:
    """How likely this finding is true."""
    return 1 / (1 + math.exp(-(rule_log_odds + added)))


WEEKLY: Mapping[FindingQueue, int] = {
    FindingQueue.INTEGRITY: 10,
    FindingQueue.ELIGIBILITY: 8,
    FindingQueue.TRANSIT: 6,
    FindingQueue.SKIM: 3,
    FindingQueue.FACILITY: 4,
    FindingQueue.LAUNDERING: 3,
    FindingQueue.GENERATOR: 6,
    FindingQueue.DOCUMENTS: 5,
    FindingQueue.QUALITY: 5,
}
"""Findings that ten inspectors can look into in a week, queue by queue; an authority sets its own."""
MOST_WEEKLY = 500
