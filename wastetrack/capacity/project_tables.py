"""Tables of planned projects, of outages of plants, and of forecasts that were made."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.capacity.outages import OutageCause
from wastetrack.capacity.projects import ProjectKind, ProjectState
from wastetrack.db.types import MassGrams, UtcDateTime, one_of
from wastetrack.mass import Mass


class PlannedProjectRow(SQLModel, table=True):
    """A plant that does not stand yet; the authority that entered it keeps it up to date."""

    __tablename__ = "planned_projects"
    __table_args__ = (
        one_of("kind", ProjectKind),
        one_of("state", ProjectState),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("region_code ~ '^[1-9][0-9]{5}$'", name="region_code"),
        sa.CheckConstraint("longitude between -180 and 180", name="longitude"),
        sa.CheckConstraint("latitude between -90 and 90", name="latitude"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.UniqueConstraint("organisation_id", "name"),
        sa.Index("ix_planned_projects_region_code", "region_code", postgresql_ops={"region_code": "text_pattern_ops"}),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    kind: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    builder: str = Field(sa_type=sa.Text)
    region_code: str = Field(sa_type=sa.Text)
    longitude: Decimal = Field(max_digits=9, decimal_places=6)
    latitude: Decimal = Field(max_digits=9, decimal_places=6)
    starts_on: date
    document: str = Field(sa_type=sa.Text)
    remarks: str = Field(sa_type=sa.Text)
    version: int
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PlannedProjectItemRow(SQLModel, table=True):
    """One line of what a project will be allowed."""

    __tablename__ = "planned_project_items"
    __table_args__ = (
        sa.CheckConstraint("pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name="pattern"),
        sa.CheckConstraint("cardinality(methods) > 0", name="methods"),
        sa.CheckConstraint("yearly_g > 0", name="yearly_g"),
        sa.UniqueConstraint("project_id", "pattern"),
    )

    project_id: UUID = Field(primary_key=True, foreign_key="planned_projects.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    pattern: str = Field(sa_type=sa.Text)
    methods: list[str] = Field(sa_type=ARRAY(sa.Text))
    yearly_g: Mass = Field(sa_type=MassGrams)


class PlantOutageRow(SQLModel, table=True):
    """Days on which a plant stands still, wholly or in part; `ended_at`: when somebody said that it runs again."""

    __tablename__ = "plant_outages"
    __table_args__ = (
        one_of("cause", OutageCause),
        sa.CheckConstraint("percent between 1 and 100", name="percent"),
        sa.CheckConstraint("to_on >= from_on", name="to_on"),
        sa.ForeignKeyConstraint(["site_id", "organisation_id"], ["sites.id", "sites.organisation_id"]),
        sa.Index(None, "site_id", "from_on"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    site_id: UUID
    cause: str = Field(sa_type=sa.Text)
    percent: int = Field(sa_type=sa.SmallInteger)
    from_on: date
    to_on: date | None = None
    remarks: str = Field(sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoadDistanceRow(SQLModel, table=True):
    """From a county or site to the site of a plant, as an authority uploaded it; a new upload takes the place of all of
    its own."""

    __tablename__ = "road_distances"
    __table_args__ = (sa.CheckConstraint("km > 0 and km <= 5000", name="km"),)

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisations.id")
    origin: str = Field(primary_key=True, sa_type=sa.Text)
    site_id: UUID = Field(primary_key=True, foreign_key="sites.id")
    km: float = Field(sa_type=sa.Double)
    person_id: UUID = Field(foreign_key="people.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class CapacityForecastRow(SQLModel, table=True):
    """What was forecast for a region by category, as it was then; never changed."""

    __tablename__ = "capacity_forecasts"
    __table_args__ = (
        sa.CheckConstraint("region ~ '^([0-9]{2}){1,3}$'", name="region"),
        sa.Index(None, "organisation_id", "region", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    region: str = Field(sa_type=sa.Text)
    known_until: date
    content: dict[str, Any] = Field(sa_type=JSONB)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
