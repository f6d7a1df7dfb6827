"""Tables of transfers on paper: numbers held in reserve, and what a back-entry states before it is signed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.papers import ReservedState


class ReservedNumberRow(SQLModel, table=True):
    """A manifest number given beforehand, for a day on which the system cannot be used."""

    __tablename__ = "reserved_numbers"
    __table_args__ = (
        one_of("state", ReservedState),
        sa.CheckConstraint("number ~ '^[0-9]{14}$'", name="number"),
        sa.CheckConstraint("(state = 'reserved') = (settled_at is null)", name="settled"),
        sa.CheckConstraint("(state = 'voided') = (reason <> '')", name="voided_with_reason"),
        sa.Index("ix_reserved_numbers_site_id", "site_id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=sa.Text, unique=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    state: str = Field(sa_type=sa.Text)
    reserved_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})


class PaperRow(SQLModel, table=True):
    """A transfer that went on paper: its number, its moments, and why."""

    __tablename__ = "manifest_papers"
    __table_args__ = (
        sa.CheckConstraint("picked_up_at <= arrived_at and arrived_at <= received_at", name="in_order"),
        sa.CheckConstraint("reason <> ''", name="reason"),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    reserved_id: UUID = Field(foreign_key="reserved_numbers.id", unique=True)
    picked_up_at: datetime = Field(sa_type=UtcDateTime)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=sa.Text)
    late_reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    entered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperLegRow(SQLModel, table=True):
    """When a carrier took the load over, as the paper says."""

    __tablename__ = "paper_legs"

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    taken_over_at: datetime = Field(sa_type=UtcDateTime)


class PaperLineRow(SQLModel, table=True):
    """What the paper says of a container: what the receiver weighed, or that it did not arrive."""

    __tablename__ = "paper_lines"
    __table_args__ = (one_of("method", WeighingMethod), sa.CheckConstraint("received_g > 0", name="received"))

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    container_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    received_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    method: str = Field(sa_type=sa.Text)
