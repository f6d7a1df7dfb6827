"""How far it is by road from a site to receivers: as an authority uploaded it, else by great circle."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.parties.model import Site

ROADS: Final = 1.3
"""By how much a road is longer than the straight line, where no matrix of distances is given."""
_EARTH_KM: Final = 6371.0088
_BY_ROAD: Final = "select site_id, km from roads_from($1, $2, $3::uuid[])"


@dataclass(frozen=True, slots=True)
class Reach:
    """Kilometres by road, and whether a matrix says them."""

    km: float
    by_road: bool


def road_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Kilometres by road, as a great circle times ROADS. Pure."""
    low, high = math.radians(latitude), math.radians(to_latitude)
    across = math.radians(to_longitude - longitude)
    half = math.sin((high - low) / 2) ** 2 + math.cos(low) * math.cos(high) * math.sin(across / 2) ** 2
    return ROADS * 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


async def uploaded_km(session: ReadSession, site: Site, to: Sequence[UUID]) -> Mapping[UUID, float]:
    """What matrices say of the way from a site, or from its county, to these sites. One statement."""
    rows = await (await session.driver()).fetch(_BY_ROAD, site.id, site.region_code, list(to))
    return {row["site_id"]: row["km"] for row in rows}


def reach(site: Site, to: UUID, latitude: float, longitude: float, uploaded: Mapping[UUID, float]) -> Reach:
    """How far it is to a receiver's site. Pure."""
    if to in uploaded:
        return Reach(uploaded[to], by_road=True)
    return Reach(road_km(float(site.latitude), float(site.longitude), latitude, longitude), by_road=False)
