"""A router of one room's addresses that sees at a glance whether an address can be one of its own.

FastAPI asks every router in turn, and each tries each of its routes' patterns. With several hundred addresses that
costs more than many an answer; a glance at the first words leaves a handful of patterns to try.
"""

import re
from functools import cached_property

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

_FIRST = re.compile(r"/+([^/]+)")


class RoomRouter(APIRouter):
    """Matches as every router does, but only where one of its routes' first words stands in the address."""

    _looked_over = -1
    _plain = False

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes answers. Under whatever prefix it was included, its own words are in the path."""
        if self._first_words is not None and self._first_words.isdisjoint(scope["path"].split("/")):
            return Match.NONE, {}
        return super().matches(scope)

    def _get_routes_version(self, seen: set[int] | None = None) -> int:
        """Of the routes, by which FastAPI knows whether it has to look them over again. It asks at every request, and
        walks over all the routes for routers among them; of a room with plain routes its own number says it all."""
        if self._looked_over != len(self.routes):
            self._plain = all(isinstance(route, Route) for route in self.routes)
            self._looked_over = len(self.routes)
        return self._routes_version if self._plain else super()._get_routes_version(seen)

    @cached_property
    def _first_words(self) -> frozenset[str] | None:
        """None: some route begins with a place, is the root itself, or is no plain route."""
        words = {_first_word(route) for route in self.routes}
        known = frozenset(word for word in words if word is not None)
        return None if None in words else known


def _first_word(route: BaseRoute) -> str | None:
    found = _FIRST.match(getattr(route, "path", ""))
    return None if found is None or "{" in found[1] else found[1]
