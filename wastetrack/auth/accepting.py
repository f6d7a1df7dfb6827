"""An invited person joins: with a password of her own, with the account that she has, or by her provider's word."""

import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import happenings, inviting, passwords, queries
from wastetrack.auth.joining_tables import InvitationRow
from wastetrack.auth.model import AccountEventKind, Actor
from wastetrack.auth.tables import Membership, Person, SignInSession
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict, refuse, refuse_one
from wastetrack.ids import new_id


async def has_account(session: ReadSession, row: InvitationRow) -> bool:
    """Whether the invited contact signs in already and joins with that account. Told to the link's holder only."""
    return row.membership_id is None and await queries.person_by_login(session, row.contact) is not None


async def accept_with_password(session: WriteSession, secret: str, password: str, *, at: datetime) -> str:
    """Join with a new account, or choose a new password; gives the login to sign in with."""
    row = await inviting.by_secret(session, secret, at=at, lock=True)
    if row.membership_id is not None:
        return await _renew_password(session, row, password, at=at)
    if await has_account(session, row):
        refuse_one(
            "password",
            "account_exists",
            "{value} has an account on this platform already.",
            value=row.contact,
            next_step="Sign in with it, then open the link of the invitation once more.",
        )
    refuse(passwords.weaknesses(password, login=row.contact))
    person = await new_person(session, login=row.contact, name=row.name, password=password, locale=row.locale, at=at)
    await join(session, row, person.id, at=at)
    return person.login


async def accept_as_member(session: WriteSession, actor: Actor, secret: str, *, at: datetime) -> UUID:
    """Add the membership to the account that has signed in; gives the membership."""
    row = await inviting.by_secret(session, secret, at=at, lock=True)
    if row.membership_id is not None:
        refuse_one(
            "token",
            "password_link",
            "This link is for choosing a new password, not for joining.",
            next_step="Sign out and open it again.",
        )
    return await join(session, row, actor.person_id, at=at)


async def join(session: WriteSession, row: InvitationRow, person_id: UUID, *, at: datetime) -> UUID:
    """Make the membership that a locked invitation offers; it is used up."""
    hats = await queries.memberships_in_force(session, person_id)
    if any(hat.organisation_id == row.organisation_id for hat in hats):
        refuse_one(
            "token",
            "member_already",
            "This person already works for the organisation.",
            next_step="End the present membership first.",
        )
    await end_lapsed(session, row.organisation_id, person_id, at=at)
    membership = Membership(
        id=new_id(),
        person_id=person_id,
        organisation_id=row.organisation_id,
        role=row.role,
        viewer=row.viewer,
        created_at=at,
    )
    session.add(membership)
    row.accepted_at, row.accepted_by = at, person_id
    await session.flush()
    return membership.id


async def new_person(
    session: WriteSession, *, login: str, name: str, password: str | None, locale: str, at: datetime
) -> Person:
    """Somebody new. Without a password of her own she signs in through a provider only: the stored hash is of a secret
    that nobody knows, so that a refusal takes as long as any other."""
    chosen = password if password is not None else secrets.token_urlsafe(32)
    person = Person(
        id=new_id(),
        login=login,
        name=name,
        password_hash=await passwords.hash_password(chosen),
        locale=locale,
        created_at=at,
    )
    session.add(person)
    await session.flush()
    return person


async def _renew_password(session: WriteSession, row: InvitationRow, password: str, *, at: datetime) -> str:
    membership = await session.get_one(Membership, row.membership_id)
    person = await session.get_one(Person, membership.person_id)
    if membership.ended_at is not None or person.disabled_at is not None:
        raise Conflict("membership_over", "This membership has ended meanwhile.")
    refuse(passwords.weaknesses(password, login=person.login))
    person.password_hash = await passwords.hash_password(password)
    person.temporary_until = None
    row.accepted_at, row.accepted_by = at, person.id
    await session.flush()
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.person_id) == person.id))
    asked = await session.get_one(Person, row.invited_by)
    await happenings.note(session, person.id, AccountEventKind.PASSWORD_SET, at=at, by=asked.name)
    return person.login


async def end_lapsed(session: WriteSession, organisation_id: UUID, person_id: UUID, *, at: datetime) -> None:
    """A delegation whose time is over still stands in its row; it makes room."""
    theirs = col(Membership.organisation_id) == organisation_id, col(Membership.person_id) == person_id
    await session.execute(
        sa.update(Membership)
        .where(*theirs, col(Membership.ended_at).is_(None), col(Membership.valid_until) <= at)
        .values(ended_at=at)
    )
