"""Tables of trip cards (医疗废物运送登记卡) and of the cleaning after a trip."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.medical.model import CardState, Cleaned, Found


class CardRow(SQLModel, table=True):
    """One pick-up of one vehicle at one institution."""

    __tablename__ = "trip_cards"
    __table_args__ = (
        one_of("state", CardState),
        sa.CheckConstraint("bags > 0 and declared_g > 0 and boxes >= 0", name="something"),
        sa.CheckConstraint("(state = 'received') = (received_at is not null)", name="received"),
        sa.UniqueConstraint("manifest_id", "serial"),
        sa.Index(None, "site_id", "created_at"),
        sa.Index(None, "receiver_site_id", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    manifest_id: UUID = Field(foreign_key="manifests.id")
    serial: int
    """Within its month's manifest."""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    method: str = Field(sa_type=sa.Text)
    carrier_id: UUID = Field(foreign_key="organisations.id")
    vehicle_id: UUID = Field(foreign_key="vehicles.id")
    driver_id: UUID | None = Field(default=None, foreign_key="drivers.id")
    driver_name: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    version: int = 1
    highly_infectious: bool
    emergency_id: UUID | None = Field(default=None, foreign_key="medical_emergencies.id")
    bags: int
    declared_g: int = Field(sa_type=sa.BigInteger)
    boxes: int
    remarks: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_act_at: datetime = Field(sa_type=UtcDateTime)
    handed_over_by: UUID | None = Field(default=None, foreign_key="people.id")
    handed_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    picked_up_by: UUID | None = Field(default=None, foreign_key="people.id")
    picked_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_by: UUID | None = Field(default=None, foreign_key="people.id")
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CardBagRow(SQLModel, table=True):
    """One bag or box on a card: what was declared, what the plant found."""

    __tablename__ = "trip_card_bags"
    __table_args__ = (
        one_of("found", Found),
        sa.CheckConstraint("declared_g > 0 and measured_g > 0", name="masses"),
        sa.Index("ix_trip_card_bags_container_id", "container_id"),
        sa.Index("one_open_card_per_container", "container_id", unique=True, postgresql_where=sa.text("open")),
    )

    card_id: UUID = Field(primary_key=True, foreign_key="trip_cards.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    container_id: UUID = Field(foreign_key="containers.id")
    open: bool
    waste_code: str = Field(sa_type=sa.Text)
    digital_code: str = Field(sa_type=sa.Text)
    highly_infectious: bool
    declared_g: int = Field(sa_type=sa.BigInteger)
    found: str | None = Field(default=None, sa_type=sa.Text)
    measured_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})


class CleaningRow(SQLModel, table=True):
    """A vehicle or boxes washed and disinfected; append-only, its id is that of its event."""

    __tablename__ = "trip_cleanings"
    __table_args__ = (
        one_of("what", Cleaned),
        sa.CheckConstraint("boxes >= 0", name="boxes"),
        sa.Index(None, "card_id"),
    )

    id: UUID = Field(primary_key=True)
    card_id: UUID = Field(foreign_key="trip_cards.id")
    what: str = Field(primary_key=True, sa_type=sa.Text)
    boxes: int
    agent: str = Field(sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    done_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
