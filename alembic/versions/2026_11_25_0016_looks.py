"""The record of looks, append-only, and the index by which a person's events are found for erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_REFUSE = """
create function looks_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation', table = tg_table_name;
end $$
"""


def upgrade() -> None:
    """Make the table and its guard."""
    op.create_table(
        "looks",
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.Column("delegate_of", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("why_words", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind in ('manifest', 'container', 'ledger', 'event', 'bundle', 'personal', 'people', 'fleet', 'stores', "
            "'search', 'looks')",
            name="ck_looks_kind",
        ),
        sa.CheckConstraint(
            "why in ('routine_inspection', 'complaint', 'case', 'statistics', 'other')", name="ck_looks_why"
        ),
        sa.CheckConstraint("channel in ('page', 'api', 'bundle')", name="ck_looks_channel"),
        sa.CheckConstraint("why <> 'other' or why_words <> ''", name="ck_looks_other_has_words"),
        sa.CheckConstraint("subject_id is not null or kind = 'search'", name="ck_looks_subject"),
        sa.PrimaryKeyConstraint("looked_at", "id", name="pk_looks"),
    )
    op.create_index("ix_looks_subject_id_looked_at", "looks", ["subject_id", "looked_at"])
    op.create_index(
        "ix_looks_session_subject_id",
        "looks",
        ["session", "subject_id"],
        postgresql_where=sa.text("why is not null"),
    )
    op.execute(_REFUSE)
    op.execute(
        "create trigger append_only before update or delete or truncate on looks "
        "for each statement execute function looks_refuse_change()"
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("looks")
    op.execute("drop function looks_refuse_change()")
