"""Bearer tokens of an organisation's own directory: made and revoked by its owner, stored as hashes."""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.joining_tables import ProvisioningToken
from wastetrack.auth.model import Actor
from wastetrack.auth.queries import NOTED_EVERY, hash_of
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.ids import new_id

TOKEN_PREFIX = "wp_"  # noqa: S105  a prefix, so that leaked tokens are found by scanners
LONGEST_DAYS = 366
_LONGEST_NAME = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Provisioner:
    """An organisation's directory that has shown its token."""

    token_id: UUID
    organisation_id: UUID
    made_by: UUID
    stale: bool
    """Whether the last use lies more than a minute back and should be noted."""


async def issue(
    session: WriteSession, actor: Actor, organisation_id: UUID, *, name: str, days: int, at: datetime
) -> str:
    """Make a token and tell it once. Whether the actor may is decided before."""
    broken = []
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        broken.append(
            Broken(
                "name",
                "token_name",
                "A token needs a name of at most {longest} characters.",
                name,
                next_step="Name the program that will use it.",
                facts={"longest": _LONGEST_NAME},
            )
        )
    if not 0 < days <= LONGEST_DAYS:
        broken.append(
            Broken(
                "days",
                "token_days",
                "A token lives for 1 to {longest} days.",
                days,
                next_step="Choose a shorter time and renew the token before it ends.",
                facts={"longest": LONGEST_DAYS},
            )
        )
    refuse(broken)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(
        ProvisioningToken(
            id=new_id(),
            organisation_id=organisation_id,
            name=name.strip(),
            token_hash=hash_of(secret),
            created_by=actor.person_id,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    await session.flush()
    return secret


async def revoke(session: WriteSession, organisation_id: UUID, token_id: UUID, *, at: datetime) -> None:
    """End a token at once; revoked already is fine. NotFound for another organisation's."""
    revoked = sa.func.coalesce(col(ProvisioningToken.revoked_at), at)
    statement = (
        sa.update(ProvisioningToken)
        .where(col(ProvisioningToken.id) == token_id, col(ProvisioningToken.organisation_id) == organisation_id)
        .values(revoked_at=revoked)
        .returning(col(ProvisioningToken.id))
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound("token_unknown", "There is no such token.")


async def tokens_of(session: ReadSession, organisation_id: UUID) -> list[ProvisioningToken]:
    """The tokens that are not revoked, the newest first."""
    statement = (
        sa.select(ProvisioningToken)
        .where(col(ProvisioningToken.organisation_id) == organisation_id, col(ProvisioningToken.revoked_at).is_(None))
        .order_by(col(ProvisioningToken.created_at).desc(), col(ProvisioningToken.id).desc())
    )
    return list((await session.execute(statement)).scalars())


async def authenticate(session: ReadSession, secret: str, *, at: datetime) -> Provisioner | None:
    """Whose directory this is, unless the token expired, was revoked, or is none."""
    statement = sa.select(ProvisioningToken).where(
        col(ProvisioningToken.token_hash) == hash_of(secret),
        col(ProvisioningToken.revoked_at).is_(None),
        col(ProvisioningToken.expires_at) > at,
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return None
    return Provisioner(
        row.id, row.organisation_id, row.created_by, at - (row.last_used_at or row.created_at) >= NOTED_EVERY
    )


async def note_use(session: WriteSession, provisioner: Provisioner, *, at: datetime) -> None:
    """Write down that the token was used."""
    token = col(ProvisioningToken.id) == provisioner.token_id
    await session.execute(sa.update(ProvisioningToken).where(token).values(last_used_at=at))
