"""What is set aside with a receiver that needs no permit: by an approval point to point, or by the exemption list and
the sender's filed plan. Such a reservation stands on no line of a permit.

Revision ID: 0079
Revises: 0078
"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

_BASES = "'permit', 'exempt', 'point_to_point', 'group_internal', 'general'"


def upgrade() -> None:
    """A reservation says on what ground it stands; those that are there stand on permits."""
    op.add_column("reservations", sa.Column("basis", sa.Text(), nullable=False, server_default="permit"))
    op.alter_column("reservations", "permit_item_id", nullable=True)
    op.create_check_constraint("ck_reservations_basis", "reservations", f"basis in ({_BASES})")
    op.create_check_constraint(
        "ck_reservations_line", "reservations", "(basis = 'permit') = (permit_item_id is not null)"
    )
    op.create_index(
        "ix_reservations_without_permit",
        "reservations",
        ["site_id", "waste_code"],
        postgresql_where=sa.text("state = 'held' and basis <> 'permit'"),
    )


def downgrade() -> None:
    """Only those on permits are left."""
    op.execute(
        "delete from reservation_uses where reservation_id in (select id from reservations where basis <> 'permit')"
    )
    op.execute("delete from reservations where basis <> 'permit'")
    op.drop_index("ix_reservations_without_permit", "reservations")
    op.drop_constraint("ck_reservations_line", "reservations")
    op.drop_constraint("ck_reservations_basis", "reservations")
    op.alter_column("reservations", "permit_item_id", nullable=False)
    op.drop_column("reservations", "basis")
