"""The pages in the navigation, and who finds which: one table, in the order shown."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

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

    @property
    def icon(self) -> str:
        """The drawing before it (components/icons.html), where it stands in sight."""
        return _ICONS.get(self.path, "")


WORK = message("Work")
ROAD = message("Transfers")
GROUNDS = message("Plans and approvals")
OUTLETS = message("Where waste can go")
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
    Entry(message("Findings"), "/findings", WORK, REGULATORS),
    Entry(message("Gate"), "/gate", WORK, _may(Verb.SCAN)),
    Entry(message("Containers"), "/containers", WORK, _BUSINESS - {Role.DRIVER}),
    Entry(message("Stores"), "/stores", WORK, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Treatment"), "/treatment", WORK, _may(Verb.TREAT)),
    Entry(message("Medical waste"), "/medical", WORK, _BUSINESS),
    Entry(message("Manifests"), "/manifests", ROAD, _BUSINESS),
    Entry(message("On the way"), "/on-the-way", ROAD, _BUSINESS),
    Entry(message("Discrepancies"), "/discrepancies", ROAD, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Collections"), "/calls", ROAD, _AT_A_DESK),
    Entry(message("On paper"), "/paper", ROAD, _may(Verb.FILE) | REGULATORS),
    Entry(message("Positions"), "/positions", ROAD, _may(Verb.TRACK) - {Role.DRIVER}),
    Entry(message("Management plans"), "/plans", GROUNDS, _PLANNERS),
    Entry(message("Contracts"), "/contracts", GROUNDS, _PLANNERS),
    Entry(message("Approvals"), "/approvals", GROUNDS, _AT_A_DESK),
    Entry(message("Not filed"), "/oversight/non-filers", GROUNDS, REGULATORS),
    Entry(message("Find a receiver"), "/receivers", OUTLETS, _may(Verb.FILE)),
    Entry(message("Reservations"), "/reservations", OUTLETS, _PLANNERS),
    Entry(message("Terms of intake"), "/intake", OUTLETS, _may(Verb.FILE)),
    Entry(message("Permits and capacity"), "/oversight/capacity", OUTLETS, REGULATORS),
    Entry(message("Matching of capacity"), "/capacity", OUTLETS, REGULATORS),
    Entry(message("How plants run"), "/capacity/operation", OUTLETS, REGULATORS | _may(Verb.TREAT)),
    Entry(message("Planned projects"), "/capacity/projects", OUTLETS, REGULATORS),
    Entry(message("Distances by road"), "/capacity/roads", OUTLETS, REGULATORS),
    Entry(message("What will arise"), "/capacity/forecast", OUTLETS, REGULATORS),
    Entry(message("Ledgers and reports"), "/ledgers", BOOKS, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Reports"), "/reports", BOOKS, REGULATORS),
    Entry(message("Mass ledger"), "/ledger", BOOKS, _OF_FIRMS - {Role.DRIVER}),
    Entry(message("Follow a chain"), "/audit", BOOKS, _AT_A_DESK),
    Entry(message("The log"), "/log", BOOKS, _BUSINESS),
    Entry(message("My signatures"), "/signed", BOOKS, _BUSINESS),
    Entry(message("Who looked"), "/looks", BOOKS, _may(Verb.MANAGE_ORGANISATION) | REGULATORS),
    Entry(message("Mass balance"), "/oversight/balance", BOOKS, REGULATORS),
    Entry(message("Legal holds"), "/holds", BOOKS, _may(Verb.HOLD) | _may(Verb.MANAGE_ORGANISATION)),
    Entry(message("Organisations"), "/organisations", DIRECTORY),
    Entry(message("Map"), "/oversight/map", DIRECTORY, REGULATORS),
    Entry(message("Protected zones"), "/zones", DIRECTORY, _BUSINESS - {Role.DRIVER}),
    Entry(message("Regions"), "/oversight/regions", DIRECTORY, REGULATORS),
    Entry(message("Waste codes"), "/codes", DIRECTORY),
    Entry(message("Claims"), "/claims", DIRECTORY, _EVERYBODY - {Role.REGULATOR_VIEWER, Role.INSPECTOR}),
    Entry(message("People"), "/organisations/{organisation_id}/people", SETTINGS, _ENROLLERS),
    Entry(message("Delegates"), "/organisations/{organisation_id}/delegates", SETTINGS, frozenset({Role.OWNER})),
    Entry(message("Scales"), "/scales", SETTINGS, _may(Verb.WEIGH)),
    Entry(message("Systems"), "/systems", SETTINGS, _may(Verb.MANAGE_SYSTEMS)),
    Entry(message("Imports"), "/imports", SETTINGS, _may(Verb.FILE)),
    Entry(message("Long work"), "/tasks", SETTINGS, _AT_A_DESK | {Role.OPERATOR}),
    Entry(message("My account"), "/account", SETTINGS),
)


_DESK_FIRST = ("/", "/containers", "/manifests", "/stores", "/on-the-way", "/plans", "/approvals", "/ledgers")
_AUTHORITY_FIRST = (
    "/",
    "/findings",
    "/approvals",
    "/manifests",
    "/on-the-way",
    "/containers",
    "/audit",
    "/reports",
    "/organisations",
)
FIRST: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.OWNER: _DESK_FIRST,
        Role.FILER: _DESK_FIRST,
        Role.SIGNER: _DESK_FIRST,
        Role.VIEWER: _DESK_FIRST,
        Role.GATE_OPERATOR: ("/", "/gate", "/treatment", "/stores", "/containers", "/manifests", "/on-the-way"),
        Role.DRIVER: ("/", "/on-the-way", "/manifests", "/medical"),
        Role.REGULATOR_VIEWER: _AUTHORITY_FIRST,
        Role.INSPECTOR: _AUTHORITY_FIRST,
        Role.APPROVER: _AUTHORITY_FIRST,
        Role.OPERATOR: ("/", "/organisations", "/claims", "/codes", "/account"),
    }
)
"""What stands in sight for each role, in this order; the first four are at a phone's lower edge. Everything else of
ENTRIES stands under “More”: a new page needs a line here only if it is somebody's daily work."""
MOST_IN_SIGHT = 9
_ICONS: Mapping[str, str] = MappingProxyType(
    {
        "/": "home",
        "/gate": "gate",
        "/containers": "drum",
        "/stores": "store",
        "/treatment": "flame",
        "/medical": "cross",
        "/manifests": "paper",
        "/on-the-way": "truck",
        "/plans": "plan",
        "/approvals": "stamp",
        "/ledgers": "book",
        "/reports": "book",
        "/audit": "chain",
        "/capacity": "scale",
        "/findings": "search",
        "/organisations": "firm",
        "/claims": "key",
        "/codes": "list",
        "/account": "person",
    }
)


def first_of(entries: Sequence[Entry], role: Role) -> tuple[Entry, ...]:
    """Of what a visitor may go to, what stands in sight."""
    by_path = {entry.path: entry for entry in entries}
    return tuple(by_path[path] for path in FIRST[role] if path in by_path)


def entries_for(actor: Actor | None) -> tuple[Entry, ...]:
    """What this visitor may go to; nothing before signing in."""
    if actor is None:
        return ()
    mine = (entry for entry in ENTRIES if actor.role in entry.roles)
    own = str(actor.organisation_id)
    return tuple(dataclasses.replace(entry, path=entry.path.format(organisation_id=own)) for entry in mine)


def title_of(path: str) -> str | None:
    """What a page of the navigation is called, whoever looks; a message id."""
    return next((entry.title for entry in ENTRIES if entry.path == path), None)
