"""The shipper's signed look at carrier, vehicle, crew, labels and packages at the loading.

Revision ID: 0048b
Revises: 0048
"""

from alembic import op

revision = "0048b"
down_revision = "0048"
branch_labels = None
depends_on = None

_ACTS = (
    "'file', 'cancel', 'void', 'pick_up', 'hand_over', 'arrive', 'receive', 'receive_partly', 'reject', 'confirm', "
    "'send_back', 'take_back', 'open', 'sum_up', 'redirect', 'back_enter'"
)
_STEPS = (
    "'filing', 'cancellation', 'voiding', 'pick-up', 'hand-over', 'arrival', 'receipt', 'confirmation', 'correction', "
    "'correction-answer', 'opening', 'summing-up', 'redirection', 'trip-arrival', 'trip-closing', 'back-entry', "
    "'card-hand-over', 'card-pick-up', 'card-receipt'"
)


def upgrade() -> None:
    """Allow the act and its step."""
    _known(f"{_ACTS}, 'check_loading'", f"{_STEPS}, 'loading-check'")


def downgrade() -> None:
    """Take them away. Fails where one was signed: what stands in the log is not taken back."""
    op.execute("delete from signing_intents where step = 'loading-check'")
    _known(_ACTS, _STEPS)


def _known(acts: str, steps: str) -> None:
    op.drop_constraint("ck_manifest_signatures_act", "manifest_signatures", type_="check")
    op.create_check_constraint("ck_manifest_signatures_act", "manifest_signatures", f"act in ({acts})")
    op.drop_constraint("ck_signing_intents_step", "signing_intents", type_="check")
    op.create_check_constraint("ck_signing_intents_step", "signing_intents", f"step in ({steps})")
