"""Zones and kinds of stores, how long containers stand, stock-takes, opening stock, extensions of the year.

Revision ID: 0022
Revises: 0021
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_WATCHES = f"{_VIEWER} = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4), 'r:' || site.region_code])"
_OWN_SITE = f"(select site.organisation_id = {_ORGANISATION} from sites site where site.id = site_id)"
_SITE = f"(select site.organisation_id = {_ORGANISATION} or {_WATCHES} from sites site where site.id = site_id)"
_AUTHORITY = f"(select {_WATCHES} from sites site where site.id = site_id)"
_TAKE = "(select true from stock_takes take where take.id = stock_take_id)"
_OWN_TAKE = (
    f"(select site.organisation_id = {_ORGANISATION} from stock_takes take join sites site on site.id = take.site_id "
    "where take.id = stock_take_id)"
)
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "storage_extensions": {"select": _SITE, "insert": _AUTHORITY},
    "site_openings": {"select": _SITE, "insert": f"{_OWN_SITE} and {_FIRM}"},
    "stock_takes": {
        "select": _SITE,
        "insert": f"{_OWN_SITE} and {_FIRM}",
        "update": (_SITE, f"{_OWN_SITE} and {_FIRM}"),
    },
    "stock_take_lines": {
        "select": _TAKE,
        "insert": f"{_OWN_TAKE} and {_FIRM}",
        "update": (_TAKE, f"{_OWN_TAKE} and {_FIRM}"),
    },
}
_REVOKED = {
    "storage_extensions": "update, delete, truncate",
    "site_openings": "update, delete, truncate",
    "stock_takes": "delete, truncate",
    "stock_take_lines": "delete, truncate",
}
_LINEAGE = "kind in ('repacked', 'merged', 'split'{more})"
_KINDS = "kind in ('warehouse', 'yard', 'pool', 'tank_farm', 'spot', 'zone')"
_CLASSES = (
    "compatibility in ('acid', 'alkali', 'corrosive', 'oxidiser', 'cyanide', 'sulfide', 'flammable', 'reactive', "
    "'explosive', 'infectious', 'inert')"
)
# The container at the gate speaks for itself; now it also says what may not stand beside it.
_AT_GATE = """
create function container_at_gate(code text) returns {result} language plpgsql security definer
set search_path = public, pg_temp as $$
begin
  if sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%' then
    return query select {columns}
    from containers it where it.digital_code = code for update;
  end if;
