"""Tables of wards, bags and rounds."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.medical.model import (
    Found,
    NurseConfirmed,
    RoundState,
    WardKind,
    WeighedBy,
)


class WardRow(SQLModel, table=True):
    """A department of a medical site."""

    __tablename__ = "wards"
    __table_args__ = (one_of("kind", WardKind), sa.UniqueConstraint("site_id", "code"))

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    code: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    location: str = Field(sa_type=sa.Text)
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class BagRow(SQLModel, table=True):
    """What a container of medical waste is besides: of which ward or small institution, by whom, how dangerous."""

    __tablename__ = "medical_bags"
    __table_args__ = (
        one_of("kind", MedicalClass),
        one_of("weighed_by", WeighedBy),
        sa.CheckConstraint("(ward_id is null) <> (institution_id is null)", name="made_somewhere"),
        sa.Index("ix_medical_bags_ward_id", "ward_id", postgresql_where=sa.text("collected_at is null")),
        sa.Index("ix_medical_bags_site_id", "site_id", "packed_at"),
    )

    container_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    ward_id: UUID | None = Field(default=None, foreign_key="wards.id")
    institution_id: UUID | None = Field(default=None, foreign_key="small_institutions.id")
    kind: str = Field(sa_type=sa.Text)
    highly_infectious: bool
    weighed_by: str = Field(sa_type=sa.Text)
    handler_id: UUID = Field(foreign_key="people.id")
    emergency_id: UUID | None = Field(default=None, foreign_key="medical_emergencies.id")
    packed_at: datetime = Field(sa_type=UtcDateTime)
    collected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoundRow(SQLModel, table=True):
    """One walk of a collector through the wards of a site."""

    __tablename__ = "ward_rounds"
    __table_args__ = (
        one_of("state", RoundState),
        sa.CheckConstraint("(state = 'in_store') = (ended_at is not null)", name="ended"),
        sa.Index(None, "site_id", "started_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    collector_id: UUID = Field(foreign_key="people.id")
    state: str = Field(sa_type=sa.Text)
    store_id: UUID | None = Field(default=None, foreign_key="stores.id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HandoverRow(SQLModel, table=True):
    """A ward's bags in the collector's hands; its id is that of its event."""

    __tablename__ = "ward_handovers"
    __table_args__ = (
        one_of("nurse_confirmed", NurseConfirmed),
        sa.CheckConstraint("bags > 0 and mass_g > 0", name="something"),
        sa.CheckConstraint("(nurse_confirmed = 'factor') = (nurse_id is not null)", name="nurse"),
        sa.Index(None, "round_id"),
    )

    id: UUID = Field(primary_key=True)
    round_id: UUID = Field(foreign_key="ward_rounds.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    ward_id: UUID = Field(foreign_key="wards.id")
    nurse_name: str = Field(sa_type=sa.Text)
    nurse_confirmed: str = Field(sa_type=sa.Text)
    nurse_id: UUID | None = Field(default=None, foreign_key="people.id")
    collector_id: UUID = Field(foreign_key="people.id")
    bags: int
    mass_g: int = Field(sa_type=sa.BigInteger)
    happened_at: datetime = Field(sa_type=UtcDateTime)


class RoundBagRow(SQLModel, table=True):
    """A bag on a round. A bag is collected once, for its key is the bag's: two collectors who scan it meet here."""

    __tablename__ = "round_bags"
    __table_args__ = (
        one_of("found", Found),
        sa.CheckConstraint("(found = 'different') = (store_g is not null)", name="store_g"),
        sa.Index(None, "round_id"),
    )

    container_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    round_id: UUID = Field(foreign_key="ward_rounds.id")
    handover_id: UUID = Field(foreign_key="ward_handovers.id")
    ward_g: int = Field(sa_type=sa.BigInteger)
    store_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    found: str | None = Field(default=None, sa_type=sa.Text)
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
