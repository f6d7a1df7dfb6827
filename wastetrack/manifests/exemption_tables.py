"""Table of the exemptions that a manifest claims."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class ManifestExemptionRow(SQLModel, table=True):
    """An entry of the day's exemption list whose conditions the shipper declares to hold, by its place in the list."""

    __tablename__ = "manifest_exemptions"

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
