"""Tables of the log: leaves as they arrive, their place in the tree, the tree's complete nodes, what was signed.

Everything is append-only by trigger but two tables: `log_pending`, from which the sequencer takes away what it has
placed, and `log_personal`, whose rows may be erased (never changed) when the law asks for it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime

_HASH = "octet_length({}) = 32"


class LogLeaf(SQLModel, table=True):
    """One event as bytes. `arrival` rises in the order of arrival and has gaps where a transaction was undone."""

    __tablename__ = "log_leaves"
    __table_args__ = (
        sa.CheckConstraint(r"hash = sha256('\x00'::bytea || bytes)", name="hash"),
        sa.CheckConstraint("kind <> ''", name="kind"),
        # The few scans of what stood on no paper, for whoever looks through all of them.
        sa.Index(
            "ix_log_leaves_unexpected",
            "recorded_at",
            postgresql_where=sa.text("kind = 'container_scanned' and position('\"unexpected\"'::bytea in bytes) > 0"),
        ),
    )

    arrival: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger(), sa.Identity(always=True), primary_key=True)
    )
    id: UUID = Field(unique=True)
    kind: str = Field(sa_type=sa.Text)
    content: bytes = Field(sa_column=sa.Column("bytes", sa.LargeBinary(), nullable=False))
    hash: bytes = Field(sa_type=sa.LargeBinary)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class LogSubject(SQLModel, table=True):
    """Under whose history a leaf is found."""

    __tablename__ = "log_subjects"
    __table_args__ = (sa.Index("ix_log_subjects_arrival", "arrival"),)

    subject_id: UUID = Field(primary_key=True)
    arrival: int = Field(primary_key=True, foreign_key="log_leaves.arrival", sa_type=sa.BigInteger)


class LogPending(SQLModel, table=True):
    """A committed leaf that no tree holds yet."""

    __tablename__ = "log_pending"

    arrival: int = Field(
        sa_column=sa.Column(sa.BigInteger(), sa.ForeignKey("log_leaves.arrival"), primary_key=True, autoincrement=False)
    )


class LogSequence(SQLModel, table=True):
    """The place of a leaf in the tree, counted from 0 without gaps."""

    __tablename__ = "log_sequence"
    __table_args__ = (sa.CheckConstraint("log_index >= 0", name="log_index"),)

    log_index: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    arrival: int = Field(foreign_key="log_leaves.arrival", unique=True, sa_type=sa.BigInteger)


class LogNode(SQLModel, table=True):
    """A complete node of the tree; level 0 holds the leaf hashes."""

    __tablename__ = "log_nodes"
    __table_args__ = (
        sa.CheckConstraint("level between 0 and 62 and position >= 0", name="place"),
        sa.CheckConstraint(_HASH.format("hash"), name="hash"),
    )

    level: int = Field(sa_column=sa.Column(sa.SmallInteger(), primary_key=True, autoincrement=False))
    position: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_type=sa.LargeBinary)


class LogCheckpoint(SQLModel, table=True):
    """A signed statement that was published."""

    __tablename__ = "log_checkpoints"
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="size"),
        sa.CheckConstraint(_HASH.format("root"), name="root"),
    )

    size: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=sa.LargeBinary)
    note: str = Field(sa_type=sa.Text)
    published_at: datetime = Field(sa_type=UtcDateTime)


class LogPersonal(SQLModel, table=True):
    """The personal part of an event, and the salt that its leaf's digest was made with."""

    __tablename__ = "log_personal"
    __table_args__ = (sa.CheckConstraint(_HASH.format("salt"), name="salt"),)

    leaf_id: UUID = Field(primary_key=True, foreign_key="log_leaves.id")
    salt: bytes = Field(sa_type=sa.LargeBinary)
    body: dict[str, Any] = Field(sa_type=JSONB)
