"""Tables of what happens on the way: mismatches, incidents, redirections, trips."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.journey_model import IncidentKind, IncidentState, MismatchState, TripState


class MismatchRow(SQLModel, table=True):
    """A load that is not as its manifest says: found, decided, and reported to the authority of the receiving place."""

    __tablename__ = "mismatch_reports"
    __table_args__ = (
        one_of("state", MismatchState),
        sa.CheckConstraint(
            "cardinality(kinds) > 0 and kinds <@ array['name', 'quantity', 'property', 'form', 'packaging']",
            name="kinds",
        ),
        sa.CheckConstraint("(state = 'reported') = (decided_at is null)", name="decided"),
        sa.Index(None, "manifest_id"),
    )

    id: UUID = Field(primary_key=True)
    """The event that reported it has the same name."""
    manifest_id: UUID = Field(foreign_key="manifests.id")
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    shipper_id: UUID = Field(foreign_key="organisations.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    destination_region: str = Field(sa_type=sa.Text)
    kinds: list[str] = Field(sa_type=ARRAY(sa.Text))
    found: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    reported_by: UUID = Field(foreign_key="people.id")
    happened_at: datetime = Field(sa_type=UtcDateTime)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="people.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the shipper said that it knows."""
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: UUID | None = Field(default=None, foreign_key="people.id")


class IncidentRow(SQLModel, table=True):
    """A breakdown or an emergency on the way."""

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("kind", IncidentKind),
        one_of("state", IncidentState),
        one_of("method", WeighingMethod),
        sa.CheckConstraint("(kind = 'breakdown') = (container_id is null)", name="names_its_container"),
        sa.CheckConstraint("lost_g >= 0", name="lost"),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed"),
        sa.Index(None, "manifest_id"),
    )

    id: UUID = Field(primary_key=True)
    """The event that reported it has the same name."""
    manifest_id: UUID = Field(foreign_key="manifests.id")
    kind: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    shipper_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    place: str = Field(sa_type=sa.Text)
    region_code: str = Field(sa_type=sa.Text)
    what: str = Field(sa_type=sa.Text)
    measures: str = Field(sa_type=sa.Text)
    reported_to: str = Field(sa_type=sa.Text)
    lost_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    method: str | None = Field(default=None, sa_type=sa.Text)
    booked: bool = Field(default=False)
    """Whether the ledger moved by it; not, where the gate had weighed the container already."""
    happened_at: datetime = Field(sa_type=UtcDateTime)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the shipper said that it knows."""
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})


class RedirectionRow(SQLModel, table=True):
    """A load under way that goes to another receiver than was filed."""

    __tablename__ = "manifest_redirections"
    __table_args__ = (sa.Index(None, "manifest_id"),)

    id: UUID = Field(primary_key=True)
    """The event that states it has the same name."""
    manifest_id: UUID = Field(foreign_key="manifests.id")
    old_receiver_id: UUID = Field(foreign_key="organisations.id")
    old_receiver_site_id: UUID = Field(foreign_key="sites.id")
    old_method: str = Field(sa_type=sa.Text)
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    reason: str = Field(sa_type=sa.Text)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the old receiver said that it knows."""


class TripRow(SQLModel, table=True):
    """One journey of one vehicle that fetches from several shippers for one receiver (令23 art. 16)."""

    __tablename__ = "trips"
    __table_args__ = (one_of("state", TripState), sa.Index(None, "carrier_id", "day"))

    id: UUID = Field(primary_key=True)
    carrier_id: UUID = Field(foreign_key="organisations.id")
    vehicle_id: UUID = Field(foreign_key="vehicles.id")
    driver_id: UUID | None = Field(default=None, foreign_key="drivers.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    day: date
    state: str = Field(sa_type=sa.Text)
    planned_by: UUID = Field(foreign_key="people.id")
    planned_at: datetime = Field(sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StopRow(SQLModel, table=True):
    """One shipper on a trip, by its manifest; a manifest is on one trip."""

    __tablename__ = "trip_stops"
    __table_args__ = (sa.CheckConstraint("position >= 1", name="position"), sa.UniqueConstraint("manifest_id"))

    trip_id: UUID = Field(primary_key=True, foreign_key="trips.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    manifest_id: UUID = Field(foreign_key="manifests.id")
