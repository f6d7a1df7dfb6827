"""An epidemic by the day: how medical waste rises and falls, who is there to take it, and who takes what.

Nothing here needs numbers beyond Python's own: pages and programs read and show it where no solver is installed.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from wastetrack.errors import Broken, Malformed

TONNE: Final = 1_000_000
MOST_DAYS: Final = 400
MOST_PLACES: Final = 300
MOST_PLANTS: Final = 300
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2200
OVERLOAD_PERCENT: Final = 20
"""By so much a plant may go beyond its capacity in an emergency."""
HOLD_DAYS: Final = 2
"""So long medical waste may wait where it arose (医疗废物管理条例 art. 17)."""
_HOURS = 24


class SurgePreset(StrEnum):
    """Curves to start from."""

    WUHAN = "wuhan"
    """Wuhan, spring 2020: 45 to 247 tonnes a day in forty days, against plants for 50."""
    HUBEI = "hubei"
    """The load for which Hubei's plants were enlarged in spring 2020: 180 to 658.4 tonnes a day."""
    OWN = "own"
    """Another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What arises by the day: from its base to its height by equal daily factors, some days there, and back."""

    base_g: int
    peak_g: int
    rise_days: int
    high_days: int
    fall_days: int

    @property
    def days(self) -> int:
        """How many, the first and the last with the base."""
        return self.rise_days + self.high_days + self.fall_days + 1

    def grams(self) -> list[int]:
        """What arises on each day."""
        factor = self.peak_g / self.base_g
        rise = [round(self.base_g * factor ** (day / self.rise_days)) for day in range(self.rise_days)]
        fall = [round(self.base_g * factor ** (1 - day / self.fall_days)) for day in range(1, self.fall_days)]
        return [*rise, *[self.peak_g] * (self.high_days + 1), *fall, self.base_g]

    def scaled(self, base_g: int) -> "Curve":
        """The same for another base."""
        peak_g = round(self.peak_g * base_g / self.base_g)
        return Curve(
            base_g=base_g,
            peak_g=peak_g,
            rise_days=self.rise_days,
            high_days=self.high_days,
            fall_days=self.fall_days,
        )


CURVES: Final = {
    # Height on 1 March 2020; the ways up and down are drawn by equal daily factors between the published figures.
    SurgePreset.WUHAN: Curve(base_g=45 * TONNE, peak_g=247 * TONNE, rise_days=40, high_days=0, fall_days=55),
    SurgePreset.HUBEI: Curve(base_g=180 * TONNE, peak_g=658_400_000, rise_days=40, high_days=0, fall_days=55),
}
USUAL: Final = {SurgePreset.WUHAN: 50 * TONNE, SurgePreset.HUBEI: 180 * TONNE}
"""What plants could treat in a day before."""


