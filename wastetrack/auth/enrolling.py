"""People join the platform and organisations, and leave them."""

import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import factors, happenings, membering, opening, passwords, queries
from wastetrack.auth.model import AccountEventKind, Actor, Role, Scope, viewer_for
from wastetrack.auth.policy import Verb, demand, demand_scope
from wastetrack.auth.tables import Membership, Person, SignInSession
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, refuse
from wastetrack.ids import new_id

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


async def enrol(session: WriteSession, actor: Actor, command: Enrol, *, at: datetime) -> UUID:
    """Make a member with a first password; returns the membership's id. The platform's operator alone may.

    Owners invite instead (inviting.py): whoever knows the password of another could act in his name.
    """
    demand(actor, Verb.MANAGE_PEOPLE)
    if actor.role is not Role.OPERATOR:
        raise Forbidden("enrol_by_invitation", "Invite the person: each chooses the own password.")
    demand_scope(actor, Scope.ADMINISTER)  # a system would otherwise make people whose password it knows
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
    membership = await membering.managed(session, actor, membership_id)
    await membering.end(session, membership, at=at)


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
