"""A room's router looks at the first words of an address before it tries its routes, and misses none of them."""

import re

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Match

from tests.support.served import Served
from wastetrack.ids import new_id
from wastetrack.serving.room_router import RoomRouter


def scope_of(path: str, method: str = "GET") -> dict[str, object]:
    return {"type": "http", "path": path, "method": method, "headers": [], "root_path": "", "query_string": b""}


def answers(app: FastAPI, path: str, method: str) -> bool:
    scope = {**scope_of(path, method), "app": app}
    return any(route.matches(scope)[0] is Match.FULL for route in app.router.routes)


async def test_every_address_of_the_application_is_found(served: Served) -> None:
    missed = []
    for context in iter_route_contexts(served.app.routes):
        path = re.sub(r"\{\w+:uuid\}", str(new_id()), context.path or "")
        path = re.sub(r"\{\w+(:\w+)?\}", "thing", path)
        missed += [f"{method} {path}" for method in context.methods or () if not answers(served.app, path, method)]
    assert missed == []
    assert not answers(served.app, "/no-such-word", "GET")


def test_a_route_that_begins_with_a_place_is_tried_for_every_address() -> None:
    anything = RoomRouter()
    anything.add_api_route("/{word}", lambda word: word)
    app, outer = FastAPI(), APIRouter()
    outer.include_router(anything, prefix="/api/v1")
    app.include_router(outer)
    assert answers(app, "/api/v1/whatever", "GET")


def test_the_prefix_under_which_a_room_is_included_changes_nothing() -> None:
    room, app = RoomRouter(prefix="/stores"), FastAPI()
    room.add_api_route("/{store_id}", lambda store_id: store_id, methods=["POST"])
    app.include_router(room, prefix="/api/v1")
    assert answers(app, "/api/v1/stores/1", "POST")
    assert not answers(app, "/api/v1/stores/1", "GET")
    assert not answers(app, "/stores", "POST")


def test_a_route_that_is_added_after_the_first_question_is_found() -> None:
    room, app = RoomRouter(prefix="/stores"), FastAPI()
    room.add_api_route("/{store_id}", lambda store_id: store_id)
    app.include_router(room, prefix="/api/v1")
    assert not answers(app, "/api/v1/stores/1/late", "GET")
    room.add_api_route("/{store_id}/late", lambda store_id: store_id)
    assert answers(app, "/api/v1/stores/1/late", "GET")


def test_a_route_that_is_added_to_a_router_within_a_room_is_described() -> None:
    room, within, app = RoomRouter(), APIRouter(prefix="/stores"), FastAPI()
    within.add_api_route("/{store_id}", lambda store_id: store_id)
    room.include_router(within)
    app.include_router(room, prefix="/api/v1")
    assert sorted(app.openapi()["paths"]) == ["/api/v1/stores/{store_id}"]
    within.add_api_route("/{store_id}/late", lambda store_id: store_id)
    assert sorted(app.openapi()["paths"]) == ["/api/v1/stores/{store_id}", "/api/v1/stores/{store_id}/late"]
