"""Tables of what the checks found: runs, the rules as they ran, findings with their facts and history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.findings.model import FindingQueue, FindingState, FindingStep, RuleAnswer, RunKind


class CheckRunRow(SQLModel, table=True):
    """One run of the checks, as it was published."""

    __tablename__ = "check_runs"
    __table_args__ = (
        one_of("kind", RunKind),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        sa.UniqueConstraint("digest"),
        sa.Index(None, "kind", "as_of"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    digest: str = Field(sa_type=sa.Text)
    """Of all that it says but its seconds: the same run is published once."""
    as_of: datetime = Field(sa_type=UtcDateTime)
    log_size: int | None = Field(default=None, sa_type=sa.BigInteger)
    published_at: datetime = Field(sa_type=UtcDateTime)
    seconds: float = Field(sa_type=sa.Double)
    opened: int
    grown: int
    reopened: int
    lapsed: int
    unplaced: int


class CheckRunRuleRow(SQLModel, table=True):
    """What one rule had to say in a run."""

    __tablename__ = "check_run_rules"
    __table_args__ = (
        one_of("answer", RuleAnswer),
        sa.CheckConstraint("(answer = 'found') = (found > 0)", name="found"),
        sa.ForeignKeyConstraint(["rule", "version"], ["check_rules.rule", "check_rules.version"]),
    )

    run_id: UUID = Field(primary_key=True, foreign_key="check_runs.id")
    rule: str = Field(primary_key=True, sa_type=sa.Text)
    version: int
    answer: str = Field(sa_type=sa.Text)
    lacking: list[str] = Field(sa_type=ARRAY(sa.Text))
    found: int
    at_risk_g: int = Field(sa_type=sa.BigInteger)
    seconds: float = Field(sa_type=sa.Double)


class CheckRuleRow(SQLModel, table=True):
    """A version of a rule, copied at each run: whoever shows it needs none of the libraries that run it."""

    __tablename__ = "check_rules"
    __table_args__ = (
        one_of("queue", FindingQueue),
        sa.CheckConstraint("severity between 1 and 4", name="severity"),
        sa.CheckConstraint("chance > 0 and chance < 1", name="chance"),
    )

    rule: str = Field(primary_key=True, sa_type=sa.Text)
    version: int = Field(primary_key=True)
    position: int
    title: str = Field(sa_type=sa.Text)
    queue: str = Field(sa_type=sa.Text)
    severity: int = Field(sa_type=sa.SmallInteger)
    formula: str = Field(sa_type=sa.Text)
    numbers: list[dict[str, Any]] = Field(sa_type=JSONB)
    needs: list[str] = Field(sa_type=ARRAY(sa.Text))
    detectable: str = Field(sa_type=sa.Text)
    false_alarms: str = Field(sa_type=sa.Text)
    innocent: list[str] = Field(sa_type=ARRAY(sa.Text))
    next_step: str = Field(sa_type=sa.Text)
    article: str = Field(sa_type=sa.Text)
    urgent: bool
    chance: float = Field(sa_type=sa.Double)
    copied_at: datetime = Field(sa_type=UtcDateTime)


class FindingRow(SQLModel, table=True):
    """One rule about one subject."""

    __tablename__ = "findings"
    __table_args__ = (
        one_of("queue", FindingQueue),
        one_of("state", FindingState),
        sa.CheckConstraint(
            "outcome is null or outcome in ('confirmed', 'explained', 'data_error', 'unfounded')", name="outcome"
        ),
        sa.CheckConstraint("severity between 1 and 4", name="severity"),
        sa.CheckConstraint("at_risk_g >= 0 and told_g >= 0", name="grams"),
        sa.CheckConstraint("(state = 'closed') = (outcome is not null and closed_at is not null)", name="closed"),
        sa.CheckConstraint("(state = 'snoozed') = (snoozed_until is not null)", name="snoozed"),
        sa.CheckConstraint(
            "not (state = 'snoozed' and severity >= 3 and queue in ('integrity', 'eligibility'))", name="hard_is_shown"
        ),
        sa.ForeignKeyConstraint(["rule", "version"], ["check_rules.rule", "check_rules.version"]),
        sa.UniqueConstraint("rule", "subject_kind", "subject_id"),
        sa.Index("ix_findings_queue_live", "queue", postgresql_where=sa.text("state <> 'closed'")),
        sa.Index(None, "subject_id"),
        sa.Index(None, "party_id"),
    )

    id: UUID = Field(primary_key=True)
    rule: str = Field(sa_type=sa.Text)
    version: int
    queue: str = Field(sa_type=sa.Text)
    severity: int = Field(sa_type=sa.SmallInteger)
    subject_kind: str = Field(sa_type=sa.Text)
    subject_id: str = Field(sa_type=sa.Text)
    party_id: str | None = Field(default=None, sa_type=sa.Text)
    since_at: datetime = Field(sa_type=UtcDateTime)
    found_at: datetime = Field(sa_type=UtcDateTime)
    """From when on the first of it could be known."""
    latest_at: datetime = Field(sa_type=UtcDateTime)
    """The same of the last."""
    at_risk_g: int = Field(sa_type=sa.BigInteger)
    told_g: int = Field(sa_type=sa.BigInteger)
    """What its history said last."""
    statistic: float = Field(sa_type=sa.Double)
    threshold: float = Field(sa_type=sa.Double)
    facts: dict[str, Any] = Field(sa_type=JSONB)
    numbers: dict[str, float] = Field(sa_type=JSONB)
    """The rule's parameters as they were in the run that found it last."""
    evidence: float = Field(default=0.0, sa_type=sa.Double, sa_column_kwargs={"server_default": "0"})
    """What findings of other queues about the same subject add, in log-odds; and how much more or less sure this one is
    than its rule is of all."""
    state: str = Field(sa_type=sa.Text)
    snoozed_until: date | None = None
    outcome: str | None = Field(default=None, sa_type=sa.Text)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lapsed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    first_run_id: UUID = Field(foreign_key="check_runs.id")
    last_run_id: UUID = Field(foreign_key="check_runs.id")
    last_as_of: datetime = Field(sa_type=UtcDateTime)


