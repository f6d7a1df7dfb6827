"""What a finding is to those who work on it, and what a run of the checks tells.

A finding is one rule about one subject, for ever: what later runs find of the same is part of it. It is closed by an
official with an outcome; it re-opens when something new happens, or what happened turns out to be graver.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

KIND = "finding"
"""Under which sightings show it."""
CHECKS_VIEWER = "c"
"""The eyes of the checks: they see findings and nothing else of the business."""


class Gravity(IntEnum):
    """How a finding is met."""

    WATCH = 1
    EXPLAIN = 2
    """The firm is asked for an explanation."""
    INSPECT = 3
    REFER = 4
    """To those who investigate crimes."""


class FindingQueue(StrEnum):
    """Findings compete only within a queue: in one list a weak score of many starves the sure ones of few."""

    INTEGRITY = "integrity"
    """Never arrived, clones, missing containers, times that cannot be."""
    ELIGIBILITY = "eligibility"
    """What a permit, licence or approval did not cover."""
    TRANSIT = "transit"
    """What happened on the road."""
    SKIM = "skim"
    """Small losses that add up."""
    FACILITY = "facility"
    """Treatment, residues, stock of a plant."""
    LAUNDERING = "laundering"
    """Codes that change where nothing was treated; waste that comes back."""
    GENERATOR = "generator"
    """What is made and not told."""
    DOCUMENTS = "documents"
    """Figures and signatures that look made up."""
    QUALITY = "quality"
    """Records that cannot be right."""


class FindingState(StrEnum):
    """Where the work on a finding stands."""

    OPEN = "open"
    SNOOZED = "snoozed"
    """Until a day, or until it gets graver."""
    CLOSED = "closed"


class Judgement(StrEnum):
    """What a finding turned out to be."""

    CONFIRMED = "confirmed"
    """Waste was lost, or a rule was broken."""
    EXPLAINED = "explained"
    """It happened, and there is an innocent reason."""
    DATA_ERROR = "data_error"
    """The records were wrong."""
    UNFOUNDED = "unfounded"
    """Nothing of it is true."""


class FindingStep(StrEnum):
    """What happened to a finding."""

    OPENED = "opened"
    MERGED = "merged"
    """Further facts joined it."""
    GREW = "grew"
    """Its facts weigh more than when they were told last."""
    LAPSED = "lapsed"
    """A later run finds it no longer."""
    FOUND_AGAIN = "found_again"
    REOPENED = "reopened"
    """New facts came after it was closed."""
    WOKEN = "woken"
    """The snooze is over, or the finding got graver."""
    SNOOZED = "snoozed"
    CLOSED = "closed"
    TAKEN_BACK = "taken_back"
    """An official took the closing back; its outcome does not count."""
    CASE_TAKEN = "case_taken"


class RuleAnswer(StrEnum):
    """What a rule had to say in a run."""

    FOUND = "found"
    NOTHING = "nothing"
    """It looked, and all was well."""
    NO_DATA = "no_data"
    """It had nothing to look at; that is no clean record."""


class RunKind(StrEnum):
    """How much a run looked at."""

    FULL = "full"
    """All rules over the copy of all records: what it no longer finds has lapsed."""
    URGENT = "urgent"
    """Urgent rules over the live records: it adds, and says of nothing that it is gone."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetNumber:
    """A parameter of a rule as it was in force in a run."""

    name: str
    value: float
    default: float
    unit: str
    meaning: str
    source: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RuleTold:
    """A rule as it ran: its sentences are message ids."""

    rule: str
    version: int
    title: str
    queue: FindingQueue
    severity: Gravity
    formula: str
    numbers: tuple[SetNumber, ...]
    needs: tuple[str, ...]
    detectable: str
    false_alarms: str
    innocent: tuple[str, ...]
    next_step: str
    article: str
    urgent: bool
    chance: float
    answer: RuleAnswer
    lacking: tuple[str, ...] = ()
    seconds: float = 0.0
    position: int = 0
    """Among all rules."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a rule found at one time of one subject."""

    since_at: datetime
    found_at: datetime
    severity: int
    at_risk_g: int
    statistic: float
    threshold: float
    facts: Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FactTold:
    """A fact with whom it is about, as a run tells it."""

    rule: str
    subject_kind: str
    subject_id: str
    party_id: str | None
    fact: Fact


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunTold:
    """A run, as it is published; what its rules do not tell any more has lapsed, of others all stands."""

    kind: RunKind
    as_of: datetime
    log_size: int | None
    """How much of the log the copy held; None where a world is not a copy of this log."""
    rules: tuple[RuleTold, ...]
    facts: tuple[FactTold, ...]
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What publishing a run has changed."""

    run_id: UUID
    opened: int = 0
    grown: int = 0
    reopened: int = 0
    lapsed: int = 0
    unplaced: int = 0
    """Findings whose subject and party are not in this register: nobody is shown them."""
    again: bool = False
    """This run had been published already."""


def is_hard(queue: FindingQueue, severity: int) -> bool:
    """Whether nothing may hide it: sure by its nature, and grave."""
    return queue in {FindingQueue.INTEGRITY, FindingQueue.ELIGIBILITY} and severity >= Gravity.INSPECT


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CloseFinding:
    """Command: say what a finding turned out to be."""

    finding_id: UUID
    outcome: Judgement
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeFinding:
    """Command: look at it again on a day."""

    finding_id: UUID
    until: date
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Command: take the closing of a finding back."""

    finding_id: UUID
    reason: str
