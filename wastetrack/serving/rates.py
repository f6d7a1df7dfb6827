"""How often somebody may ask: a bucket of tokens for each credential and each address, in four classes of requests.

Counted in this process alone, in memory: with several processes behind one address each counts by itself, so all
together let through as many times the limit; a restart forgets. That is enough for what it is for, keeping one caller
from using up the server; guessing passwords is counted in the database (auth/throttling.py).

A bucket holds a burst and fills up steadily. A gate that was offline sends its scans of a day at once: the burst of
writes is made for that. Headers: draft-ietf-httpapi-ratelimit-headers-10, Retry-After of RFC 9110 §10.2.3.
"""

import dataclasses
import hashlib
import math
import os
from collections.abc import Callable
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.types import Scope

from wastetrack.settings import Settings

_SECONDS = 60
_MOST_BUCKETS = 50_000
_ADDRESS_FACTOR = 10
"""A firm's people share one address."""
_HEAVY = (".pdf", "/bundle", "/bundle.json", ".csv", "/attachments")
_SIGNING_IN = ("/sign-in", "/api/v1/sign-in", "/invitations", "/oauth", "/oidc", "/api/v1/oauth", "/passkeys/sign-in")
_FREE = ("/static/", "/health", "/ready")


class RequestClass(StrEnum):
    """What a request costs, by its head."""

    SIGN_IN = "sign-in"
    """Doors for which nobody needs to be known: hashing passwords is slow on purpose."""
    WRITES = "writes"
    READS = "reads"
    HEAVY = "heavy"
    """Documents, bundles, tables and files."""


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """So many a minute in the long run, so many at once."""

    per_minute: int
    burst: int


def limits_of(settings: Settings) -> dict[RequestClass, Limit] | None:
    """What the settings say; None where nothing is limited."""
    if not settings.rate_limits:
        return None
    return {
        RequestClass.SIGN_IN: Limit(settings.rate_sign_in_per_minute, 2 * settings.rate_sign_in_per_minute),
        RequestClass.WRITES: Limit(settings.rate_writes_per_minute, settings.rate_writes_burst),
        RequestClass.READS: Limit(settings.rate_reads_per_minute, 2 * settings.rate_reads_per_minute),
        RequestClass.HEAVY: Limit(settings.rate_heavy_per_minute, 2 * settings.rate_heavy_per_minute),
    }


def class_of(scope: Scope) -> RequestClass | None:
    """The class of a request; None for what costs nothing."""
    path: str = scope["path"]
    if path.startswith(_FREE):
        return None
    changes = scope["method"] not in {"GET", "HEAD", "OPTIONS"}
    if changes and path.startswith(_SIGNING_IN):
        return RequestClass.SIGN_IN
    if path.endswith(_HEAVY) or path.startswith(("/attachments/", "/api/v1/attachments/")):
        return RequestClass.HEAVY
    return RequestClass.WRITES if changes else RequestClass.READS


class Rates:
    """The buckets of this process. `now` is a monotonic clock in seconds."""

    def __init__(self, limits: dict[RequestClass, Limit], now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._buckets: dict[tuple[RequestClass, bytes], tuple[float, float]] = {}
        self._salt = os.urandom(8)

    def take(self, kind: RequestClass, scope: Scope, headers: Headers) -> "Standing":
        """Take a token from the caller's bucket and from his address's."""
        limit = self._limits[kind]
        client = scope.get("client")
        address = (client[0] if client else "-").encode()
        secret = headers.get("authorization") or headers.get("cookie") or ""
        who = hashlib.blake2b(secret.encode("latin-1"), key=self._salt, digest_size=12).digest() if secret else b""
        left, wait = self._taken((kind, who + b"|" + (b"" if who else address)), limit.per_minute, limit.burst)
        if wait == 0 and who:
            factor = _ADDRESS_FACTOR
            _, wait = self._taken((kind, b"@" + address), factor * limit.per_minute, factor * limit.burst)
        return Standing(kind, limit, left, wait)

    def _taken(self, key: tuple[RequestClass, bytes], per_minute: int, burst: int) -> tuple[int, int]:
        """What is left, and the seconds to wait if there was nothing."""
        now = self._now()
        rate = per_minute / _SECONDS
        level, then = self._buckets.get(key, (float(burst), now))
        level = min(float(burst), level + (now - then) * rate)
        if level < 1:
            self._buckets[key] = (level, now)
            return 0, math.ceil((1 - level) / rate)
        if len(self._buckets) >= _MOST_BUCKETS and key not in self._buckets:
            self._forget(now)
        self._buckets[key] = (level - 1, now)
        return int(level - 1), 0

    def _forget(self, now: float) -> None:
        """Drop the buckets that have filled up meanwhile; if none has, the older half."""
        kept = {
            key: held
            for key, held in self._buckets.items()
            if held[0] + (now - held[1]) * self._limits[key[0]].per_minute / _SECONDS < self._limits[key[0]].burst
        }
        if len(kept) >= _MOST_BUCKETS:
            kept = dict(sorted(kept.items(), key=lambda each: each[1][1])[_MOST_BUCKETS // 2 :])
        self._buckets = kept


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request."""

    kind: RequestClass
    limit: Limit
    left: int
    wait: int
    """Seconds; 0 where the request may pass."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What the answer says of it. `t` is when a whole further request's share has come."""
        name, limit = self.kind.value, self.limit
        refill = self.wait or math.ceil(_SECONDS / limit.per_minute)
        return (
            ("ratelimit-policy", f'"{name}";q={limit.per_minute};w={_SECONDS}'),
            ("ratelimit", f'"{name}";r={self.left};t={refill}'),
        )
