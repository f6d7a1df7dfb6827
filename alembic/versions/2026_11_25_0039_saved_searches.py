"""What a person keeps of lists: filters under a name, and the columns to show. Each sees their own alone.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_OWN = "person_id = (select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_TABLES = ("saved_searches", "chosen_columns")
_APP = "wastetrack_app"
_FORGET = "privacy_forget_searches"
_DEMAND_PLATFORM = """
  if not (pg_has_role(session_user, current_user, 'member') or current_setting('wastetrack.viewer', true) = 'p') then
    raise exception 'Only the platform erases.' using errcode = 'insufficient_privilege';
  end if;"""
_FORGOTTEN = """
  delete from saved_searches where person_id = person;
  delete from chosen_columns where person_id = person;"""


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_saved_searches_person_id"),
        sa.UniqueConstraint("person_id", "page", "name", name="uq_saved_searches_person_id_page_name"),
        sa.CheckConstraint("length(name) between 1 and 60", name="ck_saved_searches_name"),
        sa.CheckConstraint("length(query) <= 2000", name="ck_saved_searches_query"),
        sa.CheckConstraint("length(page) between 2 and 200", name="ck_saved_searches_page"),
    )
    op.create_table(
        "chosen_columns",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "page", name="pk_chosen_columns"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_chosen_columns_person_id"),
        sa.CheckConstraint("cardinality(columns) <= 60", name="ck_chosen_columns_columns"),
    )
    for table in _TABLES:
        _run(f"alter table {table} enable row level security")
        for command in ("select", "insert", "update", "delete"):
            using = "" if command == "insert" else f" using ({_OWN})"
            check = f" with check ({_OWN})" if command in {"insert", "update"} else ""
            _run(f"create policy may_{command} on {table} for {command}{using}{check}")
    _run(
        f"create function {_FORGET}(person uuid) returns void language plpgsql security definer "
        f"set search_path = public, pg_temp as $$ begin {_DEMAND_PLATFORM}{_FORGOTTEN} end $$"
    )
    _run(f"revoke execute on function {_FORGET} from public")
    granted = f"grant execute on function {_FORGET} to {_APP}"
    _run(f"do $do$ begin if exists (select from pg_roles where rolname = '{_APP}') then {granted}; end if; end $do$")


def downgrade() -> None:
    """Neither."""
    _run(f"drop function {_FORGET}")
    for table in _TABLES:
        op.drop_table(table)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
