"""How containers are packed, which revision of their label is valid, and each print of one.

Revision ID: 0023
Revises: 0022
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_SEEN = (
    f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = 'container' "
    "and sight.subject_id = container_id)"
)
_AT_GATE = """
drop function container_at_gate(text);
create function container_at_gate(code text) returns table ({columns})
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%' then
    return query select {selected}
    from containers it where it.digital_code = code for update;
  end if;
end $$;
revoke execute on function container_at_gate from public;
grant execute on function container_at_gate to wastetrack_app;
"""
_OUTCOMES = (
    "'accepted', 'accepted_with_difference', 'rejected', 'missing', 'unexpected', 'not_permitted', 'already_here'"
)
_COLUMNS = "id uuid, waste_code text, tare_g bigint, volume_l integer, hazards text[], form text, compatibility text"
_SELECTED = "it.id, it.waste_code, it.tare_g, it.volume_l, it.hazards, it.form, it.compatibility"


def upgrade() -> None:
    """Add the columns, the prints and who sees them."""
    op.add_column("containers", sa.Column("department", sa.Text(), server_default="", nullable=False))
    op.add_column("containers", sa.Column("layers", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("containers", sa.Column("filled_percent", sa.SmallInteger(), nullable=True))
    op.add_column("containers", sa.Column("highly_infectious", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("containers", sa.Column("label_revision", sa.SmallInteger(), server_default="1", nullable=False))
    op.create_check_constraint("ck_containers_layers", "containers", "layers between 1 and 3")
    op.create_check_constraint("ck_containers_filled_percent", "containers", "filled_percent between 1 and 100")
    op.create_check_constraint("ck_containers_label_revision", "containers", "label_revision >= 1")
    op.create_table(
        "label_prints",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("print_number", sa.SmallInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("why in ('first', 'reprint', 'damaged', 'changed')", name="ck_label_prints_why"),
        sa.CheckConstraint("revision >= 1 and print_number >= 1", name="ck_label_prints_counted"),
        sa.ForeignKeyConstraint(["container_id"], ["containers.id"], name="fk_label_prints_container_id"),
        sa.PrimaryKeyConstraint("event_id", "container_id", name="pk_label_prints"),
        sa.UniqueConstraint("container_id", "revision", "print_number", name="uq_label_prints_number"),
    )
    _run(f"revoke update, delete, truncate on label_prints from {_APP}")
    _run("alter table label_prints enable row level security")
    _run(f"create policy may_select on label_prints for select using ({_SEEN})")
    _run(f"create policy may_insert on label_prints for insert with check ({_FIRM} and {_SEEN})")
    op.drop_constraint("ck_manifest_containers_outcome", "manifest_containers")
    op.create_check_constraint(
        "ck_manifest_containers_outcome", "manifest_containers", f"outcome in ({_OUTCOMES}, 'void_label')"
    )
    _run(_AT_GATE.format(columns=f"{_COLUMNS}, label_revision smallint", selected=f"{_SELECTED}, it.label_revision"))


def downgrade() -> None:
    """Take them away."""
    _run(_AT_GATE.format(columns=_COLUMNS, selected=_SELECTED))
    op.drop_constraint("ck_manifest_containers_outcome", "manifest_containers")
    op.create_check_constraint("ck_manifest_containers_outcome", "manifest_containers", f"outcome in ({_OUTCOMES})")
    op.drop_table("label_prints")
    op.drop_constraint("ck_containers_label_revision", "containers")
    op.drop_constraint("ck_containers_filled_percent", "containers")
    op.drop_constraint("ck_containers_layers", "containers")
    for column in ("label_revision", "highly_infectious", "filled_percent", "layers", "department"):
        op.drop_column("containers", column)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
