"""Manifests (危险废物转移联单): kinds, states, outcomes at the gate, and the commands of its use cases."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.containers.bases import TransferBasis as TransferBasis  # noqa: PLC0414  manifests speak of it
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.statements import Signing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass


class ManifestKind(StrEnum):
    """What sort of transfer."""

    ROAD = "road"  # by vehicle, one or several legs (令23 art. 16, 17)
    RETURN = "return"  # brings rejected goods back to their shipper
    CONTINUOUS = "continuous"  # by pipe or belt, metered at both ends day by day (令23 art. 19)
    MEDICAL = "medical"  # a month of a hospital's pick-ups, each on its own trip card (医疗废物专用)


PERIODS = frozenset({ManifestKind.CONTINUOUS, ManifestKind.MEDICAL})
"""Kinds that run for a period: opened, moved under day by day, summed up; all others are one trip."""


class ManifestState(StrEnum):
    """Where in its life a manifest is; states.py says how it gets from one to the next."""

    DRAFT = "draft"  # only its owner sees it
    RUNNING = "running"  # open for a period, while mass moves day by day or card by card
    FILED = "filed"  # signed by the shipper, numbered, sealed
    PICKED_UP = "picked_up"  # loaded, under way with the first carrier
    IN_TRANSIT = "in_transit"  # handed over to a further carrier
    ARRIVED = "arrived"  # at the receiver's gate
    RECEIVED = "received"  # all accepted
    PARTLY_RECEIVED = "partly_received"  # some accepted, the rest rejected or missing
    REJECTED = "rejected"  # none accepted
    CLOSED = "closed"  # confirmed by the receiver, nothing left on the road
    CANCELLED = "cancelled"  # withdrawn before pick-up
    VOID = "void"  # its number burnt, with a reason
    RETURNING = "returning"  # a return under way
    RETURNED = "returned"  # a return taken in by the first shipper


class PartyRole(StrEnum):
    """What an organisation is on a manifest."""

    SHIPPER = "shipper"
    CARRIER = "carrier"
    RECEIVER = "receiver"


OPEN = frozenset(
    {
        ManifestState.DRAFT,
        ManifestState.RUNNING,
        ManifestState.FILED,
        ManifestState.PICKED_UP,
        ManifestState.IN_TRANSIT,
        ManifestState.ARRIVED,
        ManifestState.RETURNING,
    }
)
ON_THE_ROAD = frozenset({ManifestState.PICKED_UP, ManifestState.IN_TRANSIT})


class Act(StrEnum):
    """What moves a manifest from state to state; each is signed and is an event of the log."""

    FILE = "file"
    CANCEL = "cancel"
    VOID = "void"
    PICK_UP = "pick_up"
    HAND_OVER = "hand_over"
    ARRIVE = "arrive"
    RECEIVE = "receive"
    RECEIVE_PARTLY = "receive_partly"
    REJECT = "reject"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    TAKE_BACK = "take_back"
    OPEN = "open"
    SUM_UP = "sum_up"
    REDIRECT = "redirect"
    BACK_ENTER = "back_enter"
    CHECK_LOADING = "check_loading"


class CorrectionAct(StrEnum):
    """What is signed about a correction."""

    REQUEST = "request"
    CONSENT = "consent"
    REFUSE = "refuse"


class SignedStep(StrEnum):
    """A step that somebody signs, as it is asked for; the gate's findings decide which act a receipt is."""

    FILING = "filing"
    CANCELLATION = "cancellation"
    VOIDING = "voiding"
    PICK_UP = "pick-up"
    HAND_OVER = "hand-over"
    ARRIVAL = "arrival"
    RECEIPT = "receipt"
    CONFIRMATION = "confirmation"
    CORRECTION = "correction"
    CORRECTION_ANSWER = "correction-answer"
    OPENING = "opening"
    SUMMING_UP = "summing-up"
    REDIRECTION = "redirection"
    TRIP_ARRIVAL = "trip-arrival"
    TRIP_CLOSING = "trip-closing"
    BACK_ENTRY = "back-entry"
    CARD_HAND_OVER = "card-hand-over"
    CARD_PICK_UP = "card-pick-up"
    CARD_RECEIPT = "card-receipt"
    LOADING_CHECK = "loading-check"


