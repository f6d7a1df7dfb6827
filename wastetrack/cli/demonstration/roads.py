"""How long the lorries of the region are under way: the road between two counties, and the yard at both ends."""

import math
from datetime import date, datetime, timedelta
from typing import Final

from wastetrack.cli.demonstration.places import Place
from wastetrack.cli.demonstration.working_hours import local_day

_EARTH_KM: Final = 6_371.0
# Roads are longer than great circles.
_DETOUR: Final = 1.3
_SLOW_KM_H, _BRISK_KM_H = 48, 62
_LEAST_IN_YARDS, _MOST_IN_YARDS = 30, 60


def road_km(start: Place, end: Place) -> float:
    """About how long the road between the two is."""
    up, across = (math.radians(float(b - a) / 2) for a, b in zip(_at(start), _at(end), strict=True))
    widths = math.prod(math.cos(math.radians(float(place.latitude))) for place in (start, end))
    inner = math.sin(up) ** 2 + widths * math.sin(across) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(inner)) * _DETOUR


def minutes_between(start: Place, end: Place) -> tuple[int, int]:
    """From signature to gate, at the least and at the most."""
    km = road_km(start, end)
    return _LEAST_IN_YARDS + round(60 * km / _BRISK_KM_H), _MOST_IN_YARDS + round(60 * km / _SLOW_KM_H)


def usual_time(start: Place, end: Place) -> timedelta:
    """From signature to gate on a day on which nothing happens."""
    return timedelta(minutes=sum(minutes_between(start, end)) // 2)


def days_away(start: Place, end: Place, leaves_at: datetime, stands: timedelta = timedelta()) -> frozenset[date]:
    """The days until whoever drives it is home again; `stands`: beyond what the road takes."""
    longest = timedelta(minutes=minutes_between(start, end)[1])
    first, last = local_day(leaves_at), local_day(leaves_at + 2 * longest + stands)
    return frozenset(first + timedelta(days=count) for count in range((last - first).days + 1))


def _at(place: Place) -> tuple[float, float]:
    return float(place.latitude), float(place.longitude)
