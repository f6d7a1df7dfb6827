"""The application as callers meet it: on a copy of the small world, with one person per role whose login is short.

What a test does is really committed; so tests share the people and keep out of each other's way by fresh names.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.compiled_templates import compiled_for
from tests.support.databases import Cluster
from tests.support.parties import AT, firm_command, platform_operator
from tests.support.world import World
from wastetrack import clock
from wastetrack.app import make_app
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.addresses import APPLICATION, Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, writing
from wastetrack.ids import new_id
from wastetrack.parties.model import OrganisationKind
from wastetrack.parties.registering import register_organisation
from wastetrack.settings import Settings

if find_spec("sniffio") is None:
    # httpx asks for it at each request, and each time Python would look through all its folders.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

PASSWORD = "seven quiet harbours at noon"  # noqa: S105  of people who exist in tests only

PEOPLE: Mapping[str, tuple[str, str, Role, str | None]] = {
    "owner": ("王秀英", "generator", Role.OWNER, None),
    "filer": ("李娜", "generator", Role.FILER, None),
    "signer": ("张伟", "generator", Role.SIGNER, None),
    "gate": ("刘洋", "receiver", Role.GATE_OPERATOR, None),
    "driver": ("陈杰", "carrier", Role.DRIVER, None),
    "carrier": ("马超", "carrier", Role.OWNER, None),
    "receiver": ("高原", "receiver", Role.OWNER, None),
    "viewer": ("杨静", "generator", Role.VIEWER, None),
    "stranger": ("赵敏", "stranger", Role.OWNER, None),
    "regulator": ("黄磊", "authority", Role.REGULATOR_VIEWER, "3706"),
    "inspector": ("周涛", "authority", Role.INSPECTOR, "3706"),
    "approver": ("吴芳", "authority", Role.APPROVER, "3706"),
    "operator": ("孙丽", "platform", Role.OPERATOR, None),
}
"""Login → name, where the person works in the small world, role, jurisdiction."""

SIGNED = frozenset(
    {
        "filing",
        "opening",
        "summing-up",
        "back-entry",
        "cancellation",
        "voiding",
        "pick-up",
        "hand-over",
        "arrival",
        "receipt",
        "confirmation",
        "corrections",
        "answer",
        "closing",
        "redirection",
        "loading-check",
        "field-corrections",
    }
)
"""The last words of the API's addresses at which somebody signs."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser, or a program, at our door."""

    def __init__(self, app: FastAPI, address: str = "127.0.0.1") -> None:
        # What a mistake of ours would answer is looked at by tests like any other answer.
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 4000))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")
        self.bearer: str | None = None
        self.password: str | None = None

    async def get(self, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401  httpx's own
        """Ask for an address."""
        return await self.http.get(path, headers=self._headers(more.pop("headers", {})), **more)

    async def post(self, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401
        """Post as it is."""
        return await self.http.post(path, headers=self._headers(more.pop("headers", {})), **more)

    async def send_json(self, path: str, body: object, *, key: UUID | None = None) -> httpx2.Response:
        """Post JSON under a key, fresh if none is given; what is signed, with the visitor's password, unless the body
        speaks of a factor itself."""
        signed = path.rpartition("/")[2] in SIGNED and not any(place in path for place in ("/account/", "/facilities/"))
        if signed and isinstance(body, dict) and self.password is not None:
            body = {"factor": {"kind": "password", "password": self.password}, **body}
        return await self.post(path, json=body, headers={"Idempotency-Key": str(key or new_id())})

    async def send_form(
        self, path: str, fields: Mapping[str, str | Sequence[str]], *, page: str, key: UUID | None = None
    ) -> Any:  # noqa: ANN401
        """Fill in the form that stands on a page, as a browser does: with its token and key."""
        token = await self.token_on(page)
        return await self.post(path, data={"csrf_token": token, "request_id": str(key or new_id()), **fields})

    async def sign_form(self, path: str, fields: Mapping[str, str | Sequence[str]], *, page: str) -> Any:  # noqa: ANN401
        """Fill in a form that leads to a signature, read what is signed, and sign with the password."""
        read = await self.send_form(path, fields, page=page)
        assert read.status_code == 303, read.text
        address = read.headers["location"]
        assert address.startswith("/signing/"), address
        return await self.send_form(address, {"factor_password": PASSWORD}, page=address)

    async def token_on(self, page: str) -> str:
        """The token against forgery in a page's forms."""
        found = _TOKEN.search((await self.get(page)).text)
        assert found, f"no form on {page}"
        return found.group(1)

    async def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        """Through the page."""
        response: httpx2.Response = await self.send_form(
            "/sign-in", {"login": login, "password": password}, page="/sign-in"
        )
        return response

    async def sign_in_at_api(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        """Through the API; the token is sent from now on."""
        response = await self.post("/api/v1/sign-in", json={"login": login, "password": password})
        if response.status_code == 201:
            self.bearer, self.password = response.json()["token"], password
        return response

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        return {**bearer, **given}


class Served:
    """The running application and its doors."""

    def __init__(self, app: FastAPI, owner: AsyncEngine, world: World, places: Mapping[str, UUID]) -> None:
        self.app = app
        self.owner = owner
        """A pool of the database's owner, to arrange and to look at what the application itself may not."""
        self.world = world
        self.places = places
        """The organisations of PEOPLE by the word used there."""
        self._visitors: list[Visitor] = []
        self._cookies: dict[str, str] = {}
        self._bearers: dict[str, str] = {}

    def visitor(self) -> Visitor:
        """Somebody nobody knows."""
        return self.visitor_from("127.0.0.1")

    def visitor_from(self, address: str) -> Visitor:
        """The same from another network address."""
        visitor = Visitor(self.app, address)
        self._visitors.append(visitor)
        return visitor

    async def page_visitor(self, login: str) -> Visitor:
        """A signed-in browser. Hashing is slow on purpose: the session of a login is opened once and shared."""
        visitor = self.visitor()
        if login not in self._cookies:
            assert (await visitor.sign_in(login)).status_code == 303
            self._cookies[login] = visitor.http.cookies["wastetrack"]
        visitor.http.cookies.set("wastetrack", self._cookies[login])
        return visitor

    async def api_visitor(self, login: str) -> Visitor:
        """A signed-in program; the same holds."""
        visitor = self.visitor()
        if login not in self._bearers:
            assert (await visitor.sign_in_at_api(login)).status_code == 201
            self._bearers[login] = visitor.bearer or ""
        visitor.bearer, visitor.password = self._bearers[login], PASSWORD
        return visitor

    async def close(self) -> None:
        """Hang up."""
        for visitor in self._visitors:
            await visitor.http.aclose()


@asynccontextmanager
async def served_on(
    database_url: str,
    world: World,
    data_dir: Path,
    **settings: Any,  # noqa: ANN401
) -> AsyncIterator[Served]:
    """The application on a database of the small world, with PEOPLE enrolled.

    The URL is the owner's; the application connects by its own role, as it really does.
    """
    # Tests ask more often than people do; the limits have tests of their own.
    chosen = Settings(
        **{"data_dir": data_dir, "pool_size": 16, "worker_in_server": False, "rate_limits": False, **settings}
    )
    app = make_app(chosen, database_url=for_application(database_url))
    app.state.renderer.environment.bytecode_cache = compiled_for(chosen.time_zone)
    owner = make_engine(database_url, pool_size=2)
    async with app.router.lifespan_context(app):
        async with writing(owner) as session:
            places = await enrol_people(session, world)
        served = Served(app, owner, world, places)
        try:
            yield served
        finally:
            await served.close()
            await owner.dispose()


def for_application(url: str) -> str:
    """The same database by the application's role; our cluster trusts whoever may enter its folder."""
    return make_url(url).set(username=APPLICATION).render_as_string(hide_password=False)


async def enrol_people(session: WriteSession, world: World) -> dict[str, UUID]:
    """One person per role; and the organisations they work for."""
    platform = await register_organisation(
        session, platform_operator(), firm_command(kinds=frozenset({OrganisationKind.OPERATOR})), at=AT
    )
    places = {
        "generator": world.generator.id,
        "carrier": world.carrier.id,
        "receiver": world.receiver.id,
        "stranger": world.stranger.id,
        "authority": world.inspector.organisation_id,
        "platform": platform.id,
    }
    for login, (name, place, role, jurisdiction) in PEOPLE.items():
        command = Enrol(
            login=login,
            name=name,
            password=PASSWORD,
            organisation_id=places[place],
            role=role,
            jurisdiction=jurisdiction,
        )
        await install(session, command, at=clock.now())
    return places


@pytest.fixture(scope="session")
async def served(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The application that the tests of this process share, on their copy of the small world."""
    world, template = town
    address = cluster.clone(template.database)
    async with served_on(address.url, world, tmp_path_factory.mktemp("served")) as served:
        yield served
    cluster.drop(address)


@asynccontextmanager
async def on_the_network(app: FastAPI) -> AsyncIterator[str]:
    """The same application at a port of this machine, for browsers; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells by an attribute only
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
