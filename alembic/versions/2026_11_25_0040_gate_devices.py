"""Devices of a gate that keep scans while there is no network, who works on them, and what became of the scans.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_WRITES = f"{_OWN} and {_FIRM}"
_OUTCOMES = (
    "'accepted', 'accepted_with_difference', 'rejected', 'missing', 'unexpected', 'not_permitted', 'already_here', "
    "'void_label'"
)
# What a gate must know of a container before it stands there, for the receiver of a paper that names it.
_EXPECTED = """
create function containers_expected(site uuid, manifests_asked uuid[]) returns table (
  manifest_id uuid, container_id uuid, digital_code text, waste_name text, tare_g bigint, volume_l integer,
  hazards text[], form text, compatibility text, label_revision integer
) language sql stable security definer set search_path = public, pg_temp as $$
  select line.manifest_id, it.id, it.digital_code, it.waste_name, it.tare_g, it.volume_l, it.hazards, it.form,
    it.compatibility, it.label_revision
  from manifests manifest
  join manifest_containers line on line.manifest_id = manifest.id
  join containers it on it.id = line.container_id
  where manifest.receiver_site_id = site and manifest.id = any (manifests_asked)
    and (sight_unbound() or current_setting('wastetrack.viewer', true) = 'o:' || manifest.receiver_id)
$$;
revoke execute on function containers_expected from public;
grant execute on function containers_expected to wastetrack_app;
"""


def upgrade() -> None:
    """Make the tables, their policies and the look ahead."""
    op.create_table(
        "gate_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_key", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("name <> ''", name="ck_gate_devices_name"),
        sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name="ck_gate_devices_ended"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_gate_devices_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_gate_devices_site_id"),
        sa.ForeignKeyConstraint(["enrolled_by"], ["memberships.id"], name="fk_gate_devices_enrolled_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["memberships.id"], name="fk_gate_devices_ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_gate_devices"),
        sa.UniqueConstraint("token_hash", name="uq_gate_devices_token_hash"),
    )
    op.create_index("ix_gate_devices_organisation_id", "gate_devices", ["organisation_id"], unique=False)
    op.create_table(
        "gate_workers",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["gate_devices.id"], name="fk_gate_workers_device_id"),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name="fk_gate_workers_membership_id"),
        sa.PrimaryKeyConstraint("device_id", "membership_id", "public_key", name="pk_gate_workers"),
    )
    _scans()
    _run(f"revoke delete, truncate on gate_devices, gate_scans from {_APP}")
    _run(f"revoke update, delete, truncate on gate_workers from {_APP}")
    _run("alter table gate_scans enable row level security")
    _run(f"create policy may_select on gate_scans for select using ({_OWN})")
    _run(f"create policy may_insert on gate_scans for insert with check ({_WRITES})")
    _run(f"create policy may_update on gate_scans for update using ({_OWN}) with check ({_WRITES})")
    _run(_EXPECTED)


def downgrade() -> None:
    """Take them away."""
    _run("drop function containers_expected(uuid, uuid[])")
    op.drop_table("gate_scans")
    op.drop_table("gate_workers")
    op.drop_table("gate_devices")


def _scans() -> None:
    op.create_table(
        "gate_scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("digital_code", sa.Text(), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state in ('done', 'to_decide', 'settled')", name="ck_gate_scans_state"),
        sa.CheckConstraint(f"outcome in ({_OUTCOMES})", name="ck_gate_scans_outcome"),
        sa.CheckConstraint("settlement in ('taken_in', 'set_aside')", name="ck_gate_scans_settlement"),
        sa.CheckConstraint("(state = 'settled') = (settled_at is not null)", name="ck_gate_scans_settled_at"),
        sa.CheckConstraint("(settled_at is null) = (settled_by is null)", name="ck_gate_scans_settled_by"),
        sa.CheckConstraint("(settled_at is null) = (settlement is null)", name="ck_gate_scans_settlement_given"),
        sa.ForeignKeyConstraint(["device_id"], ["gate_devices.id"], name="fk_gate_scans_device_id"),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name="fk_gate_scans_membership_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_gate_scans_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_gate_scans_site_id"),
        sa.ForeignKeyConstraint(["settled_by"], ["memberships.id"], name="fk_gate_scans_settled_by"),
        sa.PrimaryKeyConstraint("id", name="pk_gate_scans"),
    )
    op.create_index("ix_gate_scans_site_id_recorded_at", "gate_scans", ["site_id", "recorded_at"], unique=False)
    op.create_index(
        "ix_gate_scans_waiting",
        "gate_scans",
        ["site_id"],
        unique=False,
        postgresql_where=sa.text("state = 'to_decide'"),
    )


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
