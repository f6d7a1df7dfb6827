"""Second factors, sign-ins under way, known devices, and what happened to an account.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXTS = postgresql.ARRAY(sa.Text())
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them; people and sessions get columns that the previous program need not know."""
    op.add_column("people", sa.Column("temporary_until", _INSTANT))
    op.add_column("sign_in_failures", sa.Column("refused_until", _INSTANT))
    _sessions()
    _factors()
    _under_way()
    op.create_table(
        "account_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind in ('signed_in', 'sign_in_failed', 'factor_failed', 'password_changed', 'password_set', "
            "'passkey_added', 'passkey_removed', 'totp_added', 'totp_removed', 'recovery_codes_made', "
            "'recovery_code_used', 'sessions_ended')",
            name=op.f("ck_account_events_kind"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_account_events_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    op.create_index("ix_account_events_person_id", "account_events", ["person_id", "happened_at"])


def _sessions() -> None:
    # The default makes a value for each row that stands, and for those that the previous program still writes.
    op.add_column(
        "sign_in_sessions", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )
    op.create_unique_constraint(op.f("uq_sign_in_sessions_id"), "sign_in_sessions", ["id"])
    op.add_column(
        "sign_in_sessions", sa.Column("factors", _TEXTS, server_default=sa.text("'{}'::text[]"), nullable=False)
    )
    op.add_column("sign_in_sessions", sa.Column("proved_at", _INSTANT))
    op.add_column("sign_in_sessions", sa.Column("restriction", sa.Text()))
    op.create_check_constraint(
        op.f("ck_sign_in_sessions_factors"),
        "sign_in_sessions",
        "factors <@ array['password', 'totp', 'recovery_code', 'passkey']::text[]",
    )
    op.create_check_constraint(
        op.f("ck_sign_in_sessions_restriction"),
        "sign_in_sessions",
        "restriction in ('change_password', 'enrol_factor')",
    )


def _factors() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", _TEXTS, nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT),
        sa.Column("revoked_at", _INSTANT),
        sa.CheckConstraint("octet_length(credential_id) between 1 and 1023", name=op.f("ck_passkeys_credential_id")),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkeys_sign_count")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_passkeys_name")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_person_id", "passkeys", ["person_id"])
    op.create_table(
        "totp_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT),
        sa.Column("last_used_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_totp_secrets_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_secrets")),
    )
    op.create_index(
        "uq_totp_secrets_in_force",
        "totp_secrets",
        ["person_id"],
        unique=True,
        postgresql_where="confirmed_at is not null",
    )
    op.create_index(
        "uq_totp_secrets_offered", "totp_secrets", ["person_id"], unique=True, postgresql_where="confirmed_at is null"
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT),
        sa.CheckConstraint("octet_length(code_hash) = 32", name=op.f("ck_recovery_codes_code_hash")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"])


def _under_way() -> None:
    op.create_table(
        "ceremonies",
        sa.Column("bound_to", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind in ('registration', 'sign_in', 'proof')", name=op.f("ck_ceremonies_kind")),
        sa.CheckConstraint("octet_length(bound_to) = 32", name=op.f("ck_ceremonies_bound_to")),
        sa.CheckConstraint("octet_length(challenge) >= 16", name=op.f("ck_ceremonies_challenge")),
        sa.PrimaryKeyConstraint("bound_to", "kind", name=op.f("pk_ceremonies")),
    )
    op.create_index("ix_ceremonies_expires_at", "ceremonies", ["expires_at"])
    op.create_table(
        "pending_sign_ins",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_pending_sign_ins_token_hash")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pending_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pending_sign_ins")),
    )
    op.create_index("ix_pending_sign_ins_expires_at", "pending_sign_ins", ["expires_at"])
    op.create_table(
        "known_devices",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_known_devices_token_hash")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_known_devices_person_id")),
        sa.PrimaryKeyConstraint("token_hash", "person_id", name=op.f("pk_known_devices")),
    )


def downgrade() -> None:
    """Take them away. Whoever had a second factor signs in with the password alone again."""
    for table in (
        "account_events",
        "known_devices",
        "pending_sign_ins",
        "ceremonies",
        "recovery_codes",
        "totp_secrets",
        "passkeys",
    ):
        op.drop_table(table)
    for name in ("restriction", "proved_at", "factors", "id"):
        op.drop_column("sign_in_sessions", name)
    op.drop_column("sign_in_failures", "refused_until")
    op.drop_column("people", "temporary_until")
