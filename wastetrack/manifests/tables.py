"""Tables of the manifests room."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.model import (
    Act,
    CorrectionField,
    CorrectionState,
    ManifestKind,
    ManifestState,
    Outcome,
    TransferBasis,
)


class ManifestRow(SQLModel, table=True):
    """One transfer."""

    __tablename__ = "manifests"
    __table_args__ = (
        one_of("kind", ManifestKind),
        one_of("basis", TransferBasis),
        one_of("state", ManifestState),
        sa.CheckConstraint("number ~ '^[0-9]{14}$'", name="number"),
        sa.CheckConstraint(
            "number is not null or state in ('draft', 'running', 'cancelled')", name="numbered_when_filed"
        ),
        sa.CheckConstraint("(kind = 'return') = (returns_id is not null)", name="return_names_its_origin"),
        sa.Index(None, "returns_id", postgresql_where=sa.text("returns_id is not null")),
    )

    id: UUID = Field(primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    kind: str = Field(sa_type=sa.Text)
    basis: str = Field(default="permit", sa_type=sa.Text, sa_column_kwargs={"server_default": "permit"})
    state: str = Field(sa_type=sa.Text)
    version: int = 1
    shipper_id: UUID = Field(foreign_key="organisations.id")
    shipper_site_id: UUID = Field(foreign_key="sites.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    origin_region: str = Field(sa_type=sa.Text)
    destination_region: str = Field(sa_type=sa.Text)
    method: str = Field(sa_type=sa.Text)
    planned_on: date
    list_edition: str | None = Field(default=None, sa_type=sa.Text)
    remarks: str = Field(sa_type=sa.Text)
    plan_reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    """Why it goes beyond plan or contract, where that may be explained."""
    opinion: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    on_paper: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """It went on paper and was entered afterwards (令23 art. 20)."""
    returns_id: UUID | None = Field(default=None, foreign_key="manifests.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_act_at: datetime = Field(sa_type=UtcDateTime)
    filed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    picked_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    purged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its details were taken away, having served their time; number and log stay."""


class LegRow(SQLModel, table=True):
    """One carrier's part of the way; plate and licence as they were when it was planned."""

    __tablename__ = "manifest_legs"
    __table_args__ = (sa.CheckConstraint("position >= 1", name="position"),)

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    carrier_id: UUID = Field(foreign_key="organisations.id")
    vehicle_id: UUID = Field(foreign_key="vehicles.id")
    driver_id: UUID | None = Field(default=None, foreign_key="drivers.id")
    start: str = Field(sa_type=sa.Text)
    end: str = Field(sa_type=sa.Text)
    handover_place: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    """Where this carrier takes over from the one before it, as both have agreed (令23 art. 17)."""
    handover_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checked: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    """What it looked at when it took over, and what it found different."""
    taken_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LineRow(SQLModel, table=True):
    """One container on a manifest: what was declared, what the gate found."""

    __tablename__ = "manifest_containers"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("measured_method", WeighingMethod),
        sa.CheckConstraint("declared_g > 0 and measured_g > 0", name="masses"),
        sa.CheckConstraint("spilled_g >= 0 and spilled_g < declared_g", name="spilled"),
        sa.CheckConstraint(
            "(outcome is not null and outcome in ('accepted', 'accepted_with_difference')) = (measured_g is not null)",
            name="measured_when_taken_in",
        ),
        # The law wants each container on one manifest at a time; two clerks filing at once meet here.
        sa.Index("one_open_manifest_per_container", "container_id", unique=True, postgresql_where=sa.text("open")),
        sa.Index(None, "container_id", "manifest_id"),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    container_id: UUID = Field(foreign_key="containers.id")
    open: bool = Field(default=False)
    waste_code: str = Field(sa_type=sa.Text)
    declared_g: int = Field(sa_type=sa.BigInteger)
    declared_uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    spilled_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """What leaked out on the way, by an emergency record; the gate compares with the rest."""
    outcome: str | None = Field(default=None, sa_type=sa.Text)
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    measured_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    measured_method: str | None = Field(default=None, sa_type=sa.Text)
    measured_uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    entry_id: UUID | None = None
    scanned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def carried_g(self) -> int:
        """What is still in it on the road."""
        return self.declared_g - self.spilled_g


class SignatureRow(SQLModel, table=True):
    """Who signed which act; append-only."""

    __tablename__ = "manifest_signatures"
    __table_args__ = (one_of("act", Act),)

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    act: str = Field(sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    event_id: UUID = Field(unique=True)
    delegate_of_organisation_id: UUID | None = Field(default=None, foreign_key="organisations.id")


class NumberRow(SQLModel, table=True):
    """The last serial given in a prefecture and year; taken last, so that the numbers have no gap."""

    __tablename__ = "manifest_numbers"

    year: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    prefecture: str = Field(primary_key=True, sa_type=sa.Text)
    last: int


class PermitUseRow(SQLModel, table=True):
    """How much of a permit item's yearly quantity is booked by manifests, and set aside; locked while one is filed."""

    __tablename__ = "permit_uses"
    __table_args__ = (
        sa.CheckConstraint("booked_g >= 0", name="booked"),
        sa.CheckConstraint("held_g >= 0", name="held"),
    )

    permit_item_id: UUID = Field(primary_key=True, foreign_key="permit_items.id")
    year: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    booked_g: int = Field(sa_type=sa.BigInteger)
    held_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """What reservations set aside of it and no manifest has taken yet."""


class PermitBookingRow(SQLModel, table=True):
    """What one manifest has booked for a code on a permit item; given back on withdrawal, restated on receipt."""

    __tablename__ = "permit_bookings"
    __table_args__ = (sa.CheckConstraint("booked_g >= 0", name="booked"),)

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    waste_code: str = Field(primary_key=True, sa_type=sa.Text)
    permit_item_id: UUID = Field(foreign_key="permit_items.id")
    year: int = Field(sa_type=sa.SmallInteger)
    booked_g: int = Field(sa_type=sa.BigInteger)


class CorrectionRow(SQLModel, table=True):
    """A request to correct a field after it was signed, and its answer."""

    __tablename__ = "manifest_corrections"
    __table_args__ = (
        one_of("state", CorrectionState),
        one_of("field", CorrectionField),
        sa.CheckConstraint("measured_g > 0", name="mass"),
        sa.CheckConstraint(
            "(field = 'measured_mass') = (container_id is not null and measured_g is not null)", name="mass_or_text"
        ),
        sa.Index(
            "one_open_correction_per_container",
            "manifest_id",
            "container_id",
            unique=True,
            postgresql_where=sa.text("state = 'requested'"),
        ),
        sa.Index(
            "one_open_correction_per_field",
            "manifest_id",
            "field",
            "leg_position",
            unique=True,
            postgresql_where=sa.text("state = 'requested' and container_id is null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    manifest_id: UUID = Field(foreign_key="manifests.id")
    field: str = Field(default="measured_mass", sa_type=sa.Text, sa_column_kwargs={"server_default": "measured_mass"})
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    leg_position: int = Field(default=0, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "0"})
    answerer_id: UUID = Field(foreign_key="organisations.id")
    """Whose signature covers the field too, and who therefore must consent."""
    state: str = Field(sa_type=sa.Text)
    old_measured_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    measured_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    old_text: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    new_text: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    reason: str = Field(sa_type=sa.Text)
    requested_by: UUID = Field(foreign_key="people.id")
    requested_at: datetime = Field(sa_type=UtcDateTime)
    answer_due_at: datetime = Field(sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="people.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer_reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
