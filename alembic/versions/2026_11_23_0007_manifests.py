"""Manifests with legs, containers, signatures, numbers, permit bookings and corrections.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "manifests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shipper_id", sa.Uuid(), nullable=False),
        sa.Column("shipper_site_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("origin_region", sa.Text(), nullable=False),
        sa.Column("destination_region", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("list_edition", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.Column("returns_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_act_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'return') = (returns_id is not null)", name="ck_manifests_return_names_its_origin"),
        sa.CheckConstraint("kind in ('road', 'return')", name="ck_manifests_kind"),
        sa.CheckConstraint(
            "number is not null or state in ('draft', 'cancelled')", name="ck_manifests_numbered_when_filed"
        ),
        sa.CheckConstraint("number ~ '^[0-9]{14}$'", name="ck_manifests_number"),
        sa.CheckConstraint(
            "state in ('draft', 'filed', 'picked_up', 'in_transit', 'arrived', 'received', 'partly_received', 'rejected', 'closed', 'cancelled', 'void', 'returning', 'returned')",
            name="ck_manifests_state",
        ),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_manifests_receiver_id"),
        sa.ForeignKeyConstraint(["receiver_site_id"], ["sites.id"], name="fk_manifests_receiver_site_id"),
        sa.ForeignKeyConstraint(["returns_id"], ["manifests.id"], name="fk_manifests_returns_id"),
        sa.ForeignKeyConstraint(["shipper_id"], ["organisations.id"], name="fk_manifests_shipper_id"),
        sa.ForeignKeyConstraint(["shipper_site_id"], ["sites.id"], name="fk_manifests_shipper_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_manifests"),
        sa.UniqueConstraint("number", name="uq_manifests_number"),
    )
    op.create_index(
        "ix_manifests_returns_id",
        "manifests",
        ["returns_id"],
        unique=False,
        postgresql_where=sa.text("returns_id is not null"),
    )
    op.create_table(
        "manifest_numbers",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("prefecture", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", "prefecture", name="pk_manifest_numbers"),
    )
    op.create_table(
        "manifest_legs",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("end", sa.Text(), nullable=False),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("position >= 1", name="ck_manifest_legs_position"),
        sa.ForeignKeyConstraint(["carrier_id"], ["organisations.id"], name="fk_manifest_legs_carrier_id"),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_manifest_legs_driver_id"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_legs_manifest_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_manifest_legs_vehicle_id"),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_manifest_legs"),
    )
    op.create_table(
        "manifest_containers",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("declared_g", sa.BigInteger(), nullable=False),
        sa.Column("declared_uncertainty_g", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("measured_g", sa.BigInteger(), nullable=True),
        sa.Column("measured_method", sa.Text(), nullable=True),
        sa.Column("measured_uncertainty_g", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(outcome is not null and outcome in ('accepted', 'accepted_with_difference')) = (measured_g is not null)",
            name="ck_manifest_containers_measured_when_taken_in",
        ),
        sa.CheckConstraint(
            "measured_method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared')",
            name="ck_manifest_containers_measured_method",
        ),
        sa.CheckConstraint(
            "outcome in ('accepted', 'accepted_with_difference', 'rejected', 'missing', 'unexpected', 'not_permitted', 'already_here')",
            name="ck_manifest_containers_outcome",
        ),
        sa.CheckConstraint("declared_g > 0 and measured_g > 0", name="ck_manifest_containers_masses"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_manifest_containers_container_id"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_containers_manifest_id"),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_manifest_containers"),
    )
    op.create_index(
        "ix_manifest_containers_container_id_manifest_id",
        "manifest_containers",
        ["container_id", "manifest_id"],
        unique=False,
    )
    op.create_index(
        "one_open_manifest_per_container",
        "manifest_containers",
        ["container_id"],
        unique=True,
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "manifest_signatures",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "act in ('file', 'cancel', 'void', 'pick_up', 'hand_over', 'arrive', 'receive', 'receive_partly', 'reject', 'confirm', 'send_back', 'take_back')",
            name="ck_manifest_signatures_act",
        ),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_signatures_manifest_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_manifest_signatures_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_manifest_signatures_person_id"),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_manifest_signatures"),
        sa.UniqueConstraint("event_id", name="uq_manifest_signatures_event_id"),
    )
    op.create_table(
        "manifest_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("old_measured_g", sa.BigInteger(), nullable=False),
        sa.Column("measured_g", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state in ('requested', 'consented', 'refused', 'lapsed')", name="ck_manifest_corrections_state"
        ),
        sa.CheckConstraint("measured_g > 0", name="ck_manifest_corrections_mass"),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name="fk_manifest_corrections_answered_by"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_manifest_corrections_container_id"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_corrections_manifest_id"),
        sa.ForeignKeyConstraint(["requested_by"], ["people.id"], name="fk_manifest_corrections_requested_by"),
        sa.PrimaryKeyConstraint("id", name="pk_manifest_corrections"),
    )
    op.create_index(
        "one_open_correction_per_container",
        "manifest_corrections",
        ["manifest_id", "container_id"],
        unique=True,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_table(
        "permit_uses",
        sa.Column("permit_item_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked_g >= 0", name="ck_permit_uses_booked"),
        sa.ForeignKeyConstraint(["permit_item_id"], ["permit_items.id"], name="fk_permit_uses_permit_item_id"),
        sa.PrimaryKeyConstraint("permit_item_id", "year", name="pk_permit_uses"),
    )
    op.create_table(
        "permit_bookings",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("permit_item_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked_g >= 0", name="ck_permit_bookings_booked"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_permit_bookings_manifest_id"),
        sa.ForeignKeyConstraint(["permit_item_id"], ["permit_items.id"], name="fk_permit_bookings_permit_item_id"),
        sa.PrimaryKeyConstraint("manifest_id", "waste_code", name="pk_permit_bookings"),
    )
    op.execute(
        "create trigger append_only before update or delete or truncate on manifest_signatures "
        "for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    """Take the tables away, with all they hold."""
    op.drop_table("permit_bookings")
    op.drop_table("permit_uses")
    op.drop_table("manifest_corrections")
    op.drop_table("manifest_signatures")
    op.drop_table("manifest_containers")
    op.drop_table("manifest_legs")
    op.drop_table("manifest_numbers")
    op.drop_table("manifests")
