"""Promises about every address, kept by asking the application for all of them."""

import re

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from tests.support.served import Served
from wastetrack.serving.idempotency import AnsweringRoute

# Whoever scans a label sees what is printed on it; whoever holds an invitation's link, what it offers.
OPEN_PAGES = {
    "/design",
    "/help",
    "/sign-in",
    "/sign-in/with/{slug}",
    "/sign-in/with/{slug}/back",
    "/join",
    "/problems/{slug}",
    "/91/{code}/92/{check}",
    "/91/{code}/92/{check}/93/{revision}",
    "/d/{token}",
    "/.well-known/oauth-authorization-server",
}
# Each call opens or ends a session of its own, or is a step towards one; there is nothing that a key could be kept
# under.
ANONYMOUS_DOORS = {
    "/sign-in",
    "/sign-in/factor",
    "/sign-in/factor/options",
    "/sign-in/passkey",
    "/sign-in/passkey/options",
    "/sign-out",
    "/join",
    "/d/{token}",  # a driver without an account: the link itself is used up once
    "/api/v1/sign-in",
    "/api/v1/sign-in/passkey",
    "/api/v1/sign-in/passkey/options",
}
# Giving a factor again counts even where it fails, so it is not one unit of work; doing it twice does no harm.
COUNTED = {"/account/confirm", "/api/v1/account/confirm"}
WITHOUT_KEY = ANONYMOUS_DOORS | COUNTED
# Systems show who they are in the request itself; each token is a new one, and ending one twice is harmless.
WITHOUT_KEY |= {"/api/v1/oauth/token", "/api/v1/oauth/revoke", "/api/v1/oauth/introspect"}
# A directory sends no keys (RFC 7644): its PUT, PATCH and DELETE repeat harmlessly, and a login is made once.
DIRECTORY = "/scim/"
NOWHERE = "00000000-0000-7000-8000-000000000000"


def made(path: str) -> str:
    """An address with something in each place."""
    return re.sub(r"\{[^}]*\}", NOWHERE, path)


async def test_every_page_asks_who_is_there(served: Served) -> None:
    visitor = served.visitor()
    tried = 0
    for path, verbs, _route in addresses(served):
        if (
            path.startswith(("/api/", "/health", "/ready", "/static", DIRECTORY))
            or path in OPEN_PAGES
            or "GET" not in verbs
        ):
            continue
        response = await visitor.get(made(path))
        assert response.status_code == 303, path
        assert response.headers["location"].startswith("/sign-in"), path
        tried += 1
    assert tried > 15


async def test_every_change_asks_who_is_there_before_anything_else(served: Served) -> None:
    visitor = served.visitor()
    for path, verbs, _route in addresses(served):
        if "POST" not in verbs or path in ANONYMOUS_DOORS:
            continue
        response = await visitor.post(made(path), data={})
        # A body that is no JSON is refused at the API's door even before.
        expected = {401, 422} if path.startswith("/api/") else {401} if path.startswith(DIRECTORY) else {303}
        assert response.status_code in expected, (path, response.text)


def test_every_change_is_answered_once_under_its_callers_key(served: Served) -> None:
    for path, verbs, route in addresses(served):
        if verbs - {"GET", "HEAD"} and path not in WITHOUT_KEY and not path.startswith(DIRECTORY):
            assert isinstance(route, AnsweringRoute), path


def test_pages_speak_what_forms_can_send(served: Served) -> None:
    for path, verbs, _route in addresses(served):
        more = {"PUT"} if path.startswith("/api/") else set()
        more |= {"PUT", "PATCH", "DELETE"} if path.startswith(DIRECTORY) else set()
        assert verbs <= {"GET", "HEAD", "POST"} | more, path


def addresses(served: Served) -> list[tuple[str, set[str], BaseRoute]]:
    """Every address with its verbs; the mounted assets have none."""
    contexts = iter_route_contexts(served.app.routes)
    found = [(context.path, set(context.methods or ()), context.original_route) for context in contexts]
    return [(path, verbs, route) for path, verbs, route in found if path is not None and verbs]
