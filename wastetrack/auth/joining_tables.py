"""Tables of how people come to belong: invitations and their links, identities given by others, provisioning.

Only SHA-256 hashes of links and tokens are stored. Whose rows they are is told by `organisation_id` in each.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.auth.joining_model import ContactKind, LinkKind
from wastetrack.auth.model import Role
from wastetrack.db.types import UtcDateTime, one_of


class InvitationRow(SQLModel, table=True):
    """Somebody is asked to join, or (with `membership_id`) to choose a new password. Kept when it is over."""

    __tablename__ = "invitations"
    __table_args__ = (
        one_of("contact_kind", ContactKind),
        one_of("role", Role),
        sa.CheckConstraint("contact = lower(contact) and contact <> ''", name="contact"),
        sa.CheckConstraint("locale in ('zh', 'en')", name="locale"),
        sa.CheckConstraint("viewer ~ '^(o:[0-9a-f-]{36}|r:([0-9]{2}){1,3}|p)$'", name="viewer"),
        sa.CheckConstraint("(accepted_at is null) = (accepted_by is null)", name="accepted_whole"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.Index("ix_invitations_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    contact_kind: str = Field(sa_type=sa.Text)
    contact: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    role: str = Field(sa_type=sa.Text)
    viewer: str = Field(sa_type=sa.Text)
    locale: str = Field(sa_type=sa.Text)
    membership_id: UUID | None = Field(default=None, foreign_key="memberships.id")
    invited_by: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_by: UUID | None = Field(default=None, foreign_key="people.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InvitationLink(SQLModel, table=True):
    """A secret that opens an invitation: one for the inviter to hand over, one made by the worker that delivers it."""

    __tablename__ = "invitation_links"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        one_of("kind", LinkKind),
        sa.UniqueConstraint("invitation_id", "kind"),
    )

    token_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    invitation_id: UUID = Field(foreign_key="invitations.id")
    kind: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class FederatedIdentity(SQLModel, table=True):
    """A person as a provider of identities knows him: by its own subject, never by an address that changes hands."""

    __tablename__ = "federated_identities"
    __table_args__ = (sa.Index("ix_federated_identities_person_id", "person_id"),)

    issuer: str = Field(primary_key=True, sa_type=sa.Text)
    subject: str = Field(primary_key=True, sa_type=sa.Text)
    person_id: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class FederatedRequest(SQLModel, table=True):
    """A sign-in on its way to a provider and back: used once, bound to the browser that began it."""

    __tablename__ = "federated_requests"
    __table_args__ = (
        sa.CheckConstraint("octet_length(state_hash) = 32", name="state_hash"),
        sa.CheckConstraint("octet_length(browser_hash) = 32", name="browser_hash"),
        sa.CheckConstraint("octet_length(invitation_hash) = 32", name="invitation_hash"),
    )

    state_hash: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    browser_hash: bytes = Field(sa_type=sa.LargeBinary)
    provider: str = Field(sa_type=sa.Text)
    nonce: str = Field(sa_type=sa.Text)
    code_verifier: str = Field(sa_type=sa.Text)
    next_page: str = Field(sa_type=sa.Text)
    invitation_hash: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class FederatedSession(SQLModel, table=True):
    """Which provider opened a session, how it says that the person was recognised, and for whom it may vouch."""

    __tablename__ = "federated_sessions"

    token_hash: bytes = Field(
        primary_key=True,
        sa_type=sa.LargeBinary,
        foreign_key="sign_in_sessions.token_hash",
        ondelete="CASCADE",
    )
    issuer: str = Field(sa_type=sa.Text)
    subject: str = Field(sa_type=sa.Text)
    acr: str | None = Field(default=None, sa_type=sa.Text)
    amr: list[str] = Field(sa_type=ARRAY(sa.Text))
    organisation_ids: list[UUID] = Field(sa_type=ARRAY(sa.Uuid))


class ProvisioningToken(SQLModel, table=True):
    """A bearer token with which an organisation's own directory keeps its people here."""

    __tablename__ = "provisioning_tokens"
    __table_args__ = (
        sa.CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        sa.Index("ix_provisioning_tokens_organisation_id", "organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    name: str = Field(sa_type=sa.Text)
    token_hash: bytes = Field(unique=True, sa_type=sa.LargeBinary)
    created_by: UUID = Field(foreign_key="people.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProvisionedPerson(SQLModel, table=True):
    """What an organisation's directory says of a member beyond what we know ourselves."""

    __tablename__ = "provisioned_people"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "external_id"),)

    organisation_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    external_id: str | None = Field(default=None, sa_type=sa.Text)
    given_name: str | None = Field(default=None, sa_type=sa.Text)
    family_name: str | None = Field(default=None, sa_type=sa.Text)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
