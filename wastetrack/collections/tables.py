"""Tables of calls for collection, and of the order in which the stops of a day are driven to."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.collections.model import CallState, StopKind
from wastetrack.db.types import UtcDateTime, one_of


class CallRow(SQLModel, table=True):
    """One call: a source asks one collector to come to one site."""

    __tablename__ = "collection_calls"
    __table_args__ = (
        one_of("state", CallState),
        sa.CheckConstraint("containers > 0 and net_g > 0", name="something"),
        sa.CheckConstraint("due_on is null or due_at is null", name="one_term"),
        sa.CheckConstraint("(state in ('declined', 'cancelled', 'done')) = (ended_at is not null)", name="ended"),
        sa.CheckConstraint("state <> 'accepted' or planned_on is not null", name="planned"),
        sa.CheckConstraint(
            "(state = 'done') = (coalesce(manifest_id, card_id) is not null)", name="done_by_what_took_it"
        ),
        sa.Index(
            "ix_collection_calls_collector_open",
            "collector_id",
            postgresql_where=sa.text("state in ('called', 'accepted')"),
        ),
        sa.Index("ix_collection_calls_site_id", "site_id", "called_at"),
    )

    id: UUID = Field(primary_key=True)
    """The event that called has the same name."""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    """Whose waste it is."""
    site_id: UUID = Field(foreign_key="sites.id")
    region_code: str = Field(sa_type=sa.Text)
    collector_id: UUID = Field(foreign_key="organisations.id")
    contract_id: UUID = Field(foreign_key="contracts.id")
    carrier_id: UUID | None = Field(default=None, foreign_key="organisations.id")
    """Who fetches it for the collector; None: the collector itself."""
    vehicle_id: UUID | None = Field(default=None, foreign_key="vehicles.id")
    state: str = Field(sa_type=sa.Text)
    containers: int
    net_g: int = Field(sa_type=sa.BigInteger)
    since: date
    """Since when the oldest of it stands."""
    due_on: date | None = None
    """The last day on which it may stand there, as it was when it was called for."""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The same, where the law counts hours."""
    wanted_by: date
    remarks: str = Field(default="", sa_type=sa.Text)
    called_by: UUID = Field(foreign_key="people.id")
    called_at: datetime = Field(sa_type=UtcDateTime)
    planned_on: date | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", sa_type=sa.Text)
    manifest_id: UUID | None = Field(default=None, foreign_key="manifests.id")
    """What took it, once it is done."""
    card_id: UUID | None = Field(default=None, foreign_key="trip_cards.id")


class CalledContainerRow(SQLModel, table=True):
    """One container that a call is about; it is called for once at a time."""

    __tablename__ = "collection_call_containers"
    __table_args__ = (
        sa.CheckConstraint("net_g > 0", name="net_g"),
        sa.Index("one_open_call_per_container", "container_id", unique=True, postgresql_where=sa.text("open")),
    )

    call_id: UUID = Field(primary_key=True, foreign_key="collection_calls.id")
    container_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    open: bool
    waste_code: str = Field(sa_type=sa.Text)
    waste_name: str = Field(sa_type=sa.Text)
    net_g: int = Field(sa_type=sa.BigInteger)


class RunStopRow(SQLModel, table=True):
    """Where a stop stands in the order of a day; the order is the carrier's own and moves nothing."""

    __tablename__ = "run_stops"
    __table_args__ = (one_of("kind", StopKind),)

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisations.id")
    day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True, sa_type=sa.Text)
    subject_id: UUID = Field(primary_key=True)
    position: int = Field(sa_type=sa.SmallInteger)
