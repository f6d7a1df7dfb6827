"""A transfer while the system cannot be used (令23 art. 20): on paper first, entered within ten working days."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.containers.model import Description, Packaging, Weighing
from wastetrack.errors import Broken
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.model import LegPlan
from wastetrack.mass import ZERO, Mass


class ReservedState(StrEnum):
    """What became of a reserved number."""

    RESERVED = "reserved"
    USED = "used"  # a manifest bears it
    VOIDED = "voided"  # nothing was moved under it, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveNumbers:
    """Command: give a site so many numbers in advance."""

    site_id: UUID
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A labelled container as the paper tells of it. Without `received` it did not arrive."""

    container_id: UUID
    received: Mass | None
    method: WeighingMethod = WeighingMethod.TRUCK_SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledByHand:
    """A container that has no label of this system: its label was written by hand."""

    description: Description
    packaging: Packaging
    volume_l: int
    weighing: Weighing
    generated_on: date
    received: Mass | None
    method: WeighingMethod = WeighingMethod.TRUCK_SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPaper:
    """Command: enter what the paper says; it counts once the shipper has signed it, with the scan beside it.

    `number` is that printed on the form; None where none was reserved, and one is given now.
    """

    number: str | None
    shipper_site_id: UUID
    receiver_site_id: UUID
    method: str
    legs: tuple[LegPlan, ...]
    taken_over_at: tuple[datetime, ...]
    """For each leg, when its carrier took the load over; the first is the pick-up."""
    arrived_at: datetime
    received_at: datetime
    lines: tuple[PaperLine, ...] = ()
    by_hand: tuple[LabelledByHand, ...] = ()
    reason: str
    late_reason: str = ""
    remarks: str = ""


def check_reserving(count: int, held: int, cap: int) -> list[Broken]:
    """A site holds a small block of numbers and no more."""
    if count < 1:
        return [Broken("count", "count_not_positive", "Reserve at least one number.", count)]
    if held + count <= cap:
        return []
    message = "This site would hold {held} reserved numbers; {cap} at most."
    step = "Use or void those that it holds."
    facts: dict[str, object] = {"held": held + count, "cap": cap}
    return [Broken("count", "reserved_too_many", message, count, article="令23 art. 15", facts=facts, next_step=step)]


def check_moments(command: DraftPaper, at: datetime) -> list[Broken]:
    """Pick-up, hand-overs, arrival and receipt follow each other, and lie behind us."""
    moments = [*command.taken_over_at, command.arrived_at, command.received_at]
    broken: list[Broken] = []
    if len(command.taken_over_at) != len(command.legs):
        message = "Give for each carrier when it took the load over."
        broken.append(Broken("legs", "take_over_missing", message, article="令23 art. 17"))
    if moments != sorted(moments):
        message = "The moments on the paper do not follow each other: pick-up, hand-overs, arrival, receipt."
        broken.append(Broken("arrived_at", "moments_out_of_order", message, command.arrived_at.isoformat()))
    if command.received_at > at:
        message = "The receipt at {value} has not come yet; only a transfer that is over is entered."
        broken.append(Broken("received_at", "not_over_yet", message, command.received_at.isoformat()))
    if not command.reason.strip():
        message = "Say why the system could not be used."
        broken.append(Broken("reason", "reason_missing", message, article="令23 art. 20"))
    for position, one in enumerate(command.lines):
        if one.received is not None and one.received <= ZERO:
            message = "A container that arrived weighs more than nothing."
            broken.append(Broken(f"lines.{position}.received", "received_not_positive", message))
    return broken


def entry_due(received_at: datetime, working_days: int) -> date:
    """The last day on which a transfer on paper is entered in time."""
    return after_working_days(legal_day(received_at), working_days)
