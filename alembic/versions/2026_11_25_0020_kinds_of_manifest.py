"""Continuous and medical manifests, and the ground on which a receiver takes waste.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("manifests", sa.Column("basis", sa.Text(), server_default="permit", nullable=False))
    op.create_check_constraint(
        "ck_manifests_basis",
        "manifests",
        "basis in ('permit', 'exempt', 'point_to_point', 'group_internal', 'general')",
    )
    op.drop_constraint("ck_manifests_kind", "manifests")
    op.create_check_constraint("ck_manifests_kind", "manifests", "kind in ('road', 'return', 'continuous', 'medical')")


def downgrade() -> None:
    op.drop_constraint("ck_manifests_kind", "manifests")
    op.create_check_constraint("ck_manifests_kind", "manifests", "kind in ('road', 'return')")
    op.drop_column("manifests", "basis")
