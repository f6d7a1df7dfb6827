"""The transparency log: leaves, their sequence, nodes, checkpoints, and the triggers that keep them unchanged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSE = """
create function log_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation', table = tg_table_name;
end $$
"""

# A leaf that somebody inserts by another way than the program's one statement is still taken up by the sequencer.
_PEND = """
create function log_pend() returns trigger language plpgsql as $$
begin
  insert into log_pending (arrival) select arrival from added;
  return null;
end $$
"""

# Table and the changes that it refuses.
_APPEND_ONLY = {
    "log_leaves": "update or delete",
    "log_subjects": "update or delete",
    "log_sequence": "update or delete",
    "log_nodes": "update or delete",
    "log_checkpoints": "update or delete",
    "log_pending": "update",  # placed leaves are taken away
    "log_personal": "update",  # may be erased, never changed
}


def upgrade() -> None:
    """Make the tables and their guards."""
    _leaves()
    _tree()
    op.execute(_REFUSE)
    for table, changes in _APPEND_ONLY.items():
        op.execute(
            f"create trigger refuse_change before {changes} on {table} "
            "for each statement execute function log_refuse_change()"
        )
        op.execute(
            f"create trigger refuse_truncate before truncate on {table} "
            "for each statement execute function log_refuse_change()"
        )
    op.execute(_PEND)
    op.execute(
        "create trigger pend after insert on log_leaves referencing new table as added "
        "for each statement execute function log_pend()"
    )


def downgrade() -> None:
    """Take them away."""
    for table in (
        "log_personal",
        "log_checkpoints",
        "log_nodes",
        "log_sequence",
        "log_pending",
        "log_subjects",
        "log_leaves",
    ):
        op.drop_table(table)
    op.execute("drop function log_pend()")
    op.execute("drop function log_refuse_change()")


def _leaves() -> None:
    op.create_table(
        "log_leaves",
        sa.Column("arrival", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(r"hash = sha256('\x00'::bytea || bytes)", name=op.f("ck_log_leaves_hash")),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_log_leaves_kind")),
        sa.PrimaryKeyConstraint("arrival", name=op.f("pk_log_leaves")),
        sa.UniqueConstraint("id", name=op.f("uq_log_leaves_id")),
    )
    op.create_table(
        "log_subjects",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["log_leaves.arrival"], name=op.f("fk_log_subjects_arrival")),
        sa.PrimaryKeyConstraint("subject_id", "arrival", name=op.f("pk_log_subjects")),
    )
    op.create_index("ix_log_subjects_arrival", "log_subjects", ["arrival"])
    op.create_table(
        "log_pending",
        sa.Column("arrival", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["log_leaves.arrival"], name=op.f("fk_log_pending_arrival")),
        sa.PrimaryKeyConstraint("arrival", name=op.f("pk_log_pending")),
    )
    op.create_table(
        "log_personal",
        sa.Column("leaf_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("octet_length(salt) = 32", name=op.f("ck_log_personal_salt")),
        sa.ForeignKeyConstraint(["leaf_id"], ["log_leaves.id"], name=op.f("fk_log_personal_leaf_id")),
        sa.PrimaryKeyConstraint("leaf_id", name=op.f("pk_log_personal")),
    )


def _tree() -> None:
    op.create_table(
        "log_sequence",
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("log_index >= 0", name=op.f("ck_log_sequence_log_index")),
        sa.ForeignKeyConstraint(["arrival"], ["log_leaves.arrival"], name=op.f("fk_log_sequence_arrival")),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_log_sequence")),
        sa.UniqueConstraint("arrival", name=op.f("uq_log_sequence_arrival")),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("level between 0 and 62 and position >= 0", name=op.f("ck_log_nodes_place")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_log_nodes_hash")),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_log_checkpoints_size")),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_log_checkpoints_root")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoints")),
    )
