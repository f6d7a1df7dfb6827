"""What a database refuses, told in one line: wrong address, wrong password, full disk, a lock that does not come."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from wastetrack.errors import Malformed, Unavailable

# SQLSTATE, or its first two characters for a whole class → code and sentence. The longest match counts.
_SENTENCES = {
    "28": ("db.not_admitted", "The database server {server} does not admit this user: {reason}"),
    "3D": ("db.no_such_database", "There is no such database on {server}: {reason}"),
    "53": ("db.exhausted", "The database server {server} is at its limit: {reason}"),
    "53100": ("db.disk_full", "The disk of the database server {server} is full: {reason}"),
    "55P03": ("db.locked", "Somebody else holds a lock on {server}; nothing was changed. Try again later: {reason}"),
    "57014": ("db.too_slow", "{server} took too long and was stopped; nothing was changed: {reason}"),
    "57P": ("db.unreachable", "The database server {server} is going down or coming up: {reason}"),
    "08": ("db.unreachable", "The database server {server} cannot be reached: {reason}"),
    "58": ("db.server_disk", "The database server {server} cannot use its disk: {reason}"),
}
# Before a session exists libpq has no SQLSTATE to give, only its sentence.
_STATES_BY_SENTENCE = (
    (re.compile(r'database ".*" does not exist'), "3D000"),
    (re.compile(r'role ".*" does not exist|authentication failed|no pg_hba.conf entry|no password supplied'), "28000"),
    (re.compile(r"too many clients|remaining connection slots"), "53300"),
    (re.compile(r"No space left on device"), "53100"),
)
_UNREACHABLE = ("db.unreachable", "The database server {server} cannot be reached: {reason}")


def explained(error: BaseException, server: str) -> Unavailable | None:
    """The error that a person can act on, or None if it is not about the server but about our statement."""
    if isinstance(error, DBAPIError):
        driver_error: Any = error.orig
        state = getattr(driver_error, "sqlstate", None) or _state_of_sentence(str(driver_error))
        if not state and not (error.connection_invalidated or _about_connecting(driver_error)):
            return None
    elif isinstance(error, OSError):
        driver_error, state = error, ""
    else:
        return None
    found = [known for known in _SENTENCES if state.startswith(known)] if state else []
    if state and not found:
        return None
    code, sentence = _SENTENCES[max(found, key=len)] if found else _UNREACHABLE
    return Unavailable(code, sentence, server=server, reason=_first_line(driver_error))


@contextlib.contextmanager
def told_plainly(url: str) -> Iterator[None]:
    """Turn what is about the server into Unavailable, a URL that cannot be read into Malformed; let the rest pass."""
    try:
        server = name_of(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise Malformed(
            "db.url", "The database URL cannot be read; it looks like postgresql://user@host:5432/database ."
        ) from None
    try:
        yield
    except (DBAPIError, OSError) as error:
        plain = explained(error, server)
        if plain is None:
            raise
        raise plain from error


def name_of(url: str) -> str:
    """The server and database of a URL for people: without user and password."""
    read = sa.make_url(url)
    host = read.host or read.query.get("host") or "local socket"
    port = f":{read.port}" if read.port else ""
    return f"{host}{port}/{read.database or ''}"


def _state_of_sentence(said: str) -> str:
    return next((state for pattern, state in _STATES_BY_SENTENCE if pattern.search(said)), "")


def _about_connecting(driver_error: object) -> bool:
    return type(driver_error).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}


def _first_line(error: object) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
