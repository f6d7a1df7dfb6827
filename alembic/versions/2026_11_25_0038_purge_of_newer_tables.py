"""The purge knows what newer tables hold of a manifest: named exemptions, incidents, mismatches, redirections.

A draft that names an exemption goes like any other, and a withdrawn month gives back its empty lines of plan and
approval; drafts that trips or trip cards name stay, and no longer stand in the way of others. What ended long ago goes
with its incidents, mismatches and redirections, but not while one of them is open.

Revision ID: 0038
Revises: 0037
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_LOCK = "    order by manifest.id limit most for update skip locked"
_LEGS = "    delete from manifest_legs where manifest_id = found.id;"
_TEXTS = "remarks = '', opinion = ''"
_OF_THE_WAY = ("incidents", "mismatch_reports", "manifest_redirections")
_EXEMPTIONS = "    delete from manifest_exemptions where manifest_id = found.id;\n"
_EMPTY = "".join(
    f"    delete from {table} where manifest_id = found.id and booked_g = 0;\n"
    for table in ("plan_uses", "approval_uses")
)
_NAMED_BY_TRIPS = """      and not exists (select from trip_cards card where card.manifest_id = manifest.id)
      and not exists (select from trip_stops stop where stop.manifest_id = manifest.id)
"""
_STILL_OPEN = """      and not exists (
        select from incidents incident where incident.manifest_id = manifest.id and incident.state <> 'closed'
      )
      and not exists (
        select from mismatch_reports report where report.manifest_id = manifest.id and report.state = 'reported'
      )
"""
_WAY_GONE = "".join(
    f"    delete from sightings where kind = '{kind}' and subject_id in "
    f"(select id from {table} where manifest_id = found.id);\n"
    for kind, table in (("incident", "incidents"), ("mismatch", "mismatch_reports"))
) + "".join(f"    delete from {table} where manifest_id = found.id;\n" for table in _OF_THE_WAY)
# Function → what stands in it, and what stands there from now on.
_CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "purge_drafts(timestamptz, integer)": ((_LOCK, _NAMED_BY_TRIPS + _LOCK), (_LEGS, _EXEMPTIONS + _EMPTY + _LEGS)),
    "purge_manifests(timestamptz, timestamptz, integer)": (
        (_LOCK, _STILL_OPEN + _LOCK),
        (_LEGS, _EXEMPTIONS + _WAY_GONE + _LEGS),
        (_TEXTS, f"{_TEXTS}, plan_reason = ''"),
    ),
}


def upgrade() -> None:
    """Put it in."""
    for function, changes in _CHANGES.items():
        _rewrite(function, changes)


def downgrade() -> None:
    """Take it out."""
    for function, changes in _CHANGES.items():
        _rewrite(function, tuple((after, before) for before, after in changes))


def _rewrite(function: str, changes: tuple[tuple[str, str], ...]) -> None:
    connection = op.get_bind()
    asked = sa.text("select pg_get_functiondef(cast(:function as regprocedure))")
    written = str(connection.execute(asked, {"function": function}).scalar_one())
    for before, after in changes:
        if written.count(before) != 1:
            raise RuntimeError(f"{function} is not as this step supposes it.")
        written = written.replace(before, after)
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with connection.connection.cursor() as cursor:
        cursor.execute(written)
