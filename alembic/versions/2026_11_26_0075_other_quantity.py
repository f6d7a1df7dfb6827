"""A matching may suppose another quantity of a permit item.

Revision ID: 0075
Revises: 0074
"""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

_CHECK = "ck_capacity_runs_scenario"
_BEFORE = "'as_it_is', 'outage', 'retirement', 'new_plant', 'more_supply', 'sharing'"


def upgrade() -> None:
    """One more scenario."""
    op.drop_constraint(_CHECK, "capacity_runs")
    op.execute(
        f"alter table capacity_runs add constraint {_CHECK} check (scenario in ({_BEFORE}, 'other_quantity')) not valid"
    )
    op.execute(f"alter table capacity_runs validate constraint {_CHECK}")


def downgrade() -> None:
    """Without it; assessments that suppose it cannot be read any more and go."""
    op.execute("delete from capacity_runs where scenario = 'other_quantity'")
    op.drop_constraint(_CHECK, "capacity_runs")
    op.execute(f"alter table capacity_runs add constraint {_CHECK} check (scenario in ({_BEFORE}))")
