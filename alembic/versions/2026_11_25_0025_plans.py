"""Management plans with their versions and transfer lines, classes set by authorities, contracts, what manifests take.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_CLASSES = "('key_supervision', 'simplified', 'registration')"


def upgrade() -> None:
    """Make the tables."""
    _plans()
    _contracts()
    op.create_table(
        "plan_uses",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("plan_item_id", sa.Uuid(), nullable=True),
        sa.Column("contract_item_id", sa.Uuid(), nullable=True),
        sa.Column("booked_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked_g >= 0", name="ck_plan_uses_booked_g"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_plan_uses_manifest_id"),
        sa.ForeignKeyConstraint(["plan_item_id"], ["plan_items.id"], name="fk_plan_uses_plan_item_id"),
        sa.ForeignKeyConstraint(["contract_item_id"], ["contract_items.id"], name="fk_plan_uses_contract_item_id"),
        sa.PrimaryKeyConstraint("manifest_id", "waste_code", name="pk_plan_uses"),
    )
    op.create_index("ix_plan_uses_plan_item_id", "plan_uses", ["plan_item_id"])
    op.create_index("ix_plan_uses_contract_item_id", "plan_uses", ["contract_item_id"])
    op.add_column("manifests", sa.Column("plan_reason", sa.Text(), server_default="", nullable=False))


def _plans() -> None:
    op.create_table(
        "management_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filing_number", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('draft', 'filed', 'changing')", name="ck_management_plans_state"),
        sa.CheckConstraint("version >= 0 and (version = 0) = (state = 'draft')", name="ck_management_plans_version"),
        sa.CheckConstraint(
            "(version = 0) = (filed_at is null) and (version = 0) = (filing_number is null)",
            name="ck_management_plans_filed_whole",
        ),
        sa.CheckConstraint("year between 2020 and 2100", name="ck_management_plans_year"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_management_plans_organisation_id"),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_management_plans_site_id_organisation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_management_plans"),
        sa.UniqueConstraint("site_id", "year", name="uq_management_plans_site_id_year"),
        sa.UniqueConstraint("filing_number", name="uq_management_plans_filing_number"),
    )
    op.create_index("ix_management_plans_organisation_id", "management_plans", ["organisation_id"])
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("management_class", sa.Text(), nullable=False),
        sa.Column("class_ground", sa.Text(), nullable=False),
        sa.Column("amount_g", sa.BigInteger(), nullable=False),
        sa.Column("amount_ground", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("particulars", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"management_class in {_CLASSES}", name="ck_plan_versions_management_class"),
        sa.CheckConstraint(
            "class_ground in ('set_by_the_authority', 'holds_an_operating_permit', 'own_use_or_disposal', 'yearly_amount')",
            name="ck_plan_versions_class_ground",
        ),
        sa.CheckConstraint("(filed_at is null) = (event_id is null)", name="ck_plan_versions_filed_whole"),
        sa.CheckConstraint("amount_g >= 0", name="ck_plan_versions_amount_g"),
        sa.ForeignKeyConstraint(["plan_id"], ["management_plans.id"], name="fk_plan_versions_plan_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_plan_versions_organisation_id"),
        sa.PrimaryKeyConstraint("plan_id", "version", name="pk_plan_versions"),
        sa.UniqueConstraint("event_id", name="uq_plan_versions_event_id"),
    )
    op.create_table(
        "plan_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("planned_g", sa.BigInteger(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("planned_g >= 0", name="ck_plan_items_planned_g"),
        sa.CheckConstraint("booked_g >= 0", name="ck_plan_items_booked_g"),
        sa.ForeignKeyConstraint(["plan_id"], ["management_plans.id"], name="fk_plan_items_plan_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_plan_items_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_plan_items_site_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_plan_items_receiver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_items"),
        sa.UniqueConstraint(
            "plan_id", "waste_code", "method", "receiver_id", name="uq_plan_items_plan_id_waste_code_method_receiver_id"
        ),
    )
    op.create_index("ix_plan_items_site_id_year", "plan_items", ["site_id", "year"])
    op.create_table(
        "plan_numbers",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "year", name="pk_plan_numbers"),
    )
    op.create_table(
        "set_classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("management_class", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"management_class in {_CLASSES}", name="ck_set_classes_management_class"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_set_classes_site_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["organisations.id"], name="fk_set_classes_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_set_classes"),
    )
    op.create_index("ix_set_classes_site_id_set_at", "set_classes", ["site_id", "set_at"])


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("shipper_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("clauses_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'confirmed', 'ended')", name="ck_contracts_state"),
        sa.CheckConstraint("shipper_id <> receiver_id", name="ck_contracts_two_sides"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_contracts_valid_to"),
        sa.CheckConstraint("entered_by in (shipper_id, receiver_id)", name="ck_contracts_entered_by"),
        sa.CheckConstraint("state <> 'confirmed' or confirmed_at is not null", name="ck_contracts_confirmed_at"),
        sa.CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ck_contracts_ended_at"),
        sa.ForeignKeyConstraint(["shipper_id"], ["organisations.id"], name="fk_contracts_shipper_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_contracts_receiver_id"),
        sa.ForeignKeyConstraint(["entered_by"], ["organisations.id"], name="fk_contracts_entered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_contracts"),
        sa.UniqueConstraint("shipper_id", "receiver_id", "number", name="uq_contracts_shipper_id_receiver_id_number"),
    )
    op.create_index("ix_contracts_receiver_id", "contracts", ["receiver_id"])
    op.create_table(
        "contract_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("quantity_g", sa.BigInteger(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("quantity_g > 0", name="ck_contract_items_quantity_g"),
        sa.CheckConstraint("booked_g >= 0", name="ck_contract_items_booked_g"),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name="fk_contract_items_contract_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contract_items"),
        sa.UniqueConstraint(
            "contract_id",
            "waste_code",
            "method",
            name="uq_contract_items_contract_id_waste_code_method",
            postgresql_nulls_not_distinct=True,
        ),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("manifests", "plan_reason")
    for table in (
        "plan_uses",
        "contract_items",
        "contracts",
        "set_classes",
        "plan_numbers",
        "plan_items",
        "plan_versions",
        "management_plans",
    ):
        op.drop_table(table)
