"""Passwords: argon2id (RFC 9106), hashed off the event loop, equally slow for a login that does not exist.

The parameters are the OWASP Password Storage Cheat Sheet's for argon2id (19 MiB, two passes, one lane), which ask a
fifth of the processor that the library's default asks; when they change, the next successful sign-in stores a new hash.
No more than two are computed at a time, so that a burst of sign-ins leaves the event loop its processor.
"""

import dataclasses
from collections.abc import Iterable
from functools import cache

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wastetrack.auth.guessing import is_guessed_early, names_the_place
from wastetrack.errors import Broken
from wastetrack.i18n import message

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_A_TIME = 2

SHORTEST = 12
"""Characters. NIST SP 800-63B-4 and OWASP ASVS 6.2 ask for length, not for mixtures."""
PRODUCT = "wastetrack"
_INSTEAD = message("Use several words that do not belong together.")
LONGEST = 200
"""Characters; argon2 takes any length, a form should not."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password fits, and the hash to store from now on if the parameters have changed."""

    fits: bool
    new_hash: str | None = None


@cache
def _limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_AT_A_TIME)


@cache
def _hash_of_nobody() -> str:
    """What an unknown login is checked against, so that its refusal takes as long as a known one's."""
    return _HASHER.hash("nobody has this password")


def hash_now(password: str) -> str:
    """The hash to store, computed in this thread: for commands and set-up, never inside the event loop."""
    return _HASHER.hash(password)


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await anyio.to_thread.run_sync(hash_now, password, limiter=_limiter())


async def verify(stored_hash: str | None, password: str) -> Verdict:
    """Check a password against a stored hash; None, an unknown login, never fits but takes as long."""
    return await anyio.to_thread.run_sync(_verify, stored_hash, password, limiter=_limiter())


def _verify(stored_hash: str | None, password: str) -> Verdict:
    try:
        _HASHER.verify(stored_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return Verdict(fits=False)
    if stored_hash is None:
        return Verdict(fits=False)
    new_hash = _HASHER.hash(password) if _HASHER.check_needs_rehash(stored_hash) else None
    return Verdict(fits=True, new_hash=new_hash)


def weaknesses(password: str, *, login: str, context: Iterable[str] = ()) -> list[Broken]:
    """What is wrong with a new password; nothing, if it may be used. `context`: names of the person and the place."""
    broken = []
    if not SHORTEST <= len(password) <= LONGEST:
        broken.append(
            Broken(
                "password",
                "password_length",
                "A password has {shortest} to {longest} characters.",
                next_step=_INSTEAD,
                facts={"shortest": SHORTEST, "longest": LONGEST},
            )
        )
    if len(password) > LONGEST:
        return broken
    if len(set(password)) < SHORTEST // 2 or is_guessed_early(password):
        broken.append(
            Broken(
                "password",
                "password_guessable",
                "This password is tried first by whoever guesses: it repeats itself, or is made of one or two "
                "well-known words, names, digits or rows of the keyboard.",
                next_step=_INSTEAD,
            )
        )
    if names_the_place(password, (login, PRODUCT, *context)):
        broken.append(
            Broken(
                "password",
                "password_context",
                "A password must not hold the login, or the name of the person, the organisation or this site.",
                next_step=_INSTEAD,
            )
        )
    return broken
