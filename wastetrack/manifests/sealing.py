"""Which signature seals which field: one table, shown to the user beside the field.

A sealed field can still be corrected, by request and consent (correcting.py), never by editing.
"""

from wastetrack.manifests.model import Act, ManifestState

SEALED_BY: dict[str, Act] = {
    "shipper_site_id": Act.FILE,
    "receiver_site_id": Act.FILE,
    "method": Act.FILE,
    "planned_on": Act.FILE,
    "container_ids": Act.FILE,
    "declared_g": Act.FILE,
    "legs": Act.FILE,
    "remarks": Act.FILE,
    "plan_reason": Act.FILE,
    "picked_up_at": Act.PICK_UP,
    "handed_over_at": Act.HAND_OVER,
    "arrived_at": Act.ARRIVE,
    "measured_g": Act.RECEIVE,
    "outcome": Act.RECEIVE,
    "opinion": Act.RECEIVE,
}
# The acts that have been signed once a manifest is in a state.
_SIGNED: dict[ManifestState, frozenset[Act]] = {
    ManifestState.DRAFT: frozenset(),
    ManifestState.FILED: frozenset({Act.FILE}),
    ManifestState.PICKED_UP: frozenset({Act.FILE, Act.PICK_UP}),
    ManifestState.IN_TRANSIT: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER}),
    ManifestState.ARRIVED: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER, Act.ARRIVE}),
    # A return is born loaded; what its gate finds is not signed before it is taken back.
    ManifestState.RETURNING: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER, Act.ARRIVE}),
}


def sealed_by(field: str, state: ManifestState) -> Act | None:
    """The act whose signature seals this field in this state; None while it may still be changed."""
    act = SEALED_BY[field]
    return act if act in _SIGNED.get(state, frozenset(Act)) else None
