"""Words of calls for collection: their states, what is on offer, and the commands. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.containers.clocks import Clock
from wastetrack.errors import Broken

LONGEST_WAIT: Final = timedelta(days=90)
"""Nobody calls for a day further off: until then other containers stand there."""
USUAL_WAIT: Final = timedelta(days=7)
LONGEST_TEXT: Final = 500


class CallState(StrEnum):
    """How far a call for collection is."""

    CALLED = "called"  # the source asks; the collector has not answered
    ACCEPTED = "accepted"  # the collector named a day
    DECLINED = "declined"  # it does not come, and says why
    CANCELLED = "cancelled"  # the source needs nobody any more
    DONE = "done"  # a load took the containers


OPEN: Final = frozenset({CallState.CALLED, CallState.ACCEPTED})
"""States in which somebody still has to do something."""


class StopKind(StrEnum):
    """What a vehicle stops for."""

    LOAD = "load"  # a filed manifest at its shipper
    HAND_OVER = "hand_over"  # a load that another carrier brings
    CALL = "call"  # a collection that was called for and has no manifest yet
    CARD = "card"  # a trip card of medical waste
    DELIVERY = "delivery"  # what is aboard, at its receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A container that stands ready to be fetched."""

    container_id: UUID
    waste_code: str
    waste_name: str
    net_g: int
    since: date
    clock: Clock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one collector may fetch from one site by a contract that is in force."""

    site_id: UUID
    site_name: str
    collector_id: UUID
    collector_name: str
    contract_id: UUID
    containers: tuple[Waiting, ...]

    @property
    def net_g(self) -> int:
        """How much it is."""
        return sum(one.net_g for one in self.containers)

    @property
    def since(self) -> date:
        """Since when the oldest of it stands."""
        return min(one.since for one in self.containers)

    @property
    def clock(self) -> Clock | None:
        """The term that ends first."""
        clocks = [one.clock for one in self.containers if one.clock is not None]
        return min(clocks, key=lambda clock: (clock.last_day(), clock.kind), default=None)

    def wanted_by(self, today: date) -> date:
        """The day that is proposed: within a week, or sooner where a term ends sooner; never before today."""
        usual = today + USUAL_WAIT
        return max(today, min(usual, self.clock.last_day())) if self.clock else usual

    def by_waste(self) -> list[tuple[str, str, int, int]]:
        """Code, name, how many containers, grams; by code."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self.containers:
            count, grams = found.get((one.waste_code, one.waste_name), (0, 0))
            found[one.waste_code, one.waste_name] = (count + 1, grams + one.net_g)
        return [(code, name, *numbers) for (code, name), numbers in sorted(found.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCollection:
    """A source asks its collector to come. Without containers: all that may be called for; without a day: the proposed
    one."""

    site_id: UUID
    collector_id: UUID
    wanted_by: date | None = None
    container_ids: tuple[UUID, ...] = ()
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptCall:
    """The collector, or its carrier, comes on a day, with a vehicle if that is known. Said again: plans it anew."""

    call_id: UUID
    planned_on: date
    carrier_id: UUID | None = None
    plate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineCall:
    """The collector does not come, and why."""

    call_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCall:
    """The source takes its call back, and why."""

    call_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop of a day, by its kind and its subject: a manifest, a call, a trip card."""

    kind: StopKind
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStops:
    """The stops of a day in the order in which they are driven to."""

    day: date
    stops: tuple[Stop, ...]


def why_not_called(
    command: CallCollection, offer: Offer | None, wanted_by: date | None, *, today: date
) -> list[Broken]:
    """Everything that stands against a call."""
    broken: list[Broken] = []
    if offer is None:
        message = "Nothing that this collector may fetch stands ready at this site."
        step = "It needs a contract in force that covers the waste; what is called for already, or waits for a filed "
        step += "manifest, is not called for twice."
        broken.append(Broken("collector_id", "nothing_to_collect", message, article="令23 art. 10", next_step=step))
    elif command.container_ids:
        ready = {one.container_id for one in offer.containers}
        broken += [
            Broken("container_ids", "container_not_ready", "Container {value} cannot be called for.", str(one))
            for one in command.container_ids
            if one not in ready
        ]
    broken += _why_not_day("wanted_by", wanted_by, today=today)
    return broken + _why_not_text("remarks", command.remarks)


def why_not_planned(planned_on: date, *, today: date) -> list[Broken]:
    """Everything that stands against a day of collection."""
    return _why_not_day("planned_on", planned_on, today=today)


def why_not_reason(reason: str) -> list[Broken]:
    """Whoever does not come, or is not needed, says why."""
    if not reason.strip():
        return [Broken("reason", "reason_missing", "Say why; the other side will read it.")]
    return _why_not_text("reason", reason)


def _why_not_day(field: str, day: date | None, *, today: date) -> list[Broken]:
    if day is None:
        return []
    if day < today:
        return [Broken(field, "day_over", "The day {value} is over.", day.isoformat())]
    if day > today + LONGEST_WAIT:
        facts: dict[str, object] = {"days": LONGEST_WAIT.days}
        return [Broken(field, "day_far", "{value} is more than {days} days off.", day.isoformat(), facts=facts)]
    return []


def _why_not_text(field: str, text: str) -> list[Broken]:
    if len(text) <= LONGEST_TEXT:
        return []
    return [Broken(field, "text_long", "At most {limit} characters.", len(text), facts={"limit": LONGEST_TEXT})]
