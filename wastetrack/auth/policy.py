"""Which role may do which thing: one table, read by `may`.

A role says what a member may do for his own organisation; whether the thing at hand is his to see is sight.py's
question, and whether it is the right moment is the room's own. A room that needs a new verb adds it here.
"""

from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import YES, Actor, Decision, Role, Scope
from wastetrack.errors import Forbidden


class Verb(StrEnum):
    """What can be done. The value ends up in error codes and logs and does not change."""

    MANAGE_PEOPLE = "manage_people"
    """Enrol members of one's organisation and end their membership."""
    MANAGE_ORGANISATION = "manage_organisation"
    """Change contact, sites and stores of one's organisation."""
    MANAGE_FLEET = "manage_fleet"
    """Register vehicles, drivers and transport licences."""
    REGISTER_ORGANISATION = "register_organisation"
    """Bring a new organisation onto the platform."""
    GRANT_PERMIT = "grant_permit"
    """Enter, renew or suspend a disposer's permit."""
    LABEL = "label"
    """Create and weigh containers, print their labels."""
    STORE = "store"
    """Move, fill, repack, merge and split containers within one's site."""
    FILE = "file"
    """Draft, amend, file, cancel a manifest."""
    SIGN = "sign"
    """Put the organisation's signature on a manifest."""
    CARRY = "carry"
    """Pick up, hand over and deliver."""
    SCAN = "scan"
    """Scan and weigh what arrives at the gate."""
    RECEIVE = "receive"
    """Accept, accept in part or reject what arrived."""
    TREAT = "treat"
    """Book treatment and its residues."""
    CORRECT = "correct"
    """Ask for a correction of sealed fields, or answer such a request."""
    ATTACH = "attach"
    """Put photographs and documents beside a paper."""
    PROVE = "prove"
    """Take away a bundle of events and proofs that verifies offline."""
    ISSUE_TOKENS = "issue_tokens"
    """Make personal API tokens, which can do what their owner can."""
    MANAGE_SYSTEMS = "manage_systems"
    """Register systems of one's organisation, their secrets and keys; see and revoke its members' tokens."""
    WEIGH = "weigh"
    """Let a scale of one's organisation say what stands on it."""
    TRACK = "track"
    """Send where one's vehicles were; for an authority, where those of its region were."""
    DRAW_ZONES = "draw_zones"
    """Say, as an authority, where no load may stand."""
    DECLARE_EMERGENCY = "declare_emergency"
    """Switch emergency mode of medical waste on and off in a region."""
    ERASE_PERSONS = "erase_persons"
    """Make persons unrecognisable where the law asks for it; purge what has served its time."""
    HOLD = "hold"
    """Stop purge and erasure of what an inquiry may need."""
    APPLY = "apply"
    """Apply to an authority for one's organisation."""
    DECIDE = "decide"
    """Review applications, consult, reply and decide, for an authority."""
    ACKNOWLEDGE = "acknowledge"
    """Say, as an authority, that a report of a firm has arrived."""
    JUDGE = "judge"
    """Say, as an authority, what a finding of the checks turned out to be, or that it can wait."""
    ASSESS_CAPACITY = "assess_capacity"
    """Ask, as an authority, whether capacity matches what arises in one's region."""


_PREPARE = frozenset(
    {Verb.LABEL, Verb.WEIGH, Verb.STORE, Verb.FILE, Verb.CORRECT, Verb.ATTACH, Verb.PROVE, Verb.ISSUE_TOKENS}
    | {Verb.TRACK}
)
_GATE = frozenset(
    {Verb.LABEL, Verb.WEIGH, Verb.STORE, Verb.SCAN, Verb.RECEIVE, Verb.TREAT, Verb.ATTACH, Verb.ISSUE_TOKENS}
)
_EXAMINE = frozenset(
    {Verb.PROVE, Verb.ISSUE_TOKENS, Verb.ACKNOWLEDGE, Verb.JUDGE, Verb.TRACK, Verb.DRAW_ZONES, Verb.ASSESS_CAPACITY}
)
_OF_AUTHORITIES = frozenset(
    {Verb.REGISTER_ORGANISATION, Verb.GRANT_PERMIT, Verb.DECLARE_EMERGENCY, Verb.DECIDE}
    | {Verb.ACKNOWLEDGE, Verb.HOLD, Verb.JUDGE, Verb.DRAW_ZONES, Verb.ASSESS_CAPACITY}
)

