"""The rows of an instance before they are columns: its places, plants and lines, by what they are in the records. Pure.

Small sites of a county are one place; who makes a thousand tonnes a year, or treats its own waste, is a place of its
own.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from uuid import UUID

from wastetrack.capacity.expecting import expected
from wastetrack.capacity.facts import MONTHS, OF_SITE, Facts, SiteFacts
from wastetrack.capacity.model import OPEN_TO_ALL
from wastetrack.capacity.permitted import share
from wastetrack.capacity.result import FORECASTS, SupplyGround
from wastetrack.parties.model import SiteKind

APART_G = 1_000_000_000
"""Who makes so much in a year stands for itself."""


@dataclass(frozen=True, slots=True)
class LineSource:
    """What a line of the instance is in the records."""

    pattern: str
    methods: tuple[str, ...]


@dataclass(slots=True)
class Line:
    """A line of a plant."""

    plant: int
    source: LineSource
    id: str
    limit_g: int
    first: int = 0
    group: int = OPEN_TO_ALL
    residue_site: UUID | None = None
    only: str | None = None
    """The one code that it takes; None: whatever its pattern names."""


@dataclass(slots=True)
class Plant:
    """A plant and what it can take month by month."""

    id: str
    name: str
    place: int
    months: tuple[int, ...]
    permitted_g: int
    storage_g: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A county, or a site that stands for itself."""

    id: str
    name: str
    region: str
    longitude: float
    latitude: float
    group: int = OPEN_TO_ALL


@dataclass(frozen=True, slots=True)
class SupplyTold:
    """What arises by site and code, month by month, and on what that rests."""

    months: dict[OF_SITE, tuple[int, ...]]
    grounds: dict[SupplyGround, int]
    """Grams of each; those of which there is nothing are left out."""
    unplaced: tuple[str, ...] = ()
    """Codes that are forecast and of which no site is known."""


def supply_of(facts: Facts, ground: SupplyGround) -> SupplyTold:
    """What arises. Residues of a plant come with what it treats, and what a station has collected arose elsewhere:
    neither is counted here. Raises LookupError where a forecast is asked for and none is there."""
    planned = {
        key: share(grams, [1] * MONTHS, MONTHS)
        for key, grams in facts.planned_g.items()
        if grams and not counted_elsewhere(facts, key)
    }
    here = {site_id for site_id in facts.sites if facts.lies_here(site_id)}
    arisen = {key: months for key, months in facts.arisen_g.items() if any(months) and key[0] in here}
    if ground is SupplyGround.PLAN:
        return _resting(planned, ground)
    if ground is SupplyGround.LEDGER:
        return _resting(arisen, ground)
    if ground in FORECASTS:
        if facts.forecast is None:
            raise LookupError(ground)
        yearly = {key: sum(months) for key, months in planned.items()}
        found, lost = expected(facts.forecast, facts, yearly, high=ground is SupplyGround.FORECAST_HIGH)
        return replace(_resting(found, ground), unplaced=lost)
    by_ledger = {key: months for key, months in arisen.items() if sum(months) > sum(planned.get(key, ()))}
    by_plan = {key: months for key, months in planned.items() if key not in by_ledger}
    told = by_plan | by_ledger
    return SupplyTold(
        {key: told[key] for key in sorted(told, key=lambda key: (str(key[0]), key[1]))},
        _resting(by_plan, SupplyGround.PLAN).grounds | _resting(by_ledger, SupplyGround.LEDGER).grounds,
    )


def _resting(months: dict[OF_SITE, tuple[int, ...]], ground: SupplyGround) -> SupplyTold:
    whole = sum(map(sum, months.values()))
    return SupplyTold(months, {ground: whole} if whole else {})


def counted_elsewhere(facts: Facts, key: OF_SITE) -> bool:
    """Whether what a site says of a code comes with what it treats, or arose with somebody else."""
    site = facts.sites.get(key[0])
    if site is None or not facts.lies_here(site.id):
        return True
    return key in facts.residue_g or site.kind is SiteKind.COLLECTION


@dataclass(slots=True)
class Rows:
    """Where they are put together."""

    facts: Facts
    supply: dict[OF_SITE, tuple[int, ...]]
    sharing: bool
    free_elsewhere: bool = False
    codes: list[str] = field(init=False)
    places: dict[str, int] = field(default_factory=dict)
    at: list[Place] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    approved: dict[tuple[int, int, str], int] = field(default_factory=lambda: defaultdict(int))
    without_nameplate: int = 0
    without_permit: int = 0
    """Receivers of waste of single sites."""
    province_plants: int = 0
    """Plants of the province outside the region that may take something of it, and to which no plan sends it."""
    groups: dict[str, int] = field(default_factory=dict)
    joined: dict[UUID, str] = field(init=False)
    """Sites that an approval joins into a group, and its name."""

    def __post_init__(self) -> None:
        together = [one for one in self.facts.approvals if not one.crosses]
        self.joined = {site_id: one.group_name for one in together for site_id in (one.site_id, one.receiver_site_id)}
        found = {code for _, code in (*self.supply, *self.facts.residue_g, *self.facts.stored_g)}
        self.codes = sorted(found)

    def settle(self) -> None:
        """Large sites, those that treat their own waste and those that one receiver is named for apart; the others by
        county, in their middle."""
        yearly: dict[UUID, int] = defaultdict(int)
        for (site_id, _), months in self.supply.items():
            yearly[site_id] += sum(months)
        standing = {site_id for site_id, _ in self.facts.stored_g}
        own = {one.site_id for one in self.facts.own_treatment} & self.facts.sites.keys()
        sharing = {self.group_of(self.facts.sites[site_id]) for site_id in own}
        directed = {one.site_id for one in self.facts.directed}
        counties: dict[str, list[SiteFacts]] = defaultdict(list)
        for site in self.facts.sites.values():
            if not self.facts.lies_here(site.id) or not (yearly[site.id] or site.id in standing):
                continue
            alone = yearly[site.id] >= APART_G or site.kind is SiteKind.TREATMENT or site.id in directed
            if alone or self.group_of(site) in sharing:
                self.place_of(site)
            else:
                counties[site.region_code].append(site)
        for county, sites in counties.items():
            longitude, latitude = (
                sum(getattr(site, axis) for site in sites) / len(sites) for axis in ("longitude", "latitude")
            )
            name = self.facts.names.get(county, county)
            number = self._add(Place(f"county:{county}", name, county, longitude, latitude))
            self.places.update({str(site.id): number for site in sites})

    def place_of(self, site: SiteFacts) -> int:
        """The place of a site that stands for itself."""
        key = str(site.id)
        if key not in self.places:
            group = self.group_of(site)
            name = f"{site.organisation} {site.name}"
            self._add(Place(key, name, site.region_code, site.longitude, site.latitude, group))
        return self.places[key]

    def _add(self, place: Place) -> int:
        self.places[place.id] = len(self.at)
        self.at.append(place)
        return self.places[place.id]

    def group_of(self, site: SiteFacts) -> int:
        """Who shares its own plants with it: itself alone, or, where sharing is asked for, its firm and those that an
        approval joins into a group."""
        name = self.joined.get(site.id, str(site.organisation_id)) if self.sharing else str(site.id)
        return self.groups.setdefault(name, len(self.groups))
