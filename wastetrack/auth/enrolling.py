"""People join the platform and organisations, and leave them."""

import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import factors, happenings, opening, passwords, queries
from wastetrack.auth.model import (
    PLATFORM_VIEWER,
    REGULATORS,
    AccountEventKind,
    Actor,
    Role,
    viewer_of_jurisdiction,
)
from wastetrack.auth.model import viewer_of_organisation as firm
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.tables import ApiToken, Membership, Person, SignInSession
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, NotFound, refuse
from wastetrack.ids import new_id

TEMPORARY_HOLDS = timedelta(hours=24)
FIRST_HOLDS = timedelta(days=7)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """A new member of an organisation. A login that exists gets another membership and keeps its password."""

    login: str
    name: str
    password: str = dataclasses.field(repr=False)
    organisation_id: UUID
    role: Role
    jurisdiction: str | None = None
    """Region prefix of an authority (`3706`); None for firms and the platform."""
    locale: str = "zh"
    organisation_name: str = ""
    """What a password must not hold."""


def viewer_for(role: Role, organisation_id: UUID, jurisdiction: str | None) -> str:
    """Through whose eyes a member looks: an authority's by region, a firm's by itself."""
    if role is Role.OPERATOR:
        return PLATFORM_VIEWER
    if role in REGULATORS:
        if jurisdiction is None:
            msg = "an authority has a jurisdiction"
            raise ValueError(msg)
        return viewer_of_jurisdiction(jurisdiction)
    return firm(organisation_id)


async def enrol(session: WriteSession, actor: Actor, command: Enrol, *, at: datetime) -> UUID:
    """Make a member; returns the membership's id. Owners enrol into their own organisation, the platform into any."""
    demand(actor, Verb.MANAGE_PEOPLE)
    if actor.role is not Role.OPERATOR and (
        command.organisation_id != actor.organisation_id or command.role in REGULATORS | {Role.OPERATOR}
    ):
        raise Forbidden("enrol_elsewhere", "You enrol people into your own organisation and its own roles only.")
    return await install(session, command, at=at, chosen_by_another=True)


async def install(session: WriteSession, command: Enrol, *, at: datetime, chosen_by_another: bool = False) -> UUID:
    """The same without an actor: for the first person of a deployment and for demonstration data.

    A first password `chosen_by_another` is good for one sign-in within a week, at which the person chooses his own.
    """
    login = command.login.strip().lower()
    person = await queries.person_by_login(session, login)
    context = (command.name, command.organisation_name)
    broken = [] if person else passwords.weaknesses(command.password, login=login, context=context)
    if not login or " " in login:
        broken.append(
            Broken(
                "login",
                "login_form",
                "A login is one word without spaces.",
                command.login,
                next_step="Use the person's e-mail address or staff number.",
            )
        )
    if person and any(
        membership.organisation_id == command.organisation_id
        for membership in await queries.memberships_in_force(session, person.id)
    ):
        broken.append(
            Broken(
                "login",
                "member_already",
                "This person already works for the organisation.",
                command.login,
                next_step="End the present membership first.",
            )
        )
    refuse(broken)
    if person is None:
        person = Person(
            id=new_id(),
            login=login,
            name=command.name.strip(),
            password_hash=await passwords.hash_password(command.password),
            locale=command.locale,
            created_at=at,
            temporary_until=at + FIRST_HOLDS if chosen_by_another else None,
        )
        session.add(person)
        await session.flush()
    membership = Membership(
        id=new_id(),
        person_id=person.id,
        organisation_id=command.organisation_id,
        role=command.role,
        viewer=viewer_for(command.role, command.organisation_id, command.jurisdiction),
        created_at=at,
    )
    session.add(membership)
    await session.flush()
    return membership.id


