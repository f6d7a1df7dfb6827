"""What the permits of a plant allow in each month of a year, and what each of their lines allows in all. Pure."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from wastetrack.capacity.facts import MONTHS, FacilityFacts, ItemFacts, PermitFacts

Key = tuple[str, tuple[str, ...]]
"""Pattern and methods of a permit's line."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A line of a plant's permits over the year: what a renewed permit repeats is one line."""

    id: UUID
    pattern: str
    methods: tuple[str, ...]
    limit_g: int
    first_month: int


@dataclass(frozen=True, slots=True)
class PlantYear:
    """A plant's year: its lines, what its permits allow month by month, and what it can treat."""

    lines: tuple[Allowed, ...]
    permitted_g: tuple[int, ...]
    effective_g: tuple[int, ...]
    has_nameplate: bool


def days_in_force(permit: PermitFacts, year: int) -> tuple[int, ...]:
    """On how many days of each month it is valid and not suspended."""
    counts = [0] * MONTHS
    for day in _in_force(permit, year):
        counts[day.month - 1] += 1
    return tuple(counts)


def _in_force(permit: PermitFacts, year: int) -> frozenset[date]:
    first, last = max(date(year, 1, 1), permit.valid_from), min(date(year, 12, 31), permit.valid_to)
    away = {
        day
        for from_on, to_on in permit.suspensions
        for day in _each(max(first, from_on), last if to_on is None else min(last, to_on))
    }
    return frozenset(day for day in _each(first, last) if day not in away)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(_days(first, last)))


def _days(first: date, last: date) -> int:
    return max((last - first).days + 1, 0)


def share(yearly_g: int, days: Sequence[int], of_year: int) -> tuple[int, ...]:
    """A yearly quantity by the days of each month; the sum of what is given out is whole grams of the sum of days."""
    return _spread([yearly_g * count for count in days], of_year)


def _spread(gram_days: Iterable[int], of_year: int) -> tuple[int, ...]:
    """Whole grams of each month, from its days' yearly quantities together."""
    given, so_far, told = [], 0, 0
    for more in gram_days:
        so_far += more
        now = so_far // of_year
        given.append(now - told)
        told = now
    return tuple(given)


def year_of(permits: Iterable[PermitFacts], facilities: Iterable[FacilityFacts], year: int) -> PlantYear:
    """What a plant with these permits and facilities may and can do.

    A permit is often renewed before the old one ends. What both allow, the same pattern by the same methods, counts
    once on the days on which both are in force, by the larger of the two; another line adds to it.
    """
    of_year = _days(date(year, 1, 1), date(year, 12, 31))
    held: dict[Key, list[tuple[ItemFacts, frozenset[date]]]] = defaultdict(list)
    for permit in permits:
        if days := _in_force(permit, year):
            for item in permit.items:
                held[item.pattern, tuple(sorted(item.methods))].append((item, days))
    given = {key: _spread(_gram_days(alike), of_year) for key, alike in held.items()}
    months = [sum(grams) for grams in zip(*given.values(), strict=True)] or [0] * MONTHS
    nameplate = _nameplate(facilities, year, of_year)
    effective = months if nameplate is None else [min(pair) for pair in zip(months, nameplate, strict=True)]
    lines = tuple(
        Allowed(held[key][0][0].id, *key, sum(given[key]), min(min(days) for _, days in held[key]).month - 1)
        for key in sorted(held)
    )
    return PlantYear(lines, tuple(months), tuple(effective), nameplate is not None)


def _gram_days(alike: Iterable[tuple[ItemFacts, frozenset[date]]]) -> list[int]:
    """Of items that repeat each other, what the largest in force allows in a year, summed over the days of a month."""
    months, counted = [0] * MONTHS, set[date]()
    for item, days in sorted(alike, key=lambda pair: -pair[0].yearly_g):
        for day in days - counted:
            months[day.month - 1] += item.yearly_g
        counted |= days
    return months


def _nameplate(facilities: Iterable[FacilityFacts], year: int, of_year: int) -> tuple[int, ...] | None:
    """What the facilities are built for, month by month; None where no nameplate is understood."""
    months, known = [0] * MONTHS, False
    for one in facilities:
        if one.yearly_g is None:
            continue
        known = True
        days = [
            _days(
                max(first, one.since), min(first.replace(day=monthrange(year, first.month)[1]), one.until or date.max)
            )
            for first in (date(year, month, 1) for month in range(1, MONTHS + 1))
        ]
        months = [so_far + grams for so_far, grams in zip(months, share(one.yearly_g, days, of_year), strict=True)]
    return tuple(months) if known else None
