"""The cookies of the pages: session, language, light or dark, a note to show after a redirect, the token of anonymous
forms, a sign-in that waits for its second factor, and a device that has signed in before.

All are HttpOnly. Behind TLS they are Secure and carry the `__Host-` prefix, so that no other host of the domain can
plant one. SameSite is Strict where nobody comes from elsewhere with a use for the cookie (the note, the token of
forms); the session and the language are Lax, for a link in a message must lead to the page and not to the sign-in.
Nothing is changed by following a link.
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
THEME = "wastetrack_theme"
THEMES = frozenset({"light", "dark"})
FLASH = "wastetrack_flash"
FORM = "wastetrack_form"
_STRICT = frozenset({FLASH, FORM})
DEVICE = "wastetrack_device"
PENDING = "wastetrack_pending"
FEDERATED = "wastetrack_federated"
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
    return name_of("wastetrack", settings)


def name_of(name: str, settings: Settings) -> str:
    """What a cookie is called here."""
    return f"__Host-{name}" if settings.secure_cookies else name


def session_token(request: Request) -> str | None:
    """The session token that the browser holds."""
    return request.cookies.get(session_name(_settings(request)))


def set_session(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    """Give the browser its session."""
    _set(request, response, "wastetrack", token, expires=expires_at)


def clear_session(request: Request, response: Response) -> None:
    """Take the session from the browser, and what it still holds of its pages."""
    settings = _settings(request)
    response.delete_cookie(session_name(settings), secure=settings.secure_cookies, httponly=True, samesite="lax")
    # Pages are never stored, but files beside papers may lie in the browser's cache.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def pending_of(request: Request) -> str:
    """The sign-in of this browser that waits for a second factor; empty for none."""
    return request.cookies.get(name_of(PENDING, _settings(request)), "")


def set_pending(request: Request, response: Response, token: str, *, seconds: int) -> None:
    """Give the browser its sign-in that waits for a second factor."""
    _set(request, response, PENDING, token, max_age=seconds)


def clear_pending(request: Request, response: Response) -> None:
    """It is over."""
    secure = _settings(request).secure_cookies
    response.delete_cookie(name_of(PENDING, _settings(request)), secure=secure, httponly=True, samesite="lax")


def federated_of(request: Request) -> str:
    """What binds a sign-in with a provider to the browser that began it; empty for none."""
    return request.cookies.get(name_of(FEDERATED, _settings(request)), "")


def set_federated(request: Request, response: Response, secret: str, *, seconds: int) -> None:
    """Let this browser, and no other, come back from the provider."""
    _set(request, response, FEDERATED, secret, max_age=seconds)


def clear_federated(request: Request, response: Response) -> None:
    """It came back."""
    settings = _settings(request)
    name = name_of(FEDERATED, settings)
    response.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="lax")


def device_of(request: Request) -> str | None:
    """What this browser keeps that has signed in before."""
    return request.cookies.get(name_of(DEVICE, _settings(request)))


def set_device(request: Request, response: Response, device: str | None) -> None:
    """Let the browser be known again; None where it is already."""
    if device is not None:
        _set(request, response, DEVICE, device, max_age=_YEAR_SECONDS)


def set_language(request: Request, response: Response, locale: str) -> None:
    """Remember the chosen language."""
    _set(request, response, LANGUAGE, locale, max_age=_YEAR_SECONDS)


def set_theme(request: Request, response: Response, theme: str) -> None:
    """Remember light or dark; empty is the way of the visitor's system, and needs no cookie."""
    if theme:
        _set(request, response, THEME, theme, max_age=_YEAR_SECONDS)
    elif theme_of(request) is not None:
        settings = _settings(request)
        response.delete_cookie(name_of(THEME, settings), secure=settings.secure_cookies, httponly=True, samesite="lax")


def theme_of(request: Request) -> str | None:
    """Light or dark, as the browser holds it."""
    return request.cookies.get(name_of(THEME, _settings(request)))


def set_flash(request: Request, response: Response, flash: Flash) -> None:
    """Leave a note for the next page."""
    text = json.dumps([flash.message, flash.facts, flash.kind], ensure_ascii=False)
    encoded = base64.urlsafe_b64encode(text.encode()).decode()
    if len(encoded) <= _LONGEST_FLASH:
        _set(request, response, FLASH, encoded, max_age=60)


def flash_of(request: Request) -> Flash | None:
    """The note left by the last page; anything unreadable is no note."""
    encoded = request.cookies.get(name_of(FLASH, _settings(request)))
    if not encoded:
        return None
    try:
        message, facts, kind = json.loads(base64.urlsafe_b64decode(encoded))
        return Flash(str(message), {str(name): str(fact) for name, fact in facts.items()}, str(kind))
    except (binascii.Error, ValueError, TypeError, AttributeError):
        return None


def clear_flash(request: Request, response: Response) -> None:
    """The note has been shown."""
    settings = _settings(request)
    name = name_of(FLASH, settings)
    response.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="strict")


def held_form_token(request: Request) -> str | None:
    """The token of anonymous forms that the browser holds."""
    return request.cookies.get(name_of(FORM, _settings(request)))


def language_of(request: Request) -> str | None:
    """The language that the browser holds."""
    return request.cookies.get(name_of(LANGUAGE, _settings(request)))


def form_token(request: Request) -> str:
    """The token of forms that nobody is signed in for: what the browser holds, or a new one to be set."""
    held = held_form_token(request)
    if held:
        return held
    if not hasattr(request.state, "form_token"):
        request.state.form_token = secrets.token_urlsafe(24)
    return str(request.state.form_token)


def keep_form_token(request: Request, response: Response) -> None:
    """Set the token of anonymous forms if the browser did not hold one."""
    if held_form_token(request) is None and hasattr(request.state, "form_token"):
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
    settings = _settings(request)
    response.set_cookie(
        name_of(name, settings),
        value,
        max_age=max_age,
        expires=expires,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict" if name in _STRICT else "lax",
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
