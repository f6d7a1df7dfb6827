"""GeoJSON (RFC 7946) of zones: what each feature is, and everything that is wrong with it, by feature and ring."""

from datetime import date
from itertools import pairwise
from typing import Any

import orjson
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from wastetrack.errors import Broken, Malformed
from wastetrack.i18n import message
from wastetrack.positions.coordinates import EAST, NORTH, SOUTH, WEST, in_china, to_wgs84
from wastetrack.positions.model import DrawnZone, Edge, Fault, Frame, ZoneKind
from wastetrack.positions.values import frame_of

MOST_FEATURES = 5_000
MOST_CORNERS = 200_000
"""Of all zones of a file."""
_FEWEST = 4
"""Places of a ring, of which the last is the first."""
_WGS84 = ("crs84", "epsg::4326", "epsg:4326", "epsg::4490", "epsg:4490")
"""EPSG 4490 (CGCS 2000) is WGS 84 to within centimetres."""
_LONGEST_NAME = 200

Ring = list[tuple[float, float]]


def read_zones(content: bytes, frame: Frame) -> tuple[list[DrawnZone], list[Fault]]:
    """All zones of a file in WGS 84, and all faults; row is the feature, from 1, column the ring or property."""
    faults: list[Fault] = []
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        sentence = message("The file is no JSON: {error}.")
        return [], [Fault(0, "", Broken("file", "file_no_json", sentence, facts={"error": error.msg}))]
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features or document.get("type") != "FeatureCollection":
        sentence = message("The file is no FeatureCollection with features.")
        return [], [Fault(0, "features", Broken("file", "zones_no_collection", sentence))]
    if len(features) > MOST_FEATURES:
        sentence = message("A file may have at most {most} zones. Split it.")
        return [], [Fault(0, "features", Broken("file", "too_many_zones", sentence, facts={"most": MOST_FEATURES}))]
    frame = _frame(document, frame, faults)
    drawn = [_Feature(place, feature, frame, faults).drawn() for place, feature in enumerate(features, 1)]
    zones = [zone for zone in drawn if zone is not None]
    corners = sum(len(zone.edges) for zone in zones)
    if corners > MOST_CORNERS:
        sentence = message("The borders have {count} corners; at most {most} are read. Simplify them.")
        facts: dict[str, object] = {"count": corners, "most": MOST_CORNERS}
        faults.append(Fault(0, "features", Broken("file", "too_many_corners", sentence, facts=facts)))
    return zones, faults


def _frame(document: dict[str, Any], frame: Frame, faults: list[Fault]) -> Frame:
    """What the file says of its coordinates, if it says something; it must be read here."""
    said = document.get("frame")
    if isinstance(said, str):
        try:
            return frame_of(said)
        except Malformed as error:
            faults.append(Fault(0, "frame", error.as_broken("frame", said)))
            return frame
    crs = document.get("crs")
    if not isinstance(crs, dict):
        return frame
    properties = crs.get("properties")
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not name.lower().endswith(_WGS84):
        sentence = message("The file is in {value}. Convert it to WGS 84 (EPSG 4326) or CGCS 2000 (EPSG 4490).")
        faults.append(Fault(0, "crs", Broken("crs", "zones_wrong_crs", sentence, name or "—")))
    return Frame.WGS84


