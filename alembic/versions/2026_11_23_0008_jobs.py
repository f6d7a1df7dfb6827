"""Tables and functions of the job queue, from the queue library's own script.

The script is that of the installed version. A later version of the library that changes its tables ships its own
scripts; a migration of ours then runs those, as this one runs the first.

Revision ID: 0008
Revises: 0007
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# In the order in which they depend on each other: the functions go with the types in their signatures.
_TAKE_AWAY = """
do $$
declare thing record;
begin
  for thing in select oid::regclass as name from pg_class
    where relkind = 'r' and relname like 'procrastinate\\_%' and relnamespace = current_schema()::regnamespace
  loop execute format('drop table %s cascade', thing.name); end loop;
  for thing in select oid::regprocedure as name from pg_proc
    where proname like 'procrastinate\\_%' and pronamespace = current_schema()::regnamespace
  loop execute format('drop function %s cascade', thing.name); end loop;
  for thing in select oid::regtype as name from pg_type
    where typname like 'procrastinate\\_%' and typtype in ('e', 'c') and typnamespace = current_schema()::regnamespace
  loop execute format('drop type %s cascade', thing.name); end loop;
end $$
"""


def upgrade() -> None:
    """Make them."""
    _run(SchemaManager.get_schema())


def downgrade() -> None:
    """Take them away, with all jobs."""
    _run(_TAKE_AWAY)


def _run(script: str) -> None:
    # Many statements, with percent signs that mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
