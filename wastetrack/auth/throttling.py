"""How often somebody may try to sign in, and how often to give a factor.

An attempt is counted before the password is looked at, in a transaction of its own, so that a hundred parallel
guesses are a hundred attempts; a success takes its count back. Counts stand in the database and so hold for all
processes. Three counts of sign-ins:

* ten attempts per login and address (or known device) in a quarter of an hour;
* a hundred failed ones per address in a quarter of an hour;
* per account, from all addresses together: twenty in a day are free, then each further one makes the account deaf for
  a while, half a minute at first, twice as long each time, a quarter of an hour at most. So thousands of addresses
  have about a hundred guesses a day at one login between them.

How nobody is locked out by strangers (ASVS 6.1.1, 6.3.1): an account is never closed, only deaf for minutes, and what
is refused meanwhile is not counted, so hammering does not lengthen it. A browser in which the person has signed in
before (a cookie, known_devices) is not subject to the account's count, nor does it add to it; it has the count of its
own device. A passkey cannot be guessed, and signing in with one asks neither login nor any of these counts. Strangers
can make a person wait who is at a new device with nothing but a password, and that is all.

A second factor is counted per person and kind with the same growing delay: whoever guesses codes has the password or
an open session already, so strangers cannot bring it about.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.auth.model import FactorKind
from wastetrack.db.session import WriteSession
from wastetrack.errors import Throttled

WINDOW = timedelta(minutes=15)
PER_LOGIN_AND_ADDRESS = 10
PER_ADDRESS = 100
ACCOUNT_WINDOW = timedelta(days=1)
PER_ACCOUNT = 20
FACTOR_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)

_COUNT = """
insert into sign_in_failures as f (key_hash, window_began_at, failures) values ($1, $2, 1)
on conflict (key_hash) do update set
    window_began_at = case when f.window_began_at <= $3 then $2 else f.window_began_at end,
    failures = case when f.window_began_at <= $3 then 1 else f.failures + 1 end
returning window_began_at, failures
"""
# The row is there from now on, and this transaction holds it: parallel attempts at one account queue up here.
_HOLD = """
insert into sign_in_failures as f (key_hash, window_began_at, failures) values ($1, $2, 1)
on conflict (key_hash) do update set key_hash = f.key_hash
returning window_began_at, failures, refused_until, (xmax = 0) as is_new
"""
_COUNT_ACCOUNT = """
update sign_in_failures set window_began_at = $2, failures = $3, refused_until = $4 where key_hash = $1
"""
_FORGET = "delete from sign_in_failures where key_hash = $1"
_TAKE_BACK = "update sign_in_failures set failures = failures - 1 where key_hash = $1 and failures > 1"
_TOUCH = "update sign_in_failures set failures = failures where key_hash = $1"
_SWEEP = "delete from sign_in_failures where window_began_at <= $1 or (window_began_at <= $2 and refused_until is null)"


def delay_after(failures: int, free: int) -> timedelta | None:
    """For how long an account hears nobody after so many attempts; None while they are free."""
    over = failures - free
    if over < 0:
        return None
    # 2**5 half minutes are more than the longest delay; a larger power would only overflow.
    return min(FIRST_DELAY * (1 << min(over, 5)), LONGEST_DELAY)


def _keys(login: str, address: str, device: bytes | None) -> Sequence[tuple[bytes, int]]:
    """Each counted key with its limit; hashed, for people type passwords into the wrong field."""
    place = address.encode() if device is None else b"device\0" + device
    pair = hashlib.sha256(f"login\0{login}\0".encode() + place).digest()
    alone = hashlib.sha256(f"address\0{address}".encode()).digest()
    return ((pair, PER_LOGIN_AND_ADDRESS), (alone, PER_ADDRESS))


def _account(login: str) -> bytes:
    return hashlib.sha256(f"account\0{login}".encode()).digest()


def _factor(person_id: UUID, kind: FactorKind) -> bytes:
    return hashlib.sha256(f"factor\0{person_id}\0{kind}".encode()).digest()


async def count_attempt(
    session: WriteSession, login: str, address: str, *, at: datetime, device: bytes | None = None
) -> Throttled | None:
    """Count one attempt; `device` is the hash of one that this login is known to use.

    Returns, and does not raise, the refusal: the count must be committed.
    """
    driver = await session.driver()
    refusal = None
    for key, limit in _keys(login, address, device):
        row = await driver.fetchrow(_COUNT, key, at, at - WINDOW)
        assert row is not None  # noqa: S101  an upsert returns its row
        if row["failures"] > limit:
            refusal = _too_many(row["window_began_at"] + WINDOW - at)
    # What is refused already is no guess at the account and does not make it deaf.
    if refusal is None and device is None:
        refusal = await _count_softly(session, _account(login), PER_ACCOUNT, at=at)
    return refusal


async def count_factor(session: WriteSession, person_id: UUID, kind: FactorKind, *, at: datetime) -> Throttled | None:
    """Count one attempt at a second factor, or at giving the password again. Returns the refusal, as above."""
    return await _count_softly(session, _factor(person_id, kind), FACTOR_ATTEMPTS, at=at)


async def _count_softly(session: WriteSession, key: bytes, free: int, *, at: datetime) -> Throttled | None:
    """Count one attempt against a limit that delays and never closes."""
    driver = await session.driver()
    row = await driver.fetchrow(_HOLD, key, at)
    assert row is not None  # noqa: S101  an upsert returns its row
    if row["refused_until"] is not None and row["refused_until"] > at:
        return _too_many(row["refused_until"] - at)
    if row["window_began_at"] <= at - ACCOUNT_WINDOW:
        began, failures = at, 1
    else:
        began, failures = row["window_began_at"], row["failures"] + (0 if row["is_new"] else 1)
    delay = delay_after(failures, free)
    # The attempt that is one too many is still heard; the next one finds the account deaf.
    await driver.execute(_COUNT_ACCOUNT, key, began, failures, None if delay is None else at + delay)
    return None


def _too_many(wait: timedelta) -> Throttled:
    seconds = wait.total_seconds()
    return Throttled(
        "too_many_sign_ins",
        "Too many attempts to sign in. Try again in {minutes} minutes.",
        retry_after_seconds=max(1, int(seconds)),
        minutes=max(1, round(seconds / 60)),
    )


async def forgive(session: WriteSession, login: str, address: str, *, device: bytes | None = None) -> None:
    """After a success: forget the pair, take one from the address and one from the account; strangers' guesses stay."""
    driver = await session.driver()
    (pair, _), (alone, _) = _keys(login, address, device)
    await driver.execute(_FORGET, pair)
    await driver.execute(_TAKE_BACK, alone)
    if device is None:
        await driver.execute(_TAKE_BACK, _account(login))


async def touch(session: WriteSession, login: str, address: str) -> None:
    """Write, and change nothing: what a failure costs where there is nobody to tell of it."""
    driver = await session.driver()
    (pair, _), _alone = _keys(login, address, None)
    await driver.execute(_TOUCH, pair)


async def forgive_factor(session: WriteSession, person_id: UUID, kind: FactorKind) -> None:
    """After a success with this kind."""
    driver = await session.driver()
    await driver.execute(_FORGET, _factor(person_id, kind))


async def sweep(session: WriteSession, *, at: datetime) -> None:
    """Remove counts whose window is over; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_SWEEP, at - ACCOUNT_WINDOW, at - WINDOW)
