"""What a watchman wants to know of a request, in words that do not change: the log `wastetrack.security`.

One place that sees every answer decides; handlers cannot forget it. Sources: OWASP ASVS 5.0 §16.3, the OWASP Logging
Vocabulary. Each line has the event, the rule's code, who, from where, and how; never what was sent.
"""

import logging
import time
from enum import StrEnum

from starlette.types import Scope

security_log = logging.getLogger("wastetrack.security")

_SIGN_IN = ("/sign-in", "/api/v1/sign-in")
_RIGHTS = ("/people", "/tokens", "/account", "/invitations", "/delegates", "/clients", "/keys", "/passkeys", "/factors")
_OK = range(200, 400)
_BAD_INPUT = frozenset({400, 404, 405, 408, 413, 415, 422, 431})
_IN_BULK = 20
_WINDOW_SECONDS = 60.0
_MOST_CALLERS = 10_000


class SecurityEvent(StrEnum):
    """The vocabulary. Values end up in other people's alarms and do not change."""

    SIGN_IN_OK = "sign_in_ok"
    SIGN_IN_FAILED = "sign_in_failed"
    ACCESS_REFUSED = "access_refused"
    """Known, but not allowed; or a request that did not come from our own pages."""
    NOT_SIGNED_IN = "not_signed_in"
    """A credential that is none, or has ended, at the API."""
    RATE_LIMITED = "rate_limited"
    REFUSED_IN_BULK = "refused_in_bulk"
    """Twenty requests of one caller within a minute that could not be read, were not allowed, or led nowhere."""
    RIGHTS_CHANGED = "rights_changed"
    """A person, credential or right was added, changed or ended."""
    OUR_MISTAKE = "our_mistake"


_ALWAYS = {429: SecurityEvent.RATE_LIMITED, 500: SecurityEvent.OUR_MISTAKE}
_OTHERWISE = {401: SecurityEvent.NOT_SIGNED_IN, 403: SecurityEvent.ACCESS_REFUSED}


class Watch:
    """Sees every answer of this process."""

    def __init__(self) -> None:
        self._refused: dict[str, tuple[int, float]] = {}

    def note(self, scope: Scope, status: int, code: str | None) -> None:
        """Log what this answer means, if it means anything."""
        event = self._event(scope, status)
        if event is None:
            return
        identity = scope.get("state", {}).get("identity")
        level = logging.INFO if event in {SecurityEvent.SIGN_IN_OK, SecurityEvent.RIGHTS_CHANGED} else logging.WARNING
        security_log.log(
            level,
            event.value,
            extra={
                "event": event.value,
                "code": code,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "address": _address(scope),
                "person": None if identity is None else str(identity.actor.person_id),
                "organisation": None if identity is None else str(identity.actor.organisation_id),
            },
        )

    def _event(self, scope: Scope, status: int) -> SecurityEvent | None:
        path, changes = scope["path"], scope["method"] not in {"GET", "HEAD", "OPTIONS"}
        if status in _ALWAYS:
            return _ALWAYS[status]
        if changes and path in _SIGN_IN:
            return SecurityEvent.SIGN_IN_OK if status in _OK else SecurityEvent.SIGN_IN_FAILED
        if status in _OK:
            return SecurityEvent.RIGHTS_CHANGED if changes and any(part in path for part in _RIGHTS) else None
        if status in _BAD_INPUT:
            return SecurityEvent.REFUSED_IN_BULK if self._is_bulk(_address(scope)) else None
        return _OTHERWISE.get(status)

    def _is_bulk(self, caller: str) -> bool:
        """Whether this is the twentieth within a minute; once per minute and caller."""
        now = time.monotonic()
        count, since = self._refused.get(caller, (0, now))
        if now - since > _WINDOW_SECONDS:
            count, since = 0, now
        if len(self._refused) >= _MOST_CALLERS:
            self._refused.clear()
        self._refused[caller] = (count + 1, since)
        return count + 1 == _IN_BULK


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "-"
