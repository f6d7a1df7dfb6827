"""Public holidays and working days of the mainland of China, in the form that each engine has: a table of one array,
and a text with four figures for each day, of which a rule reads a piece. So no engine needs a calendar of its own.

The days come from the calendar of the house (wastetrack/catalogues/working_days.py).
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby

import ibis
import ibis.expr.types as ir

from wastetrack.catalogues.working_days import is_public_holiday, is_working_day

FIRST, LAST = date(2018, 1, 1), date(2032, 12, 31)
"""Days that are known here; before and after, no day is a holiday, and terms are not counted."""
_EPOCH = date(1970, 1, 1)
_DAY_S = 24 * 3600
_CIVIL_S = 8 * 3600
_FIGURES = 4


def civil_day(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Days of the calendar in China since 1970, as a number."""
    return ((instant.epoch_seconds() + _CIVIL_S) / _DAY_S).floor().cast("int64")


def begins(day: ir.IntegerValue) -> ir.TimestampValue:
    """The first instant of a civil day."""
    return ibis.literal(datetime(1970, 1, 1, tzinfo=UTC)) + (day * _DAY_S - _CIVIL_S).as_interval("s")


def holidays() -> ir.Table:
    """`holiday`: each day of a public holiday as a civil day, with the weekends within it and beside it."""
    days = [ibis.literal((day - _EPOCH).days, "int64") for day in _off()]
    return ibis.array(days).unnest().name("holiday").as_table()


@cache
def _off() -> tuple[date, ...]:
    """Days without work, in a row of such days that has a public holiday among them."""
    rows = [tuple(row) for works, row in groupby(_days(), is_working_day) if not works]
    return tuple(day for row in rows if any(map(is_public_holiday, row)) for day in row)


@cache
def _days() -> tuple[date, ...]:
    return tuple(FIRST + timedelta(days=more) for more in range((LAST - FIRST).days + 1))


def after_working_days(day: ir.IntegerValue, count: int) -> ir.IntegerValue:
    """The last civil day of a term of so many working days that begins with what happened on `day`, which is not
    counted itself (民法典 art. 201); null where the calendar does not reach."""
    worked = _piece(_worked(), day - (FIRST - _EPOCH).days)
    return _piece(_places(), worked + (count - 1)) + (FIRST - _EPOCH).days


def _piece(figures: str, place: ir.IntegerValue) -> ir.IntegerValue:
    known = (place >= 0) & (place < len(figures) // _FIGURES)
    sure = known.ifelse(place, 0)
    return known.ifelse(ibis.literal(figures).substr((sure * _FIGURES).cast("int32"), _FIGURES).cast("int64"), None)


@cache
def _worked() -> str:
    """Of each day how many working days there were since FIRST, with its own."""
    worked, figures = 0, []
    for day in _days():
        worked += is_working_day(day)
        figures.append(f"{worked:0{_FIGURES}}")
    return "".join(figures)


@cache
def _places() -> str:
    """Of each working day since FIRST, in their order, how many days after FIRST it is."""
    return "".join(f"{place:0{_FIGURES}}" for place, day in enumerate(_days()) if is_working_day(day))
