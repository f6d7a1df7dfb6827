"""Tables of imports: the file as it came, what was found in it, what was made of it; its organisation's alone."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.imports.model import ImportKind, ImportState, Severity


class ImportRow(SQLModel, table=True):
    """One file that somebody has sent."""

    __tablename__ = "imports"
    __table_args__ = (
        one_of("kind", ImportKind),
        one_of("state", ImportState),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        sa.CheckConstraint("(state = 'imported') = (imported_at is not null)", name="imported"),
        sa.CheckConstraint("(confirmed_at is null) = (confirmed_by is null)", name="confirmed"),
        sa.Index(None, "organisation_id", "created_at"),
        sa.Index(None, "organisation_id", "sha256"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    site_id: UUID | None = Field(default=None, foreign_key="sites.id")
    """None for what belongs to the whole firm."""
    person_id: UUID = Field(foreign_key="people.id")
    kind: str = Field(sa_type=sa.Text)
    locale: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    size: int
    sha256: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    task_id: UUID | None = None
    """The long work under way, or the last one."""
    rows: int = 0
    errors: int = 0
    warnings: int = 0
    bad_rows: int = 0
    summary: dict[str, Any] = Field(sa_type=JSONB)
    """What would be made, or was."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_by: UUID | None = Field(default=None, foreign_key="people.id")
    imported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImportFileRow(SQLModel, table=True):
    """The bytes: as they were sent, and marked for download."""

    __tablename__ = "import_files"
    __table_args__ = (sa.CheckConstraint("role in ('sent', 'marked')", name="role"),)

    import_id: UUID = Field(primary_key=True, foreign_key="imports.id", ondelete="CASCADE")
    role: str = Field(primary_key=True, sa_type=sa.Text)
    media_type: str = Field(sa_type=sa.Text)
    content: bytes = Field(sa_type=sa.LargeBinary)


class ImportFindingRow(SQLModel, table=True):
    """One finding at a cell."""

    __tablename__ = "import_findings"
    __table_args__ = (one_of("severity", Severity),)

    import_id: UUID = Field(primary_key=True, foreign_key="imports.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    row: int
    column: int | None = None
    heading: str = Field(sa_type=sa.Text)
    severity: str = Field(sa_type=sa.Text)
    code: str = Field(sa_type=sa.Text)
    rule: dict[str, Any] = Field(sa_type=JSONB)


class ImportMadeRow(SQLModel, table=True):
    """What a row became: a container, a draft, a vehicle, a driver, a contract."""

    __tablename__ = "import_made"

    import_id: UUID = Field(primary_key=True, foreign_key="imports.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    row: int
    subject_id: UUID
    name: str = Field(sa_type=sa.Text)
