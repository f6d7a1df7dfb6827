"""Opening a session once it is known who is there: by password, factors, passkey, or another door's own proof.

A session's identifier is new each time. It is held back (Restriction) where the person has something to do first.
"""

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import happenings, queries
from wastetrack.auth.factor_tables import KnownDevice
from wastetrack.auth.factors import Factors
from wastetrack.auth.model import AccountEventKind, FactorKind, Restriction, Role
from wastetrack.auth.tables import Membership, Person, SignInSession
from wastetrack.db.session import ReadSession, WriteSession

SESSION_PREFIX = "ws_"
DEVICE_KNOWN_FOR = timedelta(days=180)
_LONGEST_AGENT = 300
_KNOW = """
insert into known_devices (token_hash, person_id, last_seen_at) values ($1, $2, $3)
on conflict (token_hash, person_id) do update set last_seen_at = excluded.last_seen_at
"""
_SWEEP_DEVICES = "delete from known_devices where last_seen_at <= $1"


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened. The token is told once; we keep its hash."""

    token: str = dataclasses.field(repr=False)
    csrf_token: str = dataclasses.field(repr=False)
    expires_at: datetime
    locale: str
    person_name: str
    restriction: Restriction | None = None
    device: str | None = dataclasses.field(default=None, repr=False)
    """A browser that keeps this is known from now on; None where it keeps one already or is none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Browser:
    """What the caller's side tells of itself, for the list of sessions and for known devices."""

    user_agent: str = ""
    device: str | None = dataclasses.field(default=None, repr=False)
    """What a browser keeps that has signed in before."""
    keeps: bool = False
    """Whether it would keep such a thing; programs do not."""


def restriction_of(role: Role, held: Factors, *, is_temporary: bool, required: frozenset[Role]) -> Restriction | None:
    """What a member must do first: choose a password of his own, then enrol a factor where his role needs one."""
    if is_temporary:
        return Restriction.CHANGE_PASSWORD
    if role in required and not held.has_second:
        return Restriction.ENROL_FACTOR
    return None


async def open_session(
    session: WriteSession,
    person: Person,
    membership: Membership,
    browser: Browser,
    *,
    factors: Sequence[FactorKind],
    restriction: Restriction | None,
    expires_at: datetime,
    at: datetime,
) -> SignedIn:
    """Open it. Whoever was led here to enrol a factor has just shown who he is and need not do so again at once."""
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
        user_agent=browser.user_agent[:_LONGEST_AGENT],
        factors=[factor.value for factor in factors],
        proved_at=at if restriction is Restriction.ENROL_FACTOR else None,
        restriction=restriction,
    )
    session.add(row)
    await session.flush()
    device = await _keep_in_mind(session, person, browser, at=at)
    return SignedIn(token, csrf_token, row.expires_at, person.locale, person.name, restriction, device)


async def note_sign_in(
    session: WriteSession, person: Person, browser: Browser, factors: Sequence[FactorKind], *, at: datetime
) -> None:
    """The person can read that somebody signed in, with what, and on which device."""
    await happenings.note(
        session,
        person.id,
        AccountEventKind.SIGNED_IN,
        at=at,
        factors=" ".join(factors),
        user_agent=browser.user_agent[:_LONGEST_AGENT],
    )


async def known_device(session: ReadSession, login: str, device: str | None, *, at: datetime) -> bytes | None:
    """The hash of a device in which this login has signed in before; None for any other."""
    if device is None:
        return None
    hashed = queries.hash_of(device)
    known = (
        col(KnownDevice.token_hash) == hashed,
        col(KnownDevice.last_seen_at) > at - DEVICE_KNOWN_FOR,
        col(Person.login) == login,
    )
    statement = sa.select(KnownDevice).join(Person, col(Person.id) == col(KnownDevice.person_id)).where(*known)
    return None if (await session.execute(statement)).first() is None else hashed


async def _keep_in_mind(session: WriteSession, person: Person, browser: Browser, *, at: datetime) -> str | None:
    if not browser.keeps:
        return None
    device = browser.device or secrets.token_urlsafe(32)
    driver = await session.driver()
    await driver.execute(_KNOW, queries.hash_of(device), person.id, at)
    return None if browser.device else device


async def forget_devices(session: WriteSession, *, at: datetime) -> None:
    """Drop devices that were not seen for half a year; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_SWEEP_DEVICES, at - DEVICE_KNOWN_FOR)
