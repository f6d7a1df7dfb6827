"""Invitations, delegates, claims of organisations, identities given by others, and provisioning.

Organisations that stand in the register already were entered by the operator or an authority and count as verified.
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_VIEWER = "viewer ~ '^(o:[0-9a-f-]{36}|r:([0-9]{2}){1,3}|p)$'"
_ROLES = (
    "role in ('owner', 'filer', 'signer', 'gate_operator', 'driver', 'viewer', "
    "'regulator_viewer', 'inspector', 'approver', 'operator')"
)


# A claim is seen by its claimant, by the platform, and by the authorities over the organisation's county. The other
# tables of this revision are asked by the hash of a secret or by a provider's subject, before anybody is known.
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_CLAIM = f"""
  claimant_id = {_PERSON} or (select current_setting('wastetrack.viewer', true) = 'p')
  or (select (select current_setting('wastetrack.viewer', true))
        = any (array['r:' || left(firm.region_code, 2), 'r:' || left(firm.region_code, 4), 'r:' || firm.region_code])
      from organisations firm where firm.id = organisation_id)
"""
_DOCUMENT = "(select true from organisation_claims of where of.id = claim_id)"


def upgrade() -> None:
    """Make the tables and columns of belonging."""
    _columns()
    _invitations()
    _federation()
    _provisioning()
    _claims()
    _policies()


def _columns() -> None:
    op.add_column("memberships", sa.Column("delegate_of_organisation_id", sa.Uuid()))
    op.add_column("memberships", sa.Column("valid_until", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("ck_memberships_delegate"),
        "memberships",
        "delegate_of_organisation_id is null or "
        "(role in ('filer', 'signer', 'viewer') and valid_until is not null "
        "and delegate_of_organisation_id <> organisation_id)",
    )
    op.add_column("organisations", sa.Column("verified_at", sa.DateTime(timezone=True)))
    op.execute("update organisations set verified_at = created_at")
    op.add_column("manifest_signatures", sa.Column("delegate_of_organisation_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_manifest_signatures_delegate_of_organisation_id"),
        "manifest_signatures",
        "organisations",
        ["delegate_of_organisation_id"],
        ["id"],
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("contact_kind", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("membership_id", sa.Uuid()),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("accepted_by", sa.Uuid()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("contact_kind in ('email', 'phone')", name=op.f("ck_invitations_contact_kind")),
        sa.CheckConstraint(_ROLES, name=op.f("ck_invitations_role")),
        sa.CheckConstraint("contact = lower(contact) and contact <> ''", name=op.f("ck_invitations_contact")),
        sa.CheckConstraint("locale in ('zh', 'en')", name=op.f("ck_invitations_locale")),
        sa.CheckConstraint(_VIEWER, name=op.f("ck_invitations_viewer")),
        sa.CheckConstraint("(accepted_at is null) = (accepted_by is null)", name=op.f("ck_invitations_accepted_whole")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_invitations_expires_at")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_invitations_membership_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["accepted_by"], ["people.id"], name=op.f("fk_invitations_accepted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_organisation_id", "invitations", ["organisation_id"])
    op.create_table(
        "invitation_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_invitation_links_token_hash")),
        sa.CheckConstraint("kind in ('shown', 'delivered')", name=op.f("ck_invitation_links_kind")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_invitation_links_invitation_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation_links")),
        sa.UniqueConstraint("invitation_id", "kind", name=op.f("uq_invitation_links_invitation_id_kind")),
    )


def _federation() -> None:
    op.create_table(
        "federated_identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_federated_identities_person_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_federated_identities")),
    )
    op.create_index("ix_federated_identities_person_id", "federated_identities", ["person_id"])
    op.create_table(
        "federated_requests",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("code_verifier", sa.Text(), nullable=False),
        sa.Column("next_page", sa.Text(), nullable=False),
        sa.Column("invitation_hash", sa.LargeBinary()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(state_hash) = 32", name=op.f("ck_federated_requests_state_hash")),
        sa.CheckConstraint("octet_length(browser_hash) = 32", name=op.f("ck_federated_requests_browser_hash")),
        sa.CheckConstraint("octet_length(invitation_hash) = 32", name=op.f("ck_federated_requests_invitation_hash")),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_federated_requests")),
    )
    op.create_table(
        "federated_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("acr", sa.Text()),
        sa.Column("amr", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("organisation_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"],
            ["sign_in_sessions.token_hash"],
            name=op.f("fk_federated_sessions_token_hash"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_federated_sessions")),
    )


def _provisioning() -> None:
    op.create_table(
        "provisioning_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_provisioning_tokens_token_hash")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_provisioning_tokens_expires_at")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_provisioning_tokens_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provisioning_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_provisioning_tokens_token_hash")),
    )
    op.create_index("ix_provisioning_tokens_organisation_id", "provisioning_tokens", ["organisation_id"])
    op.create_table(
        "provisioned_people",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("given_name", sa.Text()),
        sa.Column("family_name", sa.Text()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_provisioned_people_person_id")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_provisioned_people")),
        sa.UniqueConstraint(
            "organisation_id", "external_id", name=op.f("uq_provisioned_people_organisation_id_external_id")
        ),
    )


def _claims() -> None:
    op.create_table(
        "organisation_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("claimant_id", sa.Uuid(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_for", sa.Uuid()),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state in ('pending', 'confirmed', 'refused', 'withdrawn')", name=op.f("ck_organisation_claims_state")
        ),
        sa.CheckConstraint(
            "(state in ('confirmed', 'refused')) = (decided_by is not null) and "
            "(decided_by is null) = (decided_for is null) and (state = 'pending') = (decided_at is null)",
            name=op.f("ck_organisation_claims_decided_whole"),
        ),
        sa.CheckConstraint("decided_by <> claimant_id", name=op.f("ck_organisation_claims_not_by_oneself")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_claims_organisation_id")
        ),
        sa.ForeignKeyConstraint(["claimant_id"], ["people.id"], name=op.f("fk_organisation_claims_claimant_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_organisation_claims_decided_by")),
        sa.ForeignKeyConstraint(["decided_for"], ["organisations.id"], name=op.f("fk_organisation_claims_decided_for")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_claims")),
    )
    op.create_index("ix_organisation_claims_organisation_id", "organisation_claims", ["organisation_id"])
    op.create_index(
        "uq_organisation_claims_open",
        "organisation_claims",
        ["claimant_id", "organisation_id"],
        unique=True,
        postgresql_where="state = 'pending'",
    )
    op.create_table(
        "claim_documents",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_claim_documents_sha256")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_claim_documents_size_bytes")),
        sa.ForeignKeyConstraint(["claim_id"], ["organisation_claims.id"], name=op.f("fk_claim_documents_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "position", name=op.f("pk_claim_documents")),
    )


def _policies() -> None:
    op.execute("alter table organisation_claims enable row level security")
    op.execute(f"create policy may_select on organisation_claims for select using ({_CLAIM})")
    op.execute(f"create policy may_insert on organisation_claims for insert with check (claimant_id = {_PERSON})")
    op.execute(f"create policy may_update on organisation_claims for update using ({_CLAIM}) with check ({_CLAIM})")
    op.execute("alter table claim_documents enable row level security")
    op.execute(f"create policy may_select on claim_documents for select using ({_DOCUMENT})")
    op.execute(
        "create policy may_insert on claim_documents for insert with check "
        f"((select of.claimant_id = {_PERSON} from organisation_claims of where of.id = claim_id))"
    )


def downgrade() -> None:
    """Only ever run on an empty database: nothing acknowledged may be dropped."""
    for table in (
        "claim_documents",
        "organisation_claims",
        "provisioned_people",
        "provisioning_tokens",
        "federated_sessions",
        "federated_requests",
        "federated_identities",
        "invitation_links",
        "invitations",
    ):
        op.drop_table(table)
    op.drop_constraint(op.f("fk_manifest_signatures_delegate_of_organisation_id"), "manifest_signatures")
    op.drop_column("manifest_signatures", "delegate_of_organisation_id")
    op.drop_column("organisations", "verified_at")
    op.drop_constraint(op.f("ck_memberships_delegate"), "memberships")
    op.drop_column("memberships", "valid_until")
    op.drop_column("memberships", "delegate_of_organisation_id")
