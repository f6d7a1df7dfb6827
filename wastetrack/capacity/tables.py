"""The table of assessments: what was asked, and the result as it was found."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.capacity.result import ScenarioKind
from wastetrack.db.types import UtcDateTime, one_of


class CapacityRunRow(SQLModel, table=True):
    """One assessment of a region and year; without a result as long as it is being made."""

    __tablename__ = "capacity_runs"
    __table_args__ = (
        one_of("scenario", ScenarioKind),
        sa.CheckConstraint("region ~ '^([0-9]{2}){1,3}$'", name="region"),
        sa.CheckConstraint("year between 2020 and 2100", name="year"),
        sa.CheckConstraint(
            "(made_at is null) = (result is null) and (made_at is null) = (seconds is null) "
            "and (made_at is null) = (supply_g is null) and (made_at is null) = (unmatched_g is null)",
            name="made",
        ),
        sa.Index(None, "region", "asked_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    task_id: UUID | None = None
    """The long task that makes it; such tasks are forgotten after a while."""
    region: str = Field(sa_type=sa.Text)
    year: int = Field(sa_type=sa.SmallInteger)
    scenario: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    question: dict[str, Any] = Field(sa_type=JSONB)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seconds: float | None = Field(default=None, sa_type=sa.Double)
    supply_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    unmatched_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
