"""Waters and reserves of a made world, whose borders are known to everybody."""

import dataclasses

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import zones
from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.places import EAST, KM_PER_DEGREE, NORTH, SOUTH, WEST, kilometres
from wastetrack.simulation.tables import ZONE, Names, rows, words

_CORNERS = 14
_KINDS = ("protection_zone_1", "protection_zone_2", "nature_reserve_core", "red_line")


@dataclasses.dataclass(frozen=True, slots=True)
class Protected:
    """Centres and sizes."""

    latitude: Real
    longitude: Real
    kilometres: Real
    corners: Real
    """How far each corner of each lies from its centre, of its size."""

    def __len__(self) -> int:
        return len(self.latitude)

    def nearest(self, latitude: Real, longitude: Real, asked: Yes) -> tuple[Real, Real, Real]:
        """The centre of the nearest one and its distance, where it is asked; else infinitely far."""
        north, east, far = latitude.copy(), longitude.copy(), np.full(len(latitude), np.inf)
        some = np.flatnonzero(asked)
        if len(some) and len(self):
            apart = kilometres(
                latitude[some, None], longitude[some, None], self.latitude[None, :], self.longitude[None, :]
            )
            which = apart.argmin(axis=1)
            north[some], east[some] = self.latitude[which], self.longitude[which]
            far[some] = apart[np.arange(len(some)), which]
        return north, east, far


def protect(generators: int, chances: Chances) -> Protected:
    """Some for each region of a world: more where it is larger."""
    number = np.arange(12 + generators // 100)
    return Protected(
        chances.uniform("zone latitude", number, low=SOUTH, high=NORTH),
        chances.uniform("zone longitude", number, low=WEST, high=EAST),
        chances.uniform("zone size", number, low=0.8, high=3.0),
        chances.uniform("zone corner", number[:, None], np.arange(_CORNERS)[None, :], low=0.7, high=1.2),
    )


def zone_rows(protected: Protected, names: Names) -> pa.Table:
    """Their borders, one row an edge."""
    count = len(protected)
    turn = 2 * np.pi * np.arange(_CORNERS + 1) / _CORNERS
    reach = np.hstack([protected.corners, protected.corners[:, :1]]) * protected.kilometres[:, None] / KM_PER_DEGREE
    latitude = protected.latitude[:, None] + reach * np.sin(turn)
    longitude = protected.longitude[:, None] + reach * np.cos(turn) / np.cos(np.radians(protected.latitude))[:, None]
    zone: Whole = np.repeat(np.arange(count), _CORNERS)
    columns = {
        "zone_id": names.of(ZONE, zone),
        "edge": np.tile(np.arange(1, _CORNERS + 1), count),
        "kind": words(_KINDS, zone % len(_KINDS)),
        "name": pa.array([f"Zone {number + 1}" for number in zone]),
        "latitude": latitude[:, :-1].ravel().round(6),
        "longitude": longitude[:, :-1].ravel().round(6),
        "latitude_2": latitude[:, 1:].ravel().round(6),
        "longitude_2": longitude[:, 1:].ravel().round(6),
    }
    return rows(zones.ZONES, columns, len(zone))
