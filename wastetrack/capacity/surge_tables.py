"""The table of simulated epidemics: what was asked, what the answer is."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime


class SurgeRow(SQLModel, table=True):
    """One simulation for a region; its answer comes with the long work that does it."""

    __tablename__ = "medical_surges"
    __table_args__ = (
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name="answered_at"),
        sa.Index(None, "organisation_id", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    region_code: str = Field(sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    asked: dict[str, Any] = Field(sa_type=JSONB)
    task_id: UUID | None = None
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
