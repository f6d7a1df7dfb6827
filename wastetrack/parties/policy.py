"""Who may change the register: yes, or a reason.

The platform operator registers anybody; an approver registers firms of its region. A firm's owner adds what belongs
to the firm, and the operator may do it for him. Approvers grant and suspend permits in their region.
"""

from uuid import UUID

from wastetrack.auth.model import YES, Actor, Decision, Role
from wastetrack.auth.policy import SCOPE_OF, Verb, may, within
from wastetrack.errors import Forbidden
from wastetrack.parties.model import OrganisationKind

_OFFICES = frozenset({OrganisationKind.REGULATOR, OrganisationKind.OPERATOR})


def may_register(actor: Actor, kinds: frozenset[OrganisationKind], region_code: str) -> Decision:
    """Bring an organisation onto the platform."""
    granted = may(actor, Verb.REGISTER_ORGANISATION)
    if not granted or actor.role is Role.OPERATOR:
        return granted
    if kinds & _OFFICES:
        return Decision(allowed=False, reason="Only the operator of the platform registers authorities and operators.")
    return _within(actor, region_code)


def may_manage(actor: Actor, organisation_id: UUID, verb: Verb) -> Decision:
    """Add sites, stores, vehicles or drivers of an organisation."""
    if actor.role is Role.OPERATOR:
        return within(actor, SCOPE_OF[verb])
    granted = may(actor, verb)
    if granted and actor.organisation_id != organisation_id:
        return Decision(
            allowed=False,
            reason="This belongs to another organisation. Only its owner or the platform's operator may change it.",
        )
    return granted


def may_permit(actor: Actor, region_code: str) -> Decision:
    """Grant, renew, suspend or restore a permit of a holder in a region."""
    granted = may(actor, Verb.GRANT_PERMIT)
    return _within(actor, region_code) if granted else granted


def may_license(actor: Actor, organisation_id: UUID, region_code: str) -> Decision:
    """Record a transport licence: an approver of the region, or the carrier itself as with its vehicles."""
    if may(actor, Verb.GRANT_PERMIT):
        return _within(actor, region_code)
    return may_manage(actor, organisation_id, Verb.MANAGE_FLEET)


def demand(decision: Decision, code: str) -> None:
    """Raise Forbidden with the reason unless the answer is yes."""
    if not decision:
        raise Forbidden(code, decision.reason, **decision.facts)


def _within(actor: Actor, region_code: str) -> Decision:
    prefix = actor.viewer.removeprefix("r:")
    if actor.viewer.startswith("r:") and region_code.startswith(prefix):
        return YES
    return Decision(
        allowed=False,
        reason="Region {region} lies outside your jurisdiction {jurisdiction}. Ask the authority of that region.",
        facts={"region": region_code, "jurisdiction": prefix},
    )
