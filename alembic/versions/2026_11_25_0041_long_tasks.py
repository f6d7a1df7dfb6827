"""Long tasks with their progress and the file they leave: a person's own, in the organisation he began them for.

Revision ID: 0041
Revises: 0040
"""

# ruff: noqa: S608  the conditions are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_MINE = f"person_id = {_PERSON} and organisation_id = {_ORGANISATION}"
_MY_TASK = (
    f"(select task.person_id = {_PERSON} and task.organisation_id = {_ORGANISATION} "
    "from long_tasks task where task.id = task_id)"
)
_POLICIES = {"long_tasks": _MINE, "long_task_files": _MY_TASK}
# A worker knows nobody: it asks for what was left lying, and is told whose eyes each needs.
_FUNCTIONS = {
    "long_tasks_stalled(before timestamptz, now_at timestamptz)": (
        "table(id uuid, viewer text, organisation_id uuid, person_id uuid)",
        """
  return query
  update long_tasks task set state = 'queued', run_id = null, beat_at = now_at
  where task.id in (
    select one.id from long_tasks one where one.state in ('queued', 'running') and one.beat_at < before
    order by one.id for update skip locked
  )
  returning task.id, task.viewer, task.organisation_id, task.person_id;
""",
    ),
    "long_tasks_forget(before timestamptz)": (
        "integer",
        """
  with gone as (delete from long_tasks task where task.finished_at < before returning 1)
  select count(*) into counted from gone;
  return counted;
""",
    ),
}


def upgrade() -> None:
    """Make the tables, their policies and the functions of the worker."""
    op.create_table(
        "long_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_facts", postgresql.JSONB(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("message_facts", postgresql.JSONB(), nullable=False),
        sa.Column("result_address", sa.Text(), nullable=True),
        sa.Column("broken", postgresql.JSONB(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_long_tasks_state"),
        sa.CheckConstraint("done >= 0 and total >= 0", name="ck_long_tasks_progress"),
        sa.CheckConstraint("(state = 'running') = (run_id is not null)", name="ck_long_tasks_run"),
        sa.CheckConstraint(
            "(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)", name="ck_long_tasks_finished"
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_long_tasks_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_long_tasks_person_id"),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name="fk_long_tasks_membership_id"),
        sa.PrimaryKeyConstraint("id", name="pk_long_tasks"),
    )
    op.create_index(
        "ix_long_tasks_person_id_organisation_id_created_at",
        "long_tasks",
        ["person_id", "organisation_id", "created_at"],
    )
    op.create_index(
        "ix_long_tasks_beat_at",
        "long_tasks",
        ["beat_at"],
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_table(
        "long_task_files",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_long_task_files_sha256"),
        sa.ForeignKeyConstraint(["task_id"], ["long_tasks.id"], name="fk_long_task_files_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", name="pk_long_task_files"),
    )
    for table, mine in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        _run(f"create policy mine on {table} using ({mine}) with check ({mine})")
    for signature, (result, body) in _FUNCTIONS.items():
        declared = "declare counted integer;" if result == "integer" else ""
        _run(
            f"create function {signature} returns {result} language plpgsql security definer "
            f"set search_path = public, pg_temp as $$ {declared} begin {body} end $$"
        )
        named = signature.partition("(")[0]
        _run(f"revoke execute on function {named} from public")
        _run(f"grant execute on function {named} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    for signature in _FUNCTIONS:
        _run(f"drop function {signature.partition('(')[0]}")
    op.drop_table("long_task_files")
    op.drop_table("long_tasks")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