end $$;
revoke execute on function container_at_gate from public;
grant execute on function container_at_gate to wastetrack_app;
"""
_NEW_RESULT = (
    "table (id uuid, waste_code text, tare_g bigint, volume_l integer, hazards text[], form text, compatibility text)"
)
_NEW_COLUMNS = "it.id, it.waste_code, it.tare_g, it.volume_l, it.hazards, it.form, it.compatibility"
_OLD_RESULT = "table (id uuid, waste_code text, tare_g bigint, volume_l integer)"
_OLD_COLUMNS = "it.id, it.waste_code, it.tare_g, it.volume_l"


def upgrade() -> None:
    """Widen stores and containers, and make the new tables."""
    _widen_stores()
    op.add_column("containers", sa.Column("compatibility", sa.Text(), nullable=True))
    op.create_check_constraint("ck_containers_compatibility", "containers", _CLASSES)
    op.add_column("containers", sa.Column("stands_since", sa.DateTime(timezone=True), nullable=True))
    _run("update containers set stands_since = created_at where state = 'at_site'")
    op.drop_constraint("ck_container_lineage_kind", "container_lineage")
    op.create_check_constraint("ck_container_lineage_kind", "container_lineage", _LINEAGE.format(more=", 'recoded'"))
    _make_extensions_and_openings()
    _make_stock_takes()
    for table, policies in _POLICIES.items():
        _secure(table, policies)
    _run("drop function container_at_gate(text)")
    _run(_AT_GATE.format(result=_NEW_RESULT, columns=_NEW_COLUMNS))


def _widen_stores() -> None:
    op.add_column("stores", sa.Column("kind", sa.Text(), server_default="warehouse", nullable=False))
    op.add_column("stores", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column("stores", sa.Column("facility_code", sa.Text(), nullable=True))
    op.add_column("stores", sa.Column("containment_l", sa.Integer(), nullable=True))
    op.add_column("stores", sa.Column("temperature_c", sa.SmallInteger(), nullable=True))
    op.add_column("stores", sa.Column("remote_disinfected", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("stores", sa.Column("area_m2", sa.Integer(), nullable=True))
    op.add_column("stores", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("ck_stores_kind", "stores", _KINDS)
    op.create_check_constraint("ck_stores_parent", "stores", "(kind = 'zone') = (parent_id is not null)")
    op.create_check_constraint("ck_stores_facility_code", "stores", "facility_code ~ '^[A-Z]{2}[0-9]{3,5}$'")
    op.create_check_constraint("ck_stores_containment_l", "stores", "containment_l >= 0")
    op.create_check_constraint("ck_stores_temperature_c", "stores", "temperature_c between -60 and 60")
    op.create_check_constraint("ck_stores_area_m2", "stores", "area_m2 > 0")
    op.create_unique_constraint("uq_stores_id_site_id", "stores", ["id", "site_id"])
    op.create_foreign_key(
        "fk_stores_parent_id_site_id", "stores", "stores", ["parent_id", "site_id"], ["id", "site_id"]
    )
    op.create_index("ix_stores_parent_id", "stores", ["parent_id"], postgresql_where=sa.text("parent_id is not null"))


def _make_extensions_and_openings() -> None:
    op.create_table(
        "storage_extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_storage_extensions_site_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["organisations.id"], name="fk_storage_extensions_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_storage_extensions"),
    )
    op.create_index("ix_storage_extensions_site_id", "storage_extensions", ["site_id"])
    op.create_table(
        "site_openings",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_site_openings_site_id"),
        sa.PrimaryKeyConstraint("site_id", name="pk_site_openings"),
    )


def _make_stock_takes() -> None:
    op.create_table(
        "stock_takes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open', 'finished', 'dropped')", name="ck_stock_takes_state"),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name="ck_stock_takes_ended"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_stock_takes_site_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_stock_takes_store_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stock_takes"),
    )
    op.create_index("ix_stock_takes_site_id", "stock_takes", ["site_id"])
    op.create_table(
        "stock_take_lines",
        sa.Column("stock_take_id", sa.Uuid(), nullable=False),
        sa.Column("digital_code", sa.Text(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=True),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("book_g", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gross_g", sa.BigInteger(), nullable=True),
        sa.Column("tare_g", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("scale_id", sa.Text(), nullable=True),
        sa.Column("uncertainty_g", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('as_booked', 'weighed_different', 'missing', 'moved', 'elsewhere', 'unknown')",
            name="ck_stock_take_lines_outcome",
        ),
        sa.CheckConstraint("expected or found_at is not null", name="ck_stock_take_lines_found"),
        sa.CheckConstraint("(gross_g is null) = (method is null)", name="ck_stock_take_lines_weighed"),
        sa.CheckConstraint(
            "method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared', 'meter')",
            name="ck_stock_take_lines_method",
        ),
        sa.ForeignKeyConstraint(["stock_take_id"], ["stock_takes.id"], name="fk_stock_take_lines_stock_take_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_stock_take_lines_container_id"),
        sa.PrimaryKeyConstraint("stock_take_id", "digital_code", name="pk_stock_take_lines"),
    )


def _secure(table: str, policies: dict[str, str | tuple[str, str]]) -> None:
    _run(f"revoke {_REVOKED[table]} on {table} from {_APP}")
    _run(f"alter table {table} enable row level security")
    for command, condition in policies.items():
        using, check = condition if isinstance(condition, tuple) else (condition, condition)
        parts = [f"create policy may_{command} on {table} for {command}"]
        if command != "insert":
            parts.append(f"using ({using})")
        if command in {"insert", "update"}:
            parts.append(f"with check ({check})")
        _run(" ".join(parts))


def downgrade() -> None:
    """Take it all away; content that was re-coded stays repacked."""
    _run("drop function container_at_gate(text)")
    _run(_AT_GATE.format(result=_OLD_RESULT, columns=_OLD_COLUMNS))
    for table in ("stock_take_lines", "stock_takes", "site_openings", "storage_extensions"):
        op.drop_table(table)
    op.drop_constraint("ck_container_lineage_kind", "container_lineage")
    _run("update container_lineage set kind = 'repacked' where kind = 'recoded'")
    op.create_check_constraint("ck_container_lineage_kind", "container_lineage", _LINEAGE.format(more=""))
    op.drop_column("containers", "stands_since")
    op.drop_column("containers", "compatibility")
    op.drop_index("ix_stores_parent_id", "stores")
    op.drop_constraint("fk_stores_parent_id_site_id", "stores")
    op.drop_constraint("uq_stores_id_site_id", "stores")
    for column in (
        *("kind", "parent_id", "facility_code", "containment_l", "temperature_c", "remote_disinfected"),
        *("area_m2", "closed_at"),
    ):
        op.drop_column("stores", column)


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
