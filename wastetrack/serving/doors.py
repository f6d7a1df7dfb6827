"""Which door a request came through, and what that means: pages know cookies and forms, the API bearer tokens only."""

from enum import StrEnum
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


class Door(StrEnum):
    """How the caller is recognised and how a refusal looks."""

    PAGE = "page"
    """A browser: session cookie, CSRF token, HTML."""
    API = "api"
    """A program: Authorization header, JSON, problem documents. Cookies are not looked at, so nothing can be forged."""

    SCIM = "scim"
    """An organisation's directory: its own bearer token, and the documents of RFC 7644."""


PROGRAMS = ("/api/", "/health", "/ready")
_DIRECTORIES = "/scim/"


def door(request: HTTPConnection) -> Door:
    """The door, by the address."""
    path = request.scope["path"]
    if path.startswith(_DIRECTORIES):
        return Door.SCIM
    return Door.API if path.startswith(PROGRAMS) else Door.PAGE


def is_fragment(request: HTTPConnection) -> bool:
    """Whether htmx asks for a block of a page instead of the page."""
    return "hx-request" in request.headers


def safe_next(address: str | None, default: str = "/") -> str:
    """A place on this site to go on to, or the default: never another host, however the address is dressed up."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    if "\\" in address or any(ord(character) < 0x21 or ord(character) == 0x7F for character in address):  # noqa: PLR2004  blanks and controls
        return default
    try:
        parts = urlsplit(address)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else address
