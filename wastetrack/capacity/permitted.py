"""What the permits of a plant allow in each month of a year, and what each of their lines allows in all. Pure."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from wastetrack.capacity.facts import MONTHS, FacilityFacts, PermitFacts

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
    counts = []
    for month in range(1, MONTHS + 1):
        first = date(year, month, 1)
        last = first.replace(day=monthrange(year, month)[1])
        valid = _days(max(first, permit.valid_from), min(last, permit.valid_to))
        away = {
            begin + timedelta(days=number)
            for from_on, to_on in permit.suspensions
            for begin in [max(first, from_on, permit.valid_from)]
            for number in range(_days(begin, min(last, to_on or last, permit.valid_to)))
        }
        counts.append(valid - len(away))
    return tuple(counts)


def _days(first: date, last: date) -> int:
    return max((last - first).days + 1, 0)


def share(yearly_g: int, days: Sequence[int], of_year: int) -> tuple[int, ...]:
    """A yearly quantity by the days of each month; the sum of what is given out is whole grams of the sum of days."""
    given, so_far, told = [], 0, 0
    for count in days:
        so_far += count
        now = yearly_g * so_far // of_year
        given.append(now - told)
        told = now
    return tuple(given)


def year_of(permits: Iterable[PermitFacts], facilities: Iterable[FacilityFacts], year: int) -> PlantYear:
    """What a plant with these permits and facilities may and can do."""
    of_year = _days(date(year, 1, 1), date(year, 12, 31))
    months = [0] * MONTHS
    limits: dict[Key, int] = defaultdict(int)
    first: dict[Key, int] = {}
    ids: dict[Key, UUID] = {}
    for permit in permits:
        days = days_in_force(permit, year)
        if not any(days):
            continue
        begins = next(month for month, count in enumerate(days) if count)
        for item in permit.items:
            key = (item.pattern, tuple(sorted(item.methods)))
            given = share(item.yearly_g, days, of_year)
            months = [so_far + grams for so_far, grams in zip(months, given, strict=True)]
            limits[key] += sum(given)
            first[key] = min(first.get(key, MONTHS), begins)
            ids.setdefault(key, item.id)
    nameplate = _nameplate(facilities, year, of_year)
    effective = months if nameplate is None else [min(pair) for pair in zip(months, nameplate, strict=True)]
    lines = tuple(Allowed(ids[key], *key, limits[key], first[key]) for key in sorted(limits))
    return PlantYear(lines, tuple(months), tuple(effective), nameplate is not None)


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