async def end_membership(session: WriteSession, actor: Actor, membership_id: UUID, *, at: datetime) -> None:
    """A member leaves: his sessions and tokens for the organisation end at once. Raises NotFound for strangers."""
    demand(actor, Verb.MANAGE_PEOPLE)
    theirs = col(Membership.id) == membership_id, col(Membership.ended_at).is_(None)
    own = () if actor.role is Role.OPERATOR else (col(Membership.organisation_id) == actor.organisation_id,)
    statement = sa.update(Membership).where(*theirs, *own).values(ended_at=at).returning(col(Membership.id))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound("membership_unknown", "There is no such member.")
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.membership_id) == membership_id))
    await session.execute(
        sa.update(ApiToken)
        .where(col(ApiToken.membership_id) == membership_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=at)
    )


async def set_password(
    session: WriteSession,
    actor: Actor,
    membership_id: UUID,
    wanted: str,
    *,
    at: datetime,
    organisation_name: str = "",
) -> None:
    """Give a member who has forgotten it a temporary password; all sessions of the person end.

    It is good for one sign-in within a day, at which the person chooses another; second factors stay as they are, so
    whoever sets the password does not get in with it. Raises NotFound for strangers.

    Somebody who works for other organisations too is refused to an owner: with the password the owner would get all of
    that person's hats. The platform's operator may.
    """
    demand(actor, Verb.MANAGE_PEOPLE)
    membership = await session.get(Membership, membership_id)
    is_operator = actor.role is Role.OPERATOR
    if membership is None or membership.ended_at is not None:
        raise NotFound("membership_unknown", "There is no such member.")
    if not is_operator and membership.organisation_id != actor.organisation_id:
        raise NotFound("membership_unknown", "There is no such member.")
    hats = await queries.memberships_in_force(session, membership.person_id)
    if not is_operator and any(hat.organisation_id != actor.organisation_id for hat in hats):
        raise Forbidden(
            "member_elsewhere_too",
            "This person works for other organisations too. Ask the operator of the platform for a new password.",
        )
    person = await session.get_one(Person, membership.person_id)
    weak = passwords.weaknesses(wanted, login=person.login, context=(person.name, organisation_name))
    refuse(dataclasses.replace(broken, field="wanted") for broken in weak)
    person.password_hash = await passwords.hash_password(wanted)
    person.temporary_until = at + TEMPORARY_HOLDS
    await session.flush()
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.person_id) == person.id))
    await happenings.note(session, person.id, AccountEventKind.PASSWORD_SET, at=at, by=actor.person_name)


async def change_password(
    session: WriteSession,
    actor: Actor,
    *,
    present_fits: bool,
    wanted: str,
    keep_session: bytes,
    at: datetime,
    required: frozenset[Role] = frozenset(),
    organisation_name: str = "",
) -> None:
    """Set a new password; all other sessions of the person end.

    Whether the present one was given is judged, and counted, before the unit of work: factors.present_fits.
    """
    person = await factors.lock_person(session, actor.person_id)
    weak = passwords.weaknesses(wanted, login=person.login, context=(person.name, organisation_name))
    broken = [dataclasses.replace(weakness, field="wanted") for weakness in weak]
    if not present_fits:
        broken.append(
            Broken("present", "password_wrong", "This is not your present password.", next_step="Type it once more.")
        )
    refuse(broken)
    person.password_hash = await passwords.hash_password(wanted)
    person.temporary_until = None
    await session.flush()
    held = await factors.factors_of(session, person.id)
    restriction = opening.restriction_of(actor.role, held, is_temporary=False, required=required)
    mine = col(SignInSession.token_hash) == keep_session
    values = {"restriction": restriction} | ({} if restriction is None else {"proved_at": at})
    await session.execute(sa.update(SignInSession).where(mine).values(**values))
    await happenings.note(session, person.id, AccountEventKind.PASSWORD_CHANGED, at=at)
    others = col(SignInSession.person_id) == actor.person_id, col(SignInSession.token_hash) != keep_session
    await session.execute(sa.delete(SignInSession).where(*others))
