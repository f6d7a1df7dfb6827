"""Manifests that run for a period, under which mass moves record by record.

Revision ID: 0029
Revises: 0028
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_ON_MANIFEST = (
    f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = 'manifest' "
    "and sight.subject_id = manifest_id)"
)
_OF_SHIPPER = f"(select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)"
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "manifest_periods": {"select": _ON_MANIFEST, "insert": _OF_SHIPPER},
    "manifest_totals": {"select": _ON_MANIFEST, "insert": _OF_SHIPPER, "update": (_ON_MANIFEST, _FIRM)},
}
_REVOKED = {"manifest_periods": "update, delete, truncate", "manifest_totals": "delete, truncate"}

_STATES = (
    "draft",
    "filed",
    "picked_up",
    "in_transit",
    "arrived",
    "received",
    "partly_received",
    "rejected",
    "closed",
    "cancelled",
    "void",
    "returning",
    "returned",
)
_ACTS = (
    "file",
    "cancel",
    "void",
    "pick_up",
    "hand_over",
    "arrive",
    "receive",
    "receive_partly",
    "reject",
    "confirm",
    "send_back",
    "take_back",
)
_STEPS = (
    "filing",
    "cancellation",
    "voiding",
    "pick-up",
    "hand-over",
    "arrival",
    "receipt",
    "confirmation",
    "correction",
    "correction-answer",
)
_ENTRIES = (
    "generated",
    "reweighed",
    "picked_up",
    "received",
    "missing",
    "sent_back",
    "treated",
    "residue",
    "reclassified",
    "repacked",
    "stock_taken",
    "opened",
)
_FORMS = ("solid", "semi_solid", "liquid", "gas")


def _among(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} in ({listed})"


def _check(table: str, column: str, condition: str, *, name: str | None = None) -> None:
    full = f"ck_{table}_{name or column}"
    op.drop_constraint(full, table)
    op.create_check_constraint(full, table, condition)


def upgrade() -> None:
    """Make the state, its acts and entries known, and the tables."""
    _check("manifests", "state", _among("state", ("draft", "running", *_STATES[1:])))
    _check(
        "manifests",
        "number",
        "number is not null or state in ('draft', 'running', 'cancelled')",
        name="numbered_when_filed",
    )
    _check("manifest_signatures", "act", _among("act", (*_ACTS, "open", "sum_up")))
    _check("signing_intents", "step", _among("step", (*_STEPS, "opening", "summing-up")))
    _check("entries", "kind", _among("kind", (*_ENTRIES, "moved", "reversed")))
    op.create_table(
        "manifest_periods",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "begins_on <= ends_on and extract(year from begins_on) = extract(year from ends_on)",
            name="ck_manifest_periods_within_one_year",
        ),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_periods_manifest_id"),
        sa.PrimaryKeyConstraint("manifest_id", name="pk_manifest_periods"),
    )
    op.create_table(
        "manifest_totals",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("waste_name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("hazards", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("planned_g", sa.BigInteger(), nullable=False),
        sa.Column("sent_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("received_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("records", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(_among("form", _FORMS), name="ck_manifest_totals_form"),
        sa.CheckConstraint("planned_g > 0", name="ck_manifest_totals_planned"),
        sa.CheckConstraint("sent_g >= 0 and received_g >= 0 and records >= 0", name="ck_manifest_totals_moved"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_totals_manifest_id"),
        sa.PrimaryKeyConstraint("manifest_id", "waste_code", name="pk_manifest_totals"),
        sa.UniqueConstraint("manifest_id", "position", name="uq_manifest_totals_manifest_id_position"),
    )
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _secure(table, policies)


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
    op.drop_table("manifest_totals")
    op.drop_table("manifest_periods")
    _check("entries", "kind", _among("kind", (*_ENTRIES, "reversed")))
    _check("signing_intents", "step", _among("step", _STEPS))
    _check("manifest_signatures", "act", _among("act", _ACTS))
    _check("manifests", "number", "number is not null or state in ('draft', 'cancelled')", name="numbered_when_filed")
    _check("manifests", "state", _among("state", _STATES))


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
