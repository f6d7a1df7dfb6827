"""The pages in the navigation, and who finds which: one table, in the order shown."""

import dataclasses

from wastetrack.auth.model import Actor, Role
from wastetrack.i18n import message

_EVERYBODY = frozenset(Role)
_OFFICE = frozenset(Role) - {Role.OPERATOR, Role.DRIVER, Role.GATE_OPERATOR}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation; `title` is a message id, `group` the heading above it."""

    title: str
    path: str
    group: str
    roles: frozenset[Role] = _EVERYBODY


WORK = message("Work")
DIRECTORY = message("Directory")
SETTINGS = message("Settings")

ENTRIES: tuple[Entry, ...] = (
    Entry(message("Today"), "/", WORK),
    Entry(message("Organisations"), "/organisations", DIRECTORY),
    Entry(message("Waste codes"), "/codes", DIRECTORY),
    Entry(message("My account"), "/account", SETTINGS),
)


def entries_for(actor: Actor | None) -> tuple[Entry, ...]:
    """What this visitor may go to; nothing before signing in."""
    return () if actor is None else tuple(entry for entry in ENTRIES if actor.role in entry.roles)