class HelperTier(StrEnum):
    """In which order plants are called."""

    USUAL = "usual"
    """Plants for medical waste, those of neighbours too."""
    HAZARDOUS_INCINERATOR = "hazardous_incinerator"
    MUNICIPAL_INCINERATOR = "municipal_incinerator"
    CEMENT_KILN = "cement_kiln"
    """Cement kilns, and what is brought there: mobile plants and others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgePlace:
    """Where waste arises; `share` is its part of the whole, in whatever unit."""

    id: str
    name: str
    region: str
    longitude: float
    latitude: float
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgePlant:
    """Who may take it. A plant that has to be called takes its first load so many hours after."""

    id: str
    name: str
    region: str
    longitude: float
    latitude: float
    tier: HelperTier
    daily_g: int
    is_called: bool
    lead_hours: int = 0
    from_on: date = date.min
    to_on: date = date.max
    """Of its permit or agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeQuestion:
    """One epidemic in one region."""

    title: str
    begins_on: date
    curve: Curve
    places: tuple[SurgePlace, ...]
    plants: tuple[SurgePlant, ...]
    called_after_days: int | None = None
    """On which day of the epidemic, from 0, helpers are called; None: on the day that first exceeds usual capacity."""
    hold_days: int = HOLD_DAYS
    overload_percent: int = OVERLOAD_PERCENT

    @property
    def usual_g(self) -> int:
        """What plants that need no call can treat on the first day."""
        return sum(
            one.daily_g for one in self.plants if not one.is_called and one.from_on <= self.begins_on <= one.to_on
        )

    @property
    def called_on(self) -> int | None:
        """The day of the call, from 0; None where nobody has to be called."""
        if self.called_after_days is not None:
            return self.called_after_days
        exceeded = hours_until_exceeded(self.curve.grams(), self.usual_g)
        return None if exceeded is None else -(-exceeded // _HOURS)

    def day(self, number: int) -> date:
        """A day of the epidemic, from 0."""
        return self.begins_on + timedelta(days=number)

    def ready_on(self, plant: SurgePlant) -> int | None:
        """From which day on a plant takes loads; None: never."""
        if not plant.is_called:
            return 0
        return None if self.called_on is None else self.called_on - (-plant.lead_hours // _HOURS)

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as files have it."""
        told: dict[str, Any] = _plain(asdict(self))
        return told

    @classmethod
    def from_json(cls, told: Any) -> Self:  # noqa: ANN401  whatever stands in a file
        """The same read back. Raises Malformed where something is missing or is no such thing."""
        try:
            return cls(
                **{
                    **told,
                    "begins_on": date.fromisoformat(told["begins_on"]),
                    "curve": Curve(**told["curve"]),
                    "places": tuple(SurgePlace(**one) for one in told["places"]),
                    "plants": tuple(_plant(one) for one in told["plants"]),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            message = "This is no question about an epidemic: {error}."
            reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise Malformed("surge_unreadable", message, error=reason) from error


def _plant(told: dict[str, Any]) -> SurgePlant:
    read: dict[str, Any] = {name: date.fromisoformat(told[name]) for name in ("from_on", "to_on") if name in told}
    return SurgePlant(**{**told, **read, "tier": HelperTier(told["tier"])})


def _plain(value: Any) -> Any:  # noqa: ANN401  what JSON can say
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | StrEnum) else value


def preset_question(preset: SurgePreset) -> SurgeQuestion:
    """A preset as it stands: all of the waste at one place, what plants could treat before, and nobody to call.

    Raises Malformed for a preset that has no curve of its own.
    """
    if preset not in CURVES:
        raise Malformed("surge_without_curve", "{preset} has no curve of its own: give a file.", preset=preset.value)
    longitude, latitude, region = 114.3, 30.6, "420100"
    place = SurgePlace(id=region, name=preset.value, region=region, longitude=longitude, latitude=latitude, share=1)
    usual = SurgePlant(
        id="usual",
        name="usual",
        region=region,
        longitude=longitude,
        latitude=latitude,
        tier=HelperTier.USUAL,
        daily_g=USUAL[preset],
        is_called=False,
    )
    return SurgeQuestion(
        title=preset.value, begins_on=date(2020, 1, 21), curve=CURVES[preset], places=(place,), plants=(usual,)
    )


def hours_until_exceeded(grams: list[int], capacity_g: int) -> int | None:
    """After how many whole hours the daily mass exceeds the capacity, evenly between two days; None: never."""
    for day, arises in enumerate(grams):
        if arises > capacity_g:
            if day == 0:
                return 0
            before = grams[day - 1]
            return int(_HOURS * (day - 1 + (capacity_g - before) / (arises - before)))
    return None


def check_question(asked: SurgeQuestion) -> list[Broken]:
    """What is wrong with a question, all of it."""
    broken = check_curve(asked.curve)
    if not FIRST_YEAR <= asked.begins_on.year <= LAST_YEAR:
        message = "It begins in a year from {first} to {last}, not on {value}."
        years: dict[str, object] = {"first": FIRST_YEAR, "last": LAST_YEAR}
        broken.append(Broken("begins_on", "year_far", message, asked.begins_on.isoformat(), facts=years))
    if not asked.places or sum(one.share for one in asked.places) <= 0:
        message = "Nobody knows where the waste arises."
        step = "Enter medical sites in this region, or say in a file where it arises."
        broken.append(Broken("places", "places_missing", message, next_step=step))
    if not asked.plants:
        step = "Grant a permit for HW01, or put a facility on the list of those that help."
        broken.append(Broken("plants", "plants_missing", "Nobody is there to take medical waste.", next_step=step))
    if max(len(asked.places) / MOST_PLACES, len(asked.plants) / MOST_PLANTS) > 1:
        message = "A simulation has up to {places} places and {plants} plants."
        facts: dict[str, object] = {"places": MOST_PLACES, "plants": MOST_PLANTS}
        broken.append(Broken("region_code", "surge_large", message, facts=facts))
    if not 0 <= (asked.called_after_days or 0) <= MOST_DAYS:
        message = "Helpers are called on day 0 to {limit}, not {value}."
        facts = {"limit": MOST_DAYS}
        broken.append(Broken("called_after_days", "call_unreadable", message, asked.called_after_days, facts=facts))
    if not 0 <= asked.hold_days <= HOLD_DAYS:
        message = "Medical waste may wait where it arose for 0 to {limit} days, not {value}."
        facts = {"limit": HOLD_DAYS}
        article = "医疗废物管理条例 art. 17"
        broken.append(Broken("hold_days", "held_too_long", message, asked.hold_days, article, facts=facts))
    return broken


def check_curve(curve: Curve) -> list[Broken]:
    """What is wrong with a curve."""
    broken: list[Broken] = []
    if curve.base_g <= 0:
        message = "Say how much arises on an ordinary day."
        step = "Nothing was packed in this region in the last thirty days from which it could be told."
        broken.append(Broken("base_g", "base_missing", message, next_step=step))
    if curve.peak_g < max(curve.base_g, 1):
        message = "At its height it cannot be less than on an ordinary day."
        broken.append(Broken("peak_g", "peak_low", message, curve.peak_g))
    for field, least in (("rise_days", 1), ("high_days", 0), ("fall_days", 1)):
        value = getattr(curve, field)
        if not least <= value <= MOST_DAYS:
            message = "From {least} to {limit} days, not {value}."
            facts: dict[str, object] = {"least": least, "limit": MOST_DAYS}
            broken.append(Broken(field, "days_unreadable", message, value, facts=facts))
    if not broken and curve.days > MOST_DAYS:
        message = "A simulation has up to {limit} days, not {value}."
        broken.append(Broken("rise_days", "surge_long", message, curve.days, facts={"limit": MOST_DAYS}))
    return broken


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """One day: what arises, who takes how much by tier, what waits, what goes nowhere."""

    day: date
    arises_g: int
    taken_g: dict[str, int]
    waits_g: int
    unmatched_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPlan:
    """One plant: when it is ready, and what it takes on each day."""

    id: str
    name: str
    tier: HelperTier
    is_called: bool
    daily_g: int
    ready_on: date | None
    taken_g: tuple[int, ...]

    @property
    def total_g(self) -> int:
        """Over all days."""
        return sum(self.taken_g)

    @property
    def peak_g(self) -> int:
        """On its busiest day."""
        return max(self.taken_g, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """From one place to one plant on one day."""

    day: date
    place: str
    plant: str
    mass_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeAnswer:
    """Who takes what, and what nobody takes."""

    usual_g: int
    arises_g: int
    exceeded_after_hours: int | None
    called_on: date | None
    days: tuple[DayPlan, ...]
    plants: tuple[PlantPlan, ...]
    loads: tuple[Load, ...]
    proven: bool
    seconds: float

    @property
    def unmatched_g(self) -> int:
        """What nobody takes, over all days."""
        return sum(one.unmatched_g for one in self.days)

    @property
    def unmatched_days(self) -> int:
        """On how many days."""
        return sum(one.unmatched_g > 0 for one in self.days)

    @property
    def worst(self) -> DayPlan:
        """The day on which most goes nowhere; the busiest one where nothing does."""
        return max(self.days, key=lambda one: (one.unmatched_g, one.arises_g))

    @property
    def helpers_needed(self) -> int:
        """How many plants that had to be called take something."""
        return sum(one.is_called and one.total_g > 0 for one in self.plants)

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown to programs."""
        told: dict[str, Any] = _plain(asdict(self))
        return told

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The same read back."""
        called = told["called_on"]
        return cls(
            **{
                **told,
                "called_on": called and date.fromisoformat(called),
                "days": tuple(DayPlan(**{**one, "day": date.fromisoformat(one["day"])}) for one in told["days"]),
                "plants": tuple(
                    PlantPlan(
                        **{
                            **one,
                            "tier": HelperTier(one["tier"]),
                            "ready_on": one["ready_on"] and date.fromisoformat(one["ready_on"]),
                            "taken_g": tuple(one["taken_g"]),
                        }
                    )
                    for one in told["plants"]
                ),
                "loads": tuple(Load(**{**one, "day": date.fromisoformat(one["day"])}) for one in told["loads"]),
            }
        )
