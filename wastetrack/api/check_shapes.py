"""The shapes of what the API tells of the checks, and of what it takes."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wastetrack.api.fields import LogEntry
from wastetrack.api.schemas import Body, Shown
from wastetrack.findings.model import FindingQueue, FindingState, FindingStep, Judgement, RuleAnswer, RunKind
from wastetrack.serving.written_text import Day, Line, Prose

MOST = 200


class Wanted(Body):
    """Which findings are asked for. A state `live` is open and found by the last run, `lapsed` no longer found."""

    queue: FindingQueue | None = None
    rule: Line | None = None
    state: Literal["open", "snoozed", "closed", "live", "lapsed"] | None = None
    severity: int | None = Field(None, ge=1, le=4, description="At least")
    about: Line | None = Field(None, description="The id of the subject or of the party")
    this_week: bool = False
    limit: int = Field(50, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=100_000)


class NamedShown(Shown):
    """A thing by the name that people know it by; no name where it is not of this register."""

    id: str
    name: str | None = None


class ListedShown(Shown):
    """A finding in a list. `expected_g`: grams at risk × posterior, by which a queue is ranked."""

    id: UUID
    rule: str
    version: int
    queue: FindingQueue
    severity: int
    subject_kind: str
    subject: NamedShown
    party: NamedShown | None
    since_at: datetime
    found_at: datetime
    latest_at: datetime
    at_risk_g: int
    statistic: float
    threshold: float
    state: FindingState
    outcome: Judgement | None
    closed_at: datetime | None
    lapsed_at: datetime | None
    opened_at: datetime
    snoozed_until: date | None
    posterior: float
    expected_g: float
    this_week: bool
    facts: dict[str, Any]


class FindingList(Shown):
    """Findings; ask for the next with `offset` while `more` is true."""

    items: list[ListedShown]
    more: bool


class FactShown(Shown):
    """What was found of it at one time."""

    since_at: datetime
    found_at: datetime
    severity: int
    at_risk_g: int
    statistic: float
    threshold: float
    facts: dict[str, Any]


class StepShown(Shown):
    """What happened to it; acts of officials name their event in the log."""

    step: FindingStep
    happened_at: datetime
    person: str | None
    organisation: str | None
    event_id: UUID | None
    outcome: Judgement | None
    reason: str
    told: dict[str, Any]


class NumberShown(Shown):
    """A parameter as it was in force."""

    name: str
    value: float
    default: float
    unit: str
    meaning: str
    source: str


class RuleShown(Shown):
    """A rule as it ran last. Precision: the share of closed findings that were true, over all regions."""

    rule: str
    version: int
    title: str
    title_zh: str
    queue: FindingQueue
    severity: int
    formula: str
    numbers: list[NumberShown]
    needs: list[str]
    detectable: str
    false_alarms: str
    innocent: list[str]
    next_step: str
    article: str
    urgent: bool
    chance: float
    looked_at: datetime | None = Field(
        description="As of when it last looked at the records; a rule looks each night, week or month. Null: no data"
    )
    confirmed: int
    explained: int
    data_error: int
    unfounded: int
    precision: float | None
    precision_from: float | None = Field(description="Wilson's 95 % interval")
    precision_to: float | None


class FindingShown(Shown):
    """All of a finding."""

    id: UUID
    rule: RuleShown
    state: FindingState
    severity: int
    subject_kind: str
    subject: NamedShown
    party: NamedShown | None
    since_at: datetime
    found_at: datetime
    latest_at: datetime
    at_risk_g: int
    statistic: float
    threshold: float
    numbers: dict[str, float]
    posterior: float
    outcome: Judgement | None
    closed_at: datetime | None
    lapsed_at: datetime | None
    snoozed_until: date | None
    last_run_id: UUID
    as_of: datetime
    facts: list[FactShown]
    history: list[StepShown]


class FindingStanding(Shown):
    """How it stands after the act, and the event."""

    id: UUID
    state: FindingState
    outcome: Judgement | None
    snoozed_until: date | None
    log: LogEntry


class HeadShown(Shown):
    """A queue of one's authority. `left`: how many of the weekly budget are not answered yet."""

    queue: FindingQueue
    budget: int
    left: int
    closed: int
    open: int
    snoozed: int
    lapsed: int
    fresh: int
    grave: int
    at_risk_g: int


class HeadList(Shown):
    """All queues; `fresh` counts what was opened since yesterday's midnight of the law."""

    items: list[HeadShown]


class RuleList(Shown):
    """All rules that have run here."""

    items: list[RuleShown]


class RunShown(Shown):
    """A run of the checks as it was published."""

    id: UUID
    kind: RunKind
    as_of: datetime
    log_size: int | None
    published_at: datetime
    seconds: float
    opened: int
    grown: int
    reopened: int
    lapsed: int
    unplaced: int


class RunList(Shown):
    """The newest first."""

    items: list[RunShown]


class AnswerShown(Shown):
    """What a rule had to say; no_data names what it lacks, and is no clean record."""

    rule: str
    version: int
    answer: RuleAnswer
    lacking: list[str]
    found: int
    at_risk_g: int
    seconds: float


class RunWhole(Shown):
    """A run with what each rule had to say."""

    run: RunShown
    rules: list[AnswerShown]


class Closing(Body):
    """What it turned out to be, and how that was seen."""

    outcome: Judgement
    reason: Prose


class Snoozing(Body):
    """When to look again, and what is waited for."""

    until: Day
    reason: Prose


class TakingBack(Body):
    """Why the outcome was wrong."""

    reason: Prose


class Budget(Body):
    """How many findings of the queue one's authority looks into in a week."""

    weekly_budget: int = Field(ge=0, le=500)
