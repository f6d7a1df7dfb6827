"""Containers, their serials and lineage, treatment batches.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "container_serials",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("generated_on", sa.Date(), nullable=False),
        sa.Column("last", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_container_serials_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", "waste_code", "generated_on", name="pk_container_serials"),
    )
    op.create_table(
        "treatment_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("treated_on", sa.Date(), nullable=False),
        sa.Column("input_g", sa.BigInteger(), nullable=False),
        sa.Column("residue_g", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_treatment_batches_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_treatment_batches"),
    )
    op.create_table(
        "containers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digital_code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("made_at_site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("held_for", sa.Uuid(), nullable=True),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("waste_name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("hazards", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("main_components", sa.Text(), nullable=False),
        sa.Column("harmful_components", sa.Text(), nullable=False),
        sa.Column("precautions", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("packaging", sa.Text(), nullable=False),
        sa.Column("volume_l", sa.Integer(), nullable=False),
        sa.Column("gross_g", sa.BigInteger(), nullable=False),
        sa.Column("tare_g", sa.BigInteger(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("scale_id", sa.Text(), nullable=True),
        sa.Column("uncertainty_g", sa.BigInteger(), nullable=True),
        sa.Column("generated_on", sa.Date(), nullable=False),
        sa.Column("treatment_batch_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'at_site') = (site_id is not null)", name="ck_containers_stands_somewhere"),
        sa.CheckConstraint(
            "(state = 'in_transit') = (manifest_id is not null)", name="ck_containers_travels_on_something"
        ),
        sa.CheckConstraint("digital_code ~ '^[0-9A-Z]{18}[0-9X]{8}[0-9]{11}$'", name="ck_containers_digital_code"),
        sa.CheckConstraint("form in ('solid', 'semi_solid', 'liquid', 'gas')", name="ck_containers_form"),
        sa.CheckConstraint(
            "method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared')", name="ck_containers_method"
        ),
        sa.CheckConstraint(
            "packaging in ('drum', 'bag', 'box', 'tank', 'big_bag', 'sharps_box', 'turnover_box', 'pallet', 'other')",
            name="ck_containers_packaging",
        ),
        sa.CheckConstraint(
            "state in ('at_site', 'in_transit', 'treated', 'emptied', 'lost')", name="ck_containers_state"
        ),
        sa.CheckConstraint("store_id is null or state = 'at_site'", name="ck_containers_store_at_site"),
        sa.CheckConstraint("held_for is null or state = 'at_site'", name="ck_containers_held_at_site"),
        sa.CheckConstraint("tare_g >= 0 and net_g > 0 and gross_g = net_g + tare_g", name="ck_containers_masses"),
        sa.CheckConstraint("volume_l > 0", name="ck_containers_volume"),
        sa.ForeignKeyConstraint(["made_at_site_id"], ["sites.id"], name="fk_containers_made_at_site_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_containers_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_containers_site_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_containers_store_id"),
        sa.ForeignKeyConstraint(
            ["treatment_batch_id"], ["treatment_batches.id"], name="fk_containers_treatment_batch_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_containers"),
        sa.UniqueConstraint("digital_code", name="uq_containers_digital_code"),
    )
    op.create_index(
        "ix_containers_manifest_id",
        "containers",
        ["manifest_id"],
        unique=False,
        postgresql_where=sa.text("manifest_id is not null"),
    )
    op.create_index(
        "ix_containers_site_id",
        "containers",
        ["site_id"],
        unique=False,
        postgresql_where=sa.text("site_id is not null"),
    )
    op.create_index(
        "ix_containers_store_id",
        "containers",
        ["store_id"],
        unique=False,
        postgresql_where=sa.text("store_id is not null"),
    )
    op.create_table(
        "container_lineage",
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('repacked', 'merged', 'split')", name="ck_container_lineage_kind"),
        sa.ForeignKeyConstraint(["child_id"], ["containers.id"], name="fk_container_lineage_child_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["containers.id"], name="fk_container_lineage_parent_id"),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name="pk_container_lineage"),
    )
    op.create_index("ix_container_lineage_child_id", "container_lineage", ["child_id"], unique=False)


def downgrade() -> None:
    """Take the tables away, with all they hold."""
    op.drop_table("container_lineage")
    op.drop_table("containers")
    op.drop_table("treatment_batches")
    op.drop_table("container_serials")
