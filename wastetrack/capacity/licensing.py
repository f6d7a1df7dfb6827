"""What permits allow a plant in a period, and how much of it is left while some of them are suspended. Pure.

A permit is often renewed before the old one ends. What both name, the same pattern by the same methods, counts once on
the days on which both hold, by the larger of the two: the rule by which the matching reads them (permitted.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final

from wastetrack.mass import Mass

DAYS_OF_A_YEAR: Final = 365
Days = tuple[date, date | None]
"""The first and the last day, both included; open as long as there is no last."""
Outages = Sequence[tuple[date, date | None, int]]
"""First and last day, percent of the capacity that is lost."""
_ALL = 100


@dataclass(frozen=True, slots=True)
class LicensedLine:
    """A line of a permit."""

    pattern: str
    methods: tuple[str, ...]
    yearly: Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A permit with its lines, from its first to its last day, both included."""

    lines: tuple[LicensedLine, ...]
    valid_from: date
    valid_to: date
    suspended: tuple[Days, ...] = ()
    is_shared: bool = False
    """It holds for all sites of the firm, of which there are several: each can use all of it, not all at once."""

    @property
    def methods(self) -> tuple[str, ...]:
        """That it names."""
        return tuple(sorted({method for line in self.lines for method in line.methods}))

    def is_valid(self, day: date) -> bool:
        """Whether the day lies within it, suspended or not."""
        return self.valid_from <= day <= self.valid_to

    def is_in_force(self, day: date) -> bool:
        """Whether it is valid and not suspended."""
        return self.is_valid(day) and not any(_holds(days, day) for days in self.suspended)


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many days in a row on which nothing changes."""

    days: int
    valid_g: int
    """What the permits that are valid allow in a year, in grams."""
    lost: Fraction
    """Of the plant's capacity: by outages, or by the suspension of a part of what is permitted; the larger of both."""


def stretches(licences: Sequence[Licence], outages: Outages, since: date, until: date) -> list[Stretch]:
    """The days of a period, both ends included, cut wherever a permit, a suspension or an outage begins or ends."""
    after = until + timedelta(days=1)
    told: list[Days] = [(one.valid_from, one.valid_to) for one in licences]
    told += [days for one in licences for days in one.suspended]
    told += [(first, last) for first, last, _ in outages]
    edges = {since, after}
    for first, last in told:
        edges.add(min(max(first, since), after))
        edges.add(after if last is None else min(max(last + timedelta(days=1), since), after))
    return [_stretch(licences, outages, begin, (end - begin).days) for begin, end in pairwise(sorted(edges))]


def _stretch(licences: Sequence[Licence], outages: Outages, day: date, days: int) -> Stretch:
    valid_g = yearly_on(licences, day).grams
    in_force_g = _yearly_g(one for one in licences if one.is_in_force(day))
    suspended = 1 - Fraction(in_force_g, valid_g) if valid_g else Fraction(0)
    stands_still = max((percent for first, last, percent in outages if _holds((first, last), day)), default=0)
    return Stretch(days, valid_g, max(suspended, Fraction(stands_still, _ALL)))


def yearly_on(licences: Iterable[Licence], day: date) -> Mass:
    """What the permits that are valid on a day allow in a year."""
    return Mass(_yearly_g(one for one in licences if one.is_valid(day)))


def _yearly_g(licences: Iterable[Licence]) -> int:
    largest: dict[tuple[str, tuple[str, ...]], int] = {}
    for one in licences:
        for line in one.lines:
            key = line.pattern, tuple(sorted(line.methods))
            largest[key] = max(largest.get(key, 0), line.yearly.grams)
    return sum(largest.values())


def licensed_in(pieces: Iterable[Stretch]) -> Mass:
    """A year's quantity by the days on which the permits are valid, whole grams."""
    return Mass(sum(one.valid_g * one.days for one in pieces) // DAYS_OF_A_YEAR)


def effective_in(pieces: Iterable[Stretch]) -> Mass:
    """The same without what was lost."""
    return Mass(int(sum((one.valid_g * one.days * (1 - one.lost) for one in pieces), Fraction(0)) / DAYS_OF_A_YEAR))


def days_lost_in(pieces: Iterable[Stretch]) -> Fraction:
    """Whole days' worth of capacity that were lost."""
    return sum((one.days * one.lost for one in pieces), Fraction(0))


def _holds(days: Days, day: date) -> bool:
    first, last = days
    return first <= day and (last is None or day <= last)
