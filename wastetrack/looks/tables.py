"""The table of looks. Append-only by trigger; its key begins with the time, so that it can be cut into months."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.looks.model import Channel, LookKind, Why


class LookRow(SQLModel, table=True):
    """One thing that was shown to somebody who is no party to it.

    No foreign keys: a row is written at each look and read seldom, and it must outlive what it names.
    """

    __tablename__ = "looks"
    __table_args__ = (
        one_of("kind", LookKind),
        one_of("why", Why),
        one_of("channel", Channel),
        sa.CheckConstraint("why <> 'other' or why_words <> ''", name="other_has_words"),
        sa.CheckConstraint("subject_id is not null or kind = 'search'", name="subject"),
        sa.Index(None, "subject_id", "looked_at"),
        sa.Index(None, "session", "subject_id", postgresql_where=sa.text("why is not null")),
    )

    looked_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    id: UUID = Field(primary_key=True)
    person_id: UUID
    organisation_id: UUID
    role: str = Field(sa_type=sa.Text)
    viewer: str = Field(sa_type=sa.Text)
    delegate_of: UUID | None = None
    kind: str = Field(sa_type=sa.Text)
    subject_id: UUID | None = None
    terms: str = Field(sa_type=sa.Text)
    why: str | None = Field(default=None, sa_type=sa.Text)
    why_words: str = Field(sa_type=sa.Text)
    channel: str = Field(sa_type=sa.Text)
    request_id: str = Field(sa_type=sa.Text)
    session: bytes = Field(sa_type=sa.LargeBinary)
