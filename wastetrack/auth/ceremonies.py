"""Challenges of passkeys: given to one browser or session, good for a few minutes and for one answer."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NoReturn

from wastetrack.auth.factor_tables import Ceremony
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse_one

LASTS = timedelta(minutes=5)
_CHALLENGE_BYTES = 32

_GIVE = f"""
insert into {Ceremony.__tablename__} (bound_to, kind, challenge, expires_at) values ($1, $2, $3, $4)
on conflict (bound_to, kind) do update set challenge = excluded.challenge, expires_at = excluded.expires_at
"""  # noqa: S608  the name of our own table
_TAKE = "delete from ceremonies where bound_to = $1 and kind = $2 returning challenge, expires_at"
_SWEEP = "delete from ceremonies where expires_at <= $1"


class CeremonyKind(StrEnum):
    """What a challenge is for; one for another purpose is not accepted."""

    REGISTRATION = "registration"
    """A new passkey of somebody signed in."""
    SIGN_IN = "sign_in"
    """Signing in, with the passkey alone or after the password."""
    PROOF = "proof"
    """Giving one's factor again inside a session."""


def bound_to(secret: str) -> bytes:
    """What a challenge is bound to: the hash of a secret that only this browser or session holds."""
    return hashlib.sha256(f"ceremony\0{secret}".encode()).digest()


async def give(session: WriteSession, kind: CeremonyKind, bound: bytes, *, at: datetime) -> bytes:
    """A fresh challenge; one given before for the same purpose no longer holds."""
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    driver = await session.driver()
    await driver.execute(_GIVE, bound, kind, challenge, at + LASTS)
    return challenge


async def take(session: WriteSession, kind: CeremonyKind, bound: bytes, *, at: datetime) -> bytes | None:
    """The challenge given, taken away; None if there is none in time. Commit it, whatever becomes of the answer."""
    driver = await session.driver()
    row = await driver.fetchrow(_TAKE, bound, kind)
    if row is None or row["expires_at"] <= at:
        return None
    challenge: bytes = row["challenge"]
    return challenge


def refuse_late() -> NoReturn:
    """Raise RuleBroken: there is no challenge that this could answer."""
    refuse_one(
        "factor",
        "ceremony_over",
        "This took too long, or the page was used twice.",
        next_step="Open the page again and use the passkey once more.",
    )


async def sweep(session: WriteSession, *, at: datetime) -> None:
    """Forget challenges that nobody answered; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_SWEEP, at)
