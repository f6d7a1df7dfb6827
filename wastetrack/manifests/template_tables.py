"""The table of templates: what a firm files again and again."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.manifests.model import TransferBasis


class TemplateRow(SQLModel, table=True):
    """A transfer under a name, without its containers and its day."""

    __tablename__ = "manifest_templates"
    __table_args__ = (
        one_of("basis", TransferBasis),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.UniqueConstraint("organisation_id", "name", name="uq_manifest_templates_organisation_id_name"),
        sa.ForeignKeyConstraint(["shipper_site_id", "organisation_id"], ["sites.id", "sites.organisation_id"]),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    name: str = Field(sa_type=sa.Text)
    shipper_site_id: UUID
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    method: str = Field(sa_type=sa.Text)
    basis: str = Field(sa_type=sa.Text)
    exemptions: list[int] = Field(sa_type=ARRAY(sa.SmallInteger()))
    legs: list[dict[str, Any]] = Field(sa_type=JSONB)
    """Each carrier with its vehicle, and where it takes over."""
    waste_codes: list[str] = Field(sa_type=ARRAY(sa.Text()))
    remarks: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
