"""Personal API tokens: made, shown once, revoked. A token can do what its owner can, for one organisation, or less."""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor, Scope
from wastetrack.auth.policy import Verb, demand, demand_scope, may
from wastetrack.auth.queries import hash_of
from wastetrack.auth.tables import ApiToken, Membership
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
    scopes: tuple[str, ...] | None = None
    """What it is narrowed to; None for all that its owner may do."""


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
    if command.scopes is not None and not 0 < len(set(command.scopes) & set(Scope)) == len(command.scopes):
        broken.append(
            Broken(
                "scopes",
                "token_scopes",
                "A narrowed token has at least one of these scopes, each once: {scopes}.",
                " ".join(command.scopes),
                next_step="Choose what the program does, or leave the scopes out.",
                facts={"scopes": ", ".join(Scope)},
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
        scopes=None if command.scopes is None else list(command.scopes),
    )
    session.add(row)
    await session.flush()
    return IssuedToken(row.id, row.name, secret, row.expires_at)


async def revoke_token(session: WriteSession, actor: Actor, token_id: UUID, *, at: datetime) -> None:
    """End one of the actor's own tokens, or any member's for whoever manages the systems; revoked already is fine.

    Raises NotFound for any other.
    """
    demand_scope(actor, Scope.ADMINISTER)
    his = col(ApiToken.person_id) == actor.person_id
    if may(actor, Verb.MANAGE_SYSTEMS):
        members = sa.select(col(Membership.id)).where(col(Membership.organisation_id) == actor.organisation_id)
        his |= col(ApiToken.membership_id).in_(members)
    mine = (col(ApiToken.id) == token_id, his)
    revoked = sa.func.coalesce(col(ApiToken.revoked_at), at)
    statement = sa.update(ApiToken).where(*mine).values(revoked_at=revoked).returning(col(ApiToken.id))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound("token_unknown", "There is no such token.")
