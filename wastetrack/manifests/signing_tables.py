"""Tables of signatures: what waits to be signed, what was signed, with which keys, and links for drivers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.manifests.model import SignedStep

_DIGEST = 32


class IntentRow(SQLModel, table=True):
    """A statement shown to its signer, for five minutes and one signature."""

    __tablename__ = "signing_intents"
    __table_args__ = (
        one_of("step", SignedStep),
        sa.CheckConstraint(f"octet_length(digest) = {_DIGEST}", name="digest"),
        sa.CheckConstraint(f"octet_length(salt) = {_DIGEST}", name="salt"),
        sa.Index(None, "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    membership_id: UUID = Field(foreign_key="memberships.id")
    device_membership_id: UUID = Field(foreign_key="memberships.id")
    """Whose session showed it; the signer's own unless he signs on another's device."""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    step: str = Field(sa_type=sa.Text)
    subject_id: UUID
    manifest_id: UUID = Field(foreign_key="manifests.id")
    asked: dict[str, Any] = Field(sa_type=JSONB)
    event_id: UUID = Field(unique=True)
    salt: bytes = Field(sa_type=sa.LargeBinary)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    digest: bytes = Field(sa_type=sa.LargeBinary)
    statement: bytes = Field(sa_type=sa.LargeBinary)
    words: dict[str, str] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignedActRow(SQLModel, table=True):
    """The notice to a signer of what was signed in his name, with the words that he read."""

    __tablename__ = "signed_acts"
    __table_args__ = (
        sa.CheckConstraint("(repudiated_at is null) = (repudiation_id is null)", name="repudiated_by_an_event"),
        sa.Index(None, "person_id", "signed_at"),
        sa.Index(None, "organisation_id", "repudiated_at", postgresql_where=sa.text("repudiated_at is not null")),
    )

    event_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    manifest_id: UUID = Field(foreign_key="manifests.id")
    kind: str = Field(sa_type=sa.Text)
    words: dict[str, str] = Field(sa_type=JSONB)
    signed_at: datetime = Field(sa_type=UtcDateTime)
    repudiated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    repudiation_id: UUID | None = Field(default=None, unique=True)


class StatedKeyRow(SQLModel, table=True):
    """A key of which the log says that it was enrolled, so that it says so once; and that it ended."""

    __tablename__ = "stated_keys"
    __table_args__ = (
        sa.CheckConstraint("kind in ('passkey', 'system_key')", name="kind"),
        sa.CheckConstraint("(revoked_at is null) = (revoked_event_id is null)", name="revoked_by_an_event"),
    )

    key_id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    public_key: str = Field(sa_type=sa.Text)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    enrolled_event_id: UUID = Field(unique=True)
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    revoked_event_id: UUID | None = Field(default=None, unique=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DriverLinkRow(SQLModel, table=True):
    """A link by which a driver without an account signs one pick-up."""

    __tablename__ = "driver_links"
    __table_args__ = (
        sa.CheckConstraint(f"octet_length(token_hash) = {_DIGEST}", name="token_hash"),
        sa.CheckConstraint(f"octet_length(code_hash) = {_DIGEST}", name="code_hash"),
        sa.CheckConstraint("attempts >= 0", name="attempts"),
        sa.Index(None, "manifest_id"),
    )

    id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    code_hash: bytes = Field(sa_type=sa.LargeBinary)
    manifest_id: UUID = Field(foreign_key="manifests.id")
    vehicle_id: UUID = Field(foreign_key="vehicles.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    person_id: UUID = Field(foreign_key="people.id")
    membership_id: UUID = Field(foreign_key="memberships.id")
    driver_name: str = Field(sa_type=sa.Text)
    phone: str = Field(sa_type=sa.Text)
    made_by: UUID = Field(foreign_key="memberships.id")
    maker_organisation_id: UUID = Field(foreign_key="organisations.id")
    attempts: int = Field(default=0, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
