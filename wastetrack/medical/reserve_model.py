"""What is held ready for an epidemic: facilities that would help, supplies, and who is called; and their commands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.mass import Mass


class HelperKind(StrEnum):
    """What sort of facility helps with medical waste in an emergency, in the order in which it is called."""

    MEDICAL_PLANT = "medical_plant"  # of a neighbour
    HAZARDOUS_INCINERATOR = "hazardous_incinerator"
    MUNICIPAL_INCINERATOR = "municipal_incinerator"
    CEMENT_KILN = "cement_kiln"
    MOBILE = "mobile"  # comes to where the waste is
    OTHER = "other"


class SupplyKind(StrEnum):
    """What sort of supply it is."""

    PACKAGING = "packaging"
    PROTECTION = "protection"
    DISINFECTANT = "disinfectant"
    FUEL = "fuel"
    REAGENT = "reagent"
    SPARE_PART = "spare_part"
    OTHER = "other"


class StockMove(StrEnum):
    """Why a supply's stock changes."""

    IN = "in"  # it came
    OUT = "out"  # it was used, lent or thrown away
    COUNTED = "counted"  # somebody looked, and this is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Designate:
    """Command: an authority puts a facility on the list of those that help in an emergency.

    With `site_id` name, address and position are those of a site on the platform where they are left empty.
    """

    region_code: str
    kind: HelperKind
    daily: Mass
    lead_hours: int
    agreement_number: str
    agreement_from: date
    agreement_to: date
    contact_name: str
    contact_phone: str
    site_id: UUID | None = None
    name: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    rules: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHelper:
    """Command: an authority calls a facility of its list under an emergency."""

    emergency_id: UUID
    helper_id: UUID
    daily: Mass
    from_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSupply:
    """Command: something is to be held ready, and never less than the minimum of it."""

    kind: SupplyKind
    name: str
    unit: str
    place: str
    minimum: int
    site_id: UUID | None = None
    """Of a firm's reserve; an authority's stands for its region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSupply:
    """Command: it came, went, or was counted. `expires_on` names the lot; what goes without one goes by expiry."""

    supply_id: UUID
    kind: StockMove
    quantity: int
    happened_on: date
    expires_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is there of a supply with one day of expiry; None keeps for ever."""

    expires_on: date | None
    quantity: int

    def usable(self, on: date) -> bool:
        """Whether it may still be used on a day; the day of expiry is the last."""
        return self.expires_on is None or self.expires_on >= on


def usable(lots: Iterable[Lot], on: date) -> int:
    """How much may be used on a day."""
    return sum(lot.quantity for lot in lots if lot.usable(on))


def taken_by_expiry(lots: Iterable[Lot], quantity: int, on: date) -> list[Lot]:
    """Which lots so much is taken from: what expires first goes first, what has expired stays. All of it is there."""
    taken: list[Lot] = []
    for lot in sorted(lots, key=lambda one: one.expires_on or date.max):
        part = min(quantity, lot.quantity) if lot.usable(on) else 0
        if part > 0:
            taken.append(Lot(lot.expires_on, part))
            quantity -= part
    assert quantity == 0, "what is taken was there"  # noqa: S101  our own mistake
    return taken
