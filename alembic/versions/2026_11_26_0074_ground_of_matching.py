"""An authority changes what was ordered below it.

Revision ID: 0074
Revises: 0073
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    """Whoever has the region may change it, whichever authority made it."""
    for table, check in _CHECKED.items():
        _run(f"alter policy may_update on {table} with check ({check})")


def downgrade() -> None:
    """Only whoever made it."""
    for table in _CHECKED:
        _run(f"alter policy may_update on {table} with check ({_OWN} and {_WITHIN})")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
