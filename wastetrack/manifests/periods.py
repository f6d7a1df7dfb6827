"""The days for which a manifest runs: within one month, quarter or year, as the authority of the place asks."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from wastetrack.catalogues.jurisdiction import Choice
from wastetrack.errors import Broken


class PeriodLength(StrEnum):
    """How long a manifest runs at most."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {PeriodLength.MONTH: 1, PeriodLength.QUARTER: 3, PeriodLength.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both of it."""

    begins_on: date
    ends_on: date

    def __contains__(self, day: date) -> bool:
        return self.begins_on <= day <= self.ends_on

    def days(self, *, until: date | None = None) -> list[date]:
        """Each of its days, at most until one."""
        last = self.ends_on if until is None else min(until, self.ends_on)
        return [self.begins_on + timedelta(days=n) for n in range((last - self.begins_on).days + 1)]


def whole_period(day: date, length: PeriodLength) -> Period:
    """The month, quarter or year in which a day lies."""
    months = _MONTHS[length]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = first.month + months
    after = date(first.year + (following - 1) // 12, (following - 1) % 12 + 1, 1)
    return Period(first, after - timedelta(days=1))


def check_period(period: Period, length: PeriodLength, asked: Choice | None = None) -> list[Broken]:
    """A period ends after it begins, and within the stretch that the authority asks for."""
    if period.ends_on < period.begins_on:
        message = "The last day {value} is before the first."
        return [Broken("ends_on", "period_backwards", message, period.ends_on.isoformat(), next_step="Swap the days.")]
    whole = whole_period(period.begins_on, length)
    if period.ends_on <= whole.ends_on:
        return []
    message = "The manifest would run until {value}; one manifest covers one {length}, at most until {limit}."
    facts: dict[str, object] = {"length": length, "limit": whole.ends_on.isoformat()}
    return [
        Broken(
            "ends_on",
            "period_too_long",
            message,
            period.ends_on.isoformat(),
            article=asked.article if asked is not None else None,
            facts=facts,
            next_step="Open a further manifest for the days after it.",
        )
    ]
