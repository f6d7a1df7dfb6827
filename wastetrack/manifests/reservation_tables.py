"""Tables of what is set aside, and of the terms on which receivers take waste in."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.containers.bases import TransferBasis
from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.manifests.reservations import ReservationState


class ReservationRow(SQLModel, table=True):
    """So much of a permit's line in a year, or of what a receiver takes without one, set aside for one generator."""

    __tablename__ = "reservations"
    __table_args__ = (
        one_of("state", ReservationState),
        one_of("basis", TransferBasis),
        sa.CheckConstraint("(basis = 'permit') = (permit_item_id is not null)", name="line"),
        sa.CheckConstraint("net_g > 0 and used_g between 0 and net_g", name="masses"),
        sa.CheckConstraint("(state = 'held') = (ended_at is null)", name="ended"),
        sa.CheckConstraint("state not in ('held', 'used') or (state = 'used') = (used_g = net_g)", name="used"),
        sa.CheckConstraint("until > reserved_at", name="until"),
        sa.Index("ix_reservations_held", "permit_item_id", "year", "until", postgresql_where=sa.text("state = 'held'")),
        sa.Index(
            "ix_reservations_untold",
            "organisation_id",
            postgresql_where=sa.text("state = 'lapsed' and told_at is null"),
        ),
        sa.Index(
            "ix_reservations_without_permit",
            "site_id",
            "waste_code",
            postgresql_where=sa.text("state = 'held' and basis <> 'permit'"),
        ),
        sa.Index("ix_reservations_organisation_id", "organisation_id", "reserved_at"),
        sa.Index("ix_reservations_receiver_site_id", "receiver_site_id", "planned_on"),
    )

    id: UUID = Field(primary_key=True)
    """The event that reserved has the same name."""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    """For whom it is kept."""
    site_id: UUID = Field(foreign_key="sites.id")
    region_code: str = Field(sa_type=sa.Text)
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    basis: str = Field(
        default=TransferBasis.PERMIT.value, sa_type=sa.Text, sa_column_kwargs={"server_default": "permit"}
    )
    """On what ground the receiver takes the waste."""
    permit_item_id: UUID | None = Field(default=None, foreign_key="permit_items.id")
    """None where it needs no permit."""
    year: int = Field(sa_type=sa.SmallInteger)
    waste_code: str = Field(sa_type=sa.Text)
    method: str = Field(sa_type=sa.Text)
    net_g: int = Field(sa_type=sa.BigInteger)
    used_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """What manifests have taken of it."""
    fen_per_t: int | None = None
    """The price that was published when it was reserved."""
    state: str = Field(sa_type=sa.Text)
    planned_on: date
    until: datetime = Field(sa_type=UtcDateTime)
    remarks: str = Field(default="", sa_type=sa.Text)
    reserved_by: UUID = Field(foreign_key="people.id")
    reserved_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", sa_type=sa.Text)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the log was told that it has lapsed."""

    @property
    def left_g(self) -> int:
        """What is still kept; what was kept and not used, once it is over."""
        return self.net_g - self.used_g


class ReservationUseRow(SQLModel, table=True):
    """What one manifest has taken of a reservation."""

    __tablename__ = "reservation_uses"
    __table_args__ = (
        sa.CheckConstraint("used_g >= 0", name="used"),
        sa.Index("ix_reservation_uses_manifest_id", "manifest_id"),
    )

    reservation_id: UUID = Field(primary_key=True, foreign_key="reservations.id")
    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    used_g: int = Field(sa_type=sa.BigInteger)


class IntakeTermsRow(SQLModel, table=True):
    """On what terms a site takes waste in."""

    __tablename__ = "intake_terms"
    __table_args__ = (
        sa.CheckConstraint("hold_days between 1 and 30", name="hold_days"),
        sa.CheckConstraint("most_g > 0", name="most"),
    )

    site_id: UUID = Field(primary_key=True, foreign_key="sites.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    is_open: bool
    hold_days: int = Field(sa_type=sa.SmallInteger)
    most_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    contract_only: bool
    note: str = Field(default="", sa_type=sa.Text)
    changed_by: UUID = Field(foreign_key="people.id")
    changed_at: datetime = Field(sa_type=UtcDateTime)


class IntakePriceRow(SQLModel, table=True):
    """What a tonne of a waste costs at a site's gate."""

    __tablename__ = "intake_prices"
    __table_args__ = (
        sa.CheckConstraint("pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name="pattern"),
        sa.CheckConstraint("method ~ '^([A-Z][0-9]{1,2})?$'", name="method"),
    )

    site_id: UUID = Field(primary_key=True, foreign_key="intake_terms.site_id")
    pattern: str = Field(primary_key=True, sa_type=sa.Text)
    method: str = Field(primary_key=True, sa_type=sa.Text)
    fen_per_t: int


class IntakeDayRow(SQLModel, table=True):
    """How much a site can take in on a day."""

    __tablename__ = "intake_days"
    __table_args__ = (sa.CheckConstraint("free_g >= 0", name="free"),)

    site_id: UUID = Field(primary_key=True, foreign_key="intake_terms.site_id")
    day: date = Field(primary_key=True)
    free_g: int = Field(sa_type=sa.BigInteger)
