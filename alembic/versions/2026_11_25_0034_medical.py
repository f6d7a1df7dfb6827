"""Medical waste: wards, scales, bags, rounds, collection points, emergencies.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ENTRY_KINDS = (
    "generated reweighed picked_up received missing sent_back treated residue reclassified repacked stock_taken opened "
    "moved reversed"
)


def upgrade() -> None:
    """Make the tables."""
    _one_of("entries", "kind", f"{_ENTRY_KINDS} gathered")
    _emergencies_and_points()
    _wards_and_scales()
    _bags()
    _rounds()


def downgrade() -> None:
    """Take them away."""
    for table in (
        "round_bags",
        "ward_handovers",
        "ward_rounds",
        "scale_reading_uses",
        "medical_bags",
        "scale_readings",
        "scales",
        "wards",
        "institution_visits",
        "small_institutions",
        "collection_points",
        "medical_emergencies",
    ):
        op.drop_table(table)
    _one_of("entries", "kind", _ENTRY_KINDS)


def _one_of(table: str, column: str, values: str) -> None:
    listed = ", ".join(f"'{value}'" for value in values.split())
    op.drop_constraint(f"ck_{table}_{column}", table)
    op.create_check_constraint(f"ck_{table}_{column}", table, f"{column} in ({listed})")


def _emergencies_and_points() -> None:
    op.create_table(
        "medical_emergencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("region_code ~ '^([0-9]{2}){1,3}$'", name="ck_medical_emergencies_region_code"),
        sa.CheckConstraint("until_at > from_at", name="ck_medical_emergencies_until_at"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_medical_emergencies_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_medical_emergencies_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_medical_emergencies"),
    )
    op.create_index("ix_medical_emergencies_region_code", "medical_emergencies", ["region_code"], unique=False)
    op.create_table(
        "collection_points",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("served_by_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("interval_hours", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("interval_hours > 0", name="ck_collection_points_interval_hours"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_collection_points_organisation_id"),
        sa.ForeignKeyConstraint(["served_by_id"], ["organisations.id"], name="fk_collection_points_served_by_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_collection_points_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_collection_points"),
        sa.UniqueConstraint("site_id", name="uq_collection_points_site_id"),
    )
    op.create_table(
        "small_institutions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("served_by_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_visit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_waste_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('village_clinic', 'clinic', 'dental', 'community_station', 'school', 'nursing_home', 'laboratory', 'veterinary', 'other')",
            name="ck_small_institutions_kind",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_small_institutions_organisation_id"
        ),
        sa.ForeignKeyConstraint(["point_id"], ["collection_points.id"], name="fk_small_institutions_point_id"),
        sa.ForeignKeyConstraint(["served_by_id"], ["organisations.id"], name="fk_small_institutions_served_by_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_small_institutions_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_small_institutions"),
        sa.UniqueConstraint("point_id", "name", name="uq_small_institutions_point_id_name"),
        sa.UniqueConstraint("site_id", name="uq_small_institutions_site_id"),
    )
    op.create_index("ix_small_institutions_served_by_id", "small_institutions", ["served_by_id"], unique=False)
    op.create_table(
        "institution_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("bags", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way in ('delivered', 'fetched')", name="ck_institution_visits_way"),
        sa.CheckConstraint(
            "bags >= 0 and mass_g >= 0 and (bags = 0) = (mass_g = 0)", name="ck_institution_visits_masses"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["small_institutions.id"], name="fk_institution_visits_institution_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_institution_visits_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_institution_visits_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_institution_visits"),
    )
    op.create_index(
        "ix_institution_visits_institution_id_happened_at",
        "institution_visits",
        ["institution_id", "happened_at"],
        unique=False,
    )


def _wards_and_scales() -> None:
    op.create_table(
        "wards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('inpatient', 'outpatient', 'emergency_room', 'operating', 'isolation', 'dialysis', 'laboratory', 'pathology', 'pharmacy', 'other')",
            name="ck_wards_kind",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_wards_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_wards_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wards"),
        sa.UniqueConstraint("site_id", "code", name="uq_wards_site_id_code"),
    )
    op.create_table(
        "scales",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("accuracy", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("verified_until", sa.Date(), nullable=False),
        sa.Column("uncertainty_g", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("accuracy in ('I', 'II', 'III', 'IIII')", name="ck_scales_accuracy"),
        sa.CheckConstraint("unit in ('g', 'kg')", name="ck_scales_unit"),
        sa.CheckConstraint("uncertainty_g > 0", name="ck_scales_uncertainty_g"),
        sa.CheckConstraint("verified_until >= verified_on", name="ck_scales_verified_until"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_scales_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_scales_site_id"),
        sa.ForeignKeyConstraint(["ward_id"], ["wards.id"], name="fk_scales_ward_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scales"),
        sa.UniqueConstraint("organisation_id", "serial", name="uq_scales_organisation_id_serial"),
    )
    op.create_index("ix_scales_site_id", "scales", ["site_id"], unique=False)
    op.create_table(
        "scale_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scale_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("gross_g", sa.BigInteger(), nullable=False),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("gross_g > 0", name="ck_scale_readings_gross_g"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_scale_readings_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_scale_readings_person_id"),
        sa.ForeignKeyConstraint(["scale_id"], ["scales.id"], name="fk_scale_readings_scale_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scale_readings"),
    )
    op.create_index("ix_scale_readings_scale_id_weighed_at", "scale_readings", ["scale_id", "weighed_at"], unique=False)


def _bags() -> None:
    op.create_table(
        "medical_bags",
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("highly_infectious", sa.Boolean(), nullable=False),
        sa.Column("weighed_by", sa.Text(), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=True),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('infectious', 'sharp', 'pathological', 'chemical', 'pharmaceutical')",
            name="ck_medical_bags_kind",
        ),
        sa.CheckConstraint("weighed_by in ('scale', 'typed')", name="ck_medical_bags_weighed_by"),
        sa.CheckConstraint("(ward_id is null) <> (institution_id is null)", name="ck_medical_bags_made_somewhere"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_medical_bags_container_id"),
        sa.ForeignKeyConstraint(["emergency_id"], ["medical_emergencies.id"], name="fk_medical_bags_emergency_id"),
        sa.ForeignKeyConstraint(["handler_id"], ["people.id"], name="fk_medical_bags_handler_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["small_institutions.id"], name="fk_medical_bags_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_medical_bags_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_medical_bags_site_id"),
        sa.ForeignKeyConstraint(["ward_id"], ["wards.id"], name="fk_medical_bags_ward_id"),
        sa.PrimaryKeyConstraint("container_id", name="pk_medical_bags"),
    )
    op.create_index("ix_medical_bags_site_id", "medical_bags", ["site_id", "packed_at"], unique=False)
    op.create_index(
        "ix_medical_bags_ward_id",
        "medical_bags",
        ["ward_id"],
        unique=False,
        postgresql_where=sa.text("collected_at is null"),
    )
    op.create_table(
        "scale_reading_uses",
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_scale_reading_uses_container_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_scale_reading_uses_organisation_id"
        ),
        sa.ForeignKeyConstraint(["reading_id"], ["scale_readings.id"], name="fk_scale_reading_uses_reading_id"),
        sa.PrimaryKeyConstraint("reading_id", name="pk_scale_reading_uses"),
    )


def _rounds() -> None:
    op.create_table(
        "ward_rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("collector_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'in_store') = (ended_at is not null)", name="ck_ward_rounds_ended"),
        sa.CheckConstraint("state in ('walking', 'in_store')", name="ck_ward_rounds_state"),
        sa.ForeignKeyConstraint(["collector_id"], ["people.id"], name="fk_ward_rounds_collector_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_ward_rounds_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_ward_rounds_site_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_ward_rounds_store_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ward_rounds"),
    )
    op.create_index("ix_ward_rounds_site_id_started_at", "ward_rounds", ["site_id", "started_at"], unique=False)
    op.create_table(
        "ward_handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("nurse_name", sa.Text(), nullable=False),
        sa.Column("nurse_confirmed", sa.Text(), nullable=False),
        sa.Column("nurse_id", sa.Uuid(), nullable=True),
        sa.Column("collector_id", sa.Uuid(), nullable=False),
        sa.Column("bags", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(nurse_confirmed = 'factor') = (nurse_id is not null)", name="ck_ward_handovers_nurse"),
        sa.CheckConstraint("nurse_confirmed in ('factor', 'named')", name="ck_ward_handovers_nurse_confirmed"),
        sa.CheckConstraint("bags > 0 and mass_g > 0", name="ck_ward_handovers_something"),
        sa.ForeignKeyConstraint(["collector_id"], ["people.id"], name="fk_ward_handovers_collector_id"),
        sa.ForeignKeyConstraint(["nurse_id"], ["people.id"], name="fk_ward_handovers_nurse_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_ward_handovers_organisation_id"),
        sa.ForeignKeyConstraint(["round_id"], ["ward_rounds.id"], name="fk_ward_handovers_round_id"),
        sa.ForeignKeyConstraint(["ward_id"], ["wards.id"], name="fk_ward_handovers_ward_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ward_handovers"),
    )
    op.create_index("ix_ward_handovers_round_id", "ward_handovers", ["round_id"], unique=False)
    op.create_table(
        "round_bags",
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("ward_g", sa.BigInteger(), nullable=False),
        sa.Column("store_g", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(found = 'different') = (store_g is not null)", name="ck_round_bags_store_g"),
        sa.CheckConstraint("found in ('as_declared', 'different', 'missing')", name="ck_round_bags_found"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_round_bags_container_id"),
        sa.ForeignKeyConstraint(["handover_id"], ["ward_handovers.id"], name="fk_round_bags_handover_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_round_bags_organisation_id"),
        sa.ForeignKeyConstraint(["round_id"], ["ward_rounds.id"], name="fk_round_bags_round_id"),
        sa.PrimaryKeyConstraint("container_id", name="pk_round_bags"),
    )
    op.create_index("ix_round_bags_round_id", "round_bags", ["round_id"], unique=False)
