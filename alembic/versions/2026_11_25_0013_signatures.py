"""Signatures: statements that wait to be signed, notices of what was signed, keys that the log states.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _intents()
    _signed_acts()
    _stated_keys()
    _driver_links()


def _intents() -> None:
    op.create_table(
        "signing_intents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("device_membership_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "step in ('filing', 'cancellation', 'voiding', 'pick-up', 'hand-over', 'arrival', 'receipt', 'confirmation', 'correction', 'correction-answer')",
            name=op.f("ck_signing_intents_step"),
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_signing_intents_digest")),
        sa.CheckConstraint("octet_length(salt) = 32", name=op.f("ck_signing_intents_salt")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_signing_intents_membership_id")),
        sa.ForeignKeyConstraint(
            ["device_membership_id"], ["memberships.id"], name=op.f("fk_signing_intents_device_membership_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signing_intents_organisation_id")
        ),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name=op.f("fk_signing_intents_manifest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_intents")),
        sa.UniqueConstraint("event_id", name=op.f("uq_signing_intents_event_id")),
    )
    op.create_index(op.f("ix_signing_intents_expires_at"), "signing_intents", ["expires_at"])


def _signed_acts() -> None:
    op.create_table(
        "signed_acts",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repudiated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repudiation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(repudiated_at is null) = (repudiation_id is null)", name=op.f("ck_signed_acts_repudiated_by_an_event")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signed_acts_person_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_signed_acts_membership_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_signed_acts_organisation_id")),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name=op.f("fk_signed_acts_manifest_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_signed_acts")),
        sa.UniqueConstraint("repudiation_id", name=op.f("uq_signed_acts_repudiation_id")),
    )
    op.create_index(op.f("ix_signed_acts_person_id_signed_at"), "signed_acts", ["person_id", "signed_at"])
    op.create_index(
        op.f("ix_signed_acts_organisation_id_repudiated_at"),
        "signed_acts",
        ["organisation_id", "repudiated_at"],
        postgresql_where=sa.text("repudiated_at is not null"),
    )


def _stated_keys() -> None:
    op.create_table(
        "stated_keys",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_event_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_event_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('passkey', 'system_key')", name=op.f("ck_stated_keys_kind")),
        sa.CheckConstraint(
            "(revoked_at is null) = (revoked_event_id is null)", name=op.f("ck_stated_keys_revoked_by_an_event")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_stated_keys_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_stated_keys_person_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_stated_keys")),
        sa.UniqueConstraint("enrolled_event_id", name=op.f("uq_stated_keys_enrolled_event_id")),
        sa.UniqueConstraint("revoked_event_id", name=op.f("uq_stated_keys_revoked_event_id")),
    )


def _driver_links() -> None:
    op.create_table(
        "driver_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("driver_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("maker_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_driver_links_token_hash")),
        sa.CheckConstraint("octet_length(code_hash) = 32", name=op.f("ck_driver_links_code_hash")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_driver_links_attempts")),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name=op.f("fk_driver_links_manifest_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_driver_links_vehicle_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_driver_links_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_driver_links_person_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_driver_links_membership_id")),
        sa.ForeignKeyConstraint(["made_by"], ["memberships.id"], name=op.f("fk_driver_links_made_by")),
        sa.ForeignKeyConstraint(
            ["maker_organisation_id"], ["organisations.id"], name=op.f("fk_driver_links_maker_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_driver_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_driver_links_token_hash")),
    )
    op.create_index(op.f("ix_driver_links_manifest_id"), "driver_links", ["manifest_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("driver_links", "stated_keys", "signed_acts", "signing_intents"):
        op.drop_table(table)
