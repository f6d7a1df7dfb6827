"""Every address that reads says what it shows of whom; a new one without a word fails here."""

import re
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from tests.support.served import Served
from wastetrack.serving import deps
from wastetrack.serving.shown import SHOWS, SHOWS_NOTHING


def reads(dependant: Dependant | None) -> bool:
    """Whether a handler asks for a reading session."""
    return dependant is not None and (dependant.call is deps._read or any(reads(one) for one in dependant.dependencies))


def showing(served: Served) -> set[str]:
    """The addresses that answer with what they have read: GET, a reading POST, a form that comes back filled."""
    found = set()
    for context in iter_route_contexts(served.app.routes):
        route: Any = context.original_route
        if context.path is None or not context.methods:
            continue
        asks_again = "ask_again" in getattr(getattr(route, "endpoint", None), "__dict__", {})
        if "GET" in context.methods or asks_again or reads(getattr(context, "dependant", None)):
            found.add(context.path)
    return found


async def test_every_address_that_reads_says_what_it_shows(served: Served) -> None:
    declared = SHOWS.keys() | SHOWS_NOTHING.keys()
    assert sorted(showing(served) - declared) == [], "say in serving/shown.py what these show, or why nothing"
    assert sorted(declared - showing(served)) == [], "these are no addresses any more"
    assert SHOWS.keys() & SHOWS_NOTHING.keys() == set()
    assert len(SHOWS) > 40
    assert all(SHOWS_NOTHING.values())


async def test_a_thing_is_named_by_a_place_or_parameter_of_its_address(served: Served) -> None:
    in_the_body = {"/api/v1/containers/labels.pdf"}
    tried = 0
    for context in iter_route_contexts(served.app.routes):
        declared = SHOWS.get(context.path or "")
        if context.path is None or declared is None or not declared.named_by or context.path in in_the_body:
            continue
        dependant: Any = getattr(context, "dependant", None)
        named = set(re.findall(r"\{(\w+)", context.path)) | {field.name for field in dependant.query_params}
        assert named & set(declared.named_by), context.path
        tried += 1
    assert tried > 40
