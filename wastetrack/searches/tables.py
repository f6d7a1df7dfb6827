"""The tables of what persons keep of lists."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime


class SavedSearchRow(SQLModel, table=True):
    """Filters of a list under a name."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "page", "name"),
        sa.CheckConstraint("length(name) between 1 and 60", name="name"),
        sa.CheckConstraint("length(query) <= 2000", name="query"),
        sa.CheckConstraint("length(page) between 2 and 200", name="page"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    page: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    query: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ChosenColumnsRow(SQLModel, table=True):
    """Which columns of a list a person wants to see."""

    __tablename__ = "chosen_columns"
    __table_args__ = (sa.CheckConstraint("cardinality(columns) <= 60", name="columns"),)

    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    page: str = Field(primary_key=True, sa_type=sa.Text)
    columns: list[str] = Field(sa_type=ARRAY(sa.Text))
