"""What happens to every request before and after the application: its id, its host, its size, its headers, its line.

One plain ASGI layer. The content security policy has no exception for inline script or style; a page that needs more
(the gate's camera and wasm) sets its own header, which is left alone.
"""

import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wastetrack.errors import Throttled
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.serving import logs, problems
from wastetrack.serving.admission import largest_body, refusal_at_the_door
from wastetrack.serving.patience import Patience, has_body
from wastetrack.serving.problems import ExceptionAnswer, Refusal
from wastetrack.serving.rates import Rates, Standing, class_of, limits_of
from wastetrack.serving.security_events import Watch
from wastetrack.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PICTURES = "img-src 'self' data:"
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    # Pages and answers are somebody's own; assets say otherwise themselves.
    "cache-control": "no-store",
}
_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health", "/ready", "/static/")


class FrontDoor:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: ExceptionAnswer) -> None:
        self.app = app
        self.answer = answer
        self.settings = settings
        self.hosts = frozenset(host.lower() for host in settings.allowed_hosts)
        self.headers = SECURITY_HEADERS | {"content-security-policy": policy_with(settings.map_tiles)}
        self.watch = Watch()
        limits = limits_of(settings)
        self.rates = None if limits is None else Rates(limits, time.monotonic)

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
        body = Patience(receive, largest_body(headers)) if has_body(headers) else None

        async def send_dressed(said: Message) -> None:
            nonlocal status
            if said["type"] == "http.response.start":
                status = said["status"]
                unread = body is not None and not body.whole
                dressed = MutableHeaders(scope=said)
                self._dress(dressed, request_id, last=unread or refusal is not None)
                if standing is not None:
                    for name, value in standing.headers():
                        dressed[name] = value
            await send(said)

        standing = self._standing(scope, headers)
        refusal = refusal_at_the_door(scope, headers, self.hosts) or _too_often(standing)
        try:
            if refusal is None:
                await self.app(scope, receive if body is None else body.receive, send_dressed)
            else:
                await problems.problem_response(refusal, base_url=self.settings.base_url)(scope, receive, send_dressed)
        except Exception as error:
            # Here and not in Starlette's own last handler, which stands outside of us: headers and line come with it.
            response = await self.answer(Request(scope), error)
            if status:
                raise
            await response(scope, receive, send_dressed)
        finally:
            code = scope.get("state", {}).get("refusal_code") if refusal is None else refusal.code
            self.watch.note(scope, status, code)
            _write_line(scope, status, time.perf_counter() - began)
            logs.request_id.reset(token)

    def _standing(self, scope: Scope, headers: Headers) -> Standing | None:
        kind = None if self.rates is None else class_of(scope)
        return None if self.rates is None or kind is None else self.rates.take(kind, scope, headers)

    def _dress(self, headers: MutableHeaders, request_id: str, *, last: bool) -> None:
        if last:
            # The rest of a body that nobody wants could come for ever, or be taken for the next request; and who
            # was refused at the door may have meant something else by what follows.
            headers["connection"] = "close"
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        if self.settings.secure_cookies:
            headers.setdefault("strict-transport-security", _TRANSPORT_SECURITY)
        headers["x-request-id"] = request_id


def policy_with(tiles: str | None) -> str:
    """The content policy; where the deployment names a place for a map's tiles, pictures may come from there too."""
    if tiles is None:
        return CONTENT_SECURITY_POLICY
    scheme, _, rest = tiles.partition("://")
    host = rest.partition("/")[0].replace("{s}", "*")
    return CONTENT_SECURITY_POLICY.replace(_PICTURES, f"{_PICTURES} {scheme}://{host}")


def _too_often(standing: Standing | None) -> Refusal | None:
    if standing is None or standing.wait == 0:
        return None
    detail = message("Too many requests of this kind. Wait {retry_after_seconds} seconds.")
    facts = {"retry_after_seconds": standing.wait}
    family = problems.FAMILIES[Throttled]
    return Refusal(family, "too_often", detail, facts, headers={"Retry-After": str(standing.wait)})


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
