"""Which sealed fields of a manifest its reader may ask to correct, and which requests he may answer."""

from typing import Any

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.manifests.model import CorrectionField, ManifestState, PartyRole
from wastetrack.manifests.sealing import MAY_ASK

_VERBS = {PartyRole.SHIPPER: Verb.CORRECT, PartyRole.RECEIVER: Verb.RECEIVE, PartyRole.CARRIER: Verb.CARRY}
_NEVER = frozenset({ManifestState.DRAFT, ManifestState.CANCELLED, ManifestState.VOID})
_OF_LEGS = {CorrectionField.LEG_PLATE: "plate", CorrectionField.LEG_START: "start", CorrectionField.LEG_END: "end"}


def correctable_fields(actor: Actor, found: Any) -> list[tuple[str, CorrectionField, int, str]]:  # noqa: ANN401  a document
    """For each: the option's value, the field, the leg (0: none), and what stands there now."""
    if found["state"] in _NEVER:
        return []
    own = str(actor.organisation_id)
    ends = {
        PartyRole.SHIPPER: found["shipper"]["organisation_id"],
        PartyRole.RECEIVER: found["receiver"]["organisation_id"],
    }
    fields = []
    for field in (CorrectionField.REMARKS, CorrectionField.OPINION):
        if field is CorrectionField.OPINION and not found["received_at"]:
            continue
        if any(ends.get(side) == own and may(actor, _VERBS[side]) for side in MAY_ASK[field]):
            fields.append((field.value, field, 0, found[field.value]))
    for leg in found["legs"]:
        sides = {**ends, PartyRole.CARRIER: leg["carrier_id"]}
        for field, name in _OF_LEGS.items():
            if any(sides[side] == own and may(actor, _VERBS[side]) for side in MAY_ASK[field]):
                fields.append((f"{field.value}.{leg['position']}", field, leg["position"], leg[name]))
    return fields


def may_answer(actor: Actor, found: Any, correction: Any) -> bool:  # noqa: ANN401  documents
    """Whether a request waits for this reader: his firm must consent, and his role may say so."""
    if correction["answerer_id"] != str(actor.organisation_id):
        return False
    if correction["answerer_id"] == found["shipper"]["organisation_id"]:
        return bool(may(actor, Verb.CORRECT))
    is_receiver = correction["answerer_id"] == found["receiver"]["organisation_id"]
    return bool(may(actor, Verb.RECEIVE if is_receiver else Verb.CARRY))
