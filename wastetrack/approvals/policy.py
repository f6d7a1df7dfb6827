"""Who may take which step of an application: the applicant, the authority that decides, the one that is consulted.

An authority decides with the very jurisdiction that the application names: a prefecture sees what its province decides,
and does not decide it.
"""

from typing import Protocol
from uuid import UUID

from wastetrack.approvals.model import ApprovalAct, ApprovalKind, ApprovalState, Side
from wastetrack.approvals.states import BY, possible_acts
from wastetrack.auth.model import Actor, Decision, viewer_of_jurisdiction
from wastetrack.auth.policy import Verb, may
from wastetrack.errors import Forbidden


class Concerned(Protocol):
    """Whom an application concerns."""

    generator_id: UUID
    deciding: str
    replying: str | None


def is_owed_by(actor: Actor, side: Side, of: Concerned) -> Decision:
    """Whether the acts of a side are this actor's, or why not."""
    if side is Side.APPLICANT:
        granted = may(actor, Verb.APPLY)
        if granted and actor.organisation_id != of.generator_id:
            return Decision(allowed=False, reason="Only the organisation that applies may do this.")
        return granted
    jurisdiction = {Side.ORIGIN: of.deciding, Side.DESTINATION: of.replying}.get(side)
    if jurisdiction is None:
        return Decision(allowed=False, reason="This follows by itself; nobody does it.")
    granted = may(actor, Verb.DECIDE)
    if granted and actor.viewer != viewer_of_jurisdiction(jurisdiction):
        return Decision(
            allowed=False,
            reason="This is decided by the authority of {jurisdiction}, not by yours.",
            facts={"jurisdiction": jurisdiction},
        )
    return granted


def demand_step(actor: Actor, act: ApprovalAct, of: Concerned) -> None:
    """Raise Forbidden with the reason unless the act is this actor's."""
    decision = is_owed_by(actor, BY[act], of)
    if not decision:
        raise Forbidden(f"may_not_{act.value}", decision.reason, **decision.facts)


def acts_open_to(
    actor: Actor, kind: ApprovalKind, state: ApprovalState, of: Concerned, *, noticed: bool
) -> tuple[ApprovalAct, ...]:
    """Every act that this actor could take now. What is missing is told once (令23 art. 23)."""
    return tuple(
        act
        for act in possible_acts(kind, state)
        if is_owed_by(actor, BY[act], of) and not (act is ApprovalAct.RETURN and noticed)
    )
