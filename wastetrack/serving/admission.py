"""What is refused at the door, by the head of a request alone: before anybody is looked up and anything is read.

Cheap on purpose: each request pays for all of it.
"""

from collections.abc import Iterable
from urllib.parse import unquote_plus

from starlette.datastructures import Headers
from starlette.types import Scope

from wastetrack.attachments.model import LARGEST_FILE
from wastetrack.characters import unseen_character
from wastetrack.errors import Forbidden, Malformed
from wastetrack.i18n import message
from wastetrack.serving import problems
from wastetrack.serving.doors import PROGRAMS
from wastetrack.serving.forgery import FORGED, FORGED_SENTENCE
from wastetrack.serving.problems import Refusal

LARGEST_BODY = LARGEST_FILE + 256 * 1024
"""Bytes of an upload: one file and the fields beside it."""
LARGEST_TEXT = 1024 * 1024
"""Bytes of a form or a JSON document; a manifest of a thousand containers has 50 000."""
MOST_HEADERS = 100
LARGEST_HEAD = 32 * 1024
"""Bytes of all headers; the largest honest one is a browser's with a few cookies."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_MOST_DIGITS = 12
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ONCE = frozenset(
    {b"host", b"content-length", b"content-type", b"content-encoding", b"transfer-encoding", b"authorization",
     b"idempotency-key", b"origin", b"if-match", b"sec-fetch-site"}
)  # fmt: skip
_FROM_HERE = frozenset({"", "same-origin", "none"})
_FRAMED = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})


def refusal_at_the_door(scope: Scope, headers: Headers, hosts: Iterable[str]) -> Refusal | None:
    """Why a request goes no further, or None."""
    return (
        _odd_head(scope)
        or _odd_host(headers, hosts)
        or _odd_address(scope)
        or _odd_body(headers)
        or _from_elsewhere(scope, headers)
    )


def _malformed(code: str, sentence: str) -> Refusal:
    return Refusal(problems.FAMILIES[Malformed], code, sentence)


def _odd_head(scope: Scope) -> Refusal | None:
    if scope["method"] not in METHODS:
        return Refusal(problems.METHOD, "method_not_known", message("This server does not know that method."))
    size = once = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        once += name in _ONCE
    if size > LARGEST_HEAD or len(scope["headers"]) > MOST_HEADERS:
        return Refusal(problems.LARGE_HEAD, "head_too_large", message("The head of the request is too large."))
    if once != len({name for name, _ in scope["headers"]} & _ONCE):
        return _malformed("header_twice", message("A header that may stand once stands twice."))
    return None


def _odd_host(headers: Headers, hosts: Iterable[str]) -> Refusal | None:
    if not is_allowed(headers.get("host", ""), hosts):
        return _malformed("host_unknown", message("This server does not answer to that host name."))
    return None


def is_allowed(host: str, hosts: Iterable[str]) -> bool:
    """`*.example.org` allows each name below it; the port does not matter."""
    name = host.lower()
    name = name.partition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
    return any(name == allowed or (allowed.startswith("*.") and name.endswith(allowed[1:])) for allowed in hosts)


def _odd_address(scope: Scope) -> Refusal | None:
    # Dots and doubled slashes are not resolved for anybody: such an address is simply another, where nothing is.
    path: str = scope["path"]
    odd = "\\" in path or not path.isprintable()
    query: bytes = scope["query_string"]
    if not odd and b"%" in query:
        try:
            odd = unseen_character(unquote_plus(query.decode("ascii"), errors="strict"), free=True) is not None
        except UnicodeError:
            odd = True
    if odd:
        return _malformed("address_unreadable", message("The address holds characters that no address of ours has."))
    return None


def _odd_body(headers: Headers) -> Refusal | None:
    told = headers.get("content-length")
    if told is not None:
        largest = largest_body(headers)
        plain = told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS
        if not plain or int(told) > largest:
            detail = message("A request may have at most {largest} bytes.")
            return Refusal(problems.TOO_LARGE, "too_large", detail, {"largest": largest})
        if "transfer-encoding" in headers:
            return _malformed("length_twice", message("The length of the request is told in two ways."))
    if headers.get("content-encoding", "identity").lower() != "identity":
        detail = message("Packed requests are not unpacked. Send it plain.")
        return Refusal(problems.UNSUPPORTED, "body_packed", detail)
    return None


def largest_body(headers: Headers) -> int:
    """How much a request of this kind may hold."""
    return LARGEST_BODY if headers.get("content-type", "").startswith("multipart/form-data") else LARGEST_TEXT


def _from_elsewhere(scope: Scope, headers: Headers) -> Refusal | None:
    """Fetch Metadata (W3C): what another site's page asks for through a visitor's browser, other than by a link."""
    site = headers.get("sec-fetch-site", "")
    if site in _FROM_HERE:
        return None
    if scope["method"] in _CHANGING and not scope["path"].startswith(PROGRAMS):
        return Refusal(problems.FAMILIES[Forbidden], FORGED, FORGED_SENTENCE)
    by_a_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") not in _FRAMED
    if not by_a_link or scope["path"].startswith(PROGRAMS):
        detail = message("Another site's page asked for this; only a link from there leads here.")
        return Refusal(problems.FAMILIES[Forbidden], "from_elsewhere", detail)
    return None
