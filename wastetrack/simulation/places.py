"""Where sites stand: towns in a box of seven by three and a half degrees, the westernmost in the next province."""

import numpy as np

from wastetrack.simulation.chances import Chances, Real, Whole

SOUTH, NORTH, WEST, EAST = 34.6, 38.0, 115.2, 122.0
KM_PER_DEGREE = 111.195
TOWNS = 16
"""The first of them lies beyond the border of the province."""


def places(number: Whole, chances: Chances) -> tuple[Real, Real, Whole]:
    """Latitude, longitude and region code of each; most stand near one of the towns."""
    town = chances.one_of("town", TOWNS, number)
    latitude = chances.uniform("town latitude", town, low=SOUTH, high=NORTH) + 0.15 * chances.normal("latitude", number)
    longitude = chances.uniform("town longitude", town, low=WEST, high=EAST) + 0.2 * chances.normal("longitude", number)
    longitude = np.clip(np.where(town == 0, longitude % 0.4 + WEST - 0.3, longitude), WEST - 0.3, EAST + 0.3)
    region = np.where(town == 0, 410_900, 370_000 + 100 * town)
    return latitude.round(5), longitude.round(5), region


def kilometres(latitude: Real, longitude: Real, latitude_2: Real, longitude_2: Real) -> Real:
    """Great circle (haversine)."""
    up = np.sin(np.radians(latitude_2 - latitude) / 2)
    across = np.sin(np.radians(longitude_2 - longitude) / 2)
    inner = up * up + np.cos(np.radians(latitude)) * np.cos(np.radians(latitude_2)) * across * across
    return np.asarray(np.arcsin(np.sqrt(np.minimum(inner, 1.0))) * (360.0 / np.pi) * KM_PER_DEGREE)


def nearest_of_some(
    rows: Whole,
    site: Whole,
    among: Whole,
    latitude: Real,
    longitude: Real,
    chances: Chances,
    purpose: str,
    tried: int = 8,
) -> Whole:
    """For each row the nearest of a few sites that it happens to know."""
    best, least = np.full(len(rows), -1), np.full(len(rows), np.inf)
    for one in range(tried):
        candidate = among[chances.one_of(purpose, len(among), rows, one)]
        far = kilometres(latitude[site], longitude[site], latitude[candidate], longitude[candidate])
        far = np.where(candidate == site, np.inf, far)
        best = np.where(far < least, candidate, best)
        least = np.minimum(least, far)
    return np.where(best < 0, among[0], best)


def spread_order(latitude: Real, longitude: Real, parts: int) -> Whole:
    """An order in which neighbours on the map stand beside each other: up and down through strips."""
    strips = max(1, int(np.sqrt(parts)))
    strip = np.floor((longitude - longitude.min()) / (np.ptp(longitude) + 1e-9) * strips).astype(np.int64)
    return np.lexsort((np.where(strip % 2 == 0, latitude, -latitude), strip))