GRANTS: dict[Role, frozenset[Verb]] = {
    Role.OWNER: frozenset(Verb) - _OF_AUTHORITIES - {Verb.ERASE_PERSONS},
    Role.FILER: _PREPARE,
    Role.SIGNER: _PREPARE | {Verb.SIGN, Verb.RECEIVE, Verb.CARRY, Verb.APPLY},
    Role.GATE_OPERATOR: _GATE,
    Role.DRIVER: frozenset({Verb.CARRY, Verb.ATTACH, Verb.ISSUE_TOKENS}),
    Role.VIEWER: frozenset({Verb.PROVE}),
    Role.REGULATOR_VIEWER: frozenset({Verb.ISSUE_TOKENS}),
    Role.INSPECTOR: _EXAMINE | {Verb.HOLD},
    Role.APPROVER: _EXAMINE
    | {
        Verb.HOLD,
        Verb.GRANT_PERMIT,
        Verb.REGISTER_ORGANISATION,
        Verb.MANAGE_SYSTEMS,
        Verb.DECLARE_EMERGENCY,
        Verb.DECIDE,
    },
    Role.OPERATOR: frozenset({Verb.REGISTER_ORGANISATION, Verb.MANAGE_PEOPLE, Verb.ISSUE_TOKENS, Verb.ERASE_PERSONS}),
}
"""The whole of it. An authority never signs for a firm; the platform operator never touches business data."""


SCOPE_OF: dict[Verb, Scope] = {
    Verb.MANAGE_PEOPLE: Scope.SCIM,
    Verb.MANAGE_ORGANISATION: Scope.REGISTER,
    Verb.MANAGE_FLEET: Scope.REGISTER,
    Verb.REGISTER_ORGANISATION: Scope.REGISTER,
    Verb.GRANT_PERMIT: Scope.REGISTER,
    Verb.LABEL: Scope.LABEL,
    Verb.STORE: Scope.LABEL,
    Verb.FILE: Scope.FILE,
    Verb.SIGN: Scope.SIGN,
    Verb.CARRY: Scope.CARRY,
    Verb.SCAN: Scope.GATE,
    Verb.RECEIVE: Scope.GATE,
    Verb.TREAT: Scope.TREAT,
    Verb.CORRECT: Scope.FILE,
    Verb.ATTACH: Scope.ATTACH,
    Verb.PROVE: Scope.PROVE,
    Verb.ISSUE_TOKENS: Scope.ADMINISTER,
    Verb.MANAGE_SYSTEMS: Scope.ADMINISTER,
    Verb.WEIGH: Scope.WEIGH,
    Verb.TRACK: Scope.TRACK,
    Verb.DRAW_ZONES: Scope.REGISTER,
    Verb.DECLARE_EMERGENCY: Scope.REGISTER,
    Verb.ERASE_PERSONS: Scope.ADMINISTER,
    Verb.APPLY: Scope.SIGN,  # it binds the firm as its signature does
    Verb.DECIDE: Scope.REGISTER,
    Verb.ACKNOWLEDGE: Scope.REGISTER,
    Verb.JUDGE: Scope.REGISTER,
    Verb.HOLD: Scope.ADMINISTER,
    Verb.ASSESS_CAPACITY: Scope.REGISTER,
}
"""Which scope a narrowed token needs for each verb. Looking needs `read` and no verb."""


def within(actor: Actor, scope: Scope) -> Decision:
    """Whether the token at hand reaches so far; somebody who signed in has no token to narrow him."""
    if actor.scopes is None or scope in actor.scopes:
        return YES
    return Decision(
        allowed=False,
        reason="This token lacks the scope “{scope}”. Ask for a token with it, or have the system registered for it.",
        facts={"scope": scope.value},
    )


def demand_scope(actor: Actor, scope: Scope) -> None:
    """Raise Forbidden with the reason unless the token at hand reaches so far."""
    reach = within(actor, scope)
    if not reach:
        raise Forbidden("insufficient_scope", reach.reason, **reach.facts)


def may(actor: Actor, verb: Verb) -> Decision:
    """Whether the actor's role grants this and his token reaches so far, or why not."""
    if verb in GRANTS[actor.role]:
        return within(actor, SCOPE_OF[verb])
    return Decision(
        allowed=False,
        reason="Your role ({role}) may not do this. Ask the owner of your organisation for another role.",
        facts={"role": actor.role, "verb": verb},
    )


def demand(actor: Actor, verb: Verb) -> None:
    """Raise Forbidden with the reason unless the role grants it. The second step of a use case."""
    decision = may(actor, verb)
    if not decision:
        raise Forbidden(f"may_not_{verb}", decision.reason, **decision.facts)


def demand_own(actor: Actor, verb: Verb, organisation_id: UUID) -> None:
    """Raise Forbidden unless the actor acts for this organisation in a role that grants the verb."""
    demand(actor, verb)
    if actor.organisation_id != organisation_id:
        raise Forbidden("other_organisation", "Only the organisation whose site, vehicle or paper this is may do this.")


def demand_office(actor: Actor) -> None:
    """Raise Forbidden unless the role prepares its firm's papers; gate and driver attach to what they handle alone."""
    if Verb.FILE not in GRANTS[actor.role]:
        reason = "Your role ({role}) may not do this. Ask the owner of your organisation for another role."
        raise Forbidden("may_not_file", reason, role=actor.role, verb=Verb.FILE)


def demand_authority(actor: Actor) -> None:
    """Raise Forbidden unless the actor looks for an authority."""
    if not actor.is_regulator:
        raise Forbidden(
            "may_not_oversee", "This page is for authorities. What concerns your own firm stands on its pages."
        )
