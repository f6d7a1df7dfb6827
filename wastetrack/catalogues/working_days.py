"""Working days (工作日) of the mainland of China, in which the law counts its terms.

Public holidays and the days shifted for them (调休) are announced by the State Council one year at a time, usually in
November. They come from the library `holidays`, release by release; in a year that it does not know yet only the
statutory holidays are counted, so that a term told early may still move.
"""

from datetime import date, timedelta
from functools import cache

import holidays


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


def is_working_day(day: date) -> bool:
    """Whether offices work: no holiday, and no weekend unless it was made a working day."""
    working: bool = _calendar().is_working_day(day)
    return working


def is_public_holiday(day: date) -> bool:
    """Whether it is a day of a public holiday, or one shifted to it; a weekend is none, nor one within a holiday."""
    return day in _calendar()


def after_working_days(day: date, count: int) -> date:
    """The last day of a term of `count` working days that begins with what happened on `day`, which is not counted
    itself (民法典 art. 201). Raises ValueError for a count below one."""
    if count < 1:
        msg = f"a term has at least one working day, not {count}"
        raise ValueError(msg)
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def before_working_days(day: date, count: int) -> date:
    """The last day after which `count` working days are left up to and including `day`: what must be done so many
    working days before an end is in time on it. Raises ValueError for a count below one."""
    if count < 1:
        msg = f"a term has at least one working day, not {count}"
        raise ValueError(msg)
    while count:
        count -= is_working_day(day)
        day -= timedelta(days=1)
    return day


def working_days_until(first: date, last: date) -> int:
    """Working days after `first` up to and including `last`; negative when `last` lies before `first`."""
    if last < first:
        return -working_days_until(last, first)
    return sum(is_working_day(first + timedelta(days=more)) for more in range(1, (last - first).days + 1))
