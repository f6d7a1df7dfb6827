"""Reading people, sessions and tokens. `authenticate_*` run on every request: one statement each, on the driver."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack import clock
from wastetrack.auth.model import Actor, PersonKind, Restriction, Role
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.tables import ApiToken, Membership, Person, SignInSession
from wastetrack.db.session import ReadSession, Sight, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import Forbidden


class Credential(StrEnum):
    """What the caller showed us."""

    SESSION = "session"
    """A sign-in: somebody with a password was there."""
    TOKEN = "token"  # noqa: S105  the name of a kind
    """A personal API token: a program acts for its owner."""
    CLIENT = "client"
    """An access token of a system (clients.py)."""


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


MEMBER_ORDERS: Final[Mapping[str, Any]] = {
    "name": col(Person.name),
    "login": col(Person.login),
    "role": col(Membership.role),
    "since": col(Membership.created_at),
}
_MANY = Window(limit=10_000)
NOTED_EVERY = timedelta(minutes=1)

ACTOR_COLUMNS = (
    "p.id as person_id, p.name, p.locale, m.organisation_id, m.id as membership_id, m.role, m.viewer, "
    "m.delegate_of_organisation_id"
)
IN_FORCE = "m.ended_at is null and p.disabled_at is null and (m.valid_until is null or m.valid_until > $2)"
# Row-level security is told in the statement that finds the actor: no round trip more, and no handler can forget it.
LOOK = """set_config('wastetrack.viewer', m.viewer, true),
  set_config('wastetrack.organisation', m.organisation_id::text, true),
  set_config('wastetrack.person', p.id::text, true)"""
# The parts are constants of this module; nothing of a request is ever put into the text.
_BY_SESSION = f"""
select {ACTOR_COLUMNS}, s.csrf_token, s.last_seen_at as used_at, s.restriction, {LOOK}
from sign_in_sessions s join memberships m on m.id = s.membership_id join people p on p.id = s.person_id
where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and {IN_FORCE}
"""  # noqa: S608
_BY_TOKEN = f"""
select {ACTOR_COLUMNS}, '' as csrf_token, coalesce(t.last_used_at, t.created_at) as used_at, t.scopes, {LOOK}
from tokens t join memberships m on m.id = t.membership_id join people p on p.id = t.person_id
where t.token_hash = $1 and t.expires_at > $2 and t.revoked_at is null and {IN_FORCE}
"""  # noqa: S608
_BY_MEMBERSHIP = f"""
select {ACTOR_COLUMNS} from memberships m join people p on p.id = m.person_id where m.id = $1 and {IN_FORCE}
"""  # noqa: S608
_BY_LOGIN = f"""
select {ACTOR_COLUMNS} from memberships m join people p on p.id = m.person_id
where p.login = $1 and p.kind = 'human' and {IN_FORCE} order by m.created_at, m.id
"""  # noqa: S608
_NOTE_SESSION = "update sign_in_sessions set last_seen_at = $2 where token_hash = $1 and last_seen_at < $2"
_NOTE_TOKEN = "update tokens set last_used_at = $2 where token_hash = $1"  # noqa: S105  a statement, not a secret
_NOTE_CLIENT = """
update clients set last_used_at = $2 where id = (select client_id from access_tokens where token_hash = $1)
"""
_NOTE = {Credential.SESSION: _NOTE_SESSION, Credential.TOKEN: _NOTE_TOKEN, Credential.CLIENT: _NOTE_CLIENT}


def hash_of(secret: str) -> bytes:
    """How a session or API token is stored. The secret is 256 random bits: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


async def authenticate_session(session: ReadSession, secret: str, *, idle: timedelta, at: datetime) -> Identity | None:
    """The caller behind a session token, unless it expired, lay idle, or person or membership have ended."""
    driver = await session.driver()
    hashed = hash_of(secret)
    row = await driver.fetchrow(_BY_SESSION, hashed, at, at - idle)
    return None if row is None else identity_of_row(session, row, Credential.SESSION, hashed, at)


async def authenticate_token(session: ReadSession, secret: str, *, at: datetime) -> Identity | None:
    """The caller behind a personal API token, unless it expired or was revoked."""
    driver = await session.driver()
    hashed = hash_of(secret)
    row = await driver.fetchrow(_BY_TOKEN, hashed, at)
    return None if row is None else identity_of_row(session, row, Credential.TOKEN, hashed, at)


def identity_of_row(
    session: ReadSession,
    row: Any,  # noqa: ANN401  a record
    credential: Credential,
    hashed: bytes,
    at: datetime,
) -> Identity:
    """The caller behind a row of ACTOR_COLUMNS, LOOK and what its kind of credential adds."""
    actor = _actor(row)
    session.sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)
    restriction = row.get("restriction")
    return Identity(
        actor=actor,
        credential=credential,
        secret_hash=hashed,
        csrf_token=row["csrf_token"],
        locale=row["locale"],
        stale=at - row["used_at"] >= NOTED_EVERY,
        restriction=None if restriction is None else Restriction(restriction),
    )


