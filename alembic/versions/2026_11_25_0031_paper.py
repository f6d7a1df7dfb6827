"""Transfers on paper: numbers in reserve, and back-entries.

Revision ID: 0031
Revises: 0030
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
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
_OWN = f"organisation_id = {_ORGANISATION}"
_NUMBER = (
    f"{_OWN} or (select true from sightings sight where sight.viewer = {_VIEWER} and "
    "sight.kind = 'reserved_number' and sight.subject_id = reserved_numbers.id)"
)
_OF_PAPER: dict[str, str | tuple[str, str]] = {"select": _ON_MANIFEST, "insert": _OF_SHIPPER}
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "reserved_numbers": {"select": _NUMBER, "insert": f"{_OWN} and {_FIRM}", "update": (_NUMBER, _OWN)},
    "manifest_papers": {**_OF_PAPER, "update": (_ON_MANIFEST, _OF_SHIPPER)},
    "paper_legs": _OF_PAPER,
    "paper_lines": _OF_PAPER,
}
_REVOKED = {
    "reserved_numbers": "delete, truncate",
    "manifest_papers": "delete, truncate",
    "paper_legs": "update, delete, truncate",
    "paper_lines": "update, delete, truncate",
}
_ACTS = (
    "'file', 'cancel', 'void', 'pick_up', 'hand_over', 'arrive', 'receive', 'receive_partly', 'reject', 'confirm', "
    "'send_back', 'take_back', 'open', 'sum_up', 'redirect'"
)
_STEPS = (
    "'filing', 'cancellation', 'voiding', 'pick-up', 'hand-over', 'arrival', 'receipt', 'confirmation', 'correction', "
    "'correction-answer', 'opening', 'summing-up', 'redirection', 'trip-arrival', 'trip-closing'"
)


def _known(acts: str, steps: str) -> None:
    op.drop_constraint("ck_manifest_signatures_act", "manifest_signatures")
    op.create_check_constraint("ck_manifest_signatures_act", "manifest_signatures", f"act in ({acts})")
    op.drop_constraint("ck_signing_intents_step", "signing_intents")
    op.create_check_constraint("ck_signing_intents_step", "signing_intents", f"step in ({steps})")


def upgrade() -> None:
    """Make the tables."""
    _known(f"{_ACTS}, 'back_enter'", f"{_STEPS}, 'back-entry'")
    op.add_column("manifests", sa.Column("on_paper", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "reserved_numbers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state in ('reserved', 'used', 'voided')", name="ck_reserved_numbers_state"),
        sa.CheckConstraint("number ~ '^[0-9]{14}$'", name="ck_reserved_numbers_number"),
        sa.CheckConstraint("(state = 'reserved') = (settled_at is null)", name="ck_reserved_numbers_settled"),
        sa.CheckConstraint("(state = 'voided') = (reason <> '')", name="ck_reserved_numbers_voided_with_reason"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_reserved_numbers_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_reserved_numbers_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reserved_numbers"),
        sa.UniqueConstraint("number", name="uq_reserved_numbers_number"),
    )
    op.create_index("ix_reserved_numbers_site_id", "reserved_numbers", ["site_id"])
    op.create_table(
        "manifest_papers",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_id", sa.Uuid(), nullable=False),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "picked_up_at <= arrived_at and arrived_at <= received_at", name="ck_manifest_papers_in_order"
        ),
        sa.CheckConstraint("reason <> ''", name="ck_manifest_papers_reason"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_papers_manifest_id"),
        sa.ForeignKeyConstraint(["reserved_id"], ["reserved_numbers.id"], name="fk_manifest_papers_reserved_id"),
        sa.PrimaryKeyConstraint("manifest_id", name="pk_manifest_papers"),
        sa.UniqueConstraint("reserved_id", name="uq_manifest_papers_reserved_id"),
    )
    op.create_table(
        "paper_legs",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_paper_legs_manifest_id"),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_paper_legs"),
    )
    op.create_table(
        "paper_lines",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("received_g", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared', 'meter')",
            name="ck_paper_lines_method",
        ),
        sa.CheckConstraint("received_g > 0", name="ck_paper_lines_received"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_paper_lines_manifest_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_paper_lines_container_id"),
        sa.PrimaryKeyConstraint("manifest_id", "container_id", name="pk_paper_lines"),
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
    for table in ("paper_lines", "paper_legs", "manifest_papers", "reserved_numbers"):
        op.drop_table(table)
    op.drop_column("manifests", "on_paper")
    _known(_ACTS, _STEPS)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
