"""Tables of second factors, of sign-ins and ceremonies under way, and of what happened to an account.

What must stay secret is not here: recovery codes and the tokens of ceremonies and pending sign-ins are SHA-256 hashes
of random values, a TOTP secret is sealed with a key that lies outside of the database, a passkey is a public key.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.auth.model import AccountEventKind
from wastetrack.db.types import UtcDateTime, one_of

_TEXTS: Any = ARRAY(sa.Text)


class Passkey(SQLModel, table=True):
    """A WebAuthn credential of a person. A row stays when it is revoked: signatures made with it name it."""

    __tablename__ = "passkeys"
    __table_args__ = (
        sa.CheckConstraint("octet_length(credential_id) between 1 and 1023", name="credential_id"),
        sa.CheckConstraint("sign_count >= 0", name="sign_count"),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.Index("ix_passkeys_person_id", "person_id"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    credential_id: bytes = Field(unique=True, sa_type=sa.LargeBinary)
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    """COSE_Key (RFC 9052), as the authenticator gave it."""
    sign_count: int = Field(sa_type=sa.BigInteger)
    transports: list[str] = Field(sa_type=_TEXTS)
    backed_up: bool = Field(sa_type=sa.Boolean)
    """Whether its maker keeps a copy, for the person's other devices."""
    name: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TotpSecret(SQLModel, table=True):
    """The secret that a person's authenticator app shares with us: one in force, and one being enrolled at most."""

    __tablename__ = "totp_secrets"
    __table_args__ = (
        sa.Index("uq_totp_secrets_in_force", "person_id", unique=True, postgresql_where="confirmed_at is not null"),
        sa.Index("uq_totp_secrets_offered", "person_id", unique=True, postgresql_where="confirmed_at is null"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    sealed: bytes = Field(sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_step: int = Field(default=0, sa_type=sa.BigInteger)
    """The newest step whose code was accepted; its code and older ones no longer work."""


class RecoveryCode(SQLModel, table=True):
    """One code of a person's present list."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        sa.CheckConstraint("octet_length(code_hash) = 32", name="code_hash"),
        sa.Index("ix_recovery_codes_person_id", "person_id"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    code_hash: bytes = Field(unique=True, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Ceremony(SQLModel, table=True):
    """A challenge given out, bound to the browser or session that asked; taken away when it is answered."""

    __tablename__ = "ceremonies"
    __table_args__ = (
        sa.CheckConstraint("kind in ('registration', 'sign_in', 'proof')", name="kind"),
        sa.CheckConstraint("octet_length(bound_to) = 32", name="bound_to"),
        sa.CheckConstraint("octet_length(challenge) >= 16", name="challenge"),
        sa.Index("ix_ceremonies_expires_at", "expires_at"),
    )

    bound_to: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    kind: str = Field(primary_key=True, sa_type=sa.Text)
    challenge: bytes = Field(sa_type=sa.LargeBinary)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class PendingSignIn(SQLModel, table=True):
    """A password was right and a second factor is awaited; gone when it came, and of no use after ten minutes."""

    __tablename__ = "pending_sign_ins"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        sa.Index("ix_pending_sign_ins_expires_at", "expires_at"),
    )

    token_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    person_id: UUID = Field(foreign_key="people.id")
    expires_at: datetime = Field(sa_type=UtcDateTime)


class KnownDevice(SQLModel, table=True):
    """A browser in which a person has signed in before: strangers' guesses at his login do not keep it out."""

    __tablename__ = "known_devices"
    __table_args__ = (sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),)

    token_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    last_seen_at: datetime = Field(sa_type=UtcDateTime)


class AccountEvent(SQLModel, table=True):
    """What happened to somebody's account, written in the transaction in which it happened."""

    __tablename__ = "account_events"
    __table_args__ = (
        one_of("kind", AccountEventKind),
        sa.Index("ix_account_events_person_id", "person_id", "happened_at"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    kind: str = Field(sa_type=sa.Text)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    facts: dict[str, Any] = Field(sa_type=JSONB)
    """What kind of factor, the name of a passkey, the device, who set a password; never a network address."""
