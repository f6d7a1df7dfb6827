"""Tables of continuous transfer: meters, and what the two of them counted on each day."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.meters import MeterKind, MeterUnit


class MeterRow(SQLModel, table=True):
    """A meter at a site."""

    __tablename__ = "meters"
    __table_args__ = (
        one_of("kind", MeterKind),
        one_of("unit", MeterUnit),
        sa.CheckConstraint("(unit in ('L', 'm3')) = (density_g_per_l is not null)", name="density"),
        sa.CheckConstraint("verified_on <= verified_until", name="verified"),
        sa.UniqueConstraint("site_id", "code"),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    code: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    unit: str = Field(sa_type=sa.Text)
    density_g_per_l: int | None = None
    uncertainty_per_mille: int = Field(sa_type=sa.SmallInteger)
    verified_on: date
    verified_until: date
    created_at: datetime = Field(sa_type=UtcDateTime)


class PipeDayRow(SQLModel, table=True):
    """One day of one waste through a pipe: what went in at the one end and came out at the other."""

    __tablename__ = "pipe_days"
    __table_args__ = (
        one_of("sent_method", WeighingMethod),
        one_of("received_method", WeighingMethod),
        sa.CheckConstraint("(sent_g is null) = (sent_method is null) and sent_g >= 0", name="sent"),
        sa.CheckConstraint("(received_g is null) = (received_method is null) and received_g >= 0", name="received"),
        sa.CheckConstraint("closed_at is null or (sent_g is not null and received_g is not null)", name="closed"),
        sa.CheckConstraint("(container_id is not null) = (coalesce(sent_g, 0) > 0)", name="contained"),
        sa.ForeignKeyConstraint(
            ["manifest_id", "waste_code"], ["manifest_totals.manifest_id", "manifest_totals.waste_code"]
        ),
    )

    manifest_id: UUID = Field(primary_key=True)
    waste_code: str = Field(primary_key=True, sa_type=sa.Text)
    day: date = Field(primary_key=True)
    sent_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    sent_method: str | None = Field(default=None, sa_type=sa.Text)
    sent_meter_id: UUID | None = Field(default=None, foreign_key="meters.id")
    received_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    received_method: str | None = Field(default=None, sa_type=sa.Text)
    received_meter_id: UUID | None = Field(default=None, foreign_key="meters.id")
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    moved_entry_id: UUID | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
