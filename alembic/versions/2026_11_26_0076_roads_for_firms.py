"""A firm that looks for a receiver is told the uploaded distances from its own site.

Revision ID: 0076
Revises: 0075
"""

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_NAME = "roads_from(uuid, text, uuid[])"
# The whole matrix stays with authorities. What is told of the site itself comes before its county, the newer before the
# older.
_FROM = """
create function roads_from(from_site uuid, county text, sites uuid[])
returns table (site_id uuid, km double precision)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct on (road.site_id) road.site_id, road.km from road_distances road
  where road.site_id = any (sites) and road.origin in (from_site::text, county)
    and (sight_unbound() or exists (select from sites site where site.id = from_site and site.organisation_id =
      (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)))
  order by road.site_id, road.origin = from_site::text desc, road.recorded_at desc, road.organisation_id
$$
"""


def upgrade() -> None:
    """Make the function."""
    _run(_FROM)
    _run(f"revoke execute on function {_NAME} from public; grant execute on function {_NAME} to {_APP}")


def downgrade() -> None:
    """Take it away."""
    _run(f"drop function {_NAME}")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