class _Feature:
    """One feature while it is read."""

    def __init__(self, place: int, feature: object, frame: Frame, faults: list[Fault]) -> None:
        self.place, self.frame, self.faults = place, frame, faults
        self.feature: dict[str, Any] = feature if isinstance(feature, dict) else {}
        said = self.feature.get("properties")
        self.said: dict[str, Any] = said if isinstance(said, dict) else {}
        self.before = len(faults)

    def wrong(self, where: str, code: str, sentence: str, value: object = None, **facts: object) -> None:
        self.faults.append(Fault(self.place, where, Broken(where, code, sentence, value, facts=facts)))

    def drawn(self) -> DrawnZone | None:
        name, kind = self._name(), self._kind()
        valid_from, valid_to = self._day("valid_from"), self._day("valid_to")
        if valid_from and valid_to and valid_to < valid_from:
            self.wrong("valid_to", "zone_ends_before", message("It ends before it begins."), valid_to.isoformat())
        polygons = self._polygons()
        if len(self.faults) > self.before or kind is None or not polygons:
            return None
        edges = tuple(
            Edge(first[1], first[0], second[1], second[0])
            for polygon in polygons
            for ring in polygon
            for first, second in pairwise(ring)
        )
        geometry = {
            "type": "MultiPolygon",
            "coordinates": [[list(map(list, ring)) for ring in one] for one in polygons],
        }
        authority = str(self.said.get("authority") or "")[:_LONGEST_NAME]
        return DrawnZone(self.place, name, kind, authority, valid_from, valid_to, geometry, edges)

    def _name(self) -> str:
        name = self.said.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
            self.wrong("name", "zone_without_name", message("A zone has a name of at most 200 characters."))
            return ""
        return name.strip()

    def _kind(self) -> ZoneKind | None:
        said = self.said.get("kind")
        if isinstance(said, str) and said in set(ZoneKind):
            return ZoneKind(said)
        sentence = message("“{value}” is no kind of zone; write one of {known}.")
        known = ", ".join(ZoneKind)
        self.wrong("kind", "zone_kind_unknown", sentence, said if isinstance(said, str) else "—", known=known)
        return None

    def _day(self, name: str) -> date | None:
        said = self.said.get(name)
        if said is None or said == "":
            return None
        try:
            return date.fromisoformat(str(said))
        except ValueError:
            self.wrong(name, "day_unreadable", message("“{value}” is no day; write it like 2026-03-01."), str(said))
            return None

    def _polygons(self) -> list[list[Ring]]:
        geometry = self.feature.get("geometry")
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        written = geometry.get("coordinates") if isinstance(geometry, dict) else None
        several = [written] if kind == "Polygon" else written
        if kind not in {"Polygon", "MultiPolygon"} or not isinstance(several, list) or not several:
            sentence = message("Its geometry is {value}; a zone is a Polygon or a MultiPolygon.")
            self.wrong("geometry", "zone_no_area", sentence, str(kind or "—"))
            return []
        found = []
        for number, polygon in enumerate(several, 1):
            where = "ring" if len(several) == 1 else f"polygon {number}, ring"
            found.append(self._polygon(polygon, where))
        return found if len(self.faults) == self.before else []

    def _polygon(self, written: object, where: str) -> list[Ring]:
        if not isinstance(written, list) or not written:
            self.wrong(f"{where} 1", "ring_empty", message("It has no ring."))
            return []
        before = len(self.faults)
        rings = [self._ring(ring, f"{where} {number}") for number, ring in enumerate(written, 1)]
        if len(self.faults) > before:
            return []
        shape = Polygon(rings[0], rings[1:])
        if not shape.is_valid:
            sentence = message("The border crosses or touches itself ({reason}).")
            self.wrong(f"{where} 1", "ring_crosses_itself", sentence, reason=explain_validity(shape))
        return rings

    def _ring(self, written: object, where: str) -> Ring:
        if not isinstance(written, list) or not all(_is_place(place) for place in written):
            self.wrong(where, "ring_unreadable", message("A ring is a list of places [longitude, latitude]."))
            return []
        ring: Ring = [(float(place[0]), float(place[1])) for place in written]
        if len(ring) < _FEWEST:
            sentence = message("A ring has at least four places, of which the last is the first; this has {count}.")
            self.wrong(where, "ring_too_short", sentence, count=len(ring))
        elif ring[0] != ring[-1]:
            self.wrong(where, "ring_not_closed", message("The ring is not closed: its last place is not its first."))
        self._placed(ring, where)
        if self.frame is Frame.GCJ02:
            ring = [(east, north) for north, east in (to_wgs84(place[1], place[0]) for place in ring)]
        return ring

    def _placed(self, ring: Ring, where: str) -> None:
        out = [place for place in ring if not in_china(place[1], place[0])]
        if not out:
            return
        if all(SOUTH <= east <= NORTH and WEST <= north <= EAST for east, north in ring):
            sentence = message("Latitude and longitude are swapped: GeoJSON has the longitude first.")
            self.wrong(where, "ring_swapped", sentence, f"{out[0][0]:g}, {out[0][1]:g}")
            return
        metres = any(abs(east) > 180 or abs(north) > 90 for east, north in out)  # noqa: PLR2004  degrees of a globe
        if metres:
            sentence = message("{value} are no degrees; the file is in a projection. Convert it to WGS 84.")
            self.wrong(where, "zones_wrong_crs", sentence, f"{out[0][0]:g}, {out[0][1]:g}")
            return
        self.wrong(where, "ring_outside_china", message("{value} lies outside China."), f"{out[0][0]:g}, {out[0][1]:g}")


def _is_place(place: object) -> bool:
    return (
        isinstance(place, list)
        and len(place) in {2, 3}
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in place)
    )