class FindingFactRow(SQLModel, table=True):
    """What was found of it at one time, as the last run that found it told it."""

    __tablename__ = "finding_facts"

    finding_id: UUID = Field(primary_key=True, foreign_key="findings.id")
    position: int = Field(primary_key=True)
    since_at: datetime = Field(sa_type=UtcDateTime)
    found_at: datetime = Field(sa_type=UtcDateTime)
    severity: int = Field(sa_type=sa.SmallInteger)
    at_risk_g: int = Field(sa_type=sa.BigInteger)
    statistic: float = Field(sa_type=sa.Double)
    threshold: float = Field(sa_type=sa.Double)
    facts: dict[str, Any] = Field(sa_type=JSONB)
    first_run_id: UUID = Field(foreign_key="check_runs.id")
    last_run_id: UUID = Field(foreign_key="check_runs.id")
    """The last full run that found it, or the urgent one that found it since."""


class FindingHistoryRow(SQLModel, table=True):
    """What happened to a finding; acts of officials name their event in the log, which has their words."""

    __tablename__ = "finding_history"
    __table_args__ = (
        one_of("step", FindingStep),
        sa.CheckConstraint(
            "outcome is null or outcome in ('confirmed', 'explained', 'data_error', 'unfounded')", name="outcome"
        ),
        sa.CheckConstraint("(step = 'closed') = (outcome is not null)", name="closed_with_outcome"),
        sa.CheckConstraint("(person_id is null) = (event_id is null)", name="act_in_the_log"),
        sa.Index(None, "finding_id", "id"),
        sa.Index(None, "happened_at"),
    )

    id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(foreign_key="findings.id")
    step: str = Field(sa_type=sa.Text)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    run_id: UUID | None = Field(default=None, foreign_key="check_runs.id")
    person_id: UUID | None = Field(default=None, foreign_key="people.id")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisations.id")
    event_id: UUID | None = None
    outcome: str | None = Field(default=None, sa_type=sa.Text)
    told: dict[str, Any] = Field(sa_type=JSONB)
    """Grams, severity, day: whatever the step tells beside."""


class CheckBudgetRow(SQLModel, table=True):
    """How many findings of a queue an authority can look into in a week."""

    __tablename__ = "check_queues"
    __table_args__ = (
        one_of("queue", FindingQueue),
        sa.CheckConstraint("weekly_budget between 0 and 500", name="weekly_budget"),
    )

    viewer: str = Field(primary_key=True, sa_type=sa.Text)
    queue: str = Field(primary_key=True, sa_type=sa.Text)
    weekly_budget: int
    set_by: UUID = Field(foreign_key="people.id")
    set_at: datetime = Field(sa_type=UtcDateTime)


class CheckParameterRow(SQLModel, table=True):
    """A number that the deployer sets instead of a rule's default."""

    __tablename__ = "check_parameters"
    __table_args__ = (sa.CheckConstraint("why <> ''", name="why"),)

    rule: str = Field(primary_key=True, sa_type=sa.Text)
    name: str = Field(primary_key=True, sa_type=sa.Text)
    value: float = Field(sa_type=sa.Double)
    why: str = Field(sa_type=sa.Text)
    set_at: datetime = Field(sa_type=UtcDateTime)
