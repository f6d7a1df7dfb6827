"""${message}

A migration must work with the previous code still running: add first, remove in a later one. It imports nothing of
wastetrack, whose names will change, and gives up after a few seconds if it cannot get a lock (see migrating.py).
"""

import sqlalchemy as sa
import sqlmodel
${imports if imports else ""}
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
