"""Words of reservations and of the terms on which a receiver takes waste in: states, commands, rules. Pure.

A reservation sets a quantity of a permit's line aside for one generator until it files, or until the hold lapses. It is
no manifest and moves nothing; only a receiver who says that it takes reservations can be asked for one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.catalogues.waste_codes import WasteCode, parse_pattern
from wastetrack.errors import Broken, Malformed
from wastetrack.mass import ZERO, Mass

USUAL_HOLD_DAYS: Final = 7
LONGEST_HOLD_DAYS: Final = 30
LONGEST_TEXT: Final = 500
MOST_PRICES: Final = 200
MOST_FEN: Final = 100_000_000
"""A million yuan a tonne: more is a slip of the pen."""


class ReservationState(StrEnum):
    """How far a reservation is."""

    HELD = "held"  # the quantity is set aside
    USED = "used"  # manifests have taken all of it
    LAPSED = "lapsed"  # its time is over, the rest is everybody's again
    GIVEN_UP = "given_up"  # the generator needs it no more
    DECLINED = "declined"  # the receiver does not keep it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveQuantity:
    """A generator asks that so much of a waste be kept for it, for a day."""

    site_id: UUID
    receiver_site_id: UUID
    waste_code: str
    method: str
    mass: Mass
    planned_on: date
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReservation:
    """It is not needed, or not kept, any more, and why."""

    reservation_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a tonne costs at the gate, in fen; below nothing the receiver pays. Without a method: by any."""

    pattern: str
    """A code or a category, as permits name it."""
    fen_per_t: int
    method: str = ""

    def names(self, code: WasteCode, method: str) -> bool:
        """Whether it is a price of this waste by this method."""
        return self.pattern in {str(code), code.category} and self.method in {"", method}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTerms:
    """On what terms a site takes waste in; said again, it replaces what was said."""

    site_id: UUID
    is_open: bool
    hold_days: int = USUAL_HOLD_DAYS
    most: Mass | None = None
    contract_only: bool = False
    note: str = ""
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeDay:
    """How much a site can take in on a day; None takes the word back."""

    day: date
    free: Mass | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDays:
    """How much a site can take in on some days."""

    site_id: UUID
    days: tuple[FreeDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a site takes waste in, as they stand."""

    site_id: UUID
    is_open: bool
    hold_days: int
    most: Mass | None
    contract_only: bool
    note: str
    prices: tuple[Price, ...] = ()

    def price_of(self, code: WasteCode, method: str) -> int | None:
        """The price that says most of this waste: its own before its category's, this method's before any's."""
        named = [one for one in self.prices if one.names(code, method)]
        best = min(named, key=lambda one: (one.pattern != str(code), one.method != method), default=None)
        return None if best is None else best.fen_per_t


def hold_ends(planned_on: date, hold_days: int, at: datetime) -> datetime:
    """When a hold lapses: after the receiver's days, at the latest with the day for which it was made."""
    evening = datetime.combine(planned_on + timedelta(days=1), time(), LEGAL_ZONE)
    return min(at + timedelta(days=hold_days), evening)


def why_not_open(terms: Terms | None) -> list[Broken]:
    """Whether a receiver takes reservations at all."""
    if terms is not None and terms.is_open:
        return []
    message = "This receiver takes no reservations."
    step = "Agree with it by telephone, or choose another receiver."
    return [Broken("receiver_site_id", "receiver_takes_no_reservations", message, next_step=step)]


def why_not_within(terms: Terms | None, mass: Mass, *, has_contract: bool) -> list[Broken]:
    """What the receiver's own terms say against so much, for this generator."""
    if terms is None:
        return []
    broken: list[Broken] = []
    if terms.most is not None and mass > terms.most:
        message = "The receiver keeps at most {limit} for one reservation; {value} are asked for."
        facts: dict[str, object] = {"limit": terms.most.tonne_text()}
        broken.append(Broken("mass", "reservation_too_large", message, mass.tonne_text(), facts=facts))
    if terms.contract_only and not has_contract:
        message = "The receiver keeps quantity only for firms that have a contract with it for this waste."
        step = "Conclude the contract first."
        broken.append(Broken("receiver_site_id", "reservation_without_contract", message, next_step=step))
    return broken


def why_not_asked(command: ReserveQuantity, *, today: date, days_ahead: int) -> list[Broken]:
    """What can be said of a reservation by itself."""
    broken: list[Broken] = []
    if command.mass <= ZERO:
        broken.append(Broken("mass", "mass_not_positive", "The mass is more than nothing.", command.mass.grams))
    if command.planned_on < today:
        message = "The day {value} is over."
        broken.append(Broken("planned_on", "day_over", message, command.planned_on.isoformat()))
    elif command.planned_on > today + timedelta(days=days_ahead):
        message = "{value} is more than {days} days off."
        facts: dict[str, object] = {"days": days_ahead}
        broken.append(Broken("planned_on", "day_far", message, command.planned_on.isoformat(), facts=facts))
    return broken + _why_not_text("remarks", command.remarks)


def why_not_more(held: int, most: int) -> list[Broken]:
    """Whether a generator that holds so many may hold one more."""
    if held < most:
        return []
    message = "Your firm holds {value} reservations; at most {most} may be open at a time."
    step = "File what is set aside, or give up what you do not need."
    return [Broken("site_id", "reservations_too_many", message, held, facts={"most": most}, next_step=step)]


def why_not_day(day: date, free: Mass, taken: Mass, asked: Mass) -> list[Broken]:
    """What the receiver's word for a day says against so much."""
    if taken + asked <= free:
        return []
    message = "On {value} the receiver takes {free}; {taken} are set aside already, {asked} are asked for."
    facts: dict[str, object] = {
        "free": free.tonne_text(),
        "taken": taken.tonne_text(),
        "asked": asked.tonne_text(),
    }
    step = "Choose another day, or ask for less."
    return [Broken("planned_on", "day_full", message, day.isoformat(), facts=facts, next_step=step)]


def why_not_reason(reason: str) -> list[Broken]:
    """Whoever lets go says why."""
    if not reason.strip():
        return [Broken("reason", "reason_missing", "Say why; the other side will read it.")]
    return _why_not_text("reason", reason)


def why_not_terms(command: PublishTerms) -> list[Broken]:
    """Everything that is wrong with terms."""
    broken: list[Broken] = []
    if not 1 <= command.hold_days <= LONGEST_HOLD_DAYS:
        message = "A hold lasts from 1 to {limit} days, not {value}."
        facts: dict[str, object] = {"limit": LONGEST_HOLD_DAYS}
        broken.append(Broken("hold_days", "hold_days_out_of_range", message, command.hold_days, facts=facts))
    if command.most is not None and command.most <= ZERO:
        broken.append(Broken("most", "mass_not_positive", "The mass is more than nothing.", command.most.grams))
    if len(command.prices) > MOST_PRICES:
        message = "At most {limit} prices."
        many: dict[str, object] = {"limit": MOST_PRICES}
        broken.append(Broken("prices", "prices_too_many", message, len(command.prices), facts=many))
    broken += _why_not_text("note", command.note)
    seen: set[tuple[str, str]] = set()
    for place, price in enumerate(command.prices):
        field = f"prices.{place}"
        try:
            parse_pattern(price.pattern)
        except Malformed as unreadable:
            broken.append(unreadable.as_broken(f"{field}.pattern", price.pattern))
        if abs(price.fen_per_t) > MOST_FEN:
            message = "{value} yuan a tonne is no price."
            broken.append(Broken(f"{field}.yuan_per_t", "price_implausible", message, price.fen_per_t // 100))
        if (price.pattern, price.method) in seen:
            message = "{value} has a price already."
            broken.append(Broken(f"{field}.pattern", "price_twice", message, price.pattern))
        seen.add((price.pattern, price.method))
    return broken


def why_not_days(days: Iterable[FreeDay], *, today: date, days_ahead: int) -> list[Broken]:
    """Everything that is wrong with what is said of days."""
    broken: list[Broken] = []
    seen: set[date] = set()
    for place, one in enumerate(days):
        field = f"days.{place}.day"
        if one.day < today:
            broken.append(Broken(field, "day_over", "The day {value} is over.", one.day.isoformat()))
        elif one.day > today + timedelta(days=days_ahead):
            message = "{value} is more than {days} days off."
            facts: dict[str, object] = {"days": days_ahead}
            broken.append(Broken(field, "day_far", message, one.day.isoformat(), facts=facts))
        if one.day in seen:
            broken.append(Broken(field, "day_twice", "{value} is named twice.", one.day.isoformat()))
        seen.add(one.day)
        if one.free is not None and one.free < ZERO:
            message = "The mass is not below nothing."
            broken.append(Broken(f"days.{place}.free", "mass_below_nothing", message, one.free.grams))
    return broken


def _why_not_text(field: str, text: str) -> list[Broken]:
    if len(text) <= LONGEST_TEXT:
        return []
    return [Broken(field, "text_long", "At most {limit} characters.", len(text), facts={"limit": LONGEST_TEXT})]
