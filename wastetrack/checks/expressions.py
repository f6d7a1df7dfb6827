"""Words that rules share, in the form that each engine has: no as-of join, no subtraction of instants, no geometry."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import FINDING

KM_PER_DEGREE = 111.195
"""Of a great circle of the mean Earth radius, 6,371.0 km."""
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


def findings(table: ir.Table, **columns: ir.Value | str | float) -> ir.Table:
    """A rule's rows as findings: the columns of FINDING first, then the numbers of its own. Plain values are constants.

    Raises TypeError when one of FINDING is not given.
    """
    if missing := set(FINDING) - columns.keys():
        raise TypeError(f"a finding has also {', '.join(sorted(missing))}")
    names = (*FINDING, *(name for name in columns if name not in FINDING))
    values = {
        name: columns[name] if isinstance(columns[name], ir.Value) else ibis.literal(columns[name]) for name in names
    }
    return table.select(**values)
