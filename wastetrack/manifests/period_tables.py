"""Tables of manifests that run for a period: its days, and what was moved under it by code."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.containers.model import Form
from wastetrack.db.types import one_of


class PeriodRow(SQLModel, table=True):
    """From which day to which a manifest runs."""

    __tablename__ = "manifest_periods"
    __table_args__ = (
        sa.CheckConstraint(
            "begins_on <= ends_on and extract(year from begins_on) = extract(year from ends_on)", name="within_one_year"
        ),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    begins_on: date
    ends_on: date


class TotalRow(SQLModel, table=True):
    """One waste of a manifest that runs: what was expected when it was opened, what was moved so far."""

    __tablename__ = "manifest_totals"
    __table_args__ = (
        one_of("form", Form),
        sa.CheckConstraint("planned_g > 0", name="planned"),
        sa.CheckConstraint("sent_g >= 0 and received_g >= 0 and records >= 0", name="moved"),
        sa.UniqueConstraint("manifest_id", "position"),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    waste_code: str = Field(primary_key=True, sa_type=sa.Text)
    position: int = Field(sa_type=sa.SmallInteger)
    waste_name: str = Field(sa_type=sa.Text)
    form: str = Field(sa_type=sa.Text)
    hazards: list[str] = Field(sa_type=ARRAY(sa.Text))
    planned_g: int = Field(sa_type=sa.BigInteger)
    sent_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    received_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    records: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
