"""Imports of a firm's vehicles, drivers, contracts and opening stock; what is the whole firm's names no site.

Revision ID: 0048
Revises: 0046b
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046b"
branch_labels = None
depends_on = None

_BEFORE = ("containers", "manifests")
_NOW = (*_BEFORE, "opening_stock", "vehicles", "drivers", "contracts")


def upgrade() -> None:
    """Allow the new kinds."""
    _allow(_NOW)
    op.alter_column("imports", "site_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """Take them away, with what was sent of them; what was made of it stays."""
    op.execute("delete from imports where kind not in ('containers', 'manifests') or site_id is null")
    op.alter_column("imports", "site_id", existing_type=sa.Uuid(), nullable=False)
    _allow(_BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    op.drop_constraint("ck_imports_kind", "imports", type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("ck_imports_kind", "imports", f"kind in ({listed})")
