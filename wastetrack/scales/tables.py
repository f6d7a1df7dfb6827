"""Tables of scales and their readings. Readings and their use are written once."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.scales.model import AccuracyClass, ScaleKind, ScaleUnit


class ScaleRow(SQLModel, table=True):
    """A scale, with its verification (检定)."""

    __tablename__ = "scales"
    __table_args__ = (
        one_of("kind", ScaleKind),
        one_of("unit", ScaleUnit),
        one_of("accuracy", AccuracyClass),
        sa.CheckConstraint("verified_until >= verified_on", name="verified_until"),
        sa.CheckConstraint("uncertainty_g > 0", name="uncertainty_g"),
        sa.CheckConstraint("division_g > 0", name="division_g"),
        sa.UniqueConstraint("organisation_id", "serial"),
        sa.Index(None, "site_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    ward_id: UUID | None = Field(default=None, foreign_key="wards.id")
    name: str = Field(sa_type=sa.Text)
    serial: str = Field(sa_type=sa.Text)
    kind: str = Field(
        default=ScaleKind.PLATFORM.value, sa_type=sa.Text, sa_column_kwargs={"server_default": "platform"}
    )
    unit: str = Field(sa_type=sa.Text)
    accuracy: str = Field(sa_type=sa.Text)
    verified_on: date
    verified_until: date
    uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    division_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReadingRow(SQLModel, table=True):
    """What a scale said; its id is the sender's. Nothing stood on it where it says 0."""

    __tablename__ = "scale_readings"
    __table_args__ = (
        sa.CheckConstraint("gross_g >= 0", name="gross_g"),
        sa.Index(None, "scale_id", "weighed_at"),
    )

    id: UUID = Field(primary_key=True)
    scale_id: UUID = Field(foreign_key="scales.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    gross_g: int = Field(sa_type=sa.BigInteger)
    stable: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    weighed_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    person_id: UUID = Field(foreign_key="people.id")


class ReadingUseRow(SQLModel, table=True):
    """That a reading became the mass of a container: once, for its key is the reading's."""

    __tablename__ = "scale_reading_uses"

    reading_id: UUID = Field(primary_key=True, foreign_key="scale_readings.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    container_id: UUID = Field(foreign_key="containers.id")
    used_at: datetime = Field(sa_type=UtcDateTime)
