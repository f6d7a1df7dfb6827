"""What happens between pick-up and confirmation: mismatches, incidents, redirections, trips, wider corrections.

Revision ID: 0028
Revises: 0027
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"


def _seen(kind: str, column: str) -> str:
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


_OF_SHIPPER = f"(select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)"
_MISMATCH = f"receiver_id = {_ORGANISATION} or {_seen('mismatch', 'id')}"
_INCIDENT = f"organisation_id = {_ORGANISATION} or {_seen('incident', 'id')}"
_REDIRECTED = _seen("manifest", "manifest_id")
_TRIP = f"carrier_id = {_ORGANISATION} or {_seen('trip', 'id')}"
_STOP = "(select true from trips trip where trip.id = trip_id)"
_OWN_TRIP = f"(select trip.carrier_id = {_ORGANISATION} from trips trip where trip.id = trip_id)"
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "mismatch_reports": {
        "select": _MISMATCH,
        "insert": f"receiver_id = {_ORGANISATION} and reported_by = {_PERSON} and {_FIRM}",
        "update": (_MISMATCH, _BUSINESS),
    },
    "incidents": {
        "select": _INCIDENT,
        "insert": f"organisation_id = {_ORGANISATION} and person_id = {_PERSON} and {_FIRM}",
        "update": (_INCIDENT, _FIRM),
    },
    "manifest_redirections": {
        "select": _REDIRECTED,
        "insert": f"{_OF_SHIPPER} and {_FIRM}",
        "update": (_REDIRECTED, _FIRM),
    },
    "trips": {
        "select": _TRIP,
        "insert": f"carrier_id = {_ORGANISATION} and planned_by = {_PERSON} and {_FIRM}",
        "update": (_TRIP, _FIRM),
    },
    "trip_stops": {"select": _STOP, "insert": _OWN_TRIP, "delete": _OWN_TRIP},
}
_REVOKED = {
    "mismatch_reports": "delete, truncate",
    "incidents": "delete, truncate",
    "manifest_redirections": "delete, truncate",
    "trips": "delete, truncate",
    "trip_stops": "update, truncate",
}
_OF_MASS = ("container_id", "old_measured_g", "measured_g")
_CARRIES = """
create function carries_now(manifest uuid) returns boolean stable language sql security definer
set search_path = public, pg_temp as $$
  select coalesce((
    select leg.carrier_id = nullif(current_setting('wastetrack.organisation', true), '')::uuid
    from manifest_legs leg where leg.manifest_id = manifest and leg.taken_over_at is not null
    order by leg.position desc limit 1
  ), false)
