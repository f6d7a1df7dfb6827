"""From what went wrong to what is said: the one place that knows which family has which HTTP status.

Every exception becomes a Refusal. A program gets it as a problem document (RFC 9457) with each broken rule in both
languages; a browser gets a page or its form back, filled (web/refusing.py, handed in by app.py).
"""

import dataclasses
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy import exc as sa_exc
from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.requests import Request
from starlette.responses import Response

from wastetrack import errors
from wastetrack.errors import Broken, WastetrackError
from wastetrack.i18n import message, translate
from wastetrack.serving import logs
from wastetrack.serving.doors import Door, door
from wastetrack.serving.reading_input import broken_by_input
from wastetrack.serving.scim_errors import scim_response

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    """A kind of refusal: its status, and its name in the address of the page that explains it."""

    status: int
    slug: str
    title: str


FAMILIES: dict[type[WastetrackError], Family] = {
    errors.Malformed: Family(400, "malformed", message("The request cannot be read")),
    errors.Unauthenticated: Family(401, "unauthenticated", message("Sign in first")),
    errors.Forbidden: Family(403, "forbidden", message("You may not do this")),
    errors.NotFound: Family(404, "not-found", message("Not found")),
    errors.Conflict: Family(409, "conflict", message("Somebody was faster")),
    errors.RuleBroken: Family(422, "rule-broken", message("Not allowed as it stands")),
    errors.Throttled: Family(429, "throttled", message("Too many attempts")),
    errors.Unavailable: Family(503, "unavailable", message("Out of service for the moment")),
}
METHOD = Family(405, "method", message("This address does not do that"))
TOO_LARGE = Family(413, "too-large", message("The request is too large"))
TOO_SLOW = Family(408, "too-slow", message("The request came too slowly"))
UNSUPPORTED = Family(415, "unsupported", message("The request is of another kind"))
LARGE_HEAD = Family(431, "large-head", message("The head of the request is too large"))
OUR_MISTAKE = Family(500, "our-mistake", message("Something went wrong on our side"))
EVERY_FAMILY = (*FAMILIES.values(), METHOD, TOO_LARGE, TOO_SLOW, UNSUPPORTED, LARGE_HEAD, OUR_MISTAKE)

_BY_STATUS = {family.status: family for family in EVERY_FAMILY}
_AT_THE_DOOR = {
    404: message("There is nothing at this address, or you may not see it. Check the address, or search for it."),
    408: message("The request did not come in time. Send the same request again: it is harmless."),
    415: message("This address takes another kind of content. Its description names which."),
    405: message("This address shows something, or changes something, but not in the way that was asked."),
    413: message("What you sent is too large. Send it in parts, or a smaller picture."),
}
"""What is said where no handler of ours was reached."""
_LOST_CONNECTION = (
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # What the driver says of a connection that was cut while nobody used it (asyncpg 0.30: "cannot switch to state").
    asyncpg.InternalClientError,
    ConnectionError,
)
_TRY_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """What is said instead of an answer; `detail` and the broken rules' sentences are message ids."""

    family: Family
    code: str
    detail: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


ExceptionAnswer = Callable[[Request, Exception], Awaitable[Response]]


class PageAnswer(Protocol):
    """How the pages say it."""

    def __call__(self, request: Request, refusal: Refusal) -> Awaitable[Response]:
        """The page."""


def refusal_of(error: Exception) -> Refusal:  # noqa: PLR0911  one line per kind
    """The refusal behind any exception."""
    if isinstance(error, WastetrackError):
        return _ours(error)
    if isinstance(error, RequestValidationError):
        return _unreadable(error.errors())
    if isinstance(error, ValidationError):
        return _unreadable(error.errors())
    if isinstance(error, AnsweredByFramework):
        family = _BY_STATUS.get(error.status_code, FAMILIES[errors.Malformed])
        detail = _AT_THE_DOOR.get(error.status_code, family.title)
        return Refusal(family, family.slug.replace("-", "_"), detail, headers=error.headers or {})
    cause = _driver_error(error)
    if isinstance(cause, _TRY_AGAIN):
        detail = message("Another change was in the way. Send the same request again: it is harmless.")
        return Refusal(FAMILIES[errors.Unavailable], "try_again", detail, headers={"Retry-After": "1"})
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        detail = message("What you sent does not fit what has been stored in the meantime. Look at it again.")
        return Refusal(FAMILIES[errors.Conflict], "does_not_fit", detail)
    if isinstance(cause, (*_LOST_CONNECTION, sa_exc.TimeoutError)):
        detail = message("The database cannot be reached. Send the same request again: it is harmless.")
        return Refusal(FAMILIES[errors.Unavailable], "database_away", detail, headers={"Retry-After": "5"})
    detail = message("The mistake has been written down under the number of this request.")
    return Refusal(OUR_MISTAKE, "our_mistake", detail)


