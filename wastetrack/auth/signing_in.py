"""Signing in, changing hats and signing out.

`sign_in` is the one use case that takes an engine instead of a session: the attempt is counted and committed first,
then no connection is held while the password is hashed, then the session is opened. A second factor will stand
between the password and `_open`: a pending sign-in that becomes a session only with the factor.
"""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from wastetrack.auth import passwords, queries, throttling
from wastetrack.auth.model import Actor
from wastetrack.auth.tables import Membership, Person, SignInSession
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import NotFound, Unauthenticated

SESSION_PREFIX = "ws_"
_LONGEST_AGENT = 300


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is needed to sign in. `address` and `user_agent` are the caller's, for the throttle and the list."""

    login: str
    password: str = dataclasses.field(repr=False)
    address: str
    user_agent: str = ""
    replaces: str | None = dataclasses.field(default=None, repr=False)
    """The session token that the same browser still holds; it ends here."""


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened. The token is told once; we keep its hash."""

    token: str = dataclasses.field(repr=False)
    csrf_token: str = dataclasses.field(repr=False)
    expires_at: datetime
    locale: str
    person_name: str


async def sign_in(engine: AsyncEngine, command: SignIn, *, lasts: timedelta, at: datetime) -> SignedIn:
    """Open a session. Raises Throttled, or Unauthenticated which never says what exactly was wrong."""
    login = command.login.strip().lower()
    async with writing(engine) as session:
        refusal = await throttling.count_attempt(session, login, command.address, at=at)
        person = None if refusal else await queries.person_by_login(session, login)
        memberships = [] if person is None else await queries.memberships_in_force(session, person.id)
    if refusal is not None:
        raise refusal
    verdict = await passwords.verify(None if person is None else person.password_hash, command.password)
    if person is None or not memberships or not verdict.fits:
        raise Unauthenticated("sign_in_refused", "Login and password do not fit together.")
    async with writing(engine) as session:
        await throttling.forgive(session, login, command.address)
        if verdict.new_hash is not None:
            renewed = sa.update(Person).where(col(Person.id) == person.id).values(password_hash=verdict.new_hash)
            await session.execute(renewed)
        if command.replaces is not None:
            await sign_out(session, queries.hash_of(command.replaces))
        return await _open(session, person, memberships[0], command.user_agent, expires_at=at + lasts, at=at)


async def _open(
    session: WriteSession,
    person: Person,
    membership: Membership,
    user_agent: str,
    *,
    expires_at: datetime,
    at: datetime,
) -> SignedIn:
    token = SESSION_PREFIX + secrets.token_urlsafe(32)
    csrf_token = secrets.token_urlsafe(32)
    row = SignInSession(
        token_hash=queries.hash_of(token),
        person_id=person.id,
        membership_id=membership.id,
        csrf_token=csrf_token,
        created_at=at,
        last_seen_at=at,
        expires_at=expires_at,
        user_agent=user_agent[:_LONGEST_AGENT],
    )
    session.add(row)
    await session.flush()
    return SignedIn(token, csrf_token, row.expires_at, person.locale, person.name)


async def change_membership(
    session: WriteSession, actor: Actor, secret_hash: bytes, membership_id: UUID, *, at: datetime
) -> SignedIn:
    """Act for another of one's organisations from now on: a new session in place of the old, ending when it would.

    Raises NotFound where the membership is not the actor's own.
    """
    old = await session.get_one(SignInSession, secret_hash, with_for_update=True)
    mine = await queries.memberships_in_force(session, actor.person_id)
    chosen = next((membership for membership in mine if membership.id == membership_id), None)
    if chosen is None:
        raise NotFound("membership_unknown", "You do not work for this organisation.")
    person = await session.get_one(Person, actor.person_id)
    opened = await _open(session, person, chosen, old.user_agent, expires_at=old.expires_at, at=at)
    await sign_out(session, secret_hash)
    return opened


async def sign_out(session: WriteSession, secret_hash: bytes) -> None:
    """End a session; it being over already is fine."""
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.token_hash) == secret_hash))


async def sign_out_everywhere(session: WriteSession, actor: Actor) -> None:
    """End all sessions of the actor, this one too: for a lost phone."""
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.person_id) == actor.person_id))


async def forget_ended(session: WriteSession, *, idle: timedelta, at: datetime) -> None:
    """Drop sessions that expired or lay idle for so long; for the nightly job."""
    ended = (col(SignInSession.expires_at) <= at) | (col(SignInSession.last_seen_at) <= at - idle)
    await session.execute(sa.delete(SignInSession).where(ended))
