"""Calls every address as every role and tells what was answered; nothing that a call does remains."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.access.apps import another_app, sessions_of, sign_in_with_app, with_app, with_passkey
from tests.access.samples import SAMPLES
from tests.access.sampling import OF_CALLER, PUBLIC, Sample, days, fill
from tests.access.things import Objects, Things
from tests.support.served import PEOPLE, SIGNED, Served
from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.ids import new_id

if TYPE_CHECKING:
    import pyotp

NOBODY = "nobody"
KNOWN_TO: Mapping[str, frozenset[str]] = {
    "operator": frozenset({"membership", "delegate", "person", "claim", "store", "empty_store"}),
    **dict.fromkeys(("regulator", "inspector", "approver"), frozenset({"project"})),
}
"""What a role rightly knows wherever it is: the platform's operator manages everybody's people and enters
stores for them; every authority reads what is planned elsewhere."""
MACHINES = ("system", "reader", "directory")
"""The shipper's: a system with each scope that its owner can grant, one that may look only, its directory (SCIM).
They know the programs' doors alone; pages take no bearer."""
ROLES = (NOBODY, *PEOPLE, *MACHINES)
NO_THING = "-"
OWN, FOREIGN, PUBLIC_FOREIGN, ABSENT = "own", "foreign", "public", "absent"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[0-9A-Z]{18}\s?[0-9]{8}\s?[0-9]{8}\s?[0-9]{3}|\b[0-9]{14}\b")
_EXPIRES = re.compile(r"expires=[^;]*", re.IGNORECASE)
_NOT_COMPARED = frozenset({"x-request-id", "content-length"})
_PROGRAMS = ("/api/", "/health", "/ready", "/scim/", "/.well-known/")
_SIGNING = ("/api/v1/manifests/", "/api/v1/corrections/", "/api/v1/trips/", "/api/v1/medical/cards/")
_ANONYMOUS = ("/sign-in", "/d/")
"""Whose forms are nobody's, though somebody may be signed in."""
_FORM_TOKEN = "of-forms-that-nobody-is-signed-in-for"  # noqa: S105  a test's
_FORM_COOKIE = f"wastetrack_form={_FORM_TOKEN}"
# Sent once a minute for each sign-in, whatever is asked.
_NOTED = re.compile(
    r"update (sign_in_sessions|tokens|provisioning_tokens|access_tokens|client_secrets) set last_", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status that the table holds, and all that could tell foreign from absent."""

    told: str
    shape: str
    """Of what is foreign or absent; empty otherwise, because nothing is compared with it."""
    statements: int


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    route: str
    case: str

    @property
    def key(self) -> tuple[str, str]:
        """How the line is found."""
        return self.route, self.case


def routes_of(app: FastAPI) -> list[str]:
    """Verb and address of all that the application serves; HEAD is GET without its body."""
    found = set()
    for context in iter_route_contexts(app.routes):
        for verb in (context.methods or set()) - {"HEAD"}:
            found.add(f"{verb} {context.path}")
    return sorted(found, key=lambda route: (route.partition(" ")[2], route))


def sample_of(route: str) -> Sample:
    """How it is called."""
    return SAMPLES.get(route, Sample())


def cases_of(route: str) -> tuple[str, ...]:
    """Addresses that name no thing have one case; of public things the foreign one is known to everybody."""
    words = sample_of(route).words(route.partition(" ")[2]) - OF_CALLER
    words = {word for word in words if not word.startswith("home_")}
    if not words:
        return (NO_THING,)
    return (OWN, PUBLIC_FOREIGN if words <= PUBLIC else FOREIGN, ABSENT)


def roles_at(route: str) -> tuple[str, ...]:
    """Who calls it."""
    return ROLES if route.partition(" ")[2].startswith(_PROGRAMS) else (NOBODY, *PEOPLE)


def may_know(role: str, route: str) -> bool:
    """Whether a foreign thing at this address is one that the role rightly knows."""
    words = sample_of(route).words(route.partition(" ")[2])
    return bool(words & KNOWN_TO.get(role, frozenset()))


class Caller:
    """Everybody's signed-in program and browser, on an application whose commits are undone."""

    def __init__(self, served: Served, objects: Objects) -> None:
        self.served = served
        self.objects = objects
        self.statements: list[str] = []
        self._callers: dict[tuple[str, bool], dict[str, str]] = {}
        self._tokens: dict[str, str] = {NOBODY: ""}
        self._apps: dict[str, pyotp.TOTP] = {}
        self._more: dict[str, pyotp.TOTP] = {}
        self._visitor = served.visitor()

    async def sign_everybody_in(self) -> None:
        """Once for each role and door: what a program or a browser sends to be recognised."""
        self._callers[NOBODY, True], self._callers[NOBODY, False] = {}, {"Cookie": _FORM_COOKIE}
        for machine in MACHINES:
            self._callers[machine, True] = {"Authorization": f"Bearer {self.objects.own[machine]}"}
        for role in PEOPLE:
            program, browser = await self.served.api_visitor(role), self.served.visitor()
            self._apps[role] = await with_app(program)
            self._more[role] = await another_app(program)
            if role == "owner":
                self.objects.own["passkey"] = await with_passkey(program)
                self.objects.absent["passkey"] = str(new_id())
            await sign_in_with_app(browser, role, self._apps[role])
            self._callers[role, True] = {"Authorization": f"Bearer {program.bearer}"}
            cookie = next(one.value for one in browser.http.cookies.jar if one.name == "wastetrack")
            self._callers[role, False] = {"Cookie": f"wastetrack={cookie}; {_FORM_COOKIE}"}
            self._tokens[role] = await browser.token_on("/account")
        async with writing(self.served.owner) as session:
            # Each call gives a code of this moment; none was taken before. Their sessions have just given one.
            await session.execute(text("update totp_secrets set last_used_step = 0"))
            await session.execute(text("update sign_in_sessions set proved_at = now()"))
        sessions = await sessions_of(self.served)
        self.objects.own.update(sessions)
        self.objects.absent.update({name: str(new_id()) for name in sessions})

    async def call(self, role: str, route: str, case: str) -> Answer:
        """One call."""
        verb, _, path = route.partition(" ")
        sample, things = sample_of(route), {**self._things(case), **self._of_caller(role)}
        headers = dict(self._callers[role, path.startswith(_PROGRAMS)])
        more: dict[str, Any] = {}
        if verb != "GET":
            headers["Idempotency-Key"] = str(new_id())
        address = fill(sample.address(path), things)
        if sample.body is not None:
            more["json"] = fill(sample.body, things)
            if path.startswith(_SIGNING) and address.rpartition("/")[2] in SIGNED:
                more["json"]["factor"] = self._factor(role, things)
        if sample.form is not None:
            token = _FORM_TOKEN if path.startswith(_ANONYMOUS) or route == "POST /join" else self._tokens.get(role, "")
            more["data"] = {
                **({} if path.startswith(_PROGRAMS) else {"csrf_token": token}),
                **fill(sample.form, things),
            }
        if sample.file is not None:
            more["files"] = {name: (called, fill(content, things)) for name, (called, content) in sample.file.items()}
        self.statements.clear()
        response = await self._visitor.http.request(verb, address, headers=headers, **more)
        self._visitor.http.cookies.clear()
        shape = _shape(response, things) if case in (FOREIGN, ABSENT) else ""
        return Answer(_told(response), shape, self._sent())

    def _of_caller(self, role: str) -> Things:
        app = self._apps.get("owner" if role == NOBODY else role)
        codes = {"totp": app, "next_totp": self._more.get(role)}
        told = {name: app.at(clock.now()) if app else "000000" for name, app in codes.items()}
        return {**days(), **told, "login": role if role in PEOPLE else "owner"}

    def _factor(self, role: str, things: Things) -> dict[str, str]:
        """A person gives a code of the app; a system its key, which is asked for a preparation last of all."""
        if role in MACHINES:
            signature = urlsafe_b64encode(bytes(64)).decode()
            return {"kind": "system_key", "key_id": things["home_key"], "signature": signature}
        return {"kind": "totp", "code": things["totp"]}

    def _things(self, case: str) -> Things:
        of_case: Mapping[str, Things] = {
            ABSENT: self.objects.absent,
            FOREIGN: self.objects.foreign,
            PUBLIC_FOREIGN: self.objects.foreign,
        }
        home = {f"home_{name}": thing for name, thing in self.objects.own.items()}
        return home | of_case.get(case, self.objects.own)

    def _sent(self) -> int:
        return len([one for one in self.statements if not _NOTED.match(one.strip())])


def _told(response: Any) -> str:  # noqa: ANN401  httpx's own
    leads_to_sign_in = response.headers.get("location", "").startswith("/sign-in?next=")
    return "login" if leads_to_sign_in else str(response.status_code)


def _shape(response: Any, things: Mapping[str, str]) -> str:  # noqa: ANN401  the same
    """Body and headers with the names of things taken out; files only by their kind."""
    headers = {name: value for name, value in response.headers.items() if name not in _NOT_COMPARED}
    kind = headers.get("content-type", "")
    told = response.text if kind.startswith(("text/", "application/json", "application/problem")) else kind
    told = f"{sorted(headers.items())}\n{told}"
    # The ids among the names of things are taken out all at once, and looked for no longer.
    told = _ID.sub("#", told)
    for value in sorted({_ID.sub("#", value) for value in things.values()}, key=len, reverse=True):
        if len(value) > 6:
            told = told.replace(value, "#")
    told = _EXPIRES.sub("", _CODE.sub("#", told))
    return told if len(told) < 20_000 else hashlib.sha256(told.encode()).hexdigest()


@contextmanager
def undone_and_counted(engine: AsyncEngine, statements: list[str]) -> Iterator[None]:
    """Every commit on this pool checks what a commit checks and then undoes the work; statements are written down."""
    dialect: Any = engine.sync_engine.dialect
    commit = dialect.do_commit

    def undo(connection: Any) -> None:  # noqa: ANN401  SQLAlchemy's adapted connection
        dialect.do_rollback(connection)

    def note(record: Any) -> None:  # noqa: ANN401  asyncpg's LoggedQuery
        statements.append(record.query)

    watched: list[Any] = []

    def watch(connection: Any, *_rest: Any) -> None:  # noqa: ANN401
        driver = connection.driver_connection
        if driver not in watched:
            driver.add_query_logger(note)
            watched.append(driver)

    dialect.do_commit = undo
    event.listen(engine.sync_engine, "checkout", watch)
    try:
        yield
    finally:
        dialect.do_commit = commit
        event.remove(engine.sync_engine, "checkout", watch)
        for driver in watched:
            driver.remove_query_logger(note)
