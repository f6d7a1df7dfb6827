"""Which signature seals which field: one table, shown to the user beside the field.

A sealed field can still be corrected, by request and consent (correcting.py), never by editing.
"""

from wastetrack.manifests.model import Act, CorrectionField, ManifestState, PartyRole

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
    # A period's opening seals what a trip's filing does; what comes in day by day is sealed by its sum.
    ManifestState.RUNNING: frozenset({Act.FILE}),
    ManifestState.FILED: frozenset({Act.FILE}),
    ManifestState.PICKED_UP: frozenset({Act.FILE, Act.PICK_UP}),
    ManifestState.IN_TRANSIT: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER}),
    ManifestState.ARRIVED: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER, Act.ARRIVE}),
    # A return is born loaded; what its gate finds is not signed before it is taken back.
    ManifestState.RETURNING: frozenset({Act.FILE, Act.PICK_UP, Act.HAND_OVER, Act.ARRIVE}),
}

# Who may ask for the correction of a field: whoever answers for what it says.
MAY_ASK: dict[CorrectionField, tuple[PartyRole, ...]] = {
    CorrectionField.MEASURED_MASS: (PartyRole.RECEIVER,),
    CorrectionField.OPINION: (PartyRole.RECEIVER,),
    CorrectionField.REMARKS: (PartyRole.SHIPPER,),
    CorrectionField.LEG_PLATE: (PartyRole.SHIPPER, PartyRole.CARRIER),
    CorrectionField.LEG_START: (PartyRole.SHIPPER, PartyRole.CARRIER),
    CorrectionField.LEG_END: (PartyRole.SHIPPER, PartyRole.CARRIER),
}
# The two sides whose signatures cover it; the other one must consent.
_COVERED_BY: dict[CorrectionField, frozenset[PartyRole]] = {
    CorrectionField.MEASURED_MASS: frozenset({PartyRole.RECEIVER, PartyRole.SHIPPER}),
    CorrectionField.OPINION: frozenset({PartyRole.RECEIVER, PartyRole.SHIPPER}),
    CorrectionField.REMARKS: frozenset({PartyRole.SHIPPER, PartyRole.RECEIVER}),
    CorrectionField.LEG_PLATE: frozenset({PartyRole.SHIPPER, PartyRole.CARRIER}),
    CorrectionField.LEG_START: frozenset({PartyRole.SHIPPER, PartyRole.CARRIER}),
    CorrectionField.LEG_END: frozenset({PartyRole.SHIPPER, PartyRole.CARRIER}),
}


def who_consents(field: CorrectionField, asker: PartyRole) -> PartyRole:
    """The side that must agree when this one asks."""
    (other,) = _COVERED_BY[field] - {asker}
    return other


def sealed_by(field: str, state: ManifestState) -> Act | None:
    """The act whose signature seals this field in this state; None while it may still be changed."""
    act = SEALED_BY[field]
    return act if act in _SIGNED.get(state, frozenset(Act)) else None
