"""Tables of the plans room: plans with their versions and transfer lines, classes set by authorities, contracts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.plans.model import ClassGround, ContractState, ManagementClass, PlanState


class PlanRow(SQLModel, table=True):
    """The plan of a site for a year; `version` is the newest filed one, 0 before the first."""

    __tablename__ = "management_plans"
    __table_args__ = (
        one_of("state", PlanState),
        sa.CheckConstraint("version >= 0 and (version = 0) = (state = 'draft')", name="version"),
        sa.CheckConstraint(
            "(version = 0) = (filed_at is null) and (version = 0) = (filing_number is null)", name="filed_whole"
        ),
        sa.CheckConstraint("year between 2020 and 2100", name="year"),
        sa.UniqueConstraint("site_id", "year"),
        sa.UniqueConstraint("filing_number"),
        sa.ForeignKeyConstraint(["site_id", "organisation_id"], ["sites.id", "sites.organisation_id"]),
        sa.Index(None, "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID
    region_code: str = Field(sa_type=sa.Text)
    year: int = Field(sa_type=sa.SmallInteger)
    state: str = Field(sa_type=sa.Text)
    version: int = 0
    filing_number: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    filed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of the newest filed version."""


class PlanVersionRow(SQLModel, table=True):
    """A version of a plan, whole. Once filed it is never changed."""

    __tablename__ = "plan_versions"
    __table_args__ = (
        one_of("management_class", ManagementClass),
        one_of("class_ground", ClassGround),
        sa.CheckConstraint("(filed_at is null) = (event_id is null)", name="filed_whole"),
        sa.CheckConstraint("amount_g >= 0", name="amount_g"),
    )

    plan_id: UUID = Field(primary_key=True, foreign_key="management_plans.id")
    version: int = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    management_class: str = Field(sa_type=sa.Text)
    class_ground: str = Field(sa_type=sa.Text)
    amount_g: int = Field(sa_type=sa.BigInteger)
    amount_ground: str = Field(sa_type=sa.Text)
    content: dict[str, Any] = Field(sa_type=JSONB)
    particulars: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    """What the register said of the site when it was filed."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    filed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    event_id: UUID | None = Field(default=None, unique=True)


class PlanItemRow(SQLModel, table=True):
    """A line of A.7 of the filed version, against which manifests count."""

    __tablename__ = "plan_items"
    __table_args__ = (
        sa.CheckConstraint("planned_g >= 0", name="planned_g"),
        sa.CheckConstraint("booked_g >= 0", name="booked_g"),
        sa.UniqueConstraint("plan_id", "waste_code", "method", "receiver_id"),
        sa.Index(None, "site_id", "year"),
    )

    id: UUID = Field(primary_key=True)
    plan_id: UUID = Field(foreign_key="management_plans.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id")
    year: int = Field(sa_type=sa.SmallInteger)
    waste_code: str = Field(sa_type=sa.Text)
    method: str = Field(sa_type=sa.Text)
    receiver_id: UUID = Field(foreign_key="organisations.id")
    planned_g: int = Field(sa_type=sa.BigInteger)
    booked_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


class PlanNumberRow(SQLModel, table=True):
    """The last filing number of a county and year."""

    __tablename__ = "plan_numbers"

    region_code: str = Field(primary_key=True, sa_type=sa.Text)
    year: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    last: int


class SetClassRow(SQLModel, table=True):
    """An authority's word on the class of a site; the newest holds. A null class takes it back."""

    __tablename__ = "set_classes"
    __table_args__ = (one_of("management_class", ManagementClass), sa.Index(None, "site_id", "set_at"))

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    authority_id: UUID = Field(foreign_key="organisations.id")
    management_class: str | None = Field(default=None, sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    set_at: datetime = Field(sa_type=UtcDateTime)


class ContractRow(SQLModel, table=True):
    """A written contract between a shipper and a receiver."""

    __tablename__ = "contracts"
    __table_args__ = (
        one_of("state", ContractState),
        sa.CheckConstraint("shipper_id <> receiver_id", name="two_sides"),
        sa.CheckConstraint("valid_to >= valid_from", name="valid_to"),
        sa.CheckConstraint("entered_by in (shipper_id, receiver_id)", name="entered_by"),
        sa.CheckConstraint("state <> 'confirmed' or confirmed_at is not null", name="confirmed_at"),
        sa.CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended_at"),
        sa.UniqueConstraint("shipper_id", "receiver_id", "number"),
        sa.Index(None, "receiver_id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=sa.Text)
    shipper_id: UUID = Field(foreign_key="organisations.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    entered_by: UUID = Field(foreign_key="organisations.id")
    signed_on: date
    valid_from: date
    valid_to: date
    price: str = Field(default="", sa_type=sa.Text)
    clauses_acknowledged: bool
    state: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", sa_type=sa.Text)


class ContractItemRow(SQLModel, table=True):
    """A line of a contract, against which manifests count."""

    __tablename__ = "contract_items"
    __table_args__ = (
        sa.CheckConstraint("quantity_g > 0", name="quantity_g"),
        sa.CheckConstraint("booked_g >= 0", name="booked_g"),
        sa.UniqueConstraint("contract_id", "waste_code", "method", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(primary_key=True)
    contract_id: UUID = Field(foreign_key="contracts.id")
    position: int = Field(sa_type=sa.SmallInteger)
    waste_code: str = Field(sa_type=sa.Text)
    method: str | None = Field(default=None, sa_type=sa.Text)
    quantity_g: int = Field(sa_type=sa.BigInteger)
    booked_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


class PlanUseRow(SQLModel, table=True):
    """What a manifest takes of a plan's line and of a contract's, by code: as declared, then as measured."""

    __tablename__ = "plan_uses"
    __table_args__ = (
        sa.CheckConstraint("booked_g >= 0", name="booked_g"),
        sa.Index(None, "plan_item_id"),
        sa.Index(None, "contract_item_id"),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    waste_code: str = Field(primary_key=True, sa_type=sa.Text)
    plan_item_id: UUID | None = Field(default=None, foreign_key="plan_items.id")
    contract_item_id: UUID | None = Field(default=None, foreign_key="contract_items.id")
    booked_g: int = Field(sa_type=sa.BigInteger)