def _ours(error: WastetrackError) -> Refusal:
    family = next(family for kind, family in FAMILIES.items() if isinstance(error, kind))
    headers = {}
    if isinstance(error, errors.Unauthenticated):
        # RFC 6750 §3.1: nobody asked yet, or what was shown holds no more.
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if error.code == "credential_ended" else "Bearer"
    if isinstance(error, errors.Forbidden) and "scope" in error.facts:
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.facts["scope"]}"'
    if isinstance(error, errors.Throttled) or "retry_after_seconds" in error.facts:
        headers["Retry-After"] = str(error.facts.get("retry_after_seconds", 60))
    broken: tuple[Broken, ...] = getattr(error, "broken", ())
    return Refusal(family, error.code, error.message, error.facts, broken, headers)


def _unreadable(found: Sequence[Any]) -> Refusal:
    broken = tuple(broken_by_input(item) for item in found)
    whole = next((item for item in found if item["type"] == "json_invalid"), None)
    if whole is not None:
        return Refusal(FAMILIES[errors.Malformed], "json_invalid", message("This is not a JSON document."))
    detail = message("Some values are missing or cannot be read.")
    return Refusal(FAMILIES[errors.RuleBroken], "input_invalid", detail, broken=broken)


def _driver_error(error: BaseException) -> BaseException:
    """The driver's own exception under SQLAlchemy's two wrappers."""
    if isinstance(error, sa_exc.DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def problem(refusal: Refusal, *, base_url: str) -> dict[str, object]:
    """The problem document."""
    return {
        "type": f"{base_url.rstrip('/')}/problems/{refusal.family.slug}",
        "title": refusal.family.title,
        "title_zh": translate(refusal.family.title, "zh"),
        "status": refusal.family.status,
        "code": refusal.code,
        "detail": translate(refusal.detail, "en", **refusal.facts),
        "detail_zh": translate(refusal.detail, "zh", **refusal.facts),
        "errors": [broken_document(broken) for broken in refusal.broken],
        "request_id": logs.request_id.get(),
    }


def broken_document(broken: Broken) -> dict[str, Any]:
    """One broken rule in both languages."""
    facts = {"value": broken.value, **broken.facts}
    return {
        "field": broken.field,
        "pointer": "#/" + broken.field.replace(".", "/"),
        "code": broken.code,
        "message": translate(broken.message, "en", **facts),
        "message_zh": translate(broken.message, "zh", **facts),
        "value": broken.value,
        "article": broken.article,
        "next_step": translate(broken.next_step, "en", **facts),
        "next_step_zh": translate(broken.next_step, "zh", **facts),
    }


def problem_response(refusal: Refusal, *, base_url: str) -> Response:
    """The problem document as an answer."""
    body = json.dumps(problem(refusal, base_url=base_url), ensure_ascii=False, default=str)
    return Response(body, refusal.family.status, dict(refusal.headers), MEDIA_TYPE)


def answering(page_answer: PageAnswer) -> ExceptionAnswer:
    """How any exception is answered, at the door the request came through."""

    async def answer(request: Request, error: Exception) -> Response:
        refusal = refusal_of(error)
        request.state.refusal_code = refusal.code
        if refusal.family is OUR_MISTAKE:
            log.error("unexpected", exc_info=error)
        if door(request) is Door.SCIM:
            sentences = [translate(one.message, "en", **{"value": one.value, **one.facts}) for one in refusal.broken]
            detail = " ".join(sentences) or translate(refusal.detail, "en", **refusal.facts)
            return scim_response(refusal.family.status, refusal.code, detail, refusal.headers)
        if door(request) is Door.API:
            return problem_response(refusal, base_url=request.app.state.settings.base_url)
        return await page_answer(request, refusal)

    return answer


def register(app: FastAPI, answer: ExceptionAnswer) -> None:
    """Answer what is expected to go wrong inside the application; the rest reaches the front door."""
    expected = (
        WastetrackError,
        RequestValidationError,
        ValidationError,
        AnsweredByFramework,
        sa_exc.SQLAlchemyError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        ConnectionError,
    )
    for kind in expected:
        app.add_exception_handler(kind, answer)
