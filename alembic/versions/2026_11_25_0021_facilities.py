"""Facilities of a site, under the codes of its discharge permit.

Revision ID: 0021
Revises: 0020
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PLATFORM = "(select current_setting('wastetrack.viewer', true) = 'p')"
_OWN = f"(select site.organisation_id = {_ORGANISATION} from sites site where site.id = site_id) or {_PLATFORM}"
_SEEN = (
    f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = 'facility' "
    f"and sight.subject_id = id) or {_OWN}"
)


def upgrade() -> None:
    """Make the table and its policies."""
    op.create_table(
        "facilities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("process_unit", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Numeric(), nullable=True),
        sa.Column("capacity_unit", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$'", name="ck_facilities_code"),
        sa.CheckConstraint("capacity > 0", name="ck_facilities_capacity"),
        sa.CheckConstraint("(capacity is null) = (capacity_unit is null)", name="ck_facilities_capacity_unit"),
        sa.CheckConstraint(
            "kind in ('production', 'storage', 'use', 'disposal', 'pollution_control')", name="ck_facilities_kind"
        ),
        sa.CheckConstraint("until >= since", name="ck_facilities_until"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_facilities_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_facilities"),
        sa.UniqueConstraint("site_id", "code", name="uq_facilities_site_id_code"),
    )
    _run("alter table facilities enable row level security")
    _run(f"create policy may_select on facilities for select using ({_SEEN})")
    _run(f"create policy may_insert on facilities for insert with check ({_OWN})")
    _run(f"create policy may_update on facilities for update using ({_SEEN}) with check ({_OWN})")


def downgrade() -> None:
    """Take it away."""
    op.drop_table("facilities")


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
