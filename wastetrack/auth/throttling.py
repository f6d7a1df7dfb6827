"""How often somebody may try to sign in.

An attempt is counted before the password is looked at, in a transaction of its own, so that a hundred parallel
guesses are a hundred attempts; a success takes its count back. Counts stand in the database and so hold for all
processes. Limits: ten attempts per login and address, a hundred failed ones per address, in a quarter of an hour.
There is no limit per login alone, for it would let anybody lock out anybody; guessing one login from thousands of
addresses is for the operator's firewall to see.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from wastetrack.db.session import WriteSession
from wastetrack.errors import Throttled

WINDOW = timedelta(minutes=15)
PER_LOGIN_AND_ADDRESS = 10
PER_ADDRESS = 100

_COUNT = """
insert into sign_in_failures as f (key_hash, window_began_at, failures) values ($1, $2, 1)
on conflict (key_hash) do update set
    window_began_at = case when f.window_began_at <= $3 then $2 else f.window_began_at end,
    failures = case when f.window_began_at <= $3 then 1 else f.failures + 1 end
returning window_began_at, failures
"""
_FORGET = "delete from sign_in_failures where key_hash = $1"
_TAKE_BACK = "update sign_in_failures set failures = failures - 1 where key_hash = $1 and failures > 1"
_SWEEP = "delete from sign_in_failures where window_began_at <= $1"


def _keys(login: str, address: str) -> Sequence[tuple[bytes, int]]:
    """Each counted key with its limit; hashed, for people type passwords into the wrong field."""
    pair = hashlib.sha256(f"login\0{login}\0{address}".encode()).digest()
    alone = hashlib.sha256(f"address\0{address}".encode()).digest()
    return ((pair, PER_LOGIN_AND_ADDRESS), (alone, PER_ADDRESS))


async def count_attempt(session: WriteSession, login: str, address: str, *, at: datetime) -> Throttled | None:
    """Count one attempt. Returns, and does not raise, the refusal: the count must be committed."""
    driver = await session.driver()
    refusal = None
    for key, limit in _keys(login, address):
        row = await driver.fetchrow(_COUNT, key, at, at - WINDOW)
        assert row is not None  # noqa: S101  an upsert returns its row
        if row["failures"] > limit:
            wait = (row["window_began_at"] + WINDOW - at).total_seconds()
            refusal = Throttled(
                "too_many_sign_ins",
                "Too many attempts to sign in. Try again in {minutes} minutes.",
                retry_after_seconds=max(1, int(wait)),
                minutes=max(1, round(wait / 60)),
            )
    return refusal


async def forgive(session: WriteSession, login: str, address: str) -> None:
    """After a success: forget the pair, take one from the address."""
    driver = await session.driver()
    (pair, _), (alone, _) = _keys(login, address)
    await driver.execute(_FORGET, pair)
    await driver.execute(_TAKE_BACK, alone)


async def sweep(session: WriteSession, *, at: datetime) -> None:
    """Remove counts whose window is over; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_SWEEP, at - WINDOW)
