"""Calls for collection, the order of a day's stops, and labels read while a load is put on its vehicle.

The pick-up of a load ends the calls about its containers, whichever door it came through: the carrier need not see
the call, and no door can forget it.

Revision ID: 0043
Revises: 0042
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_OWN = f"organisation_id = {_ORGANISATION}"
_WRITES = f"{_OWN} and {_FIRM}"


def _seen(kind: str, column: str) -> str:
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


_CALL = f"{_OWN} or {_seen('collection_call', 'id')}"
_OF_CALL = "(select true from collection_calls of where of.id = call_id)"
_OWN_CALL = f"(select true from collection_calls of where of.id = call_id and of.{_OWN})"
_SCAN = f"{_OWN} or {_seen('manifest', 'manifest_id')}"
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "collection_calls": {"select": _CALL, "insert": _WRITES, "update": (_CALL, _FIRM)},
    "collection_call_containers": {
        "select": _OF_CALL,
        "insert": f"{_OWN_CALL} and {_FIRM}",
        "update": (_OF_CALL, _FIRM),
    },
    "run_stops": {"select": _OWN, "insert": _WRITES, "update": (_OWN, _WRITES), "delete": _OWN},
    "loading_scans": {"select": _SCAN, "insert": f"{_WRITES} and {_seen('manifest', 'manifest_id')}"},
}
_REVOKED = {
    "collection_calls": "delete, truncate",
    "collection_call_containers": "delete, truncate",
    "run_stops": "truncate",
    "loading_scans": "update, delete, truncate",
}
# What took the containers → the column of the call that names it, and where its containers stand.
_TAKERS = {
    "manifests": ("manifest_id", "manifest_containers line where line.manifest_id = new.id"),
    "trip_cards": ("card_id", "trip_card_bags line where line.card_id = new.id"),
}
_PURGED = "purge_manifests(timestamptz, timestamptz, integer)"
_LEGS = "    delete from manifest_legs where manifest_id = found.id;"
_SCANS = "    delete from loading_scans where manifest_id = found.id;\n"


def upgrade() -> None:
    """Make the tables, their policies and what ends a call."""
    _calls()
    _others()
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        for command, condition in policies.items():
            using, check = condition if isinstance(condition, tuple) else (condition, condition)
            parts = [f"create policy may_{command} on {table} for {command}"]
            if command != "insert":
                parts.append(f"using ({using})")
            if command in {"insert", "update"}:
                parts.append(f"with check ({check})")
            _run(" ".join(parts))
    for table, (column, lines) in _TAKERS.items():
        _run(_ending(table, column, lines))
        _run(f"revoke execute on function collection_ended_by_{table} from public")
        _run(
            f"create trigger ends_calls after update of picked_up_at on {table} for each row "
            "when (old.picked_up_at is null and new.picked_up_at is not null) "
            f"execute function collection_ended_by_{table}()"
        )
    _rewrite(_PURGED, _LEGS, _SCANS + _LEGS)


def downgrade() -> None:
    """Take them away."""
    _rewrite(_PURGED, _SCANS + _LEGS, _LEGS)
    for table in _TAKERS:
        _run(f"drop trigger ends_calls on {table}")
        _run(f"drop function collection_ended_by_{table}")
    for table in ("loading_scans", "run_stops", "collection_call_containers", "collection_calls"):
        op.drop_table(table)


def _ending(table: str, column: str, lines: str) -> str:
    return f"""
create function collection_ended_by_{table}() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with taken as (
    update collection_call_containers wanted set open = false
    where wanted.open and wanted.container_id in (select line.container_id from {lines})
    returning wanted.call_id
  )
  update collection_calls call set state = 'done', ended_at = new.picked_up_at, {column} = new.id
  where call.state in ('called', 'accepted') and call.id in (select taken.call_id from taken);
  update collection_call_containers wanted set open = false
  where wanted.open and wanted.call_id in (select call.id from collection_calls call where call.{column} = new.id);
  return null;