$$
"""
_ACTS = "'file', 'cancel', 'void', 'pick_up', 'hand_over', 'arrive', 'receive', 'receive_partly', 'reject', 'confirm', 'send_back', 'take_back'"
_STEPS = "'filing', 'cancellation', 'voiding', 'pick-up', 'hand-over', 'arrival', 'receipt', 'confirmation', 'correction', 'correction-answer'"


def upgrade() -> None:
    """Make the tables, the columns, the policies."""
    _columns()
    _corrections()
    _mismatches()
    _incidents()
    _redirections()
    _trips()
    _enums(f"{_ACTS}, 'redirect'", f"{_STEPS}, 'redirection', 'trip-arrival', 'trip-closing'")
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _secure(table, policies)
    _run(_CARRIES)
    _run("revoke execute on function carries_now from public")
    _run(f"grant execute on function carries_now to {_APP}")
    # Whoever has the load may name who takes it on when its vehicle breaks down.
    _run(f"alter policy may_insert on manifest_legs with check ({_OF_SHIPPER} or carries_now(manifest_id))")


def _enums(acts: str, steps: str) -> None:
    op.drop_constraint("ck_manifest_signatures_act", "manifest_signatures")
    op.create_check_constraint("ck_manifest_signatures_act", "manifest_signatures", f"act in ({acts})")
    op.drop_constraint("ck_signing_intents_step", "signing_intents")
    op.create_check_constraint("ck_signing_intents_step", "signing_intents", f"step in ({steps})")


def _columns() -> None:
    op.add_column("manifest_legs", sa.Column("handover_place", sa.Text(), server_default="", nullable=False))
    op.add_column("manifest_legs", sa.Column("handover_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("manifest_legs", sa.Column("checked", postgresql.JSONB(), nullable=True))
    op.add_column("manifest_containers", sa.Column("spilled_g", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        "ck_manifest_containers_spilled", "manifest_containers", "spilled_g >= 0 and spilled_g < declared_g"
    )


def _corrections() -> None:
    table = "manifest_corrections"
    op.add_column(table, sa.Column("field", sa.Text(), server_default="measured_mass", nullable=False))
    op.add_column(table, sa.Column("leg_position", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(table, sa.Column("old_text", sa.Text(), server_default="", nullable=False))
    op.add_column(table, sa.Column("new_text", sa.Text(), server_default="", nullable=False))
    op.add_column(table, sa.Column("answerer_id", sa.Uuid(), nullable=True))
    op.execute(
        "update manifest_corrections set answerer_id = manifests.shipper_id from manifests "
        "where manifests.id = manifest_corrections.manifest_id"
    )
    op.alter_column(table, "answerer_id", nullable=False)
    for column in _OF_MASS:
        op.alter_column(table, column, nullable=True)
    op.create_foreign_key("fk_manifest_corrections_answerer_id", table, "organisations", ["answerer_id"], ["id"])
    op.create_check_constraint(
        "ck_manifest_corrections_field",
        table,
        "field in ('measured_mass', 'leg_plate', 'leg_start', 'leg_end', 'remarks', 'opinion')",
    )
    op.create_check_constraint(
        "ck_manifest_corrections_mass_or_text",
        table,
        "(field = 'measured_mass') = (container_id is not null and measured_g is not null)",
    )
    op.create_index(
        "one_open_correction_per_field",
        table,
        ["manifest_id", "field", "leg_position"],
        unique=True,
        postgresql_where=sa.text("state = 'requested' and container_id is null"),
    )


def _mismatches() -> None:
    op.create_table(
        "mismatch_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("shipper_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("destination_region", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state in ('reported', 'accepted', 'rejected')", name="ck_mismatch_reports_state"),
        sa.CheckConstraint(
            "cardinality(kinds) > 0 and kinds <@ array['name', 'quantity', 'property', 'form', 'packaging']",
            name="ck_mismatch_reports_kinds",
        ),
        sa.CheckConstraint("(state = 'reported') = (decided_at is null)", name="ck_mismatch_reports_decided"),
        *_keys("mismatch_reports", manifest_id="manifests", container_id="containers", shipper_id="organisations"),
        *_keys("mismatch_reports", receiver_id="organisations", reported_by="people", decided_by="people"),
        *_keys("mismatch_reports", acknowledged_by="people"),
        sa.PrimaryKeyConstraint("id", name="pk_mismatch_reports"),
    )
    op.create_index("ix_mismatch_reports_manifest_id", "mismatch_reports", ["manifest_id"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("shipper_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("reported_to", sa.Text(), nullable=False),
        sa.Column("lost_g", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("booked", sa.Boolean(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind in ('breakdown', 'container_lost', 'container_leaking')", name="ck_incidents_kind"),
        sa.CheckConstraint("state in ('open', 'closed')", name="ck_incidents_state"),
        sa.CheckConstraint(
            "method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared', 'meter')",
            name="ck_incidents_method",
        ),
        sa.CheckConstraint("(kind = 'breakdown') = (container_id is null)", name="ck_incidents_names_its_container"),
        sa.CheckConstraint("lost_g >= 0", name="ck_incidents_lost"),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name="ck_incidents_closed"),
        *_keys("incidents", manifest_id="manifests", organisation_id="organisations", shipper_id="organisations"),
        *_keys("incidents", person_id="people", container_id="containers"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_manifest_id", "incidents", ["manifest_id"])


def _redirections() -> None:
    op.create_table(
        "manifest_redirections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("old_receiver_id", sa.Uuid(), nullable=False),
        sa.Column("old_receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("old_method", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        *_keys("manifest_redirections", manifest_id="manifests", old_receiver_id="organisations"),
        *_keys("manifest_redirections", old_receiver_site_id="sites", receiver_id="organisations"),
        *_keys("manifest_redirections", receiver_site_id="sites"),
        sa.PrimaryKeyConstraint("id", name="pk_manifest_redirections"),
    )
    op.create_index("ix_manifest_redirections_manifest_id", "manifest_redirections", ["manifest_id"])


def _trips() -> None:
    op.create_table(
        "trips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('planned', 'arrived', 'closed')", name="ck_trips_state"),
        *_keys("trips", carrier_id="organisations", vehicle_id="vehicles", driver_id="drivers"),
        *_keys("trips", receiver_id="organisations", receiver_site_id="sites", planned_by="people"),
        sa.PrimaryKeyConstraint("id", name="pk_trips"),
    )
    op.create_index("ix_trips_carrier_id_day", "trips", ["carrier_id", "day"])
    op.create_table(
        "trip_stops",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position >= 1", name="ck_trip_stops_position"),
        *_keys("trip_stops", trip_id="trips", manifest_id="manifests"),
        sa.PrimaryKeyConstraint("trip_id", "position", name="pk_trip_stops"),
        sa.UniqueConstraint("manifest_id", name="uq_trip_stops_manifest_id"),
    )


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
        for column, other in columns.items()
    ]


def _secure(table: str, policies: dict[str, str | tuple[str, str]]) -> None:
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
    """Take them away."""
    _run(f"alter policy may_insert on manifest_legs with check ({_OF_SHIPPER})")
    _run("drop function carries_now")
    for table in ("trip_stops", "trips", "manifest_redirections", "incidents", "mismatch_reports"):
        op.drop_table(table)
    _enums(_ACTS, _STEPS)
    op.execute("delete from manifest_corrections where container_id is null")
    op.drop_index("one_open_correction_per_field", "manifest_corrections")
    op.drop_constraint("ck_manifest_corrections_mass_or_text", "manifest_corrections")
    for column in _OF_MASS:
        op.alter_column("manifest_corrections", column, nullable=False)
    for column in ("answerer_id", "new_text", "old_text", "leg_position", "field"):
        op.drop_column("manifest_corrections", column)
    op.drop_constraint("ck_manifest_containers_spilled", "manifest_containers")
    op.drop_column("manifest_containers", "spilled_g")
    for column in ("checked", "handover_at", "handover_place"):
        op.drop_column("manifest_legs", column)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
