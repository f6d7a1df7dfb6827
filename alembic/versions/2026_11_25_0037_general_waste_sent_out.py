"""General waste that leaves a site without a manifest: where its mass goes, and what becomes of its containers.

Revision ID: 0037
Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_KINDS = {
    ("accounts", "kind"): (
        "generated stored in_transit treated residue_source reclassified discrepancy opening",
        "sent_out",
    ),
    ("containers", "state"): ("at_site in_transit treated emptied lost", "sent_out"),
    ("entries", "kind"): (
        (
            "generated reweighed picked_up received missing sent_back treated residue reclassified repacked "
            "stock_taken opened moved reversed gathered found"
        ),
        "sent_out",
    ),
}
_NEVER_NEGATIVE = "kind not in ({kinds}) or balance_g >= 0"
_PHYSICAL = "'stored', 'in_transit', 'treated'"


def upgrade() -> None:
    """One more account, state and kind of entry."""
    for (table, column), (old, more) in _KINDS.items():
        _one_of(table, column, f"{old} {more}")
    _never_negative(f"{_PHYSICAL}, 'sent_out'")


def downgrade() -> None:
    """As before."""
    _never_negative(_PHYSICAL)
    for (table, column), (old, _) in _KINDS.items():
        _one_of(table, column, old)


def _one_of(table: str, column: str, values: str) -> None:
    listed = ", ".join(f"'{value}'" for value in values.split())
    op.drop_constraint(f"ck_{table}_{column}", table)
    op.create_check_constraint(f"ck_{table}_{column}", table, f"{column} in ({listed})")


def _never_negative(kinds: str) -> None:
    op.drop_constraint("ck_accounts_never_negative", "accounts")
    op.create_check_constraint("ck_accounts_never_negative", "accounts", _NEVER_NEGATIVE.format(kinds=kinds))
