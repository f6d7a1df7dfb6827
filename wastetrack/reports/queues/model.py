"""What a finding is, and what a queue says about all of its findings.

A finding has a key that stays the same as long as its cause does: `overdue:<manifest>`; what an inspector decides about
it can be kept under that key. Its weight, by which it is ranked, is kilograms times days.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import Figure, jurisdiction
from wastetrack.db.session import ReadSession
from wastetrack.mass import Mass


class Severity(StrEnum):
    """How much a queue matters beside the others."""

    HIGH = "high"
    """Waste may be lost, or people in danger."""
    MEDIUM = "medium"
    """A term is over, or figures do not agree."""
    LOW = "low"
    """Papers are late."""


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """A record that shows it: what it is (a message id) and its page."""

    words: str
    address: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look into. `numbers` is the queue's sentence, its places are filled from `facts`."""

    queue: str
    subject_id: UUID
    part: str = ""
    """Of the subject, where it may have several: a waste code, a period."""
    what: str
    """A number, a name: its own words."""
    since: datetime
    mass: Mass
    firm_id: UUID
    firm: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        """Under which a disposition is kept."""
        return ":".join(filter(None, (self.queue, str(self.subject_id), self.part)))

    def days(self, at: datetime) -> int:
        """Whole days that it has stood."""
        return max((at - self.since) // timedelta(days=1), 0)

    def weight(self, at: datetime) -> float:
        """Kilograms times days."""
        return self.mass.grams / 1000 * max((at - self.since) / timedelta(days=1), 0.0)


@dataclasses.dataclass(frozen=True, slots=True)
class Heap:
    """The heaviest findings of a queue, how many there are in all, and how much mass is concerned."""

    findings: tuple[Finding, ...]
    total: int
    mass: Mass

    @property
    def more(self) -> int:
        """How many are not told."""
        return self.total - len(self.findings)


Find = Callable[[ReadSession, Actor, datetime, int], Awaitable[Heap]]
"""(session, actor, at, at most so many): in one statement."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What is said once about all its findings; sentences are message ids."""

    id: str
    title: str
    severity: Severity
    numbers: str
    """What a finding tells: `On the road for {days} days`."""
    innocent: tuple[str, ...]
    """What else it may be; asked about before anybody is accused."""
    next_step: str
    article: str = ""
    figure: str = ""
    """The figure of the jurisdiction that decides; its article holds, where it is one of a text."""
    find: Find

    @property
    def ground(self) -> str:
        """The article; empty where only practice asks."""
        if not self.figure:
            return self.article
        figure: Figure = getattr(jurisdiction(), self.figure)
        return figure.article if figure.certainty == "text" else ""


EMPTY = Heap((), 0, Mass(0))


def heaviest(findings: list[Finding], at: datetime, most: int) -> Heap:
    """Ranked where the statement cannot rank."""
    findings.sort(key=lambda one: (-one.weight(at), one.since, one.subject_id))
    return Heap(tuple(findings[:most]), len(findings), Mass(sum(one.mass.grams for one in findings)))
