"""Tables of the systems that act for organisations: OAuth clients with their secrets and tokens, and signing keys.

Secrets and tokens are stored as SHA-256 hashes, as everywhere in this room. A client acts through the membership of a
person of kind `machine`, so everything that names an actor names the system.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from wastetrack.auth.model import AuthMethod
from wastetrack.db.types import UtcDateTime, one_of


class Client(SQLModel, table=True):
    """A system of an organisation (RFC 6749 §2); its id is its `client_id`, its name that of its person."""

    __tablename__ = "clients"
    __table_args__ = (
        one_of("auth_method", AuthMethod),
        sa.CheckConstraint("(auth_method = 'private_key_jwt') = (jwks is not null)", name="jwks"),
        sa.CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        sa.Index("ix_clients_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    person_id: UUID = Field(foreign_key="people.id", unique=True)
    membership_id: UUID = Field(foreign_key="memberships.id", unique=True)
    auth_method: str = Field(sa_type=sa.Text)
    jwks: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True)))
    scopes: list[str] = Field(sa_type=ARRAY(sa.Text))
    created_by: UUID = Field(foreign_key="memberships.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ClientSecret(SQLModel, table=True):
    """A client's secret, told once; two may hold at a time while the system is told the new one."""

    __tablename__ = "client_secrets"
    __table_args__ = (
        sa.CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.Index("ix_client_secrets_client_id", "client_id"),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id")
    secret_hash: bytes = Field(unique=True, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SpentAssertion(SQLModel, table=True):
    """An assertion of a client that was used (RFC 7523 §3, `jti`), kept until it would have expired anyway."""

    __tablename__ = "client_assertions"
    __table_args__ = (
        sa.CheckConstraint("octet_length(jti_hash) = 32", name="jti_hash"),
        sa.Index("ix_client_assertions_expires_at", "expires_at"),
    )

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    jti_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class AccessToken(SQLModel, table=True):
    """What a client got for its secret or assertion; it may do less than the client, never more."""

    __tablename__ = "access_tokens"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.Index("ix_access_tokens_client_id", "client_id"),
        sa.Index("ix_access_tokens_expires_at", "expires_at"),
    )

    token_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    client_id: UUID = Field(foreign_key="clients.id")
    scopes: list[str] = Field(sa_type=ARRAY(sa.Text))
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RegisteredKey(SQLModel, table=True):
    """An Ed25519 public key of a system or a person, in force once its holder has proved to hold the other half.

    Rows stay for ever: a signature made while a key held is verified by it long after.
    """

    __tablename__ = "system_keys"
    __table_args__ = (
        sa.CheckConstraint("octet_length(public_key) = 32", name="public_key"),
        sa.CheckConstraint("octet_length(challenge) = 32", name="challenge"),
        sa.CheckConstraint("valid_until > created_at", name="valid_until"),
        # Nobody can take a key that is not his, and a key that was revoked never comes back under another name.
        sa.Index(
            "uq_system_keys_public_key", "public_key", unique=True, postgresql_where=sa.text("proved_at is not null")
        ),
        sa.Index("ix_system_keys_person_id", "person_id"),
        sa.Index("ix_system_keys_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    person_id: UUID = Field(foreign_key="people.id")
    name: str = Field(sa_type=sa.Text)
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    challenge: bytes = Field(sa_type=sa.LargeBinary)
    registered_by: UUID = Field(foreign_key="memberships.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    proved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
