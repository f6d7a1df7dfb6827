"""Access tokens for systems: client credentials in, a token out (RFC 6749 §4.4); revoking (7009) and asking (7662).

Like signing in, authentication takes an engine: the attempt is counted and committed first, then no connection is held
while a signature is checked. A refusal is one and the same whatever was wrong; the log says what it was.
"""

import dataclasses
import hmac
import json
import logging
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from wastetrack.auth import assertions, throttling
from wastetrack.auth.assertions import AssertionWrong, Spent
from wastetrack.auth.clients import ACCESS_PREFIX
from wastetrack.auth.machine_tables import AccessToken
from wastetrack.auth.model import AuthMethod, Scope
from wastetrack.auth.queries import hash_of
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.errors import Malformed, Unauthenticated
from wastetrack.ids import new_id

log = logging.getLogger(__name__)

LASTS = timedelta(hours=1)
TOKEN_PATH = "/api/v1/oauth/token"  # noqa: S105  an address; it is an audience of assertions
_FIND = """
select c.id, c.auth_method, c.jwks::text as jwks, c.scopes, s.id as secret_id, s.secret_hash
from clients c join memberships m on m.id = c.membership_id join people p on p.id = m.person_id
    left join client_secrets s on s.client_id = c.id and s.expires_at > $2 and s.revoked_at is null
where c.id = $1 and c.ended_at is null and m.ended_at is null and p.disabled_at is null
"""
_SPEND = """
insert into client_assertions (client_id, jti_hash, expires_at) values ($1, $2, $3)
on conflict do nothing returning true
"""
_NOTE_SECRET = "update client_secrets set last_used_at = $2 where id = $1"  # noqa: S105  a statement, not a secret
_SWEEP = ("delete from client_assertions where expires_at <= $1", "delete from access_tokens where expires_at <= $1")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a client showed: a secret or an assertion. `address` is the caller's, for the throttle."""

    client_id: str
    secret: str | None = dataclasses.field(default=None, repr=False)
    assertion: str | None = dataclasses.field(default=None, repr=False)
    audiences: tuple[str, ...]
    """For whom an assertion may be meant: the token endpoint, or the issuer."""
    address: str


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """A client that has shown who it is."""

    id: UUID
    scopes: tuple[Scope, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Granted:
    """A token just made. It is told once; we keep its hash."""

    token: str = dataclasses.field(repr=False)
    scopes: tuple[Scope, ...]
    expires_in: int
    """Seconds."""


@dataclasses.dataclass(frozen=True, slots=True)
class TokenState:
    """What is said of a token in force to the client it belongs to."""

    client_id: UUID
    scopes: tuple[Scope, ...]
    issued_at: datetime
    expires_at: datetime


async def authenticate(engine: AsyncEngine, shown: Shown, *, at: datetime) -> Known:
    """Who the client is. Raises Throttled, or Unauthenticated which never says what exactly was wrong."""
    client_id = _uuid(shown.client_id)
    name = f"client:{shown.client_id[:100]}"
    async with writing(engine) as session:
        refusal = await throttling.count_attempt(session, name, shown.address, at=at)
        driver = await session.driver()
        rows = [] if refusal else await driver.fetch(_FIND, client_id, at)
    if refusal is not None:
        raise refusal
    secret_id, spent = _check(shown, client_id, rows, at=at)
    async with writing(engine) as session:
        if spent is not None:
            await _spend(session, client_id, spent)
        driver = await session.driver()
        if secret_id is not None:
            await driver.execute(_NOTE_SECRET, secret_id, at)
        await throttling.forgive(session, name, shown.address)
    return Known(client_id, tuple(scope for scope in Scope if scope in rows[0]["scopes"]))


def _check(shown: Shown, client_id: UUID, rows: Collection[Any], *, at: datetime) -> tuple[UUID | None, Spent | None]:
    """The id of the secret that fits, or the assertion to be spent. The same work is done for an unknown client."""
    client = next(iter(rows), None)
    if shown.assertion is not None:
        signs = client is not None and client["auth_method"] == AuthMethod.PRIVATE_KEY_JWT
        jwks: Mapping[str, Any] = json.loads(client["jwks"]) if client is not None and signs else assertions.DUMMY_KEYS
        try:
            spent = assertions.verify(shown.assertion, jwks, client_id=client_id, audiences=shown.audiences, at=at)
        except AssertionWrong as wrong:
            log.info("assertion refused: %s", wrong, extra={"client_id": str(client_id)})
            raise _refused() from wrong
        if signs:
            return None, spent
    offered = hash_of(shown.secret or "")
    fitting = [row["secret_id"] for row in rows if hmac.compare_digest(row["secret_hash"] or bytes(32), offered)]
    if not fitting or shown.secret is None or shown.assertion is not None:
        raise _refused()
    return fitting[0], None


async def _spend(session: WriteSession, client_id: UUID, spent: Spent) -> None:
    driver = await session.driver()
    if not await driver.fetchval(_SPEND, client_id, spent.jti_hash, spent.expires_at):
        log.info("assertion refused: jti used before", extra={"client_id": str(client_id)})
        raise _refused()


async def grant(session: WriteSession, client: Known, wanted: str | None, *, at: datetime) -> Granted:
    """A token for the scopes asked for, or for all that the client has. Raises Malformed for others."""
    scopes = client.scopes
    if wanted:
        asked = frozenset(wanted.split(" "))
        if not asked <= set(client.scopes):
            raise Malformed("invalid_scope", "This client may have only: {scopes}.", scopes=" ".join(scopes))
        scopes = tuple(scope for scope in scopes if scope in asked)
    token = ACCESS_PREFIX + secrets.token_urlsafe(32)
    session.add(
        AccessToken(
            token_hash=hash_of(token),
            client_id=client.id,
            scopes=[scope.value for scope in scopes],
            created_at=at,
            expires_at=at + LASTS,
        )
    )
    await session.flush()
    return Granted(token, scopes, int(LASTS.total_seconds()))


async def revoke(session: WriteSession, client: Known, token: str, *, at: datetime) -> None:
    """End one of the client's own tokens; any other, or none, is fine and stays as it is (RFC 7009 §2.2)."""
    await session.execute(
        sa.update(AccessToken)
        .where(
            col(AccessToken.token_hash) == hash_of(token),
            col(AccessToken.client_id) == client.id,
            col(AccessToken.revoked_at).is_(None),
        )
        .values(revoked_at=at)
    )


async def introspect(session: ReadSession, client: Known, token: str, *, at: datetime) -> TokenState | None:
    """What one of the client's own tokens is worth; None for any that is not his or holds no more (RFC 7662 §2.2)."""
    statement = sa.select(AccessToken).where(
        col(AccessToken.token_hash) == hash_of(token),
        col(AccessToken.client_id) == client.id,
        col(AccessToken.expires_at) > at,
        col(AccessToken.revoked_at).is_(None),
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return None
    return TokenState(client.id, tuple(scope for scope in Scope if scope in row.scopes), row.created_at, row.expires_at)


async def sweep(session: WriteSession, *, at: datetime) -> None:
    """Drop tokens and spent assertions that have expired; for the nightly job."""
    driver = await session.driver()
    for statement in _SWEEP:
        await driver.execute(statement, at)


def _refused() -> Unauthenticated:
    return Unauthenticated("invalid_client", "The client could not be authenticated.")


def _uuid(text: str) -> UUID:
    """What is not even an id is the id of nobody, and asked for like any other."""
    try:
        return UUID(text)
    except ValueError:
        return new_id()
