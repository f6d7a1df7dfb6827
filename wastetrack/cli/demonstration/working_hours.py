"""When people work: Monday to Saturday, eight to half past five by the clock of the region."""

from datetime import date, datetime, time, timedelta
from random import Random

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE

_SUNDAY = 6
_OPENS, _CLOSES = 8.0, 17.5


def local_day(moment: datetime) -> date:
    """The day in the region."""
    return moment.astimezone(LEGAL_ZONE).date()


def clock_time(day: date, hour: float) -> datetime:
    """That hour of that day in the region; 13.5 is half past one."""
    return datetime.combine(day, time(), LEGAL_ZONE) + timedelta(hours=hour)


def working_day(day: date, *, back: bool = False) -> date:
    """The day, or if it is a Sunday the next (or the last) one that is not."""
    if day.weekday() != _SUNDAY:
        return day
    return day + timedelta(days=-1 if back else 1)


def some_time(day: date, dice: Random, *, earliest: float = _OPENS, latest: float = _CLOSES) -> datetime:
    """A moment in the working hours of a day, to the second."""
    return clock_time(working_day(day), 0) + timedelta(seconds=int(3600 * dice.uniform(earliest, latest)))


def after(moment: datetime, dice: Random, *, minutes: tuple[int, int]) -> datetime:
    """Some minutes later, whatever the hour."""
    return moment + timedelta(seconds=dice.randint(60 * minutes[0], 60 * minutes[1]))
