"""Reading people, sessions and tokens. `authenticate_*` run on every request: one statement each, on the driver."""

import dataclasses
import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor, Restriction, Role
from wastetrack.auth.tables import ApiToken, Membership, Person, SignInSession
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Forbidden


class Credential(StrEnum):
    """What the caller showed us."""

    SESSION = "session"
    """A sign-in: somebody with a password was there."""
    TOKEN = "token"  # noqa: S105  the name of a kind
    """A personal API token: a program acts for its owner."""


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated caller: the actor, and what only the rim needs to know about the credential."""

    actor: Actor
    credential: Credential
    secret_hash: bytes
    csrf_token: str
    locale: str
    stale: bool
    """Whether the row's last use lies more than a minute back and should be noted."""
    restriction: Restriction | None = None
    """What the session must do before anything else; serving/restrictions.py sees to it."""


NOTED_EVERY = timedelta(minutes=1)

_ACTOR = "p.id as person_id, p.name, p.locale, m.organisation_id, m.id as membership_id, m.role, m.viewer"
_IN_FORCE = "m.ended_at is null and p.disabled_at is null"
# The parts are constants of this module; nothing of a request is ever put into the text.
_BY_SESSION = f"""
select {_ACTOR}, s.csrf_token, s.last_seen_at as used_at, s.restriction
from sign_in_sessions s join memberships m on m.id = s.membership_id join people p on p.id = s.person_id
where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and {_IN_FORCE}
"""  # noqa: S608
_BY_TOKEN = f"""
select {_ACTOR}, '' as csrf_token, coalesce(t.last_used_at, t.created_at) as used_at, null as restriction
from tokens t join memberships m on m.id = t.membership_id join people p on p.id = t.person_id
where t.token_hash = $1 and t.expires_at > $2 and t.revoked_at is null and {_IN_FORCE}
"""  # noqa: S608
_BY_MEMBERSHIP = f"""
select {_ACTOR} from memberships m join people p on p.id = m.person_id where m.id = $1 and {_IN_FORCE}
"""  # noqa: S608
_BY_LOGIN = f"""
select {_ACTOR} from memberships m join people p on p.id = m.person_id
where p.login = $1 and {_IN_FORCE} order by m.created_at, m.id
"""  # noqa: S608
_NOTE_SESSION = "update sign_in_sessions set last_seen_at = $2 where token_hash = $1 and last_seen_at < $2"
_NOTE_TOKEN = "update tokens set last_used_at = $2 where token_hash = $1"  # noqa: S105  a statement, not a secret


def hash_of(secret: str) -> bytes:
    """How a session or API token is stored. The secret is 256 random bits: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


async def authenticate_session(session: ReadSession, secret: str, *, idle: timedelta, at: datetime) -> Identity | None:
    """The caller behind a session token, unless it expired, lay idle, or person or membership have ended."""
    driver = await session.driver()
    hashed = hash_of(secret)
    row = await driver.fetchrow(_BY_SESSION, hashed, at, at - idle)
    return None if row is None else _identity(row, Credential.SESSION, hashed, at)


async def authenticate_token(session: ReadSession, secret: str, *, at: datetime) -> Identity | None:
    """The caller behind a personal API token, unless it expired or was revoked."""
    driver = await session.driver()
    hashed = hash_of(secret)
    row = await driver.fetchrow(_BY_TOKEN, hashed, at)
    return None if row is None else _identity(row, Credential.TOKEN, hashed, at)


def _identity(row: Any, credential: Credential, hashed: bytes, at: datetime) -> Identity:  # noqa: ANN401  a record
    return Identity(
        actor=_actor(row),
        credential=credential,
        secret_hash=hashed,
        csrf_token=row["csrf_token"],
        locale=row["locale"],
        stale=at - row["used_at"] >= NOTED_EVERY,
        restriction=None if row["restriction"] is None else Restriction(row["restriction"]),
    )


async def actor_of_membership(session: ReadSession, membership_id: UUID) -> Actor:
    """Who acts in a membership in force; for somebody who signs on another's device. Raises Forbidden."""
    row = await (await session.driver()).fetchrow(_BY_MEMBERSHIP, membership_id)
    if row is None:
        raise Forbidden("membership_ended", "This person does not work for the organisation any more.")
    return _actor(row)


async def actors_of_login(session: ReadSession, login: str) -> list[Actor]:
    """For whom a person of this login may act, the oldest membership first."""
    return [_actor(row) for row in await (await session.driver()).fetch(_BY_LOGIN, login.strip().lower())]


def _actor(row: Any) -> Actor:  # noqa: ANN401  a record
    return Actor(
        person_id=row["person_id"],
        person_name=row["name"],
        organisation_id=row["organisation_id"],
        membership_id=row["membership_id"],
        role=Role(row["role"]),
        viewer=row["viewer"],
    )


async def note_use(session: WriteSession, identity: Identity, *, at: datetime) -> None:
    """Write down that the credential was used; called at most once a minute for each."""
    driver = await session.driver()
    statement = _NOTE_SESSION if identity.credential is Credential.SESSION else _NOTE_TOKEN
    await driver.execute(statement, identity.secret_hash, at)


async def person_by_login(session: ReadSession, login: str) -> Person | None:
    """Somebody who may sign in, by his login in any case of letters."""
    statement = sa.select(Person).where(col(Person.login) == login.lower(), col(Person.disabled_at).is_(None))
    return (await session.execute(statement)).scalar_one_or_none()


async def memberships_in_force(session: ReadSession, person_id: UUID) -> list[Membership]:
    """A person's memberships, the oldest first: that one a sign-in opens."""
    statement = (
        sa.select(Membership)
        .where(col(Membership.person_id) == person_id, col(Membership.ended_at).is_(None))
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    return list((await session.execute(statement)).scalars())


async def members_of(session: ReadSession, organisation_id: UUID) -> list[tuple[Person, Membership]]:
    """The people of an organisation, by name; for whoever may manage them."""
    statement = (
        sa.select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.organisation_id) == organisation_id, col(Membership.ended_at).is_(None))
        .order_by(col(Person.name), col(Person.id))
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def tokens_of(session: ReadSession, actor: Actor) -> list[ApiToken]:
    """The actor's own API tokens that are not revoked, the newest first."""
    statement = (
        sa.select(ApiToken)
        .where(col(ApiToken.membership_id) == actor.membership_id, col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id).desc())
    )
    return list((await session.execute(statement)).scalars())


async def sessions_of(session: ReadSession, actor: Actor) -> list[SignInSession]:
    """Where the actor is signed in, the latest first."""
    statement = (
        sa.select(SignInSession)
        .where(col(SignInSession.person_id) == actor.person_id)
        .order_by(col(SignInSession.last_seen_at).desc())
    )
    return list((await session.execute(statement)).scalars())
