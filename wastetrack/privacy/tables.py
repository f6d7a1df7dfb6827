"""Who has asked to be erased."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime


class ErasureRequest(SQLModel, table=True):
    """A person's own request; the operator answers it by the erasure, which names its event."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        sa.CheckConstraint("(answered_at is null) = (event_id is null)", name="answered_whole"),
        sa.Index("uq_erasure_requests_open", "person_id", unique=True, postgresql_where=sa.text("answered_at is null")),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    event_id: UUID | None = None


class HoldRow(SQLModel, table=True):
    """An authority's hold: nothing of its subject is purged or erased while it lasts."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        sa.CheckConstraint("thing in ('manifest', 'site', 'organisation')", name="thing"),
        sa.CheckConstraint("reason <> ''", name="reason"),
        sa.CheckConstraint("(ended_at is null) = (end_reason = '')", name="ended_with_reason"),
        sa.Index("ix_legal_holds_subject_id", "subject_id", postgresql_where=sa.text("ended_at is null")),
    )

    id: UUID = Field(primary_key=True)
    thing: str = Field(sa_type=sa.Text)
    subject_id: UUID
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    reason: str = Field(sa_type=sa.Text)
    told: bool = False
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
