"""How a plant does: what it took, treated, refused and left, against what it may and can. Pure.

The load is what was treated over what the permit allows in as many days; the classes are those in which regional
assessments speak of plants. What is effective is the permit less the days on which the plant stood still, and less the
part of what is permitted that was suspended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from wastetrack.capacity.licensing import (
    DAYS_OF_A_YEAR,
    Licence,
    Stretch,
    days_lost_in,
    effective_in,
    licensed_in,
    stretches,
    yearly_on,
)
from wastetrack.mass import ZERO, Mass

HARD_TO_TREAT_DAYS: Final = 180
"""What a plant has kept for so long it took in and cannot treat, or does not."""
_IDLE, _LOW, _NORMAL, _FULL = Fraction(20, 100), Fraction(40, 100), Fraction(85, 100), Fraction(1)


class PlantLoad(StrEnum):
    """How much of what it may treat a plant treats."""

    WITHOUT_PERMIT = "without_permit"
    """No permit was valid in the period."""
    IDLE = "idle"
    """Less than a fifth."""
    LOW = "low"
    """Less than two fifths."""
    NORMAL = "normal"
    """Up to 85 percent."""
    TIGHT = "tight"
    """Up to all of it."""
    OVER = "over"
    """More than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantOperation:
    """A plant in a period."""

    site_id: UUID
    site: str
    firm_id: UUID
    firm: str
    region_code: str
    since: date
    until: date
    licences: tuple[Licence, ...] = ()
    lost: tuple[tuple[date, date | None, int], ...] = ()
    """Outages: first and last day, percent of the capacity. Suspensions stand with the permits."""
    received: Mass = ZERO
    treated: Mass = ZERO
    treated_by: tuple[tuple[str, Mass], ...] = ()
    """By method, the largest first."""
    days_treated: int = 0
    """On how many days something was treated."""
    taken: int = 0
    """Containers that the gate took in."""
    refused: int = 0
    refused_mass: Mass = ZERO
    residue: Mass = ZERO
    difference: Mass = ZERO
    """By counting, repacking, loss and finding: what the books had wrong."""
    standing: Mass = ZERO
    """Now."""
    oldest_days: int | None = None
    hard_to_treat: tuple[tuple[str, Mass], ...] = ()
    """What of it has stood for HARD_TO_TREAT_DAYS, by code, the largest first."""
    room: Mass = ZERO
    """What its stores hold; nothing where none is entered."""

    @property
    def days(self) -> int:
        """Of the period."""
        return (self.until - self.since).days + 1

    @property
    def _stretches(self) -> list[Stretch]:
        return stretches(self.licences, self.lost, self.since, self.until)

    @property
    def licensed(self) -> Mass:
        """What it may treat in the period."""
        return licensed_in(self._stretches)

    @property
    def yearly(self) -> Mass:
        """What the permits that are valid on the last day allow in a year."""
        return yearly_on(self.licences, self.until)

    @property
    def methods(self) -> tuple[str, ...]:
        """That it may use."""
        return tuple(sorted({method for one in self.licences for method in one.methods}))

    @property
    def is_shared(self) -> bool:
        """Whether others use the same permit."""
        return any(one.is_shared for one in self.licences)

    @property
    def days_lost(self) -> Fraction:
        """Whole days' worth of capacity that were lost."""
        return days_lost_in(self._stretches)

    @property
    def availability(self) -> Fraction:
        """The rest, as a share."""
        return 1 - self.days_lost / self.days

    @property
    def effective(self) -> Mass:
        """What it could treat in the period."""
        return effective_in(self._stretches)

    @property
    def load(self) -> Fraction | None:
        """Treated over licensed; None without a permit."""
        return share(self.treated, self.licensed)

    @property
    def load_class(self) -> PlantLoad:
        """In words."""
        return class_of(self.load)

    @property
    def refusal(self) -> Fraction | None:
        """Containers refused at the gate, of those that came."""
        came = self.taken + self.refused
        return Fraction(self.refused, came) if came else None

    @property
    def residue_ratio(self) -> Fraction | None:
        """New waste for each gram treated."""
        return share(self.residue, self.treated)

    @property
    def fullness(self) -> Fraction | None:
        """Of its stores."""
        return share(self.standing, self.room)

    @property
    def hard(self) -> Mass:
        """All that is hard to treat."""
        return sum((mass for _, mass in self.hard_to_treat), ZERO)


def share(part: Mass, whole: Mass) -> Fraction | None:
    """None where there is no whole."""
    return Fraction(part.grams, whole.grams) if whole else None


def class_of(load: Fraction | None) -> PlantLoad:
    """The class of a load; a border belongs to the class above it, but for “all of it”, which is not over."""
    if load is None:
        return PlantLoad.WITHOUT_PERMIT
    if load < _IDLE:
        return PlantLoad.IDLE
    if load < _LOW:
        return PlantLoad.LOW
    if load < _NORMAL:
        return PlantLoad.NORMAL
    return PlantLoad.TIGHT if load <= _FULL else PlantLoad.OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The plants of a region in a period, the heaviest load first."""

    since: date
    until: date
    plants: tuple[PlantOperation, ...]

    @property
    def load(self) -> Fraction | None:
        """All of them together. What is shared among sites of a firm counts once for each; see `is_shared`."""
        licensed = sum((one.licensed for one in self.plants), ZERO)
        return share(sum((one.treated for one in self.plants), ZERO), licensed)

    @property
    def by_class(self) -> tuple[tuple[PlantLoad, int], ...]:
        """How many plants are in each class that has any, in the order of the classes."""
        counts = dict.fromkeys(PlantLoad, 0)
        for one in self.plants:
            counts[one.load_class] += 1
        return tuple((name, count) for name, count in counts.items() if count)

    @property
    def by_method(self) -> tuple[tuple[str, Mass], ...]:
        """What was treated by each method, the largest first."""
        return summed(pair for one in self.plants for pair in one.treated_by)

    @property
    def hard_to_treat(self) -> tuple[tuple[str, Mass], ...]:
        """By code, the largest first."""
        return summed(pair for one in self.plants for pair in one.hard_to_treat)


def ordered(plants: Iterable[PlantOperation]) -> tuple[PlantOperation, ...]:
    """The heaviest load first; those without a permit last."""
    return tuple(sorted(plants, key=lambda one: (one.load is None, -(one.load or 0), one.firm, one.site)))


def summed(pairs: Iterable[tuple[str, Mass]]) -> tuple[tuple[str, Mass], ...]:
    """Masses of the same name together, the largest first."""
    sums: dict[str, Mass] = {}
    for name, mass in pairs:
        sums[name] = sums.get(name, ZERO) + mass
    return tuple(sorted(sums.items(), key=lambda pair: (-pair[1].grams, pair[0])))


def last_year_of(until: date) -> date:
    """The first day of a year that ends with this day."""
    return until - timedelta(days=DAYS_OF_A_YEAR - 1)


def percent(value: Fraction | None, places: int = 1) -> str:
    """`15.7 %`; a dash where there is none."""
    return "—" if value is None else f"{float(value * 100):.{places}f} %"


def percents(values: Sequence[Fraction | None]) -> list[float | None]:
    """As numbers for a chart."""
    return [None if value is None else round(float(value * 100), 1) for value in values]
