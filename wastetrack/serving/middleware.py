"""What happens to every request before and after the application: its id, its host, its size, its headers, its line.

One plain ASGI layer. The content security policy has no exception for inline script or style; a page that needs more
(the gate's camera and wasm) sets its own header, which is left alone.
"""

import re
import time
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wastetrack.attachments.model import LARGEST_FILE
from wastetrack.errors import Malformed
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.serving import logs, problems
from wastetrack.serving.problems import ExceptionAnswer, Refusal
from wastetrack.settings import Settings

LARGEST_BODY = LARGEST_FILE + 256 * 1024
"""Bytes of an upload: one file and the fields beside it."""
_LARGEST_TEXT = 1024 * 1024
"""Bytes of a form or a JSON document; a manifest of a thousand containers has 50 000."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    # Pages and answers are somebody's own; assets say otherwise themselves.
    "cache-control": "no-store",
}
_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MOST_DIGITS = 12
_QUIET = ("/health", "/ready", "/static/")


class FrontDoor:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: ExceptionAnswer) -> None:
        self.app = app
        self.answer = answer
        self.settings = settings
        self.hosts = frozenset(host.lower() for host in settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        token = logs.request_id.set(request_id)
        began = time.perf_counter()
        status = 0

        async def send_dressed(said: Message) -> None:
            nonlocal status
            if said["type"] == "http.response.start":
                status = said["status"]
                self._dress(MutableHeaders(scope=said), request_id)
            await send(said)

        try:
            refusal = self._refuse(headers)
            if refusal is None:
                await self.app(scope, _limited(receive, _largest(headers)), send_dressed)
            else:
                await problems.problem_response(refusal, base_url=self.settings.base_url)(scope, receive, send_dressed)
        except Exception as error:
            # Here and not in Starlette's own last handler, which stands outside of us: headers and line come with it.
            response = await self.answer(Request(scope), error)
            if status:
                raise
            await response(scope, receive, send_dressed)
        finally:
            _write_line(scope, status, time.perf_counter() - began)
            logs.request_id.reset(token)

    def _refuse(self, headers: Headers) -> Refusal | None:
        if not _is_allowed(headers.get("host", ""), self.hosts):
            family = problems.FAMILIES[Malformed]
            return Refusal(family, "host_unknown", message("This server does not answer to that host name."))
        length = headers.get("content-length", "0")
        largest = _largest(headers)
        plain = length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS
        if not plain or int(length) > largest:
            detail = message("A request may have at most {largest} bytes.")
            return Refusal(problems.TOO_LARGE, "too_large", detail, {"largest": largest})
        return None

    def _dress(self, headers: MutableHeaders, request_id: str) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        if self.settings.secure_cookies:
            headers.setdefault("strict-transport-security", _TRANSPORT_SECURITY)
        headers["x-request-id"] = request_id


def _largest(headers: Headers) -> int:
    return LARGEST_BODY if headers.get("content-type", "").startswith("multipart/form-data") else _LARGEST_TEXT


def _limited(receive: Receive, left: int) -> Receive:
    """The same, but a body that did not tell its size is cut off where it grows too large."""

    async def receive_limited() -> Message:
        nonlocal left
        heard = await receive()
        left -= len(heard.get("body", b""))
        if left < 0:
            raise AnsweredByFramework(problems.TOO_LARGE.status)
        return heard

    return receive_limited


def _is_allowed(host: str, hosts: Iterable[str]) -> bool:
    """`*.example.org` allows each name below it; the port does not matter."""
    name = host.lower()
    name = name.partition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
    return any(name == allowed or (allowed.startswith("*.") and name.endswith(allowed[1:])) for allowed in hosts)


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    path = scope["path"]
    if path.startswith(_QUIET) and status < 500:  # noqa: PLR2004  server errors are always told
        return
    identity = scope.get("state", {}).get("identity")
    logs.access_log.info(
        "%s %s %d",
        scope["method"],
        path,
        status,
        extra={
            "method": scope["method"],
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "person": None if identity is None else str(identity.actor.person_id),
        },
    )