end $$
"""


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)


def _rewrite(function: str, before: str, after: str) -> None:
    connection = op.get_bind()
    asked = sa.text("select pg_get_functiondef(cast(:function as regprocedure))")
    written = str(connection.execute(asked, {"function": function}).scalar_one())
    if written.count(before) != 1:
        raise RuntimeError(f"{function} is not as this step supposes it.")
    _run(written.replace(before, after))


def _calls() -> None:
    op.create_table(
        "collection_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("collector_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("containers", sa.Integer(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_by", sa.Date(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("card_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state in ('called', 'accepted', 'declined', 'cancelled', 'done')", name="ck_collection_calls_state"
        ),
        sa.CheckConstraint("containers > 0 and net_g > 0", name="ck_collection_calls_something"),
        sa.CheckConstraint("due_on is null or due_at is null", name="ck_collection_calls_one_term"),
        sa.CheckConstraint(
            "(state in ('declined', 'cancelled', 'done')) = (ended_at is not null)", name="ck_collection_calls_ended"
        ),
        sa.CheckConstraint("state <> 'accepted' or planned_on is not null", name="ck_collection_calls_planned"),
        sa.CheckConstraint(
            "(state = 'done') = (coalesce(manifest_id, card_id) is not null)",
            name="ck_collection_calls_done_by_what_took_it",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_collection_calls_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_collection_calls_site_id"),
        sa.ForeignKeyConstraint(["collector_id"], ["organisations.id"], name="fk_collection_calls_collector_id"),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name="fk_collection_calls_contract_id"),
        sa.ForeignKeyConstraint(["carrier_id"], ["organisations.id"], name="fk_collection_calls_carrier_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_collection_calls_vehicle_id"),
        sa.ForeignKeyConstraint(["called_by"], ["people.id"], name="fk_collection_calls_called_by"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_collection_calls_manifest_id"),
        sa.ForeignKeyConstraint(["card_id"], ["trip_cards.id"], name="fk_collection_calls_card_id"),
        sa.PrimaryKeyConstraint("id", name="pk_collection_calls"),
    )
    op.create_index(
        "ix_collection_calls_collector_open",
        "collection_calls",
        ["collector_id"],
        postgresql_where=sa.text("state in ('called', 'accepted')"),
    )
    op.create_index("ix_collection_calls_site_id", "collection_calls", ["site_id", "called_at"])
    op.create_table(
        "collection_call_containers",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("waste_name", sa.Text(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("net_g > 0", name="ck_collection_call_containers_net_g"),
        sa.ForeignKeyConstraint(["call_id"], ["collection_calls.id"], name="fk_collection_call_containers_call_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_collection_call_containers_container_id"),
        sa.PrimaryKeyConstraint("call_id", "container_id", name="pk_collection_call_containers"),
    )
    op.create_index(
        "one_open_call_per_container",
        "collection_call_containers",
        ["container_id"],
        unique=True,
        postgresql_where=sa.text("open"),
    )


def _others() -> None:
    op.create_table(
        "run_stops",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("kind in ('load', 'hand_over', 'call', 'card', 'delivery')", name="ck_run_stops_kind"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_run_stops_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", "day", "kind", "subject_id", name="pk_run_stops"),
    )
    op.create_table(
        "loading_scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "found in ('on_list', 'not_on_list', 'void_label', 'unread', 'left')",
            name="ck_loading_scans_found",
        ),
        sa.CheckConstraint(
            "found not in ('on_list', 'unread', 'left') or container_id is not null",
            name="ck_loading_scans_container",
        ),
        sa.CheckConstraint("length(label) <= 60", name="ck_loading_scans_label"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_loading_scans_manifest_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_loading_scans_container_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_loading_scans_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_loading_scans_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_loading_scans"),
    )
    op.create_index("ix_loading_scans_manifest_id_recorded_at", "loading_scans", ["manifest_id", "recorded_at"])
