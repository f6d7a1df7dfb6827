"""What may happen between pick-up and confirmation: mismatches, incidents under way, a new receiver, trips."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.containers.statements import Signing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.model import SignAct, prepared_moment
from wastetrack.mass import Mass


class MismatchKind(StrEnum):
    """In what the load differs from its manifest (令23 art. 18)."""

    NAME = "name"  # another waste than is declared
    QUANTITY = "quantity"  # more or less, beyond the tolerance
    PROPERTY = "property"  # another hazard
    FORM = "form"  # another state of matter
    PACKAGING = "packaging"  # another or a damaged packaging


class MismatchState(StrEnum):
    """How far a mismatch is."""

    REPORTED = "reported"  # told to the shipper and the authority, waits for the receiver's decision
    ACCEPTED = "accepted"  # taken in all the same
    REJECTED = "rejected"  # goes back


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMismatch:
    """Command: the gate says in what a load differs. Without a container, the manifest as a whole."""

    mismatch_id: UUID
    manifest_id: UUID
    kinds: tuple[MismatchKind, ...]
    found: str
    container_id: UUID | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideMismatch:
    """Command: the receiver accepts the load all the same, or rejects it."""

    mismatch_id: UUID
    accept: bool
    reason: str


class IncidentKind(StrEnum):
    """What went wrong on the way."""

    BREAKDOWN = "breakdown"  # the vehicle cannot go on
    CONTAINER_LOST = "container_lost"  # fell off, was stolen, cannot be found
    CONTAINER_LEAKING = "container_leaking"  # some of its content is gone


class IncidentState(StrEnum):
    """Whether it is over."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIncident:
    """Command: something went wrong on the way. May be sent later, when there is a network again."""

    incident_id: UUID
    manifest_id: UUID
    kind: IncidentKind
    place: str
    region_code: str
    what: str
    """What happened, and why."""
    measures: str = ""
    """What was done against it (令23 art. 9)."""
    reported_to: str = ""
    """Which authority of the place was told, and how."""
    container_id: UUID | None = None
    spilled: Mass | None = None
    method: WeighingMethod = WeighingMethod.ESTIMATE
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAgain:
    """Command: a container that was missing has turned up, and stands with whoever says so."""

    event_id: UUID
    manifest_id: UUID
    container_id: UUID
    what: str
    """Where and how it was found."""
    gross: Mass | None = None
    """What it weighs now, where it stays at a site; without it, what it was missed with."""
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: str | None = None
    uncertainty: Mass | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncident:
    """Command: the danger is over; how it ended."""

    incident_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceVehicle:
    """Command: after a breakdown another vehicle, of the same carrier or another, takes the load over where it is."""

    incident_id: UUID
    carrier_id: UUID
    plate: str
    at_place: str
    meet_at: datetime
    driver_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Command: the shipper signs that a load under way goes to another receiver."""

    manifest_id: UUID
    receiver_site_id: UUID
    method: str
    reason: str
    happened_at: datetime | None = None
    version: int | None = None
    signing: Signing | None = None

    @property
    def dated(self) -> datetime | None:
        """When it happened: as it stood in the statement, if one was prepared."""
        return prepared_moment(self.signing) or self.happened_at


class DifferenceKind(StrEnum):
    """What the next carrier finds wrong with a container."""

    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Difference:
    """One container that is not as the manifest says when the load is handed over."""

    container_id: UUID
    kind: DifferenceKind
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverCheck:
    """What the next carrier has looked at before it signs (令23 art. 17).

    `scanned` are the containers whose labels it read; without any, it counted them. `counted` None means: all that the
    manifest names. `reweighed` are gross masses in grams that its own scale gave; nothing is booked by them.
    """

    scanned: tuple[UUID, ...] = ()
    counted: int | None = None
    differences: tuple[Difference, ...] = ()
    reweighed: tuple[tuple[UUID, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(SignAct):
    """Command: the next carrier signs that it took the load over, and what it has looked at."""

    check: HandOverCheck = HandOverCheck()


class TripState(StrEnum):
    """How far a trip is."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTrip:
    """Command: one vehicle fetches the loads of several shippers, each on its own manifest, in this order."""

    trip_id: UUID
    plate: str
    day: date
    manifest_ids: tuple[UUID, ...]
    driver_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignTrip:
    """Command: sign one step for all manifests of a trip."""

    trip_id: UUID
    happened_at: datetime | None = None
    signing: Signing | None = None

    @property
    def dated(self) -> datetime | None:
        """When it happened: as it stood in the statement, if one was prepared."""
        return prepared_moment(self.signing) or self.happened_at