class Outcome(StrEnum):
    """What a scan at the gate found. The truck is there, so none of these is an error."""

    ACCEPTED = "accepted"  # on this manifest, permitted, weight as declared within tolerance
    ACCEPTED_WITH_DIFFERENCE = "accepted_with_difference"  # taken in, but the scales disagree
    REJECTED = "rejected"  # the gate refuses it, with a reason
    MISSING = "missing"  # declared, not there
    UNEXPECTED = "unexpected"  # a known container, but not of this manifest
    NOT_PERMITTED = "not_permitted"  # the permit does not cover it on this day
    ALREADY_HERE = "already_here"  # scanned before
    VOID_LABEL = "void_label"  # its label was replaced by another; the container bears the wrong one, or is another


TAKEN_IN = frozenset({Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPlan:
    """One transport leg: who carries, in what, from where to where (令23 art. 11, 17)."""

    carrier_id: UUID
    plate: str
    driver_id: UUID | None = None
    start: str = ""
    end: str = ""
    handover_place: str = ""
    """Of a further leg: where it takes over from the one before it."""
    handover_at: datetime | None = None
    """And when, as both carriers have agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftManifest:
    """Command: prepare a manifest over containers that stand at one site, or change a draft."""

    shipper_site_id: UUID
    receiver_site_id: UUID
    method: str
    planned_on: date
    container_ids: tuple[UUID, ...]
    legs: tuple[LegPlan, ...]
    remarks: str = ""
    plan_reason: str = ""
    """Why it goes beyond plan or contract, where the rule of the place lets that be explained."""
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: tuple[int, ...] = ()
    """Places in the exemption list of the entries whose conditions the shipper declares to hold."""


def prepared_moment(signing: Signing | None) -> datetime | None:
    """When an act happened that was prepared before it was signed."""
    return None if signing is None else signing.happened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAct:
    """Command: sign a step of a manifest. `version` is the one the signer has seen, if it was shown one."""

    manifest_id: UUID
    happened_at: datetime | None = None
    version: int | None = None
    reason: str = ""
    """Required where a number is burnt or a manifest withdrawn."""
    signing: Signing | None = None
    """Nothing but a draft is done with without it."""

    @property
    def dated(self) -> datetime | None:
        """When it happened: as it stood in the statement, if one was prepared."""
        return prepared_moment(self.signing) or self.happened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAtGate:
    """Command: a container is scanned at the gate, and weighed or not."""

    manifest_id: UUID
    scan_id: UUID
    code: DigitalCode
    """What the label says, its check already read (containers/labels.py)."""
    gross: Mass | None = None
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: str | None = None
    uncertainty: Mass | None = None
    reading_id: UUID | None = None
    """The scale itself sent the gross mass; method, scale and uncertainty are then the scale's."""
    reject_reason: str = ""
    """Not empty: the gate refuses this container, and why."""
    store_id: UUID | None = None
    happened_at: datetime | None = None
    device_id: UUID | None = None
    """The enrolled device that kept it while there was no network, if one did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Command: the receiver signs what it took in. Declared containers that nobody scanned must be named missing."""

    manifest_id: UUID
    missing_ids: tuple[UUID, ...] = ()
    opinion: str = ""
    happened_at: datetime | None = None
    version: int | None = None
    signing: Signing | None = None

    @property
    def dated(self) -> datetime | None:
        """When it happened: as it stood in the statement, if one was prepared."""
        return prepared_moment(self.signing) or self.happened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCorrection:
    """Command: the receiver says that a mass it has signed was wrong."""

    manifest_id: UUID
    container_id: UUID
    measured: Mass
    reason: str
    signing: Signing | None = None


class CorrectionField(StrEnum):
    """What is corrected after it was signed."""

    MEASURED_MASS = "measured_mass"  # of a container, at the receiver's gate
    LEG_PLATE = "leg_plate"
    LEG_START = "leg_start"
    LEG_END = "leg_end"
    REMARKS = "remarks"
    OPINION = "opinion"  # the receiver's

    @property
    def of_leg(self) -> bool:
        """Whether it belongs to one of the legs."""
        return self.value.startswith("leg_")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFieldCorrection:
    """Command: a field that one has signed says the wrong thing; what it should say."""

    manifest_id: UUID
    field: CorrectionField
    new: str
    reason: str
    leg_position: int = 0
    """Of a leg's field."""
    signing: Signing | None = None


class CorrectionState(StrEnum):
    """How far a correction is."""

    REQUESTED = "requested"
    CONSENTED = "consented"  # the other signer agreed; the entry is reversed and restated
    REFUSED = "refused"  # one refusal ends it
    LAPSED = "lapsed"  # nobody answered in time


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCorrection:
    """Command: the other signer consents or refuses."""

    correction_id: UUID
    consent: bool
    reason: str = ""
    signing: Signing | None = None
