"""The running demonstration's cast: firms with their people, sites, stores and fleets, as the use cases made them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from uuid import UUID

from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.waste_codes import parse
from wastetrack.cli.demonstration.firms import FleetFacts, PlantFacts, Trade, TradeFacts
from wastetrack.cli.demonstration.places import Place
from wastetrack.cli.demonstration.signing import Keyring
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.parties.model import Driver, Organisation, Site, Store, Vehicle

PRINTED_LOGINS = frozenset(
    {
        *("operator", "approver", "inspector", "regulator", "owner", "filer", "signer", "viewer", "driver", "gate"),
        *("receiver", "nurse", "collector", "neighbour"),
    }
)
"""Who gets a printed account: one for each role, who signs for the first plant, a hospital's nurse and its
collector who walks the rounds, and the approver of the province next door."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose login and password are printed."""

    role: str
    login: str
    name: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Firm:
    """An organisation with a site. Whoever is not hired for a role is stood in for by the owner."""

    organisation: Organisation
    place: Place
    site: Site
    people: dict[Role, Actor]
    keyring: Keyring
    stores: tuple[Store, ...] = ()

    def by(self, role: Role) -> Actor:
        """Who does this for the firm."""
        return self.people.get(role) or self.people[Role.OWNER]

    def store_for(self, code: str, dice: Random | None = None) -> Store:
        """Where a waste may stand: acids in the first store and alkalis in the last, apart from each other and from
        solvents; anything else anywhere of a plant, in the first store where there are no dice."""
        category = None if is_general(code) else parse(code).category
        if category == "HW35":
            return self.stores[-1]
        if category == "HW34" or dice is None:
            return self.stores[0]
        return dice.choice(self.stores)

    def signing(self, session: WriteSession, role: Role, *, at: datetime) -> Signing:
        """How whoever does this for the firm signs."""
        return self.keyring.signing(session, self.by(role), at=at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shipper(Firm):
    """Makes waste."""

    trade: Trade
    facts: TradeFacts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carrier(Firm):
    """Carries it."""

    facts: FleetFacts
    vehicles: tuple[Vehicle, ...]
    drivers: tuple[Driver, ...]

    def large_enough(self, load_g: int) -> list[Vehicle]:
        """Its vehicles that may carry so much."""
        return [one for one in self.vehicles if one.rated_load.grams >= load_g]


@dataclass(frozen=True, slots=True)
class Load:
    """A container somewhere, as the demonstration remembers it. `true_g` is what it weighs in truth, waste alone."""

    id: UUID
    digital_code: str
    code: str
    tare_g: int
    net_g: int
    true_g: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A load that a plant has taken in and will treat."""

    load: Load
    method: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plant(Firm):
    """Takes waste in by permit."""

    facts: PlantFacts
    suspended: tuple[date, date] | None = None
    """First and last day on which its permit is taken away."""
    waiting: list[Waiting] = field(default_factory=list)
    outgoing: list[Load] = field(default_factory=list)
    """Its own residues, and what a collection station has gathered."""

    def method_for(self, code: str) -> str | None:
        """By which method the permit lets it take this code, if at all."""
        category = parse(code).category
        items = {pattern: method for pattern, method, _ in self.facts.items}
        return items.get(code) or items.get(category)

    def is_suspended(self, day: date) -> bool:
        """Whether it may take nothing that day."""
        return self.suspended is not None and self.suspended[0] <= day <= self.suspended[1]

    @property
    def treats(self) -> bool:
        """False for a collection station, which only passes on."""
        return self.facts.every_days > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody."""

    shippers: tuple[Shipper, ...]
    carriers: tuple[Carrier, ...]
    plants: dict[str, Plant]

    def shipper(self, trade: Trade, place: Place) -> Shipper:
        """The first of a trade in a county."""
        return next(one for one in self.shippers if (one.trade, one.place) == (trade, place))
