"""The pages in the navigation, and who finds which: one table, in the order shown."""

import dataclasses

from wastetrack.auth.model import REGULATORS, Actor, Role
from wastetrack.auth.policy import GRANTS, Verb
from wastetrack.i18n import message

_EVERYBODY = frozenset(Role)


def _may(verb: Verb) -> frozenset[Role]:
    return frozenset(role for role, verbs in GRANTS.items() if verb in verbs)


_ENROLLERS = _may(Verb.MANAGE_PEOPLE)
# The platform's operator sees no business data.
_BUSINESS = _EVERYBODY - {Role.OPERATOR}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation; `title` is a message id, `group` the heading above it.

    `{organisation_id}` in a path is the visitor's own.
    """

    title: str
    path: str
    group: str
    roles: frozenset[Role] = _EVERYBODY


WORK = message("Work")
ROAD = message("Transfers")
GROUNDS = message("Plans and approvals")
BOOKS = message("Books and proofs")
DIRECTORY = message("Directory")
SETTINGS = message("Settings")

_OF_FIRMS = _BUSINESS - REGULATORS
# Who works at a desk: a driver and a gate have other things in their hands.
_AT_A_DESK = _BUSINESS - {Role.DRIVER, Role.GATE_OPERATOR}
_PLANNERS = _may(Verb.FILE) | REGULATORS | {Role.VIEWER}

# In the order of a day: what stands here, what moves, on what ground, what the books say of it.
ENTRIES: tuple[Entry, ...] = (
    Entry(message("Today"), "/", WORK),
    Entry(message("Gate"), "/gate", WORK, _may(Verb.SCAN)),
    Entry(message("Containers"), "/containers", WORK, _BUSINESS - {Role.DRIVER}),
    Entry(message("Stores"), "/stores", WORK, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Treatment"), "/treatment", WORK, _may(Verb.TREAT)),
    Entry(message("Medical waste"), "/medical", WORK, _BUSINESS),
    Entry(message("Manifests"), "/manifests", ROAD, _BUSINESS),
    Entry(message("On the way"), "/on-the-way", ROAD, _BUSINESS),
    Entry(message("On paper"), "/paper", ROAD, _may(Verb.FILE) | REGULATORS),
    Entry(message("Management plans"), "/plans", GROUNDS, _PLANNERS),
    Entry(message("Contracts"), "/contracts", GROUNDS, _PLANNERS),
    Entry(message("Approvals"), "/approvals", GROUNDS, _AT_A_DESK),
    Entry(message("Ledgers and reports"), "/ledgers", BOOKS, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Reports"), "/reports", BOOKS, REGULATORS),
    Entry(message("Mass ledger"), "/ledger", BOOKS, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Follow a chain"), "/audit", BOOKS, _AT_A_DESK),
    Entry(message("The log"), "/log", BOOKS, _BUSINESS),
    Entry(message("My signatures"), "/signed", BOOKS, _BUSINESS),
    Entry(message("Who looked"), "/looks", BOOKS, _may(Verb.MANAGE_ORGANISATION)),
    Entry(message("Legal holds"), "/holds", BOOKS, _may(Verb.HOLD) | _may(Verb.MANAGE_ORGANISATION)),
    Entry(message("Organisations"), "/organisations", DIRECTORY),
    Entry(message("Waste codes"), "/codes", DIRECTORY),
    Entry(message("People"), "/organisations/{organisation_id}/people", SETTINGS, _ENROLLERS),
    Entry(message("Delegates"), "/organisations/{organisation_id}/delegates", SETTINGS, frozenset({Role.OWNER})),
    Entry(message("Claims"), "/claims", SETTINGS, _EVERYBODY - {Role.REGULATOR_VIEWER, Role.INSPECTOR}),
    Entry(message("Systems"), "/systems", SETTINGS, _may(Verb.MANAGE_SYSTEMS)),
    Entry(message("Imports"), "/imports", SETTINGS, _may(Verb.FILE)),
    Entry(message("Long work"), "/tasks", SETTINGS, _AT_A_DESK | {Role.OPERATOR}),
    Entry(message("My account"), "/account", SETTINGS),
)


def entries_for(actor: Actor | None) -> tuple[Entry, ...]:
    """What this visitor may go to; nothing before signing in."""
    if actor is None:
        return ()
    mine = (entry for entry in ENTRIES if actor.role in entry.roles)
    own = str(actor.organisation_id)
    return tuple(dataclasses.replace(entry, path=entry.path.format(organisation_id=own)) for entry in mine)
