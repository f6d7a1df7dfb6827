"""GCJ-02, the coordinates of Chinese maps, to WGS 84.

The forward shift is the one that is publicly known; it has no closed inverse, so the inverse is found by steps: five
bring it below a centimetre. Outside China there is no shift.
"""

import math

_AXIS, _SQUARED_ECCENTRICITY = 6_378_245.0, 0.006_693_421_622_965_943
"""Of the Krasovsky ellipsoid, with which the shift is written."""
SOUTH, NORTH, WEST, EAST = 3.8, 53.6, 73.4, 135.1
"""A box about China."""
_STEPS = 5


def in_china(latitude: float, longitude: float) -> bool:
    """Whether a place is in the box about it."""
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """Where a place of a map of China truly is."""
    if not in_china(latitude, longitude):
        return latitude, longitude
    true_north, true_east = latitude, longitude
    for _ in range(_STEPS):
        north, east = _shift(true_north, true_east)
        true_north, true_east = latitude - north, longitude - east
    return true_north, true_east


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    root = math.sqrt(abs(x))
    waves = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    flat = math.radians(latitude)
    magic = 1.0 - _SQUARED_ECCENTRICITY * math.sin(flat) ** 2
    meridian = _AXIS * (1.0 - _SQUARED_ECCENTRICITY) / (magic * math.sqrt(magic))
    parallel = _AXIS / math.sqrt(magic) * math.cos(flat)
    return math.degrees(north / meridian), math.degrees(east / parallel)
