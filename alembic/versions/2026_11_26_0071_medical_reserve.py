"""Facilities that help with medical waste in an emergency, their calls, the reserve of supplies, simulated epidemics.

Revision ID: 0071
Revises: 0062
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"
_WATCHES = f"{_VIEWER} = any (array['r:' || left(region_code, 2), 'r:' || left(region_code, 4), 'r:' || region_code])"
# An authority orders within its own region.
_ORDERED = f"{_OWN} and {_VIEWER} like 'r:%' and region_code like substr({_VIEWER}, 3) || '%'"
_HELD = f"{_OWN} or {_WATCHES}"
_OF_SUPPLY = "(select true from emergency_supplies supply where supply.id = supply_id)"
_OF_OWN_SUPPLY = f"(select supply.{_OWN} from emergency_supplies supply where supply.id = supply_id)"
_POLICIES: dict[str, dict[str, tuple[str, str]]] = {
    "emergency_helpers": {"select": (_BUSINESS, ""), "insert": ("", _ORDERED), "update": (_BUSINESS, _ORDERED)},
    "emergency_calls": {"select": (_BUSINESS, ""), "insert": ("", _ORDERED), "update": (_BUSINESS, _ORDERED)},
    "emergency_supplies": {"select": (_HELD, ""), "insert": ("", _OWN), "update": (_HELD, _OWN)},
    "emergency_supply_moves": {"select": (_OF_SUPPLY, ""), "insert": ("", _OF_OWN_SUPPLY)},
    "medical_surges": {"select": (_OWN, ""), "insert": ("", _OWN), "update": (_OWN, _OWN)},
}


def upgrade() -> None:
    """Make the tables and their policies; an emergency may be a drill, and says by which rules it goes."""
    op.add_column("medical_emergencies", sa.Column("is_drill", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("medical_emergencies", sa.Column("rules", sa.Text(), server_default="", nullable=False))
    _helpers()
    _supplies()
    _surges()
    for table, policies in _POLICIES.items():
        _run(f"alter table {table} enable row level security; grant {', '.join(policies)} on {table} to {_APP}")
        for verb, (using, check) in policies.items():
            conditions = [f"using ({using})"] if using else []
            conditions += [f"with check ({check})"] if check else []
            _run(f"create policy may_{verb} on {table} for {verb} {' '.join(conditions)}")
    _run(f"revoke delete, truncate on {', '.join(_POLICIES)} from {_APP}")
    _run(f"revoke update on emergency_supply_moves from {_APP}")


def downgrade() -> None:
    """Take them away."""
    for table in reversed(_POLICIES):
        op.drop_table(table)
    op.drop_column("medical_emergencies", "rules")
    op.drop_column("medical_emergencies", "is_drill")


def _helpers() -> None:
    op.create_table(
        "emergency_helpers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("daily_g", sa.BigInteger(), nullable=False),
        sa.Column("lead_hours", sa.Integer(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("agreement_from", sa.Date(), nullable=False),
        sa.Column("agreement_to", sa.Date(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('medical_plant', 'hazardous_incinerator', 'municipal_incinerator', 'cement_kiln', 'mobile', "
            "'other')",
            name="ck_emergency_helpers_kind",
        ),
        sa.CheckConstraint("region_code ~ '^([0-9]{2}){2,3}$'", name="ck_emergency_helpers_region_code"),
        sa.CheckConstraint("daily_g > 0", name="ck_emergency_helpers_daily_g"),
        sa.CheckConstraint("lead_hours >= 0", name="ck_emergency_helpers_lead_hours"),
        sa.CheckConstraint("agreement_to >= agreement_from", name="ck_emergency_helpers_agreement_to"),
        sa.CheckConstraint("latitude between -90 and 90", name="ck_emergency_helpers_latitude"),
        sa.CheckConstraint("longitude between -180 and 180", name="ck_emergency_helpers_longitude"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_emergency_helpers_site_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_emergency_helpers_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_emergency_helpers_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_helpers"),
    )
    op.create_index("ix_emergency_helpers_region_code", "emergency_helpers", ["region_code"])
    op.create_table(
        "emergency_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("daily_g", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("daily_g > 0", name="ck_emergency_calls_daily_g"),
        sa.ForeignKeyConstraint(["emergency_id"], ["medical_emergencies.id"], name="fk_emergency_calls_emergency_id"),
        sa.ForeignKeyConstraint(["helper_id"], ["emergency_helpers.id"], name="fk_emergency_calls_helper_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_emergency_calls_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_emergency_calls_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_calls"),
    )
    op.create_index("ix_emergency_calls_emergency_id", "emergency_calls", ["emergency_id"])
    op.create_index(
        "uq_emergency_calls_helper_id", "emergency_calls", ["helper_id"], unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip


def _supplies() -> None:
    op.create_table(
        "emergency_supplies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('packaging', 'protection', 'disinfectant', 'fuel', 'reagent', 'spare_part', 'other')",
            name="ck_emergency_supplies_kind",
        ),
        sa.CheckConstraint("minimum >= 0", name="ck_emergency_supplies_minimum"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_emergency_supplies_organisation_id"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_emergency_supplies_site_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_emergency_supplies_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_supplies"),
    )
    op.create_index("ix_emergency_supplies_organisation_id", "emergency_supplies", ["organisation_id"])
    op.create_index("ix_emergency_supplies_region_code", "emergency_supplies", ["region_code"])
    op.create_table(
        "emergency_supply_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supply_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('in', 'out', 'counted')", name="ck_emergency_supply_moves_kind"),
        sa.CheckConstraint(
            "(kind = 'in' and change > 0) or (kind = 'out' and change < 0) or kind = 'counted'",
            name="ck_emergency_supply_moves_change",
        ),
        sa.ForeignKeyConstraint(["supply_id"], ["emergency_supplies.id"], name="fk_emergency_supply_moves_supply_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_emergency_supply_moves_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_supply_moves"),
    )
    op.create_index(
        "ix_emergency_supply_moves_supply_id_happened_on", "emergency_supply_moves", ["supply_id", "happened_on"]
    )


def _surges() -> None:
    op.create_table(
        "medical_surges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("answer", JSONB(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name="ck_medical_surges_answered_at"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_medical_surges_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_medical_surges_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_medical_surges"),
    )
    op.create_index("ix_medical_surges_organisation_id_created_at", "medical_surges", ["organisation_id", "created_at"])


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
