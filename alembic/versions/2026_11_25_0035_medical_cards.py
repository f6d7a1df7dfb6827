"""Trip cards of medical waste; and who sees what of medical waste.

Revision ID: 0035
Revises: 0034
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_SIGNED_IN = "(select current_setting('wastetrack.viewer', true) <> '')"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_OWN = f"organisation_id = {_ORGANISATION}"
_WRITES = f"{_OWN} and {_FIRM}"


def _watches(region: str) -> str:
    return f"{_VIEWER} = any (array['r:' || left({region}, 2), 'r:' || left({region}, 4), 'r:' || {region}])"


def _seen(kind: str, column: str) -> str:
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


_AT_SITE = f"{_OWN} or (select {_watches('site.region_code')} from sites site where site.id = site_id)"
_BAG = f"{_OWN} or {_seen('container', 'container_id')}"
_ON_ROUND = f"{_OWN} or (select true from ward_rounds of where of.id = round_id)"
_CARD = f"{_OWN} or {_seen('trip_card', 'id')}"
_ON_CARD = "(select true from trip_cards of where of.id = card_id)"
_SERVED = f"{_OWN} or served_by_id = {_ORGANISATION} or {_watches('region_code')}"
_VISITED = f"{_OWN} or (select true from small_institutions of where of.id = institution_id)"
_ORDERED = f"{_OWN} and {_VIEWER} like 'r:%' and region_code like substr({_VIEWER}, 3) || '%'"
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "wards": {"select": _AT_SITE, "insert": _WRITES, "update": (_AT_SITE, _WRITES)},
    "scales": {"select": _AT_SITE, "insert": _WRITES},
    "scale_readings": {"select": _OWN, "insert": _WRITES},
    "scale_reading_uses": {"select": _OWN, "insert": _WRITES},
    "medical_bags": {"select": _BAG, "insert": _WRITES, "update": (_BAG, _WRITES)},
    "ward_rounds": {"select": _AT_SITE, "insert": _WRITES, "update": (_AT_SITE, _WRITES)},
    "ward_handovers": {"select": _ON_ROUND, "insert": _WRITES},
    "round_bags": {"select": _ON_ROUND, "insert": _WRITES, "update": (_ON_ROUND, _WRITES)},
    "trip_cards": {"select": _CARD, "insert": _WRITES, "update": (_CARD, _FIRM)},
    "trip_card_bags": {"select": _ON_CARD, "insert": f"{_ON_CARD} and {_FIRM}", "update": (_ON_CARD, _FIRM)},
    "trip_cleanings": {"select": _ON_CARD, "insert": f"{_WRITES} and {_ON_CARD}"},
    "collection_points": {"select": _SERVED, "insert": _WRITES},
    "small_institutions": {"select": _SERVED, "insert": _WRITES, "update": (_SERVED, _WRITES)},
    "institution_visits": {"select": _VISITED, "insert": _WRITES},
    # Everybody reads what is ordered; an authority orders within its own region.
    "medical_emergencies": {"select": _SIGNED_IN, "insert": _ORDERED, "update": (_SIGNED_IN, _ORDERED)},
}
_REVOKED = {
    "scales": "update, delete, truncate",
    "scale_readings": "update, delete, truncate",
    "scale_reading_uses": "update, delete, truncate",
    "ward_handovers": "update, delete, truncate",
    "trip_cleanings": "update, delete, truncate",
    "institution_visits": "update, delete, truncate",
    "collection_points": "update, delete, truncate",
    **dict.fromkeys(
        (
            "wards",
            "medical_bags",
            "ward_rounds",
            "round_bags",
            "trip_cards",
            "trip_card_bags",
            "small_institutions",
            "medical_emergencies",
        ),
        "delete, truncate",
    ),
}
_STEPS = (
    "filing cancellation voiding pick-up hand-over arrival receipt confirmation correction correction-answer "
    "opening summing-up redirection trip-arrival trip-closing back-entry"
)
_NEW_STEPS = "card-hand-over card-pick-up card-receipt"


def upgrade() -> None:
    """Make the tables and their policies."""
    _one_of("signing_intents", "step", f"{_STEPS} {_NEW_STEPS}")
    _cards()
    _card_parts()
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


def downgrade() -> None:
    """Take them away."""
    for table in reversed(_POLICIES):
        if table in {"trip_cleanings", "trip_card_bags", "trip_cards"}:
            op.drop_table(table)
            continue
        for command in _POLICIES[table]:
            _run(f"drop policy may_{command} on {table}")
        _run(f"alter table {table} disable row level security")
    _one_of("signing_intents", "step", _STEPS)


def _one_of(table: str, column: str, values: str) -> None:
    listed = ", ".join(f"'{value}'" for value in values.split())
    op.drop_constraint(f"ck_{table}_{column}", table)
    op.create_check_constraint(f"ck_{table}_{column}", table, f"{column} in ({listed})")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)


def _cards() -> None:
    op.create_table(
        "trip_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("driver_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("highly_infectious", sa.Boolean(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=True),
        sa.Column("bags", sa.Integer(), nullable=False),
        sa.Column("declared_g", sa.BigInteger(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_act_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_by", sa.Uuid(), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'received') = (received_at is not null)", name="ck_trip_cards_received"),
        sa.CheckConstraint(
            "state in ('draft', 'handed_over', 'on_the_road', 'arrived', 'received', 'cancelled')",
            name="ck_trip_cards_state",
        ),
        sa.CheckConstraint("bags > 0 and declared_g > 0 and boxes >= 0", name="ck_trip_cards_something"),
        sa.ForeignKeyConstraint(["carrier_id"], ["organisations.id"], name="fk_trip_cards_carrier_id"),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_trip_cards_driver_id"),
        sa.ForeignKeyConstraint(["emergency_id"], ["medical_emergencies.id"], name="fk_trip_cards_emergency_id"),
        sa.ForeignKeyConstraint(["handed_over_by"], ["people.id"], name="fk_trip_cards_handed_over_by"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_trip_cards_manifest_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_trip_cards_organisation_id"),
        sa.ForeignKeyConstraint(["picked_up_by"], ["people.id"], name="fk_trip_cards_picked_up_by"),
        sa.ForeignKeyConstraint(["received_by"], ["people.id"], name="fk_trip_cards_received_by"),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_trip_cards_receiver_id"),
        sa.ForeignKeyConstraint(["receiver_site_id"], ["sites.id"], name="fk_trip_cards_receiver_site_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_trip_cards_site_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_trip_cards_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_cards"),
        sa.UniqueConstraint("manifest_id", "serial", name="uq_trip_cards_manifest_id_serial"),
    )
    op.create_index(
        "ix_trip_cards_receiver_site_id_created_at", "trip_cards", ["receiver_site_id", "created_at"], unique=False
    )
    op.create_index("ix_trip_cards_site_id_created_at", "trip_cards", ["site_id", "created_at"], unique=False)


def _card_parts() -> None:
    op.create_table(
        "trip_card_bags",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("digital_code", sa.Text(), nullable=False),
        sa.Column("highly_infectious", sa.Boolean(), nullable=False),
        sa.Column("declared_g", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("measured_g", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("found in ('as_declared', 'different', 'missing')", name="ck_trip_card_bags_found"),
        sa.CheckConstraint("declared_g > 0 and measured_g > 0", name="ck_trip_card_bags_masses"),
        sa.ForeignKeyConstraint(["card_id"], ["trip_cards.id"], name="fk_trip_card_bags_card_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_trip_card_bags_container_id"),
        sa.PrimaryKeyConstraint("card_id", "position", name="pk_trip_card_bags"),
    )
    op.create_index(
        "one_open_card_per_container", "trip_card_bags", ["container_id"], unique=True, postgresql_where=sa.text("open")
    )
    op.create_table(
        "trip_cleanings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('vehicle', 'boxes')", name="ck_trip_cleanings_what"),
        sa.CheckConstraint("boxes >= 0", name="ck_trip_cleanings_boxes"),
        sa.ForeignKeyConstraint(["card_id"], ["trip_cards.id"], name="fk_trip_cleanings_card_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_trip_cleanings_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_trip_cleanings_person_id"),
        sa.PrimaryKeyConstraint("id", "what", name="pk_trip_cleanings"),
    )
    op.create_index("ix_trip_cleanings_card_id", "trip_cleanings", ["card_id"], unique=False)
