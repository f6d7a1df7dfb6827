"""Tables of facilities that help in an emergency, of their calls, and of the reserve of supplies."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import MassGrams, UtcDateTime, one_of
from wastetrack.mass import Mass
from wastetrack.medical.reserve_model import HelperKind, StockMove, SupplyKind


class HelperRow(SQLModel, table=True):
    """A facility on an authority's list of those that help in an emergency (医疗废物协同应急处置设施清单)."""

    __tablename__ = "emergency_helpers"
    __table_args__ = (
        one_of("kind", HelperKind),
        sa.CheckConstraint("region_code ~ '^([0-9]{2}){2,3}$'", name="region_code"),
        sa.CheckConstraint("daily_g > 0", name="daily_g"),
        sa.CheckConstraint("lead_hours >= 0", name="lead_hours"),
        sa.CheckConstraint("agreement_to >= agreement_from", name="agreement_to"),
        sa.CheckConstraint("latitude between -90 and 90", name="latitude"),
        sa.CheckConstraint("longitude between -180 and 180", name="longitude"),
        sa.Index(None, "region_code"),
    )

    id: UUID = Field(primary_key=True)
    region_code: str = Field(sa_type=sa.Text)
    """The prefecture or county that it stands ready for."""
    kind: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    address: str = Field(sa_type=sa.Text)
    longitude: float
    latitude: float
    site_id: UUID | None = Field(default=None, foreign_key="sites.id")
    daily_g: Mass = Field(sa_type=MassGrams)
    lead_hours: int
    """From the call to the first load."""
    agreement_number: str = Field(sa_type=sa.Text)
    agreement_from: date
    agreement_to: date
    contact_name: str = Field(sa_type=sa.Text)
    contact_phone: str = Field(sa_type=sa.Text)
    rules: str = Field(sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    """The authority."""
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CallRow(SQLModel, table=True):
    """A facility is called under an emergency; its id is that of its event."""

    __tablename__ = "emergency_calls"
    __table_args__ = (
        sa.CheckConstraint("daily_g > 0", name="daily_g"),
        sa.Index(None, "emergency_id"),
        sa.Index(
            "uq_emergency_calls_helper_id", "helper_id", unique=True, postgresql_where=sa.text("ended_at is null")
        ),
    )

    id: UUID = Field(primary_key=True)
    emergency_id: UUID = Field(foreign_key="medical_emergencies.id")
    helper_id: UUID = Field(foreign_key="emergency_helpers.id")
    region_code: str = Field(sa_type=sa.Text)
    daily_g: Mass = Field(sa_type=MassGrams)
    from_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class SupplyRow(SQLModel, table=True):
    """Something that is held ready, and never less than the minimum of it."""

    __tablename__ = "emergency_supplies"
    __table_args__ = (
        one_of("kind", SupplyKind),
        sa.CheckConstraint("minimum >= 0", name="minimum"),
        sa.Index(None, "organisation_id"),
        sa.Index(None, "region_code"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID | None = Field(default=None, foreign_key="sites.id")
    region_code: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    unit: str = Field(sa_type=sa.Text)
    place: str = Field(sa_type=sa.Text)
    minimum: int = Field(sa_type=sa.BigInteger)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SupplyMoveRow(SQLModel, table=True):
    """One line of a supply's stock: by how much which lot changed; append-only. What goes by expiry has a line for each
    lot, and one event."""

    __tablename__ = "emergency_supply_moves"
    __table_args__ = (
        one_of("kind", StockMove),
        sa.CheckConstraint(
            "(kind = 'in' and change > 0) or (kind = 'out' and change < 0) or kind = 'counted'", name="change"
        ),
        sa.Index(None, "supply_id", "happened_on"),
    )

    id: UUID = Field(primary_key=True)
    event_id: UUID | None = None
    """The event of the log that states it; none of lines written before such moves were events."""
    supply_id: UUID = Field(foreign_key="emergency_supplies.id")
    kind: str = Field(sa_type=sa.Text)
    change: int = Field(sa_type=sa.BigInteger)
    expires_on: date | None = None
    happened_on: date
    note: str = Field(sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
