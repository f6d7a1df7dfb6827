"""What comes, goes and is counted in the reserve for emergencies is an event of the log.

Lines that were written before have none: the log states nothing that it was not told at the time.

Revision ID: 0077
Revises: 0076
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A line names its event."""
    op.add_column("emergency_supply_moves", sa.Column("event_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Without it."""
    op.drop_column("emergency_supply_moves", "event_id")
