"""Tables of collection points, of the small institutions they cover, and of emergencies."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.medical.model import InstitutionKind, Way


class PointRow(SQLModel, table=True):
    """A site at which the waste of small institutions is gathered."""

    __tablename__ = "collection_points"
    __table_args__ = (sa.CheckConstraint("interval_hours > 0", name="interval_hours"),)

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id", unique=True)
    served_by_id: UUID = Field(foreign_key="organisations.id")
    """The carrier or plant that answers for fetching in time."""
    region_code: str = Field(sa_type=sa.Text)
    interval_hours: int | None = None
    """Where the place allows or asks another interval than the law's."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class InstitutionRow(SQLModel, table=True):
    """A small institution on a point's list. Its kilograms are made at its own site."""

    __tablename__ = "small_institutions"
    __table_args__ = (
        one_of("kind", InstitutionKind),
        sa.UniqueConstraint("point_id", "name"),
        sa.Index(None, "served_by_id"),
    )

    id: UUID = Field(primary_key=True)
    point_id: UUID = Field(foreign_key="collection_points.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    """Of the point."""
    served_by_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID = Field(foreign_key="sites.id", unique=True)
    name: str = Field(sa_type=sa.Text)
    region_code: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    contact_name: str = Field(sa_type=sa.Text)
    contact_phone: str = Field(sa_type=sa.Text)
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_visit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_waste_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VisitRow(SQLModel, table=True):
    """A light hand-over between an institution and its point; append-only, its id is that of its event."""

    __tablename__ = "institution_visits"
    __table_args__ = (
        one_of("way", Way),
        sa.CheckConstraint("bags >= 0 and mass_g >= 0 and (bags = 0) = (mass_g = 0)", name="masses"),
        sa.Index(None, "institution_id", "happened_at"),
    )

    id: UUID = Field(primary_key=True)
    institution_id: UUID = Field(foreign_key="small_institutions.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    way: str = Field(sa_type=sa.Text)
    given_by: str = Field(sa_type=sa.Text)
    taken_by: str = Field(sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    bags: int
    mass_g: int = Field(sa_type=sa.BigInteger)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class EmergencyRow(SQLModel, table=True):
    """Emergency mode in a region by an authority's order; its id is that of its event."""

    __tablename__ = "medical_emergencies"
    __table_args__ = (
        sa.CheckConstraint("region_code ~ '^([0-9]{2}){1,3}$'", name="region_code"),
        sa.CheckConstraint("until_at > from_at", name="until_at"),
        sa.Index(None, "region_code"),
    )

    id: UUID = Field(primary_key=True)
    region_code: str = Field(sa_type=sa.Text)
    order_number: str = Field(sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    from_at: datetime = Field(sa_type=UtcDateTime)
    until_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_drill: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    rules: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)

    def is_over(self, at: datetime) -> bool:
        """Whether it was ended, or ran out."""
        return self.ended_at is not None or self.until_at <= at
