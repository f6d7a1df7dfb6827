"""Tables of devices at a gate, of who works on them, and of the scans that they kept.

The first two are found by a secret before anybody is known; a device's token is stored as a hash.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.gates.model import ScanState, Settlement
from wastetrack.manifests.model import Outcome


class GateDeviceRow(SQLModel, table=True):
    """A device that belongs to a site, until somebody ends it."""

    __tablename__ = "gate_devices"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
        sa.Index(None, "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(unique=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    name: str = Field(sa_type=sa.Text)
    enrolled_by: UUID = Field(foreign_key="memberships.id")
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    holds_key: bool
    """Whether the key that checks labels was given to it."""
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="memberships.id")


class GateWorkerRow(SQLModel, table=True):
    """Somebody who works on a device; the newest key of a person counts, the others verify what they have signed."""

    __tablename__ = "gate_workers"

    device_id: UUID = Field(primary_key=True, foreign_key="gate_devices.id")
    membership_id: UUID = Field(primary_key=True, foreign_key="memberships.id")
    public_key: bytes = Field(primary_key=True)
    """A point of P-256, uncompressed: 65 bytes."""
    joined_at: datetime = Field(sa_type=UtcDateTime)


class GateScanRow(SQLModel, table=True):
    """A scan that a device had kept; its id is the device's. A manifest may be purged before it: no foreign key."""

    __tablename__ = "gate_scans"
    __table_args__ = (
        one_of("state", ScanState),
        one_of("outcome", Outcome),
        one_of("settlement", Settlement),
        sa.CheckConstraint("(state = 'settled') = (settled_at is not null)", name="settled_at"),
        sa.CheckConstraint("(settled_at is null) = (settled_by is null)", name="settled_by"),
        sa.CheckConstraint("(settled_at is null) = (settlement is null)", name="settlement_given"),
        sa.Index(None, "site_id", "recorded_at"),
        sa.Index("ix_gate_scans_waiting", "site_id", postgresql_where=sa.text("state = 'to_decide'")),
    )

    id: UUID = Field(primary_key=True)
    device_id: UUID = Field(foreign_key="gate_devices.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    manifest_id: UUID | None = None
    digital_code: str = Field(sa_type=sa.Text)
    said: dict[str, Any] = Field(sa_type=JSONB)
    """The scan as it came, with its signature."""
    told: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    outcome: str | None = Field(default=None, sa_type=sa.Text)
    rules: list[dict[str, Any]] = Field(sa_type=JSONB)
    """Why it waits, or what the gate said of it, by message and facts."""
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: UUID | None = Field(default=None, foreign_key="memberships.id")
    settlement: str | None = Field(default=None, sa_type=sa.Text)
    note: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
