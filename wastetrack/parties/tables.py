"""Tables of the register. Permits are never changed: a renewal is a new row, a suspension stands beside."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.db.types import MassGrams, UtcDateTime, one_of
from wastetrack.mass import Mass
from wastetrack.parties.claims import ClaimState
from wastetrack.parties.facilities import FacilityKind
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind
from wastetrack.parties.plates import PlateKind
from wastetrack.parties.storerooms import StoreKind

_REGION = "region_code ~ '^[1-9][0-9]{5}$'"


class OrganisationRow(SQLModel, table=True):
    """A legal body; the credit code is stored in its normal form."""

    __tablename__ = "organisations"
    __table_args__ = (
        sa.CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="credit_code"),
        sa.CheckConstraint(
            "cardinality(kinds) > 0 and "
            "kinds <@ array['generator', 'transporter', 'disposer', 'regulator', 'operator']::text[]",
            name="kinds",
        ),
        sa.CheckConstraint(_REGION, name="region_code"),
        sa.CheckConstraint(
            "(jurisdiction is not null) = ('regulator' = any (kinds))", name="jurisdiction_of_regulator"
        ),
        sa.CheckConstraint("jurisdiction ~ '^([0-9]{2}){1,3}$'", name="jurisdiction"),
        # The pattern operators serve `like '3706%'`, whatever the collation of the database.
        sa.Index("ix_organisations_region_code", "region_code", postgresql_ops={"region_code": "text_pattern_ops"}),
    )

    id: UUID = Field(primary_key=True)
    credit_code: str = Field(unique=True, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    name_en: str | None = Field(default=None, sa_type=sa.Text)
    kinds: list[str] = Field(sa_type=ARRAY(sa.Text))
    region_code: str = Field(sa_type=sa.Text)
    address: str = Field(sa_type=sa.Text)
    contact_name: str = Field(sa_type=sa.Text)
    contact_phone: str = Field(sa_type=sa.Text)
    jurisdiction: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    initials: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    """Of the name in pinyin, for the search."""


class SiteRow(SQLModel, table=True):
    """A place of an organisation."""

    __tablename__ = "sites"
    __table_args__ = (
        one_of("kind", SiteKind),
        sa.CheckConstraint(_REGION, name="region_code"),
        sa.CheckConstraint("latitude between -90 and 90", name="latitude"),
        sa.CheckConstraint("longitude between -180 and 180", name="longitude"),
        sa.UniqueConstraint("organisation_id", "name"),
        # So that a permit can state in one foreign key that its site is one of its holder's.
        sa.UniqueConstraint("id", "organisation_id"),
        sa.Index("ix_sites_region_code", "region_code", postgresql_ops={"region_code": "text_pattern_ops"}),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    name: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    region_code: str = Field(sa_type=sa.Text)
    address: str = Field(sa_type=sa.Text)
    latitude: Decimal = Field(max_digits=9, decimal_places=6)
    longitude: Decimal = Field(max_digits=9, decimal_places=6)
    created_at: datetime = Field(sa_type=UtcDateTime)
    initials: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    """The same."""


class StoreRow(SQLModel, table=True):
    """A storage facility or zone of a site."""

    __tablename__ = "stores"
    __table_args__ = (
        one_of("kind", StoreKind),
        sa.CheckConstraint("limit_g > 0", name="limit_g"),
        sa.CheckConstraint("(kind = 'zone') = (parent_id is not null)", name="parent"),
        sa.CheckConstraint("facility_code ~ '^[A-Z]{2}[0-9]{3,5}$'", name="facility_code"),
        sa.CheckConstraint("containment_l >= 0", name="containment_l"),
        sa.CheckConstraint("temperature_c between -60 and 60", name="temperature_c"),
        sa.CheckConstraint("area_m2 > 0", name="area_m2"),
        sa.UniqueConstraint("site_id", "code"),
        # So that a zone can state in one foreign key that its facility is at its site.
        sa.UniqueConstraint("id", "site_id"),
        sa.ForeignKeyConstraint(["parent_id", "site_id"], ["stores.id", "stores.site_id"]),
        sa.Index("ix_stores_parent_id", "parent_id", postgresql_where=sa.text("parent_id is not null")),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    code: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    limit_g: Mass = Field(sa_type=MassGrams)
    created_at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(sa_type=sa.Text, sa_column_kwargs={"server_default": "warehouse"})
    parent_id: UUID | None = None
    facility_code: str | None = Field(default=None, sa_type=sa.Text)
    containment_l: int | None = None
    temperature_c: int | None = Field(default=None, sa_type=sa.SmallInteger)
    remote_disinfected: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    area_m2: int | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FacilityRow(SQLModel, table=True):
    """A facility of a site under its code; closed, it stays for the papers that name it."""

    __tablename__ = "facilities"
    __table_args__ = (
        one_of("kind", FacilityKind),
        sa.CheckConstraint("code ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$'", name="code"),
        sa.CheckConstraint("capacity > 0", name="capacity"),
        sa.CheckConstraint("(capacity is null) = (capacity_unit is null)", name="capacity_unit"),
        sa.CheckConstraint("until >= since", name="until"),
        sa.UniqueConstraint("site_id", "code"),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    kind: str = Field(sa_type=sa.Text)
    code: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    process_unit: str = Field(default="", sa_type=sa.Text)
    process: str = Field(default="", sa_type=sa.Text)
    parameters: str = Field(default="", sa_type=sa.Text)
    capacity: Decimal | None = Field(default=None, sa_type=sa.Numeric)
    capacity_unit: str | None = Field(default=None, sa_type=sa.Text)
    since: date
    until: date | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class PermitRow(SQLModel, table=True):
    """An operating permit; `site_id` null when it holds for all sites of the organisation."""

    __tablename__ = "permits"
    __table_args__ = (
        one_of("kind", PermitKind),
        sa.CheckConstraint("valid_to >= valid_from", name="valid_to"),
        # Authorities keep the number when they renew, so it is unique only together with its first day.
        sa.UniqueConstraint("number", "valid_from"),
        sa.ForeignKeyConstraint(["site_id", "organisation_id"], ["sites.id", "sites.organisation_id"]),
        sa.Index("ix_permits_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID | None = None
    number: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    valid_from: date
    valid_to: date
    renews_id: UUID | None = Field(default=None, unique=True, foreign_key="permits.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class PermitItemRow(SQLModel, table=True):
    """One line of a permit."""

    __tablename__ = "permit_items"
    __table_args__ = (
        sa.CheckConstraint("pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name="pattern"),
        sa.CheckConstraint("cardinality(methods) > 0", name="methods"),
        sa.CheckConstraint("yearly_g > 0", name="yearly_g"),
        sa.UniqueConstraint("permit_id", "pattern"),
    )

    id: UUID = Field(primary_key=True)
    permit_id: UUID = Field(foreign_key="permits.id")
    position: int = Field(sa_type=sa.SmallInteger)
    pattern: str = Field(sa_type=sa.Text)
    methods: list[str] = Field(sa_type=ARRAY(sa.Text))
    yearly_g: Mass = Field(sa_type=MassGrams)


class PermitSuspensionRow(SQLModel, table=True):
    """Days on which a permit is taken away; at most one is open."""

    __tablename__ = "permit_suspensions"
    __table_args__ = (
        sa.CheckConstraint("to_on is null or to_on >= from_on", name="to_on"),
        sa.Index("ix_permit_suspensions_permit_id", "permit_id"),
        sa.Index("uq_permit_suspensions_open", "permit_id", unique=True, postgresql_where="to_on is null"),
    )

    id: UUID = Field(primary_key=True)
    permit_id: UUID = Field(foreign_key="permits.id")
    from_on: date
    to_on: date | None = None
    reason: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TransportLicenceRow(SQLModel, table=True):
    """A carrier's licence for dangerous goods."""

    __tablename__ = "transport_licences"
    __table_args__ = (
        sa.CheckConstraint("valid_to >= valid_from", name="valid_to"),
        sa.UniqueConstraint("number", "valid_from"),
        sa.Index("ix_transport_licences_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    number: str = Field(sa_type=sa.Text)
    valid_from: date
    valid_to: date
    classes: list[str] = Field(sa_type=ARRAY(sa.Text))
    created_at: datetime = Field(sa_type=UtcDateTime)


class VehicleRow(SQLModel, table=True):
    """A vehicle of a carrier; plates are unique in the country."""

    __tablename__ = "vehicles"
    __table_args__ = (
        one_of("plate_kind", PlateKind),
        sa.CheckConstraint("rated_load_g > 0", name="rated_load_g"),
        sa.Index("ix_vehicles_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    plate: str = Field(unique=True, sa_type=sa.Text)
    plate_kind: str = Field(sa_type=sa.Text)
    rated_load_g: Mass = Field(sa_type=MassGrams)
    licence_number: str = Field(sa_type=sa.Text)
    licence_valid_to: date
    created_at: datetime = Field(sa_type=UtcDateTime)


class DriverRow(SQLModel, table=True):
    """A driver of a carrier."""

    __tablename__ = "drivers"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "certificate_number"),)

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    name: str = Field(sa_type=sa.Text)
    certificate_number: str = Field(sa_type=sa.Text)
    certificate_valid_to: date
    phone: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ClaimRow(SQLModel, table=True):
    """Somebody says that an organisation is his, and what was decided. Kept for ever; one is open per claimant."""

    __tablename__ = "organisation_claims"
    __table_args__ = (
        one_of("state", ClaimState),
        sa.CheckConstraint(
            "(state in ('confirmed', 'refused')) = (decided_by is not null) and "
            "(decided_by is null) = (decided_for is null) and (state = 'pending') = (decided_at is null)",
            name="decided_whole",
        ),
        sa.CheckConstraint("decided_by <> claimant_id", name="not_by_oneself"),
        sa.Index("ix_organisation_claims_organisation_id", "organisation_id"),
        sa.Index(
            "uq_organisation_claims_open",
            "claimant_id",
            "organisation_id",
            unique=True,
            postgresql_where="state = 'pending'",
        ),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    claimant_id: UUID = Field(foreign_key="people.id")
    contact_name: str = Field(sa_type=sa.Text)
    contact_phone: str = Field(sa_type=sa.Text)
    grounds: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="people.id")
    decided_for: UUID | None = Field(default=None, foreign_key="organisations.id")
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})


class ClaimDocumentRow(SQLModel, table=True):
    """A document behind a claim, by its digest: the decider holds the paper, or its file, against it."""

    __tablename__ = "claim_documents"
    __table_args__ = (
        sa.CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        sa.CheckConstraint("size_bytes > 0", name="size_bytes"),
    )

    claim_id: UUID = Field(primary_key=True, foreign_key="organisation_claims.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    name: str = Field(sa_type=sa.Text)
    sha256: bytes = Field(sa_type=sa.LargeBinary)
    size_bytes: int = Field(sa_type=sa.BigInteger)
