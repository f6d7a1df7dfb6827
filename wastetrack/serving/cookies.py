"""The cookies of the pages: session, language, a note to show after a redirect, the token of anonymous forms, a sign-in
that waits for its second factor, and a device that has signed in before.

All are HttpOnly and SameSite=Lax; behind TLS they are Secure and the session carries the `__Host-` prefix, so that no
other host of the domain can plant one.
"""

import base64
import binascii
import dataclasses
import json
import secrets
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from wastetrack.settings import Settings

LANGUAGE = "wastetrack_lang"
FLASH = "wastetrack_flash"
FORM = "wastetrack_form"
DEVICE = "wastetrack_device"
PENDING = "wastetrack_pending"
_YEAR_SECONDS = 365 * 24 * 3600
_LONGEST_FLASH = 2000


@dataclasses.dataclass(frozen=True, slots=True)
class Flash:
    """One sentence for the next page: a message id, its facts, and whether it is good news."""

    message: str
    facts: dict[str, str] = dataclasses.field(default_factory=dict)
    kind: str = "good"


def session_name(settings: Settings) -> str:
    """The name of the session cookie."""
    return "__Host-wastetrack" if settings.secure_cookies else "wastetrack"


def session_token(request: Request) -> str | None:
    """The session token that the browser holds."""
    return request.cookies.get(session_name(_settings(request)))


def set_session(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    """Give the browser its session."""
    settings = _settings(request)
    _set(request, response, session_name(settings), token, expires=expires_at)


def clear_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    settings = _settings(request)
    response.delete_cookie(session_name(settings), secure=settings.secure_cookies, httponly=True, samesite="lax")


def pending_of(request: Request) -> str:
    """The sign-in of this browser that waits for a second factor; empty for none."""
    return request.cookies.get(_own(request, PENDING), "")


def set_pending(request: Request, response: Response, token: str, *, seconds: int) -> None:
    """Give the browser its sign-in that waits for a second factor."""
    _set(request, response, _own(request, PENDING), token, max_age=seconds)


def clear_pending(request: Request, response: Response) -> None:
    """It is over."""
    secure = _settings(request).secure_cookies
    response.delete_cookie(_own(request, PENDING), secure=secure, httponly=True, samesite="lax")


def device_of(request: Request) -> str | None:
    """What this browser keeps that has signed in before."""
    return request.cookies.get(_own(request, DEVICE))


def set_device(request: Request, response: Response, device: str | None) -> None:
    """Let the browser be known again; None where it is already."""
    if device is not None:
        _set(request, response, _own(request, DEVICE), device, max_age=_YEAR_SECONDS)


def _own(request: Request, name: str) -> str:
    """Behind TLS, a name that no other host of the domain can plant."""
    return f"__Host-{name}" if _settings(request).secure_cookies else name


def set_language(request: Request, response: Response, locale: str) -> None:
    """Remember the chosen language."""
    _set(request, response, LANGUAGE, locale, max_age=_YEAR_SECONDS)


def set_flash(request: Request, response: Response, flash: Flash) -> None:
    """Leave a note for the next page."""
    text = json.dumps([flash.message, flash.facts, flash.kind], ensure_ascii=False)
    encoded = base64.urlsafe_b64encode(text.encode()).decode()
    if len(encoded) <= _LONGEST_FLASH:
        _set(request, response, FLASH, encoded, max_age=60)


def flash_of(request: Request) -> Flash | None:
    """The note left by the last page; anything unreadable is no note."""
    encoded = request.cookies.get(FLASH)
    if not encoded:
        return None
    try:
        message, facts, kind = json.loads(base64.urlsafe_b64decode(encoded))
        return Flash(str(message), {str(name): str(fact) for name, fact in facts.items()}, str(kind))
    except (binascii.Error, ValueError, TypeError, AttributeError):
        return None


def clear_flash(response: Response) -> None:
    """The note has been shown."""
    response.delete_cookie(FLASH, httponly=True, samesite="lax")


def form_token(request: Request) -> str:
    """The token of forms that nobody is signed in for: what the browser holds, or a new one to be set."""
    held = request.cookies.get(FORM)
    if held:
        return held
    if not hasattr(request.state, "form_token"):
        request.state.form_token = secrets.token_urlsafe(24)
    return str(request.state.form_token)


def keep_form_token(request: Request, response: Response) -> None:
    """Set the token of anonymous forms if the browser did not hold one."""
    if request.cookies.get(FORM) is None and hasattr(request.state, "form_token"):
        _set(request, response, FORM, request.state.form_token)


def _set(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | None = None,
) -> None:
    secure = _settings(request).secure_cookies
    response.set_cookie(
        name, value, max_age=max_age, expires=expires, path="/", secure=secure, httponly=True, samesite="lax"
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
