"""Templates of manifests: what a firm files again and again, kept under a name; seen and changed by that firm alone.

Revision ID: 0042
Revises: 0041b
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041b"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_OWN = f"organisation_id = {_ORGANISATION} and {_FIRM}"


def upgrade() -> None:
    """Make the table and its policies."""
    op.create_table(
        "manifest_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shipper_site_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("exemptions", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("legs", postgresql.JSONB(), nullable=False),
        sa.Column("waste_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis in ('permit', 'exempt', 'point_to_point', 'group_internal', 'general')",
            name="ck_manifest_templates_basis",
        ),
        sa.CheckConstraint("name <> ''", name="ck_manifest_templates_name"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_manifest_templates_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["shipper_site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_manifest_templates_shipper_site_id_organisation_id",
        ),
        sa.ForeignKeyConstraint(["receiver_site_id"], ["sites.id"], name="fk_manifest_templates_receiver_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_manifest_templates"),
        sa.UniqueConstraint("organisation_id", "name", name="uq_manifest_templates_organisation_id_name"),
    )
    _run(f"revoke truncate on manifest_templates from {_APP}")
    _run("alter table manifest_templates enable row level security")
    for act in ("select", "delete"):
        _run(f"create policy may_{act} on manifest_templates for {act} using ({_OWN})")
    _run(f"create policy may_insert on manifest_templates for insert with check ({_OWN})")
    _run(f"create policy may_update on manifest_templates for update using ({_OWN}) with check ({_OWN})")


def downgrade() -> None:
    """Take it away."""
    op.drop_table("manifest_templates")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
