"""Codes of authenticator apps: RFC 6238 with SHA-1, six digits and steps of thirty seconds, as every app speaks it.

A code is accepted in its own step and in those beside it, for clocks that are a little off, and it works once: the
step of the last accepted code is stored, and only later steps count.
"""

import dataclasses
import hmac
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import sealing
from wastetrack.auth.factor_tables import TotpSecret
from wastetrack.auth.relying import NAME, RelyingParty
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id

STEP_SECONDS = 30
DIGITS = 6
_BESIDE = (0, -1, 1)
_USE = """
update totp_secrets set last_used_step = $2 where id = $1 and last_used_step < $2 returning true
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A secret for a person's app, before a code of it has shown that the app has it."""

    secret: str = dataclasses.field(repr=False)
    """Base32, as apps take it by hand."""
    address: str = dataclasses.field(repr=False)
    """`otpauth://…`, what the QR code says."""


def step_of(at: datetime) -> int:
    """The number of the step in which an instant lies."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """The step whose code this is, if it is one of now; the present one first."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    now = step_of(at)
    fitting = [now + beside for beside in _BESIDE if hmac.compare_digest(generator.generate_otp(now + beside), typed)]
    return fitting[0] if fitting else None


def address_of(secret: str, login: str) -> str:
    """What an app reads from the QR code."""
    label = quote(f"{NAME}:{login}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={NAME}&digits={DIGITS}&period={STEP_SECONDS}"


def open_secret(row: TotpSecret, party: RelyingParty) -> str:
    """The secret of a row, in base32."""
    return sealing.unseal(party.key, row.sealed, row=str(row.id)).decode()


async def in_force(session: ReadSession, person_id: UUID) -> TotpSecret | None:
    """The person's enrolled app."""
    mine = col(TotpSecret.person_id) == person_id, col(TotpSecret.confirmed_at).is_not(None)
    return (await session.execute(sa.select(TotpSecret).where(*mine))).scalar_one_or_none()


async def offered(session: ReadSession, person_id: UUID) -> TotpSecret | None:
    """What the person is enrolling just now."""
    mine = col(TotpSecret.person_id) == person_id, col(TotpSecret.confirmed_at).is_(None)
    return (await session.execute(sa.select(TotpSecret).where(*mine))).scalar_one_or_none()


async def offer(session: WriteSession, person_id: UUID, login: str, *, party: RelyingParty, at: datetime) -> Offer:
    """A fresh secret to enrol; an earlier one that was never confirmed is forgotten."""
    unconfirmed = col(TotpSecret.person_id) == person_id, col(TotpSecret.confirmed_at).is_(None)
    await session.execute(sa.delete(TotpSecret).where(*unconfirmed))
    secret = pyotp.random_base32()
    row_id = new_id()
    sealed = sealing.seal(party.key, secret.encode(), row=str(row_id))
    session.add(TotpSecret(id=row_id, person_id=person_id, sealed=sealed, created_at=at))
    await session.flush()
    return Offer(secret, address_of(secret, login))


async def use(session: WriteSession, row_id: UUID, step: int) -> bool:
    """Take the code of a step; False if it or a later one was taken before, in this moment too."""
    driver = await session.driver()
    return bool(await driver.fetchval(_USE, row_id, step))
