"""Systems that act for organisations: clients, their secrets, tokens and spent assertions, and signing keys.

A person is human or a machine; a machine has no password. Personal tokens may be narrowed to scopes.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    # With a default, so that a program of the day before can still enrol people.
    op.add_column("people", sa.Column("kind", sa.Text(), nullable=False, server_default="human"))
    op.alter_column("people", "password_hash", existing_type=sa.Text(), nullable=True)
    op.create_check_constraint(op.f("ck_people_kind"), "people", "kind in ('human', 'machine')")
    op.create_check_constraint(
        op.f("ck_people_machine_without_password"), "people", "kind = 'human' or password_hash is null"
    )
    op.add_column("tokens", sa.Column("scopes", postgresql.ARRAY(sa.Text())))
    op.create_check_constraint(op.f("ck_tokens_scopes"), "tokens", "cardinality(scopes) > 0")
    _clients()
    _grants()
    _system_keys()


def _clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("jwks", postgresql.JSONB()),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("auth_method in ('client_secret', 'private_key_jwt')", name=op.f("ck_clients_auth_method")),
        sa.CheckConstraint("(auth_method = 'private_key_jwt') = (jwks is not null)", name=op.f("ck_clients_jwks")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_clients_scopes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_clients_person_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_clients_membership_id")),
        sa.ForeignKeyConstraint(["created_by"], ["memberships.id"], name=op.f("fk_clients_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("person_id", name=op.f("uq_clients_person_id")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_clients_membership_id")),
    )
    op.create_index("ix_clients_organisation_id", "clients", ["organisation_id"])
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_client_secrets_secret_hash")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_client_secrets_expires_at")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_secrets_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secrets")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_client_secrets_secret_hash")),
    )
    op.create_index("ix_client_secrets_client_id", "client_secrets", ["client_id"])


def _grants() -> None:
    op.create_table(
        "client_assertions",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(jti_hash) = 32", name=op.f("ck_client_assertions_jti_hash")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_assertions_client_id")),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_client_assertions")),
    )
    op.create_index("ix_client_assertions_expires_at", "client_assertions", ["expires_at"])
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_access_tokens_token_hash")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_access_tokens_expires_at")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_access_tokens_client_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_tokens")),
    )
    op.create_index("ix_access_tokens_client_id", "access_tokens", ["client_id"])
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"])


def _system_keys() -> None:
    op.create_table(
        "system_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True)),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_system_keys_public_key")),
        sa.CheckConstraint("octet_length(challenge) = 32", name=op.f("ck_system_keys_challenge")),
        sa.CheckConstraint("valid_until > created_at", name=op.f("ck_system_keys_valid_until")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_system_keys_person_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["memberships.id"], name=op.f("fk_system_keys_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_keys")),
    )
    op.create_index(
        "uq_system_keys_public_key",
        "system_keys",
        ["public_key"],
        unique=True,
        postgresql_where="proved_at is not null",
    )
    op.create_index("ix_system_keys_person_id", "system_keys", ["person_id"])
    op.create_index("ix_system_keys_organisation_id", "system_keys", ["organisation_id"])


def downgrade() -> None:
    """Only ever run on an empty database: nothing acknowledged may be dropped."""
    for table in ("system_keys", "access_tokens", "client_assertions", "client_secrets", "clients"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_tokens_scopes"), "tokens")
    op.drop_column("tokens", "scopes")
    op.drop_constraint(op.f("ck_people_machine_without_password"), "people")
    op.drop_constraint(op.f("ck_people_kind"), "people")
    op.alter_column("people", "password_hash", existing_type=sa.Text(), nullable=False)
    op.drop_column("people", "kind")
