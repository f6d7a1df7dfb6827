"""Which first page somebody sees: one table, which the modules of those pages fill in.

    @home_of(Role.DRIVER)
    async def run(page: Page, work: ReadWork) -> Response: ...        # a page of a role's own

    FITTING.append((has_run, run))                                    # a page of whoever this is true of: asked first

    BLOCKS.append(Block("gate/today.html", gather))                  # something beside a firm's task list

Who has no page of his own sees what he owes, in web/home.py. A block whose `gather` gives None is not shown.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from wastetrack.auth.model import Role
from wastetrack.serving.deps import ReadWork
from wastetrack.web.rendering import Page

Home = Callable[[Page, ReadWork], Awaitable[Response]]
"""Shows somebody's first page."""
Gather = Callable[[Page, ReadWork], Awaitable[dict[str, Any] | None]]
"""Reads what a block shows; None where it does not concern this visitor."""

Fits = Callable[[ReadWork], Awaitable[bool]]
"""Whether a page is this visitor's first one."""

HOMES: dict[Role, Home] = {}
"""The first pages of roles that have one of their own."""
FITTING: list[tuple[Fits, Home]] = []
"""First pages that more than the role decides about, asked in this order before HOMES."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a firm's first page: its template, which sees what was gathered as `block`."""

    template: str
    gather: Gather


BLOCKS: list[Block] = []
"""In the order shown."""


def home_of(*roles: Role) -> Callable[[Home], Home]:
    """Let a page be the first one of these roles. Raises ValueError where a role has one already."""

    def put(home: Home) -> Home:
        for role in roles:
            if role in HOMES:
                message = f"{role} has a first page already"
                raise ValueError(message)
            HOMES[role] = home
        return home

    return put


async def home_for(work: ReadWork, usual: Home) -> Home:
    """The first page of this visitor: one that fits him, that of his role, the usual one."""
    for fits, home in FITTING:
        if await fits(work):
            return home
    return HOMES.get(work.actor.role, usual)


async def blocks_for(page: Page, work: ReadWork) -> list[tuple[str, dict[str, Any]]]:
    """The blocks that concern this visitor."""
    gathered = [(block.template, await block.gather(page, work)) for block in BLOCKS]
    return [(template, found) for template, found in gathered if found is not None]
