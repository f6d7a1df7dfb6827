"""Words of management plans and contracts: classes, kinds of transfer, units, states, and the commands."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from wastetrack.mass import Mass
from wastetrack.parties.facilities import FacilityKind

__all__ = [
    "AmountGround",
    "ClassGround",
    "ConfirmContract",
    "ContractState",
    "DraftContract",
    "EndContract",
    "FacilityKind",
    "ItemOfContract",
    "ManagementClass",
    "PlanState",
    "PlanTable",
    "QuantityUnit",
    "ReceiverKind",
    "SetClass",
    "TransferKind",
]


class ManagementClass(StrEnum):
    """管理类别 (HJ 1259-2022, 4.2.1)."""

    KEY = "key_supervision"  # 危险废物环境重点监管单位
    SIMPLIFIED = "simplified"  # 危险废物简化管理单位
    REGISTERED = "registration"  # 危险废物登记管理单位


class ClassGround(StrEnum):
    """Why a site is of its class."""

    AUTHORITY = "set_by_the_authority"  # 4.2.2
    PERMIT = "holds_an_operating_permit"  # 4.2.1 a 3
    OWN_TREATMENT = "own_use_or_disposal"  # 4.2.1 a 2
    AMOUNT = "yearly_amount"  # 4.2.1 a 1, b, c


class AmountGround(StrEnum):
    """Where the yearly amount is taken from (4.2.3)."""

    THREE_YEARS = "largest_of_three_years"
    SO_FAR = "largest_since_it_began"
    APPROVED = "approved_documents"  # EIA, discharge permit


class PlanState(StrEnum):
    """How far the plan of a site and year is."""

    DRAFT = "draft"  # never filed yet
    FILED = "filed"  # in force
    CHANGING = "changing"  # in force, with a newer version in the making


class PlanTable(StrEnum):
    """The tables of annex A."""

    UNIT = "unit"  # A.1
    FACILITIES = "facilities"  # A.2
    GENERATION = "generation"  # A.3
    STORAGE = "storage"  # A.4
    TREATMENT = "treatment"  # A.5
    REDUCTION = "reduction"  # A.6
    TRANSFER = "transfer"  # A.7


class TransferKind(StrEnum):
    """转移类型 (5.5.5 a)."""

    WITHIN = "within_the_province"
    ACROSS = "across_provinces"
    ABROAD = "abroad"


class ReceiverKind(StrEnum):
    """拟接收单位类型 (5.5.5 f)."""

    PERMIT_HOLDER = "permit_holder"
    EXEMPT_USER = "exempt_user"  # 危险废物利用处置环节豁免管理单位
    APPROVED_USER = "approved_user"  # “点对点” use, facilities shared within a group
    ABROAD = "receiver_abroad"


class QuantityUnit(StrEnum):
    """In what a quantity is planned; shown and filed in tonnes (5.5.1 e)."""

    TONNE = "t"
    KILOGRAM = "kg"
    LITRE = "l"
    CUBIC_METRE = "m3"
    PIECE = "piece"


class ContractState(StrEnum):
    """How far a contract is."""

    DRAFT = "draft"  # entered by one side, seen by both
    CONFIRMED = "confirmed"  # agreed to by the other
    ENDED = "ended"  # before its last day, by one side


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClass:
    """An authority says of which class a site is, from a year on (4.2.2); None takes it back."""

    site_id: UUID
    management_class: ManagementClass | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOfContract:
    """So much of a waste by a method; any method when it is None."""

    waste_code: str
    quantity: Mass
    method: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContract:
    """A written contract between shipper and receiver (令23 art. 10 (1)), entered by either."""

    shipper_id: UUID
    receiver_id: UUID
    number: str
    signed_on: date
    valid_from: date
    valid_to: date
    items: tuple[ItemOfContract, ...]
    clauses_acknowledged: bool = False
    """It says how pollution is prevented in transport, storage, use and disposal, and who answers for what."""
    price: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmContract:
    """The other side agrees that this is the contract."""

    contract_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndContract:
    """One side ends it before its last day, or withdraws its draft."""

    contract_id: UUID
    reason: str
