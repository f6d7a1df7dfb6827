"""Personal API tokens: made, shown once, revoked. A token can do what its owner can, for one organisation."""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.queries import hash_of
from wastetrack.auth.tables import ApiToken
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.ids import new_id

TOKEN_PREFIX = "wt_"  # noqa: S105  a prefix, so that leaked tokens are found by scanners
LONGEST_DAYS = 366
_LONGEST_NAME = 100


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """A token by the name of what will use it."""

    name: str
    days: int


@dataclasses.dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token just made. The secret is told once; we keep its hash."""

    id: UUID
    name: str
    secret: str = dataclasses.field(repr=False)
    expires_at: datetime


async def issue_token(session: WriteSession, actor: Actor, command: IssueToken, *, at: datetime) -> IssuedToken:
    """Make a token for the actor's present membership."""
    demand(actor, Verb.ISSUE_TOKENS)
    name = command.name.strip()
    broken = []
    if not 0 < len(name) <= _LONGEST_NAME:
        broken.append(
            Broken(
                "name",
                "token_name",
                "A token needs a name of at most {longest} characters.",
                command.name,
                next_step="Name the program that will use it.",
                facts={"longest": _LONGEST_NAME},
            )
        )
    if not 0 < command.days <= LONGEST_DAYS:
        broken.append(
            Broken(
                "days",
                "token_days",
                "A token lives for 1 to {longest} days.",
                command.days,
                next_step="Choose a shorter time and renew the token before it ends.",
                facts={"longest": LONGEST_DAYS},
            )
        )
    refuse(broken)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=new_id(),
        person_id=actor.person_id,
        membership_id=actor.membership_id,
        name=name,
        token_hash=hash_of(secret),
        created_at=at,
        expires_at=at + timedelta(days=command.days),
    )
    session.add(row)
    await session.flush()
    return IssuedToken(row.id, row.name, secret, row.expires_at)


async def revoke_token(session: WriteSession, actor: Actor, token_id: UUID, *, at: datetime) -> None:
    """End one of the actor's own tokens; revoked already is fine. Raises NotFound for any other."""
    mine = (col(ApiToken.id) == token_id, col(ApiToken.person_id) == actor.person_id)
    revoked = sa.func.coalesce(col(ApiToken.revoked_at), at)
    statement = sa.update(ApiToken).where(*mine).values(revoked_at=revoked).returning(col(ApiToken.id))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound("token_unknown", "There is no such token.")
