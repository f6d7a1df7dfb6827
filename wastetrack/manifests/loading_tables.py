"""The table of what was seen while a load was put on its vehicle."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.manifests.loading_model import LoadingFound


class LoadingScanRow(SQLModel, table=True):
    """One label that was read at the vehicle, or one container of which somebody said why its label was not. Written
    once; of several about one container the newest counts."""

    __tablename__ = "loading_scans"
    __table_args__ = (
        one_of("found", LoadingFound),
        sa.CheckConstraint("found not in ('on_list', 'unread', 'left') or container_id is not null", name="container"),
        sa.CheckConstraint("length(label) <= 60", name="label"),
        sa.Index(None, "manifest_id", "recorded_at"),
    )

    id: UUID = Field(primary_key=True)
    """The device names its scan; the event that states it has the same name."""
    manifest_id: UUID = Field(foreign_key="manifests.id")
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    label: str = Field(sa_type=sa.Text)
    """The digital code that was read; empty where none could be."""
    found: str = Field(sa_type=sa.Text)
    reason: str = Field(default="", sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
