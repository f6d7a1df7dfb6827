"""Treatment batches that run for days: on which ground, in which facility, with which readings and products.

Revision ID: 0024
Revises: 0023
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_WATCHES = (
    f"{_VIEWER} = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4), "
    "'r:' || site.region_code])"
)
_SITE = f"(select site.organisation_id = {_ORGANISATION} or {_WATCHES} from sites site where site.id = site_id)"
# Whoever sees the batch, by its own policy.
_OF_BATCH = "(select true from treatment_batches batch where batch.id = batch_id)"


def upgrade() -> None:
    """Add the columns and tables, and who sees them."""
    table = "treatment_batches"
    op.add_column(table, sa.Column("state", sa.Text(), server_default="finished", nullable=False))
    op.add_column(table, sa.Column("basis", sa.Text(), server_default="permit", nullable=False))
    op.add_column(table, sa.Column("facility_id", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("recipe", sa.Text(), server_default="", nullable=False))
    op.add_column(table, sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(table, sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(table, sa.Column("product_g", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint("ck_treatment_batches_state", table, "state in ('running', 'finished', 'withdrawn')")
    op.create_check_constraint("ck_treatment_batches_basis", table, "basis in ('permit', 'own')")
    op.create_check_constraint("ck_treatment_batches_in_order", table, "finished_at >= started_at")
    op.create_foreign_key("fk_treatment_batches_facility_id", table, "facilities", ["facility_id"], ["id"])
    op.create_table(
        "batch_readings",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(18, 4), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('component', 'energy', 'reagent', 'parameter')", name="ck_batch_readings_kind"),
        sa.ForeignKeyConstraint(["batch_id"], ["treatment_batches.id"], name="fk_batch_readings_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_batch_readings"),
    )
    op.create_table(
        "batch_products",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.CheckConstraint("mass_g > 0", name="ck_batch_products_mass"),
        sa.ForeignKeyConstraint(["batch_id"], ["treatment_batches.id"], name="fk_batch_products_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_batch_products"),
    )
    # A batch that runs is finished or withdrawn later.
    _run(f"grant update on treatment_batches to {_APP}")
    _run(f"create policy may_update on treatment_batches for update using ({_SITE}) with check ({_FIRM})")
    for details in ("batch_readings", "batch_products"):
        _run(f"revoke update, delete, truncate on {details} from {_APP}")
        _run(f"alter table {details} enable row level security")
        _run(f"create policy may_select on {details} for select using ({_OF_BATCH})")
        _run(f"create policy may_insert on {details} for insert with check ({_FIRM} and {_OF_BATCH})")


def downgrade() -> None:
    """Take them away."""
    op.drop_table("batch_products")
    op.drop_table("batch_readings")
    _run("drop policy may_update on treatment_batches")
    _run(f"revoke update on treatment_batches from {_APP}")
    table = "treatment_batches"
    op.drop_constraint("fk_treatment_batches_facility_id", table)
    for name in ("in_order", "basis", "state"):
        op.drop_constraint(f"ck_treatment_batches_{name}", table)
    for column in ("product_g", "finished_at", "started_at", "recipe", "facility_id", "basis", "state"):
        op.drop_column(table, column)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
