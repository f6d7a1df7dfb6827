"""What the records say of a region and a year, before it is brought into columns: sites, plans, ledger, permits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from wastetrack.capacity.forecast import RegionForecast
from wastetrack.containers.bases import TransferBasis
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind

MONTHS = 12
OF_SITE = tuple[UUID, str]
"""A site and a waste code."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A place, and the firm that it belongs to."""

    id: UUID
    name: str
    kind: SiteKind
    region_code: str
    longitude: float
    latitude: float
    organisation_id: UUID
    organisation: str
    stores_g: int
    """What its stores in use may hold together."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A line of a permit."""

    id: UUID
    pattern: str
    methods: frozenset[str]
    yearly_g: int


@dataclass(frozen=True, slots=True)
class PermitFacts:
    """A permit with the days of its suspensions; both days included, None: still open."""

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    kind: PermitKind
    valid_from: date
    valid_to: date
    items: tuple[ItemFacts, ...]
    suspensions: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """A facility for use or disposal with its nameplate, as far as its unit is understood."""

    site_id: UUID
    yearly_g: int | None
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """What filed plans send from a site of the region to a receiver."""

    site_id: UUID
    receiver_id: UUID
    waste_code: str
    method: str
    planned_g: int


@dataclass(frozen=True, slots=True)
class OwnTreatmentFacts:
    """What a filed plan treats at the site itself."""

    site_id: UUID
    waste_code: str
    method: str
    planned_g: int


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What may cross a province's border, or be shared within a group."""

    site_id: UUID
    receiver_site_id: UUID
    waste_code: str
    method: str
    quantity_g: int
    group_name: str
    crosses: bool


@dataclass(frozen=True, slots=True)
class DirectedFacts:
    """What a receiver without a permit may take, from one site alone: by an approval point to point, or by an entry of
    the exemption list under which the site's filed plan sends it there."""

    site_id: UUID
    receiver_site_id: UUID
    waste_code: str
    method: str
    quantity_g: int
    ground: TransferBasis


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What a receiver publishes: for a code or class, by a method or any (empty)."""

    site_id: UUID
    pattern: str
    method: str
    fen_per_t: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it."""

    region: str
    year: int
    sites: Mapping[UUID, SiteFacts]
    """Those of the region, and those of receivers elsewhere."""
    planned_g: Mapping[OF_SITE, int]
    """What filed plans say will arise."""
    filed: frozenset[UUID]
    """Sites whose plan is filed."""
    arisen_g: Mapping[OF_SITE, tuple[int, ...]]
    """What arose by the ledger, month by month; without residues of treatment."""
    stored_g: Mapping[OF_SITE, int]
    treated_g: Mapping[UUID, int]
    residue_g: Mapping[OF_SITE, int]
    """What treatment left."""
    permits: tuple[PermitFacts, ...]
    facilities: tuple[FacilityFacts, ...] = ()
    transfers: tuple[TransferFacts, ...] = ()
    own_treatment: tuple[OwnTreatmentFacts, ...] = ()
    approvals: tuple[ApprovalFacts, ...] = ()
    directed: tuple[DirectedFacts, ...] = ()
    outages: tuple[tuple[UUID, date, date | None, int], ...] = ()
    """Site, first and last day, percent of its capacity that is lost."""
    forecast: RegionForecast | None = None
    """What the authority's newest forecast of the region says; asked for where the supply rests on it."""
    booked_g: Mapping[UUID, int] = field(default_factory=dict)
    """Lines of permits → what is booked and set aside of them in the year, by whomever."""
    roads_km: Mapping[tuple[str, UUID], float] = field(default_factory=dict)
    """County or site → site of a plant → kilometres, as an authority uploaded them."""
    prices: tuple[PriceFacts, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Regions' codes, six digits → what they are called."""

    def lies_here(self, site_id: UUID) -> bool:
        """Whether a site lies in the region."""
        return self.sites[site_id].region_code.startswith(self.region)


_GRAMS_OF = {"t": 10**6, "吨": 10**6, "kg": 10**3, "千克": 10**3, "公斤": 10**3, "万t": 10**10, "万吨": 10**10}
_HOURS = 7_920  # 330 days, as plants are usually designed
_TIMES = {"a": 1, "年": 1, "y": 1, "d": 330, "日": 330, "天": 330, "h": _HOURS, "小时": _HOURS, "月": 12, "m": 12}


def yearly_grams(capacity: Decimal | None, unit: str | None) -> int | None:
    """A nameplate in grams a year: `3000 t/a`, `100 t/d` (330 days), `2.5 t/h`; None where the unit says no mass."""
    mass, _, time = (unit or "").replace(" ", "").replace("／", "/").partition("/")
    if capacity is None or mass not in _GRAMS_OF or time not in _TIMES:
        return None
    return int(capacity * _GRAMS_OF[mass] * _TIMES[time])
