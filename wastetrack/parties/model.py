"""Who takes part, as frozen values. Permits stand in permits.py, beside their rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from wastetrack.mass import Mass
from wastetrack.parties.plates import PlateKind
from wastetrack.parties.storerooms import PLAIN, Room, StoreKind


class OrganisationKind(StrEnum):
    """What an organisation does with waste; it may be several at once."""

    GENERATOR = "generator"
    """产废单位: makes waste and hands it over (移出人)."""
    TRANSPORTER = "transporter"
    """承运人: carries it."""
    DISPOSER = "disposer"
    """利用处置单位: takes it by permit (接受人)."""
    REGULATOR = "regulator"
    """生态环境主管部门: watches a region."""
    OPERATOR = "operator"
    """Runs this platform."""


class SiteKind(StrEnum):
    """What happens at a site."""

    PRODUCTION = "production"
    """生产经营场所: goods or services, waste on the side."""
    MEDICAL = "medical"
    """医疗卫生机构: hospital, clinic, laboratory."""
    COLLECTION = "collection"
    """收集贮存场所: waste of others is gathered."""
    TREATMENT = "treatment"
    """利用处置设施: waste is used, destroyed or buried."""
    DEPOT = "depot"
    """车辆停放场所: vehicles stand here."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A legal body. `jurisdiction` is the region prefix that a regulator watches, else None."""

    id: UUID
    credit_code: str
    name: str
    name_en: str | None
    kinds: frozenset[OrganisationKind]
    region_code: str
    address: str
    contact_name: str
    contact_phone: str
    jurisdiction: str | None
    verified: bool
    """Whether the operator or an authority has confirmed that it is the one it says."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place of an organisation, with accounts of its own. Coordinates are degrees, WGS 84."""

    id: UUID
    organisation_id: UUID
    name: str
    kind: SiteKind
    region_code: str
    address: str
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class Store:
    """A storage facility or zone of a site (贮存设施, 贮存分区) and how much it may hold."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    limit: Mass
    room: Room = PLAIN
    is_open: bool = True

    @property
    def kind(self) -> StoreKind:
        """What it is by the standard."""
        return self.room.kind

    @property
    def parent_id(self) -> UUID | None:
        """The facility of a zone."""
        return self.room.parent_id

    @property
    def title(self) -> str:
        """Code and name, to choose by."""
        return f"{self.code} {self.name}"


def usable(stores: Iterable[Store]) -> tuple[Store, ...]:
    """The stores into which containers may be put: in use, and not divided into zones."""
    known = [one for one in stores if one.is_open]
    divided = {one.parent_id for one in known}
    return tuple(one for one in known if one.id not in divided)


@dataclass(frozen=True, slots=True)
class TransportLicence:
    """道路危险货物运输许可: which dangerous goods classes a carrier may take, on which days (both included)."""

    id: UUID
    organisation_id: UUID
    number: str
    valid_from: date
    valid_to: date
    classes: frozenset[str]

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its road transport certificate (道路运输证), valid until and including `licence_valid_to`."""

    id: UUID
    organisation_id: UUID
    plate: str
    plate_kind: PlateKind
    rated_load: Mass
    licence_number: str
    licence_valid_to: date


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver with the certificate for dangerous goods (从业资格证), valid until and including its last day."""

    id: UUID
    organisation_id: UUID
    name: str
    certificate_number: str
    certificate_valid_to: date
    phone: str
