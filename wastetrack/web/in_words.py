"""Times, terms and masses as people say them; the exact value always stands beside, for pointer, machine and paper.

An instant near now is told by its day (today, yesterday, tomorrow, in three days), a farther one by its date, and only
one of another year names the year. What is past is never told as “n days ago”: in papers the date is what one compares.
"""

import dataclasses
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from wastetrack.i18n import Locale, message, translate

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NEAR_DAYS: Final = 7
"""Up to so many days ahead are counted."""
SOON_HOURS: Final = 72
"""A term that ends within so many hours is a warning, where nothing else is said."""
_TONNE_G: Final = 1_000_000
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def day_in_words(on: date, today: date, locale: Locale, *, counted: int = NEAR_DAYS) -> str:
    """A day; up to `counted` days ahead by their number."""
    near = _near(on, today, locale, counted)
    return dated(on, today, locale) if near is None else near


def instant_in_words(at: datetime, now: datetime, zone: ZoneInfo, locale: Locale, *, counted: int = NEAR_DAYS) -> str:
    """An instant, to the minute."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{day_in_words(local.date(), today, locale, counted=counted)} {local:%H:%M}"


def dated(on: date, today: date, locale: Locale) -> str:
    """The date, with its year where that is not this one."""
    if locale == "zh":
        year = "" if on.year == today.year else f"{on.year}年"
        return f"{year}{on.month}月{on.day}日"
    year = "" if on.year == today.year else f" {on.year}"
    return f"{on.day} {_MONTHS[on.month - 1]}{year}"


def _near(on: date, today: date, locale: Locale, counted: int) -> str | None:
    days = (on - today).days
    if days == 0:
        return translate(message("today"), locale)
    if days == 1:
        return translate(message("tomorrow"), locale)
    if days == -1:
        return translate(message("yesterday"), locale)
    if 1 < days <= counted:
        return translate(message("in {days} days"), locale, days=days)
    return None


def mass_in_words(grams: int) -> str:
    """From a tonne on in tonnes to the kilogram, below in kilograms to the gram."""
    if abs(grams) < _TONNE_G:
        return f"{(Decimal(grams) / 1_000).normalize():,f} kg"
    tonnes = (Decimal(grams) / _TONNE_G).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    return f"{tonnes.normalize():,f} t"


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """How a term stands: what is left of it, and how urgent that is (`kind` as of badges)."""

    words: str
    kind: str


def term_in_words(
    due: datetime | date, now: datetime, zone: ZoneInfo, locale: Locale, *, soon_hours: int = SOON_HOURS
) -> Term:
    """A term that ends at an instant, or with a day."""
    if isinstance(due, datetime):
        ends, days = due, (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    else:
        ends = datetime.combine(due + _DAY, datetime.min.time(), zone)
        days = (due - now.astimezone(zone).date()).days
    left = ends - now
    if left <= timedelta(0):
        over = int(-left / _DAY)
        words = (
            translate(message("overdue"), locale)
            if over == 0
            else translate(message("overdue by {days} days"), locale, days=over)
        )
        return Term(words, "bad")
    kind = "warn" if left <= timedelta(hours=soon_hours) else "plain"
    if isinstance(due, datetime) and left < 2 * _DAY:
        hours = int(left / _HOUR)
        if hours == 0:
            return Term(
                translate(message("{minutes} minutes left"), locale, minutes=int(left.total_seconds() // 60)), kind
            )
        return Term(translate(message("{hours} hours left"), locale, hours=hours), kind)
    if days == 0:
        return Term(translate(message("ends today"), locale), kind)
    return Term(translate(message("{days} days left"), locale, days=days), kind)
