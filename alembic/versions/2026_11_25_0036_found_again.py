"""Entries that take back what was missing and is found.

Revision ID: 0036
Revises: 0035
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_KINDS = (
    "generated reweighed picked_up received missing sent_back treated residue reclassified repacked stock_taken opened "
    "moved reversed gathered"
)


def upgrade() -> None:
    """One more kind of entry."""
    _one_of(f"{_KINDS} found")


def downgrade() -> None:
    """As before."""
    _one_of(_KINDS)


def _one_of(kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds.split())
    op.drop_constraint("ck_entries_kind", "entries")
    op.create_check_constraint("ck_entries_kind", "entries", f"kind in ({listed})")
