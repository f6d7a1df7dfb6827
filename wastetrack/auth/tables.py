"""Tables of people, their sessions and tokens, of who may see what, and of requests already answered.

Only SHA-256 hashes of session and API tokens are stored: whoever reads the database cannot act with what it holds.
The second factors stand beside `people` in tables of their own (factor_tables.py); a session says which factors opened
it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

import wastetrack.auth.factor_tables  # noqa: F401  the same room: whoever asks for its tables gets all
from wastetrack.auth.model import PersonKind, Restriction, Role
from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ids import new_id

_TEXTS: Any = ARRAY(sa.Text)


class Person(SQLModel, table=True):
    """Somebody who acts: a human who signs in, or a system. The login is kept in lower case."""

    __tablename__ = "people"
    __table_args__ = (
        sa.CheckConstraint("login = lower(login) and login <> ''", name="login"),
        sa.CheckConstraint("locale in ('zh', 'en')", name="locale"),
        one_of("kind", PersonKind),
        sa.CheckConstraint("kind = 'human' or password_hash is null", name="machine_without_password"),
    )

    id: UUID = Field(primary_key=True)
    login: str = Field(unique=True, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    password_hash: str | None = Field(default=None, sa_type=sa.Text)
    locale: str = Field(sa_type=sa.Text)
    kind: str = Field(default=PersonKind.HUMAN, sa_type=sa.Text, sa_column_kwargs={"server_default": "human"})
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    temporary_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Until when a password that somebody else chose may be used, once; None for one that the person chose."""


class Membership(SQLModel, table=True):
    """A person's one role in an organisation. No foreign key to the organisation: that room stands above this one."""

    __tablename__ = "memberships"
    __table_args__ = (
        one_of("role", Role),
        sa.CheckConstraint("viewer ~ '^(o:[0-9a-f-]{36}|r:([0-9]{2}){1,3}|p)$'", name="viewer"),
        sa.Index(
            "uq_memberships_in_force", "person_id", "organisation_id", unique=True, postgresql_where="ended_at is null"
        ),
        sa.Index("ix_memberships_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    organisation_id: UUID
    role: str = Field(sa_type=sa.Text)
    viewer: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInSession(SQLModel, table=True):
    """One sign-in, until it expires, lies idle too long or is signed out (then the row is gone)."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.CheckConstraint("factors <@ array['password', 'totp', 'recovery_code', 'passkey']::text[]", name="factors"),
        one_of("restriction", Restriction),
        sa.Index("ix_sign_in_sessions_person_id", "person_id"),
    )

    token_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    person_id: UUID = Field(foreign_key="people.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    csrf_token: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str = Field(sa_type=sa.Text)
    id: UUID = Field(
        default_factory=new_id, unique=True, sa_column_kwargs={"server_default": sa.func.gen_random_uuid()}
    )
    """What its owner calls it by when he ends it; the hash of the token is told to nobody."""
    factors: list[str] = Field(
        default_factory=list, sa_type=_TEXTS, sa_column_kwargs={"server_default": sa.text("'{}'::text[]")}
    )
    """The FactorKinds that opened it."""
    proved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a factor was last given again inside of it, which changing factors asks for."""
    restriction: str | None = Field(default=None, sa_type=sa.Text)


class ApiToken(SQLModel, table=True):
    """A personal token for programs, shown once when made. Without scopes it may do all that its owner may."""

    __tablename__ = "tokens"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        sa.Index("ix_tokens_person_id", "person_id"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    name: str = Field(sa_type=sa.Text)
    token_hash: bytes = Field(unique=True, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    scopes: list[str] | None = Field(default=None, sa_type=ARRAY(sa.Text))


class SignInFailure(SQLModel, table=True):
    """Failed attempts, counted per hashed key (throttling.py says which) in one window of time."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (sa.CheckConstraint("failures > 0", name="failures"),)

    key_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    window_began_at: datetime = Field(sa_type=UtcDateTime)
    failures: int = Field(sa_type=sa.Integer)
    refused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of an account's count alone: until then nothing is tried and nothing counted."""


class Sighting(SQLModel, table=True):
    """This viewer may see this thing. The one table behind the one scoping function (sight.py)."""

    __tablename__ = "sightings"
    __table_args__ = (sa.Index("ix_sightings_subject_id", "subject_id"),)

    viewer: str = Field(primary_key=True, sa_type=sa.Text)
    kind: str = Field(primary_key=True, sa_type=sa.Text)
    subject_id: UUID = Field(primary_key=True)


class AnsweredRequest(SQLModel, table=True):
    """A POST under its caller's key: taken when it begins, answered in the same transaction as its effects."""

    __tablename__ = "answered_requests"
    __table_args__ = (
        sa.CheckConstraint("octet_length(body_hash) = 32", name="body_hash"),
        sa.CheckConstraint("(status is null) = (answer is null)", name="answered_whole"),
        sa.Index("ix_answered_requests_created_at", "created_at"),
    )

    key: UUID = Field(primary_key=True)
    membership_id: UUID = Field(primary_key=True, foreign_key="memberships.id")
    method: str = Field(sa_type=sa.Text)
    path: str = Field(sa_type=sa.Text)
    body_hash: bytes = Field(sa_type=sa.LargeBinary)
    status: int | None = Field(default=None, sa_type=sa.SmallInteger)
    headers: list[Any] | None = Field(default=None, sa_type=JSONB)
    answer: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
