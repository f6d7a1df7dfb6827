"""An authority changes what was ordered below it; distances by road that an authority uploads.

Revision ID: 0074
Revises: 0073
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_WITHIN = f"{_VIEWER} like 'r:%' and region_code like substr({_VIEWER}, 3) || '%'"
# A call that ends with its emergency says nothing new; so whoever calls the facility next may write it down.
_RAN_OUT = (
    f"{_VIEWER} like 'r:%' and ended_at = "
    "(select emergency.until_at from medical_emergencies emergency where emergency.id = emergency_id)"
)
_CHECKED = {
    "medical_emergencies": _WITHIN,
    "emergency_helpers": _WITHIN,
    "emergency_calls": f"({_WITHIN}) or ({_RAN_OUT})",
}


_AUTHORITY = f"{_VIEWER} like 'r:%'"
_ROADS = {
    "select": f"using ({_AUTHORITY})",
    "insert": f"with check ({_OWN} and {_AUTHORITY})",
    "delete": f"using ({_OWN} and {_AUTHORITY})",
}


def upgrade() -> None:
    """Whoever has the region may change it, whichever authority made it; make the table of distances."""
    _roads()
    for table, check in _CHECKED.items():
        _run(f"alter policy may_update on {table} with check ({check})")


def downgrade() -> None:
    """Only whoever made it; no distances."""
    op.drop_table("road_distances")
    for table in _CHECKED:
        _run(f"alter policy may_update on {table} with check ({_OWN} and {_WITHIN})")


def _roads() -> None:
    op.create_table(
        "road_distances",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("km", sa.Double(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("km > 0 and km <= 5000", name="ck_road_distances_km"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_road_distances_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_road_distances_site_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_road_distances_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "origin", "site_id", name="pk_road_distances"),
    )
    _run(f"revoke update, truncate on road_distances from {_APP}")
    _run(f"alter table road_distances enable row level security; grant {', '.join(_ROADS)} on road_distances to {_APP}")
    for verb, condition in _ROADS.items():
        _run(f"create policy may_{verb} on road_distances for {verb} {condition}")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
