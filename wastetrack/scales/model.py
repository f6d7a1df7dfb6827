"""Scales: what stands at a site, how long its verification holds, what it says. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil, sqrt
from typing import assert_never
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass

SOON = timedelta(days=30)
"""So long before its verification ends a scale asks for the next one."""
FRESH = timedelta(minutes=30)
"""So old a reading may be that becomes a mass: long enough to fill a form, short enough that it is this container's."""


class ScaleKind(StrEnum):
    """What sort of scale it is."""

    PLATFORM = "platform"  # 台秤、地上衡
    TRUCK = "truck"  # 汽车衡
    BENCH = "bench"  # 案秤、电子天平
    CRANE = "crane"  # 吊秤
    FORKLIFT = "forklift"  # 叉车秤

    @property
    def method(self) -> WeighingMethod:
        """How the ledger names a mass that was found on it."""
        match self:
            case ScaleKind.TRUCK:
                return WeighingMethod.TRUCK_SCALE
            case ScaleKind.PLATFORM | ScaleKind.BENCH | ScaleKind.CRANE | ScaleKind.FORKLIFT:
                return WeighingMethod.PLATFORM_SCALE
            case _:
                assert_never(self)


class ScaleUnit(StrEnum):
    """In what a scale shows; what it sends is told in the same unit."""

    GRAM = "g"
    KILOGRAM = "kg"


class AccuracyClass(StrEnum):
    """Of a non-automatic weighing instrument (JJG 539, OIML R 76)."""

    SPECIAL = "I"
    HIGH = "II"
    MEDIUM = "III"
    ORDINARY = "IIII"


class Verification(StrEnum):
    """How a scale's verification (检定) stands on a day."""

    HOLDS = "holds"
    ENDS_SOON = "ends_soon"
    OVER = "over"
    NOT_YET = "not_yet"  # begins on a day to come


def verification(verified_on: date, verified_until: date, on: date) -> Verification:
    """How it stands on that day."""
    if on > verified_until:
        return Verification.OVER
    if on < verified_on:
        return Verification.NOT_YET
    return Verification.ENDS_SOON if verified_until - on < SOON else Verification.HOLDS


def uncertainty_of(stated_g: int | None, division_g: int | None) -> int | None:
    """One standard deviation: as stated; else that of a figure rounded to the division, d/√12 (JJF 1059.1)."""
    if stated_g is not None or division_g is None:
        return stated_g
    return ceil(division_g / sqrt(12))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleDetails:
    """What is said of a scale, and may be said anew."""

    name: str
    kind: ScaleKind
    unit: ScaleUnit
    accuracy: AccuracyClass
    verified_on: date
    verified_until: date
    uncertainty: Mass | None = None
    division: Mass | None = None
    """The step of its display (检定分度值)."""


def check_details(told: ScaleDetails) -> list[Broken]:
    """Which rules the description of a scale breaks."""
    broken: list[Broken] = []
    if not told.name.strip():
        broken.append(Broken("name", "name_missing", "This needs a name."))
    if told.verified_until < told.verified_on:
        message = "A verification cannot end on {value}, before it began."
        broken.append(Broken("verified_until", "verification_ends_early", message, told.verified_until.isoformat()))
    if told.uncertainty is not None and told.uncertainty.grams <= 0:
        message = "The uncertainty of a scale is more than nothing."
        broken.append(Broken("uncertainty_g", "uncertainty_not_positive", message, told.uncertainty.grams))
    if told.division is not None and told.division.grams <= 0:
        message = "The division of a scale is more than nothing."
        broken.append(Broken("division_g", "division_not_positive", message, told.division.grams))
    return broken


def check_serial(serial: str) -> list[Broken]:
    """A scale is known by its serial number."""
    if serial.strip():
        return []
    message = "A scale needs its serial number: by it, what it sends is known as its own."
    return [Broken("serial", "serial_missing", message)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddScale(ScaleDetails):
    """Command: a scale of a site, of one ward or of nowhere in particular."""

    site_id: UUID
    serial: str
    ward_id: UUID | None = None
    kind: ScaleKind = ScaleKind.PLATFORM


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeScale(ScaleDetails):
    """Command: a scale was verified anew, or is called otherwise. Its serial number stays."""

    scale_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReading:
    """Command: a scale says what stands on it, known by its id or by its serial number."""

    reading_id: UUID
    gross: Mass
    serial: str = ""
    scale_id: UUID | None = None
    stable: bool = True
    """The figure has come to rest."""
    weighed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scale said, and which scale."""

    id: UUID
    scale_id: UUID
    site_id: UUID
    ward_id: UUID | None
    gross: Mass
    stable: bool
    weighed_at: datetime
    scale_name: str
    scale_serial: str
    kind: ScaleKind
    uncertainty: Mass | None
    verification: Verification
    """As it stood on that day."""
    used_for: UUID | None = None
    """The container whose mass it is already."""

    @property
    def verified(self) -> bool:
        """Whether the scale's verification held on that day."""
        return self.verification in {Verification.HOLDS, Verification.ENDS_SOON}
