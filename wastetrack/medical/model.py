"""Medical waste: wards, bags, rounds, trip cards, small institutions, emergencies; and their commands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Form, Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.statements import Signing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import ZERO, Mass

CODE_OF: dict[MedicalClass, str] = {
    MedicalClass.INFECTIOUS: "841-001-01",
    MedicalClass.SHARP: "841-002-01",
    MedicalClass.PATHOLOGICAL: "841-003-01",
    MedicalClass.CHEMICAL: "841-004-01",
    MedicalClass.PHARMACEUTICAL: "841-005-01",
}
NAME_OF: dict[MedicalClass, str] = {
    MedicalClass.INFECTIOUS: "感染性废物",
    MedicalClass.SHARP: "损伤性废物",
    MedicalClass.PATHOLOGICAL: "病理性废物",
    MedicalClass.CHEMICAL: "化学性废物",
    MedicalClass.PHARMACEUTICAL: "药物性废物",
}
"""As the label and the card name them."""
HAZARDS_OF: dict[MedicalClass, tuple[str, ...]] = {
    MedicalClass.CHEMICAL: ("T",),
    MedicalClass.PHARMACEUTICAL: ("T",),
}
"""What is assumed where nobody says otherwise; In where nothing stands here."""


class WardKind(StrEnum):
    """What sort of department (科室) it is."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    EMERGENCY_ROOM = "emergency_room"
    OPERATING = "operating"
    ISOLATION = "isolation"  # 发热门诊、隔离病区
    DIALYSIS = "dialysis"
    LABORATORY = "laboratory"
    PATHOLOGY = "pathology"
    PHARMACY = "pharmacy"
    OTHER = "other"


class WeighedBy(StrEnum):
    """Where the mass of a bag comes from."""

    SCALE = "scale"  # a reading that the scale itself sent
    TYPED = "typed"  # read off and typed in


class NurseConfirmed(StrEnum):
    """How the nurse confirmed a hand-over on the collector's device."""

    FACTOR = "factor"  # with her own login and factor
    NAMED = "named"  # only her name was written down


class RoundState(StrEnum):
    """Of a walk through the wards."""

    WALKING = "walking"
    IN_STORE = "in_store"  # ended at the temporary store


class Found(StrEnum):
    """What the store, or the plant, found of a bag that was declared to it."""

    AS_DECLARED = "as_declared"
    DIFFERENT = "different"  # weighed there, and another figure
    MISSING = "missing"


class CardState(StrEnum):
    """Of a trip card (医疗废物运送登记卡)."""

    DRAFT = "draft"  # bags are listed, nobody has signed
    HANDED_OVER = "handed_over"  # the institution's person signed
    ON_THE_ROAD = "on_the_road"  # the carrier signed
    ARRIVED = "arrived"  # at the plant's gate
    RECEIVED = "received"  # the plant signed
    CANCELLED = "cancelled"  # before anything moved


class Cleaned(StrEnum):
    """What was washed and disinfected after a trip (GB 39707-2020, 5.5.2)."""

    VEHICLE = "vehicle"
    BOXES = "boxes"


class InstitutionKind(StrEnum):
    """What sort of small institution it is."""

    VILLAGE_CLINIC = "village_clinic"  # 村卫生室
    CLINIC = "clinic"  # 诊所
    DENTAL = "dental"  # 口腔诊所
    COMMUNITY_STATION = "community_station"  # 社区卫生服务站
    SCHOOL = "school"  # 校医室
    NURSING_HOME = "nursing_home"  # 养老机构内设医务室
    LABORATORY = "laboratory"  # 检验机构
    VETERINARY = "veterinary"  # 动物诊疗机构
    OTHER = "other"


