"""Who may let whom into an organisation, and as what: the register's side of inviting, roles and delegates."""

from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.auth import delegating, inviting, membering
from wastetrack.auth.delegating import Delegate
from wastetrack.auth.inviting import Invitation, Invite, Invited
from wastetrack.auth.joining_model import KEEPERS
from wastetrack.auth.model import REGULATORS, Actor, Role, Scope, viewer_for
from wastetrack.auth.policy import Verb, demand_scope
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.parties import credit_codes, field_rules, policy, queries
from wastetrack.parties.commands import CREDIT_CODE_ARTICLE
from wastetrack.parties.field_rules import Found
from wastetrack.parties.model import Organisation, OrganisationKind


def roles_of(organisation: Organisation) -> tuple[Role, ...]:
    """Which roles there are in an organisation, by what it is."""
    if OrganisationKind.REGULATOR in organisation.kinds:
        return tuple(role for role in Role if role in REGULATORS)
    if OrganisationKind.OPERATOR in organisation.kinds:
        return (Role.OPERATOR,)
    return tuple(role for role in Role if role not in REGULATORS | {Role.OPERATOR})


def why_not_role(organisation: Organisation, role: Role) -> tuple[Broken, ...]:
    """A role that such an organisation does not have."""
    allowed = roles_of(organisation)
    if role in allowed:
        return ()
    return (
        Broken(
            "role",
            "role_elsewhere",
            "This organisation has the roles {allowed}, not {value}.",
            role,
            next_step="Choose one of these roles.",
            facts={"allowed": allowed},
        ),
    )


async def managed(session: ReadSession, actor: Actor, organisation_id: UUID) -> Organisation:
    """An organisation whose people the actor may manage. Raises NotFound or Forbidden."""
    organisation = await queries.organisation(session, organisation_id)
    policy.demand(policy.may_manage(actor, organisation_id, Verb.MANAGE_PEOPLE), "may_not_manage_people")
    return organisation


async def invite(
    session: WriteSession,
    actor: Actor,
    organisation_id: UUID,
    *,
    contact: str,
    name: str,
    role: Role,
    locale: str,
    lasts: timedelta,
    at: datetime,
) -> Invited:
    """Ask somebody to join an organisation."""
    organisation = await managed(session, actor, organisation_id)
    _demand_reach(actor, role)
    refuse(why_not_role(organisation, role))
    command = Invite(
        contact=contact,
        name=name,
        role=role,
        organisation_id=organisation_id,
        jurisdiction=organisation.jurisdiction,
        locale=locale,
    )
    return await inviting.invite(session, actor, command, lasts=lasts, at=at)


async def resend(
    session: WriteSession, actor: Actor, organisation_id: UUID, invitation_id: UUID, *, lasts: timedelta, at: datetime
) -> Invited:
    """Send an invitation again, with new links."""
    await managed(session, actor, organisation_id)
    demand_scope(actor, Scope.ADMINISTER)  # whatever role it leads into, its link is told
    return await inviting.resend(session, organisation_id, invitation_id, lasts=lasts, at=at)


async def revoke(
    session: WriteSession, actor: Actor, organisation_id: UUID, invitation_id: UUID, *, at: datetime
) -> None:
    """Take an invitation back."""
    await managed(session, actor, organisation_id)
    await inviting.revoke(session, organisation_id, invitation_id, at=at)


async def invitations(
    session: ReadSession, actor: Actor, organisation_id: UUID, *, at: datetime
) -> tuple[Invitation, ...]:
    """The invitations that nobody has accepted yet."""
    await managed(session, actor, organisation_id)
    return await inviting.of_organisation(session, organisation_id, at=at)


async def change_role(session: WriteSession, actor: Actor, membership_id: UUID, role: Role) -> None:
    """Give a member another role of the organisation."""
    membership = await membering.managed(session, actor, membership_id)
    organisation = await queries.organisation(session, membership.organisation_id)
    _demand_reach(actor, role)
    refuse(why_not_role(organisation, role))
    viewer = viewer_for(role, organisation.id, organisation.jurisdiction)
    await membering.change_role(session, membership, role, viewer)


def _demand_reach(actor: Actor, role: Role) -> None:
    """A system that lets people in would otherwise make itself an owner, by a link that it is told."""
    if role in KEEPERS:
        demand_scope(actor, Scope.ADMINISTER)


async def delegate(
    session: WriteSession,
    actor: Actor,
    organisation_id: UUID,
    *,
    credit_code: str,
    login: str,
    role: Role,
    valid_until: datetime,
    at: datetime,
) -> UUID:
    """Let a person of another firm act for this one."""
    organisation = await managed(session, actor, organisation_id)
    refuse(why_not_role(organisation, role))
    consultant = await registered(session, credit_code)
    command = Delegate(
        organisation_id=organisation_id,
        consultant_id=consultant.id,
        login=login,
        role=role,
        valid_until=valid_until,
    )
    return await delegating.delegate(session, command, at=at)


async def registered(session: ReadSession, credit_code: str) -> Organisation:
    """The organisation under a credit code that somebody typed. RuleBroken for a wrong one and for an unknown one."""
    refuse(why_not_credit_code(credit_code))
    organisation = await queries.organisation_by_credit_code(session, credit_code)
    if organisation is None:
        refuse_one(
            "credit_code",
            "organisation_not_registered",
            "No organisation with the credit code {value} is registered.",
            value=credit_code,
            next_step="Check the code, or ask the authority of the region to register the organisation.",
        )
    return organisation


def why_not_credit_code(credit_code: str) -> Found:
    """A code that is mistyped: its check character does not fit."""
    return field_rules.readable(
        "credit_code",
        credit_code,
        credit_codes.check,
        article=CREDIT_CODE_ARTICLE,
        next_step="Copy the code from the business licence.",
    )
