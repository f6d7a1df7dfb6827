"""Days and months of a world's year in civil time (UTC+8), and how much is made on each of them."""

import dataclasses
import itertools
from datetime import UTC, date, datetime, timedelta

import holidays
import numpy as np

from wastetrack.simulation.chances import Real, Whole

ZONE_S = 8 * 3600
DAY_S = 86_400
MONTHS = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """One month: `starts_s` and `ends_s` in seconds of UTC."""

    number: int
    """From 0."""
    first: date
    days: int

    @property
    def starts_s(self) -> int:
        return second_of(self.first)

    @property
    def ends_s(self) -> int:
        return self.starts_s + self.days * DAY_S

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"


def second_of(day: date) -> int:
    """The second of UTC at which a civil day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - ZONE_S


def months(year: int) -> list[Month]:
    """All months of a year."""
    firsts = [date(year, number, 1) for number in range(1, 13)] + [date(year + 1, 1, 1)]
    return [
        Month(number, first, (after - first).days) for number, (first, after) in enumerate(itertools.pairwise(firsts))
    ]


def work(month: Month) -> Real:
    """How much of industry works on each day of a month: 1 on a weekday."""
    free = holidays.country_holidays("CN", years=month.first.year)
    days = [month.first + timedelta(days=number) for number in range(month.days)]
    return np.array([0.08 if day in free else (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.2)[day.weekday()] for day in days])


def season(month: Month, swing: float) -> float:
    """Of industry: most in July, least in January, `swing` up and down."""
    return 1.0 - swing * float(np.cos(2 * np.pi * month.number / 12))


def spread(fraction: Real, weights: Real) -> Whole:
    """The day, from 0, by whose end this fraction of a month's work is done."""
    done = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(done, fraction), len(weights) - 1)
