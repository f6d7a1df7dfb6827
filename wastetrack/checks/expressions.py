"""Words that rules share, in the form that each engine has: no as-of join, no subtraction of instants, no geometry."""

from typing import Any

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import FINDING

KM_PER_DEGREE = 111.195
"""Of a great circle of the mean Earth radius, 6,371.0 km."""
INSTANT = "timestamp('UTC')"
DETOUR = 1.3
"""Roads are longer than great circles; said wherever a distance is shown that no road map gave."""


def hours(earlier: ir.TimestampValue, later: ir.TimestampValue) -> ir.FloatingValue:
    """From one instant to another; negative when they are the other way round."""
    return (later.epoch_seconds() - earlier.epoch_seconds()) / 3600.0


def plus_hours(instant: ir.TimestampValue, more: ir.FloatingValue | float) -> ir.TimestampValue:
    """An instant later by so many hours, to the second."""
    seconds = (ibis.literal(more) if isinstance(more, float | int) else more) * 3600.0
    return instant + seconds.round(0).cast("int64").as_interval("s")


def kilometres(
    latitude: ir.FloatingValue, longitude: ir.FloatingValue, latitude_2: ir.FloatingValue, longitude_2: ir.FloatingValue
) -> ir.FloatingValue:
    """Great circle between two places (haversine)."""
    up = ((latitude_2 - latitude).radians() / 2).sin()
    across = ((longitude_2 - longitude).radians() / 2).sin()
    inner = up * up + latitude.radians().cos() * latitude_2.radians().cos() * across * across
    return inner.sqrt().clip(upper=1.0).asin() * (360.0 / ibis.pi) * KM_PER_DEGREE


def legal_day(instant: ir.TimestampValue, offset_hours: float = 8) -> ir.DateValue:
    """The civil day of an instant in a zone without summer time; China's by default."""
    return plus_hours(instant, offset_hours).cast("timestamp").date()


def day_begins(day: ir.DateValue, offset_hours: float = 8) -> ir.TimestampValue:
    """The first instant of a civil day in that zone."""
    return plus_hours(day.cast(INSTANT), -offset_hours)


def month_of(instant: ir.TimestampValue, offset_hours: float = 8) -> ir.DateValue:
    """The first day of the civil month of an instant."""
    return legal_day(instant, offset_hours).truncate("M").cast("date")


def holds(condition: ir.BooleanValue) -> ir.BooleanValue:
    """The condition, and false where it is not known."""
    return condition.fill_null(ibis.literal(value=False))


def may_hold(condition: ir.BooleanValue) -> ir.BooleanValue:
    """The condition, and true where it is not known."""
    return condition.fill_null(ibis.literal(value=True))


def at_night(
    instant: ir.TimestampValue, begins: float = 22, ends: float = 6, offset_hours: float = 8
) -> ir.BooleanValue:
    """Between two hours of the clock; a fact to be combined with others, never a finding alone (anomaly note, R38)."""
    hour = plus_hours(instant, offset_hours).cast("timestamp").hour()
    return (hour >= begins) | (hour < ends)


def category(waste_code: ir.StringValue) -> ir.StringValue:
    """HW08 of 900-249-08; a general waste's code gives one that no permit for hazardous waste has."""
    return ibis.literal("HW") + waste_code.right(2)


def hazardous(waste_code: ir.StringValue) -> ir.BooleanValue:
    """Whether the code is none of general industrial waste (900-001-S17)."""
    return ~waste_code.contains("-S")


def least_severity(usual: int, grams: ir.IntegerValue, grave_g: float) -> ir.IntegerValue:
    """The usual severity; REFER where so much may be missing that it would be a crime (法释〔2023〕7号 art. 1(2))."""
    return (grams >= grave_g).ifelse(4, usual)


def findings(table: ir.Table, **columns: ir.Value | str | float) -> ir.Table:
    """A rule's rows as findings: the columns of FINDING first, then the numbers of its own. Plain values are constants.

    Raises TypeError when one of FINDING is not given.
    """
    if missing := set(FINDING) - columns.keys():
        raise TypeError(f"a finding has also {', '.join(sorted(missing))}")
    names = (*FINDING, *(name for name in columns if name not in FINDING))
    values: dict[str, Any] = {
        name: columns[name] if isinstance(columns[name], ir.Value) else ibis.literal(columns[name]) for name in names
    }
    # Parts of a rule are put together, and its constants are as narrow as they were written.
    kinds = {"severity": "int8", "since_at": INSTANT, "found_at": INSTANT, "at_risk_g": "int64"}
    kinds |= {"statistic": "float64", "threshold": "float64"}
    return table.select(**values | {name: values[name].cast(kind) for name, kind in kinds.items()})
