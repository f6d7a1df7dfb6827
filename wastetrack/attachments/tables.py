"""Table of the attachments room; the bytes themselves are files (storing.py)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.attachments.model import MediaType
from wastetrack.db.types import UtcDateTime, one_of


class AttachmentRow(SQLModel, table=True):
    """One file beside one thing; never changed, and gone only with what erases it."""

    __tablename__ = "attachments"
    __table_args__ = (
        one_of("media_type", MediaType),
        sa.CheckConstraint("size > 0", name="size"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$' and sent_sha256 ~ '^[0-9a-f]{64}$'", name="hashes"),
        sa.UniqueConstraint("subject_kind", "subject_id", "sha256"),
        sa.Index(None, "organisation_id"),
        sa.Index(None, "sha256"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    subject_kind: str = Field(sa_type=sa.Text)
    subject_id: UUID
    name: str = Field(sa_type=sa.Text)
    media_type: str = Field(sa_type=sa.Text)
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(sa_type=sa.Text)
    sent_sha256: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
