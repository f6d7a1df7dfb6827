"""Scales of every site: what sort each is, its division, when it was ended; readings say whether they came to rest.

Revision ID: 0044
Revises: 0043
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_REGION = f"{_VIEWER} = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4), 'r:' || site.region_code])"
_AT_SITE = f"{_OWN} or (select {_REGION} from sites site where site.id = site_id)"


def upgrade() -> None:
    """Wards' scales were the first; from here on any site has them, and their verification is renewed."""
    op.add_column("scales", sa.Column("kind", sa.Text(), server_default="platform", nullable=False))
    op.add_column("scales", sa.Column("division_g", sa.BigInteger(), nullable=True))
    op.add_column("scales", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        "ck_scales_kind", "scales", "kind in ('platform', 'truck', 'bench', 'crane', 'forklift')"
    )
    op.create_check_constraint("ck_scales_division_g", "scales", "division_g > 0")
    op.add_column("scale_readings", sa.Column("stable", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.drop_constraint("ck_scale_readings_gross_g", "scale_readings")
    op.create_check_constraint("ck_scale_readings_gross_g", "scale_readings", "gross_g >= 0")
    _run(f"grant update on scales to {_APP}")
    # Condition of change = condition of sight; what is written is one's own.
    _run(f"create policy may_update on scales for update using ({_AT_SITE}) with check ({_OWN} and {_FIRM})")


def downgrade() -> None:
    """Back to the scales of wards. Readings of an empty scale go: the older rule knows none."""
    _run("drop policy may_update on scales")
    _run(f"revoke update on scales from {_APP}")
    _run("delete from scale_readings where gross_g = 0")
    op.drop_constraint("ck_scale_readings_gross_g", "scale_readings")
    op.create_check_constraint("ck_scale_readings_gross_g", "scale_readings", "gross_g > 0")
    op.drop_column("scale_readings", "stable")
    for name in ("division_g", "kind"):
        op.drop_constraint(f"ck_scales_{name}", "scales")
    for name in ("ended_at", "division_g", "kind"):
        op.drop_column("scales", name)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