class Way(StrEnum):
    """Who moved it to the collection point."""

    DELIVERED = "delivered"  # by the institution
    FETCHED = "fetched"  # by the point's people


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWard:
    """Command: a department of a medical site gets its code and door label."""

    site_id: UUID
    code: str
    name: str
    kind: WardKind
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWard:
    """Command: what a ward is called, where it is, whether it still works."""

    ward_id: UUID
    name: str
    kind: WardKind
    location: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackBag:
    """Command: a bag, sharps box or turnover box of a ward is closed, weighed, and gets its label.

    With `reading_id` the mass is what the scale sent; without it, `weighing` says what was read off.
    """

    ward_id: UUID
    kind: MedicalClass
    packaging: Packaging
    volume_l: int
    filled_percent: int | None = None
    layers: int = 1
    highly_infectious: bool = False
    reading_id: UUID | None = None
    tare: Mass = ZERO
    weighing: Weighing | None = None
    form: Form = Form.SOLID
    hazards: tuple[str, ...] = ()
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    """Who hands over for the ward, and how that is known."""

    name: str
    confirmed: NurseConfirmed
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverWard:
    """Command: the nurse hands these bags to the collector; count and mass are what both have read."""

    round_id: UUID
    ward_id: UUID
    codes: tuple[DigitalCode, ...]
    bags: int
    mass: Mass
    nurse: Nurse


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInStore:
    """One bag at the end of a round, where it is not as it was handed over."""

    container_id: UUID
    gross: Mass | None
    """What the store's scale says; None: the bag is not there."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRound:
    """Command: what was collected is in the temporary store. Bags not named here are there as handed over."""

    round_id: UUID
    store_id: UUID
    bags: int
    mass: Mass
    differing: tuple[FoundInStore, ...] = ()
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCard:
    """Command: what is to be handed to a carrier for a plant, from one site."""

    site_id: UUID
    receiver_site_id: UUID
    method: str
    carrier_id: UUID
    plate: str
    driver_name: str
    container_ids: tuple[UUID, ...]
    driver_id: UUID | None = None
    boxes: int = 0
    remarks: str = ""
    call_id: UUID | None = None
    """The call of an emergency under which the receiver was chosen; it must be in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignCard:
    """Command: a signed step of a trip card."""

    card_id: UUID
    version: int | None = None
    happened_at: datetime | None = None
    signing: Signing | None = None

    @property
    def dated(self) -> datetime | None:
        """When it happened: as it stood in the statement, if one was prepared."""
        return (None if self.signing is None else self.signing.happened_at) or self.happened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighAtPlant:
    """Command: the gate finds one bag of a card: weighed, as declared, or not there."""

    card_id: UUID
    code: DigitalCode | None = None
    container_id: UUID | None = None
    gross: Mass | None = None
    missing: bool = False
    reason: str = ""
    scale_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCleaning:
    """Command: vehicle or boxes of a trip were washed and disinfected."""

    card_id: UUID
    what: tuple[Cleaned, ...]
    agent: str
    boxes: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """Command: a site gathers for small institutions; `served_by_id` fetches from it."""

    site_id: UUID
    served_by_id: UUID
    interval_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverInstitution:
    """Command: put a small institution on a point's list. Without a site of its own it gets one under the point."""

    point_id: UUID
    name: str
    region_code: str
    kind: InstitutionKind
    contact_name: str
    contact_phone: str
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallBag:
    """One bag or box that a small institution handed over."""

    kind: MedicalClass
    packaging: Packaging
    volume_l: int
    weighing: Weighing
    filled_percent: int | None = None
    layers: int = 1
    highly_infectious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFromInstitution:
    """Command: a light hand-over at a collection point, or at the institution's door. No bags: nothing was made."""

    institution_id: UUID
    way: Way
    given_by: str
    taken_by: str
    bags: tuple[SmallBag, ...]
    store_id: UUID | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareEmergency:
    """Command: an authority switches emergency mode on for a region."""

    region_code: str
    order_number: str
    reason: str
    from_at: datetime
    until_at: datetime
    is_drill: bool = False
    """Everything is called and noted as if it were true; bags and cards are not flagged."""
    rules: str = ""
    """What holds meanwhile: who decides, which way waste goes, what is treated first."""
