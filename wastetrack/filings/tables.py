"""The table of submitted reports; append-only: a correction is a version of its own."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.filings.model import ReportKind


class PeriodicReportRow(SQLModel, table=True):
    """One version of the report of a site for a period; its id is that of its event."""

    __tablename__ = "periodic_reports"
    __table_args__ = (
        one_of("kind", ReportKind),
        sa.CheckConstraint("number between 1 and 12", name="number"),
        sa.CheckConstraint("version >= 1 and (version = 1 or reason <> '')", name="version"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        sa.UniqueConstraint("site_id", "kind", "year", "number", "version"),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    kind: str = Field(sa_type=sa.Text)
    year: int = Field(sa_type=sa.SmallInteger)
    number: int = Field(sa_type=sa.SmallInteger)
    version: int = Field(sa_type=sa.SmallInteger)
    figures: dict[str, Any] = Field(sa_type=JSONB)
    digest: str = Field(sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    submitted_by: UUID = Field(foreign_key="people.id")
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    delegate_of_organisation_id: UUID | None = Field(default=None, foreign_key="organisations.id")