async def actor_of_membership(session: ReadSession, membership_id: UUID, *, at: datetime) -> Actor:
    """Who acts in a membership in force; for somebody who signs on another's device. Raises Forbidden."""
    row = await (await session.driver()).fetchrow(_BY_MEMBERSHIP, membership_id, at)
    if row is None:
        raise Forbidden("membership_ended", "This person does not work for the organisation any more.")
    return _actor(row)


async def actors_of_login(session: ReadSession, login: str, *, at: datetime) -> list[Actor]:
    """For whom a person of this login may act, the oldest membership first."""
    return [_actor(row) for row in await (await session.driver()).fetch(_BY_LOGIN, login.strip().lower(), at)]


def _actor(row: Any) -> Actor:  # noqa: ANN401  a record
    scopes = row.get("scopes")
    return Actor(
        person_id=row["person_id"],
        person_name=row["name"],
        organisation_id=row["organisation_id"],
        membership_id=row["membership_id"],
        role=Role(row["role"]),
        viewer=row["viewer"],
        scopes=None if scopes is None else frozenset(scopes),
        delegate_of=row["delegate_of_organisation_id"],
    )


async def note_use(session: WriteSession, identity: Identity, *, at: datetime) -> None:
    """Write down that the credential was used; called at most once a minute for each."""
    driver = await session.driver()
    await driver.execute(_NOTE[identity.credential], identity.secret_hash, at)


async def person_by_login(session: ReadSession, login: str) -> Person | None:
    """Somebody who may sign in, by his login in any case of letters."""
    statement = sa.select(Person).where(
        col(Person.login) == login.lower(), col(Person.kind) == PersonKind.HUMAN, col(Person.disabled_at).is_(None)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def memberships_in_force(session: ReadSession, person_id: UUID) -> list[Membership]:
    """A person's memberships, the oldest first: that one a sign-in opens. A delegate's time may be over."""
    in_time = col(Membership.valid_until).is_(None) | (col(Membership.valid_until) > clock.now())
    statement = (
        sa.select(Membership)
        .where(col(Membership.person_id) == person_id, col(Membership.ended_at).is_(None), in_time)
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    return list((await session.execute(statement)).scalars())


async def members_of(
    session: ReadSession, organisation_id: UUID, window: Window = _MANY, *, role: Role | None = None, name: str = ""
) -> list[tuple[Person, Membership]]:
    """The people of an organisation in an order of MEMBER_ORDERS or by name, its systems and those who act for it from
    outside not among them; for whoever may manage them."""
    statement = (
        sa.select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.organisation_id) == organisation_id,
            col(Membership.ended_at).is_(None),
            col(Person.kind) == PersonKind.HUMAN,
            col(Membership.delegate_of_organisation_id).is_(None),
        )
    )
    if role is not None:
        statement = statement.where(col(Membership.role) == role.value)
    if name:
        named = col(Person.name).icontains(name, autoescape=True)
        statement = statement.where(named | col(Person.login).icontains(name, autoescape=True))
    statement = window.over(statement, MEMBER_ORDERS, col(Person.name), col(Person.id))
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def tokens_of(session: ReadSession, actor: Actor) -> list[ApiToken]:
    """The actor's own API tokens that are not revoked, the newest first."""
    statement = (
        sa.select(ApiToken)
        .where(col(ApiToken.membership_id) == actor.membership_id, col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id).desc())
    )
    return list((await session.execute(statement)).scalars())


async def members_tokens(session: ReadSession, actor: Actor) -> list[tuple[ApiToken, str]]:
    """The tokens of all members of the actor's organisation that are not revoked, each with its owner's name."""
    demand(actor, Verb.MANAGE_SYSTEMS)
    statement = (
        sa.select(ApiToken, col(Person.name))
        .join(Membership, col(Membership.id) == col(ApiToken.membership_id))
        .join(Person, col(Person.id) == col(ApiToken.person_id))
        .where(col(Membership.organisation_id) == actor.organisation_id, col(ApiToken.revoked_at).is_(None))
        .order_by(col(Person.name), col(ApiToken.created_at).desc(), col(ApiToken.id))
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def sessions_of(session: ReadSession, actor: Actor) -> list[SignInSession]:
    """Where the actor is signed in, the latest first."""
    statement = (
        sa.select(SignInSession)
        .where(col(SignInSession.person_id) == actor.person_id)
        .order_by(col(SignInSession.last_seen_at).desc())
    )
    return list((await session.execute(statement)).scalars())


async def names_of(session: ReadSession, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of people who stand on a paper; who may see the paper is the caller's rule."""
    statement = sa.select(col(Person.id), col(Person.name)).where(col(Person.id).in_(tuple(person_ids)))
    return {row[0]: row[1] for row in await session.execute(statement)}
