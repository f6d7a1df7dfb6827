"""Tables of long tasks; each is its person's alone, in the organisation for which he began it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.tasks.model import LongTaskState


class LongTaskRow(SQLModel, table=True):
    """One long task. `run_id` is the run under way: what another run would still write finds no row."""

    __tablename__ = "long_tasks"
    __table_args__ = (
        one_of("state", LongTaskState),
        sa.CheckConstraint("done >= 0 and total >= 0", name="progress"),
        sa.CheckConstraint("(state = 'running') = (run_id is not null)", name="run"),
        sa.CheckConstraint("(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)", name="finished"),
        sa.Index(None, "person_id", "organisation_id", "created_at"),
        sa.Index("ix_long_tasks_beat_at", "beat_at", postgresql_where=sa.text("state in ('queued', 'running')")),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    viewer: str = Field(sa_type=sa.Text)
    scopes: list[str] | None = Field(default=None, sa_type=ARRAY(sa.Text))
    kind: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    title_facts: dict[str, Any] = Field(sa_type=JSONB)
    arguments: dict[str, Any] = Field(sa_type=JSONB)
    state: str = Field(sa_type=sa.Text)
    done: int = 0
    total: int | None = None
    message: str = Field(sa_type=sa.Text)
    message_facts: dict[str, Any] = Field(sa_type=JSONB)
    result_address: str | None = Field(default=None, sa_type=sa.Text)
    broken: list[dict[str, Any]] = Field(sa_type=JSONB)
    attempt: int = Field(default=0, sa_type=sa.SmallInteger)
    run_id: UUID | None = None
    cancel_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    beat_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LongTaskFileRow(SQLModel, table=True):
    """The file that a task left, written with its end in one transaction."""

    __tablename__ = "long_task_files"
    __table_args__ = (sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),)

    task_id: UUID = Field(primary_key=True, foreign_key="long_tasks.id", ondelete="CASCADE")
    name: str = Field(sa_type=sa.Text)
    media_type: str = Field(sa_type=sa.Text)
    sha256: str = Field(sa_type=sa.Text)
    content: bytes = Field(sa_type=sa.LargeBinary)
