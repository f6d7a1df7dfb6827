"""Continuous transfer by pipe or belt: meters, and what they count day by day.

Revision ID: 0030
Revises: 0029
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
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
_OWN_SITE = f"(select site.organisation_id = {_ORGANISATION} from sites site where site.id = site_id)"
_WATCHED = (
    f"(select {_VIEWER} = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4), "
    "'r:' || site.region_code]) from sites site where site.id = site_id)"
)
# Which manifests are looked through here is what the viewer sees of them.
_OTHER_END = (
    "exists (select from manifests paper where paper.kind = 'continuous' and paper.state <> 'draft' "
    "and site_id in (paper.shipper_site_id, paper.receiver_site_id))"
)
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    # The other end of a pipe has to know by what it is metered.
    "meters": {
        "select": f"{_OWN_SITE} or {_WATCHED} or {_OTHER_END}",
        "insert": f"{_OWN_SITE} and {_FIRM}",
        "update": (_OWN_SITE, _OWN_SITE),
    },
    "pipe_days": {
        "select": _ON_MANIFEST,
        "insert": f"{_FIRM} and {_ON_MANIFEST}",
        "update": (_ON_MANIFEST, _FIRM),
    },
}
_REVOKED = {"meters": "delete, truncate", "pipe_days": "delete, truncate"}
_METHODS = "'truck_scale', 'platform_scale', 'estimate', 'count', 'declared'"
_WITH_METHOD = (("postings", "method"), ("containers", "method"), ("manifest_containers", "measured_method"))


def _methods(values: str) -> None:
    for table, column in _WITH_METHOD:
        op.drop_constraint(f"ck_{table}_{column}", table)
        op.create_check_constraint(f"ck_{table}_{column}", table, f"{column} in ({values})")


def upgrade() -> None:
    """Make the tables."""
    _methods(f"{_METHODS}, 'meter'")
    op.create_table(
        "meters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("density_g_per_l", sa.Integer(), nullable=True),
        sa.Column("uncertainty_per_mille", sa.SmallInteger(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("verified_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('mass_flow', 'volume_flow', 'belt_scale', 'level')", name="ck_meters_kind"),
        sa.CheckConstraint("unit in ('kg', 't', 'L', 'm3')", name="ck_meters_unit"),
        sa.CheckConstraint("(unit in ('L', 'm3')) = (density_g_per_l is not null)", name="ck_meters_density"),
        sa.CheckConstraint("verified_on <= verified_until", name="ck_meters_verified"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_meters_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meters"),
        sa.UniqueConstraint("site_id", "code", name="uq_meters_site_id_code"),
    )
    op.create_table(
        "pipe_days",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_g", sa.BigInteger(), nullable=True),
        sa.Column("sent_method", sa.Text(), nullable=True),
        sa.Column("sent_meter_id", sa.Uuid(), nullable=True),
        sa.Column("received_g", sa.BigInteger(), nullable=True),
        sa.Column("received_method", sa.Text(), nullable=True),
        sa.Column("received_meter_id", sa.Uuid(), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("moved_entry_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"sent_method in ({_METHODS}, 'meter')", name="ck_pipe_days_sent_method"),
        sa.CheckConstraint(f"received_method in ({_METHODS}, 'meter')", name="ck_pipe_days_received_method"),
        sa.CheckConstraint("(sent_g is null) = (sent_method is null) and sent_g >= 0", name="ck_pipe_days_sent"),
        sa.CheckConstraint(
            "(received_g is null) = (received_method is null) and received_g >= 0", name="ck_pipe_days_received"
        ),
        sa.CheckConstraint(
            "closed_at is null or (sent_g is not null and received_g is not null)", name="ck_pipe_days_closed"
        ),
        sa.CheckConstraint("(container_id is not null) = (coalesce(sent_g, 0) > 0)", name="ck_pipe_days_contained"),
        sa.ForeignKeyConstraint(
            ["manifest_id", "waste_code"],
            ["manifest_totals.manifest_id", "manifest_totals.waste_code"],
            name="fk_pipe_days_manifest_id_waste_code",
        ),
        sa.ForeignKeyConstraint(["sent_meter_id"], ["meters.id"], name="fk_pipe_days_sent_meter_id"),
        sa.ForeignKeyConstraint(["received_meter_id"], ["meters.id"], name="fk_pipe_days_received_meter_id"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_pipe_days_container_id"),
        sa.PrimaryKeyConstraint("manifest_id", "waste_code", "day", name="pk_pipe_days"),
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
    op.drop_table("pipe_days")
    op.drop_table("meters")
    _methods(_METHODS)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
