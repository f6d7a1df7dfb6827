"""Tables of positions, of the receivers that send them, and of zones."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.positions.model import Frame, PositionSource, ZoneKind


class ReceiverRow(SQLModel, table=True):
    """Which vehicle a receiver is in; it may be moved to another."""

    __tablename__ = "vehicle_receivers"
    __table_args__ = (
        sa.CheckConstraint("number ~ '^[0-9]{6,20}$'", name="number"),
        sa.Index(None, "vehicle_id"),
        sa.Index("uq_vehicle_receivers_number", "number", unique=True, postgresql_where=sa.text("ended_at is null")),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    vehicle_id: UUID = Field(foreign_key="vehicles.id")
    number: str = Field(sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PositionImportRow(SQLModel, table=True):
    """A file of fixes, with what was odd in it."""

    __tablename__ = "position_imports"
    __table_args__ = (
        one_of("source", PositionSource),
        one_of("frame", Frame),
        sa.CheckConstraint("added between 0 and rows", name="added"),
        sa.Index(None, "organisation_id", "received_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    name: str = Field(sa_type=sa.Text)
    source: str = Field(sa_type=sa.Text)
    frame: str = Field(sa_type=sa.Text)
    rows: int
    added: int
    first_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    findings: list[dict[str, Any]] = Field(sa_type=JSONB)
    received_at: datetime = Field(sa_type=UtcDateTime)


class PositionRow(SQLModel, table=True):
    """A fix, WGS 84. One vehicle is in one place at a moment."""

    __tablename__ = "vehicle_positions"
    __table_args__ = (
        sa.CheckConstraint("latitude between -90 and 90", name="latitude"),
        sa.CheckConstraint("longitude between -180 and 180", name="longitude"),
        sa.CheckConstraint("speed_km_h >= 0", name="speed_km_h"),
        sa.Index(None, "seen_at", postgresql_using="brin"),
    )

    vehicle_id: UUID = Field(primary_key=True, foreign_key="vehicles.id")
    seen_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    latitude: float = Field(sa_type=sa.Double)
    longitude: float = Field(sa_type=sa.Double)
    speed_km_h: float | None = Field(default=None, sa_type=sa.Double)
    direction: int | None = Field(default=None, sa_type=sa.SmallInteger)
    altitude_m: int | None = None
    accuracy_m: float | None = Field(default=None, sa_type=sa.Double)
    door_open: bool | None = None
    alarm: int | None = Field(default=None, sa_type=sa.BigInteger)
    status: int | None = Field(default=None, sa_type=sa.BigInteger)
    import_id: UUID = Field(foreign_key="position_imports.id")


class ZoneRow(SQLModel, table=True):
    """A zone as an authority drew it; it is ended, not changed."""

    __tablename__ = "zones"
    __table_args__ = (
        one_of("kind", ZoneKind),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("valid_to >= valid_from", name="valid_to"),
        sa.Index(
            "uq_zones_organisation_id_digest",
            "organisation_id",
            "digest",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    kind: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    authority: str = Field(sa_type=sa.Text)
    valid_from: date | None = None
    valid_to: date | None = None
    geometry: dict[str, Any] = Field(sa_type=JSONB)
    digest: bytes
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ZoneEdgeRow(SQLModel, table=True):
    """A piece of a zone's border, WGS 84: what the checks and the extract read."""

    __tablename__ = "zone_edges"
    __table_args__ = (sa.CheckConstraint("edge > 0", name="edge"),)

    zone_id: UUID = Field(primary_key=True, foreign_key="zones.id")
    edge: int = Field(primary_key=True)
    latitude: float = Field(sa_type=sa.Double)
    longitude: float = Field(sa_type=sa.Double)
    latitude_2: float = Field(sa_type=sa.Double)
    longitude_2: float = Field(sa_type=sa.Double)
