"""Where vehicles were, the receivers that say so, and the zones in which no load may stand.

Positions are the largest table: the key serves a vehicle's days, a BRIN index the months of all; both grow with time
alone. Longitudes and latitudes are WGS 84, whatever the file was in.

Revision ID: 0062
Revises: 0052
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0062"
down_revision = "0052"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_WATCHES = (
    f"(select {_VIEWER} = any (array['r:' || left(firm.region_code, 2), 'r:' || left(firm.region_code, 4), "
    "'r:' || firm.region_code]) from organisations firm where firm.id = organisation_id)"
)
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"
_AUTHORITY = "(select current_setting('wastetrack.viewer', true) like 'r:%')"
_OF_FIRM = f"{_OWN} or {_WATCHES}"

_KINDS = (
    "'protection_zone_1', 'protection_zone_2', 'nature_reserve_core', 'nature_reserve', 'red_line', 'river', 'other'"
)
# What an authority holds of the vehicle's firm stays until it lets go.
_FORGET = """
create function positions_forget(before timestamptz) returns bigint language plpgsql security definer
set search_path = public, pg_temp as $$
declare counted bigint;
begin
  with gone as (
    delete from vehicle_positions fix where fix.seen_at < before and not exists (
      select from legal_holds held where held.ended_at is null and held.subject_id in (fix.organisation_id, fix.vehicle_id))
    returning 1
  )
  select count(*) into counted from gone;
  return counted;
end $$
"""
_VIEWS = """
create schema if not exists extract;
create view extract.positions with (security_invoker = true) as
select vehicle_id::text as vehicle_id, seen_at, latitude, longitude, speed_km_h, door_open
from vehicle_positions;
create view extract.zones with (security_invoker = true) as
select zone.id::text as zone_id, edge.edge::bigint as edge, zone.kind, zone.name, zone.authority, zone.valid_from,
  least(zone.valid_to, (zone.ended_at at time zone 'Asia/Shanghai')::date) as valid_to,
  edge.latitude, edge.longitude, edge.latitude_2, edge.longitude_2
from zones zone join zone_edges edge on edge.zone_id = zone.id;
"""


def upgrade() -> None:
    """Make the tables, their policies, the views of the extract and what forgets."""
    _receivers()
    _positions()
    _zones()
    for table, verbs in (
        ("vehicle_receivers", "select, insert, update"),
        ("position_imports", "select, insert"),
        ("vehicle_positions", "select, insert"),
        ("zones", "select, insert, update"),
        ("zone_edges", "select, insert"),
    ):
        _run(f"alter table {table} enable row level security; grant {verbs} on {table} to {_APP}")
    for table in ("vehicle_receivers", "position_imports", "vehicle_positions"):
        _run(f"create policy may_select on {table} for select using ({_OF_FIRM})")
        _run(f"create policy may_insert on {table} for insert with check ({_OF_FIRM})")
    _run(f"create policy may_update on vehicle_receivers for update using ({_OF_FIRM}) with check ({_OF_FIRM})")
    _run(f"create policy may_select on zones for select using ({_BUSINESS})")
    _run(f"create policy may_insert on zones for insert with check ({_OWN} and {_AUTHORITY})")
    _run(f"create policy may_update on zones for update using ({_BUSINESS}) with check ({_OWN} and {_AUTHORITY})")
    _run(f"create policy may_select on zone_edges for select using ({_BUSINESS})")
    mine = f"(select zone.{_OWN} from zones zone where zone.id = zone_id) and {_AUTHORITY}"
    _run(f"create policy may_insert on zone_edges for insert with check ({mine})")
    _run(_FORGET)
    _run(
        f"revoke execute on function positions_forget from public; grant execute on function positions_forget to {_APP}"
    )
    _run(_VIEWS)


def downgrade() -> None:
    """Take them away; the schema of the extract stays, for others stand in it."""
    _run("drop view extract.zones; drop view extract.positions; drop function positions_forget")
    for table in ("zone_edges", "zones", "vehicle_positions", "position_imports", "vehicle_receivers"):
        op.drop_table(table)


def _receivers() -> None:
    op.create_table(
        "vehicle_receivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number ~ '^[0-9]{6,20}$'", name="ck_vehicle_receivers_number"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_vehicle_receivers_organisation_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_vehicle_receivers_vehicle_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_vehicle_receivers_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_vehicle_receivers"),
    )
    op.create_index("ix_vehicle_receivers_vehicle_id", "vehicle_receivers", ["vehicle_id"])
    op.create_index(
        "uq_vehicle_receivers_number", "vehicle_receivers", ["number"], unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip


def _positions() -> None:
    op.create_table(
        "position_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source in ('csv', 'jt808')", name="ck_position_imports_source"),
        sa.CheckConstraint("frame in ('wgs84', 'gcj02')", name="ck_position_imports_frame"),
        sa.CheckConstraint("added between 0 and rows", name="ck_position_imports_added"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_position_imports_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_position_imports_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_position_imports"),
    )
    op.create_index(
        "ix_position_imports_organisation_id_received_at", "position_imports", ["organisation_id", "received_at"]
    )
    op.create_table(
        "vehicle_positions",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("speed_km_h", sa.Double(), nullable=True),
        sa.Column("direction", sa.SmallInteger(), nullable=True),
        sa.Column("altitude_m", sa.Integer(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("door_open", sa.Boolean(), nullable=True),
        sa.Column("alarm", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("latitude between -90 and 90", name="ck_vehicle_positions_latitude"),
        sa.CheckConstraint("longitude between -180 and 180", name="ck_vehicle_positions_longitude"),
        sa.CheckConstraint("speed_km_h >= 0", name="ck_vehicle_positions_speed_km_h"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_vehicle_positions_vehicle_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_vehicle_positions_organisation_id"),
        sa.ForeignKeyConstraint(["import_id"], ["position_imports.id"], name="fk_vehicle_positions_import_id"),
        sa.PrimaryKeyConstraint("vehicle_id", "seen_at", name="pk_vehicle_positions"),
    )
    op.create_index("ix_vehicle_positions_seen_at", "vehicle_positions", ["seen_at"], postgresql_using="brin")


def _zones() -> None:
    op.create_table(
        "zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("geometry", JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"kind in ({_KINDS})", name="ck_zones_kind"),
        sa.CheckConstraint("name <> ''", name="ck_zones_name"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_zones_valid_to"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_zones_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_zones_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_zones"),
    )
    op.create_index(
        "uq_zones_organisation_id_digest", "zones", ["organisation_id", "digest"], unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip
    op.create_table(
        "zone_edges",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("edge", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude_2", sa.Double(), nullable=False),
        sa.Column("longitude_2", sa.Double(), nullable=False),
        sa.CheckConstraint("edge > 0", name="ck_zone_edges_edge"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name="fk_zone_edges_zone_id"),
        sa.PrimaryKeyConstraint("zone_id", "edge", name="pk_zone_edges"),
    )


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
