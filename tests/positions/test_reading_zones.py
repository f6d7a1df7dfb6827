"""GeoJSON of zones: what is read, and every fault by feature and ring."""

import json
from typing import Any

import pytest

from wastetrack.positions.model import DrawnZone, Fault, Frame, ZoneKind
from wastetrack.positions.reading_zones import read_zones

SQUARE = [[121.0, 37.0], [121.1, 37.0], [121.1, 37.1], [121.0, 37.1], [121.0, 37.0]]
HOLE = [[121.04, 37.04], [121.06, 37.04], [121.06, 37.06], [121.04, 37.06], [121.04, 37.04]]
SAID = {"name": "门楼水库一级保护区", "kind": "protection_zone_1", "authority": "烟台市"}


def feature(*rings: Any, **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    geometry = {"type": "Polygon", "coordinates": list(rings)}
    return {"type": "Feature", "properties": {**SAID, **properties}, "geometry": geometry}


def read(*features: Any, frame: Frame = Frame.WGS84, **members: Any) -> tuple[list[DrawnZone], list[Fault]]:  # noqa: ANN401
    document = {"type": "FeatureCollection", "features": list(features), **members}
    return read_zones(json.dumps(document).encode(), frame)


def codes(faults: list[Fault]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.broken.code) for one in faults]


def test_a_polygon_with_a_hole_is_its_edges() -> None:
    (zone,), faults = read(feature(SQUARE, HOLE, valid_from="2026-01-01"))

    assert faults == []
    assert (zone.name, zone.kind, len(zone.edges)) == (SAID["name"], ZoneKind.PROTECTION_ZONE_1, 8)
    first = zone.edges[0]
    assert (first.latitude, first.longitude, first.latitude_2, first.longitude_2) == (37.0, 121.0, 37.0, 121.1)
    assert zone.geometry == {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]}


def test_several_polygons_are_one_zone() -> None:
    far = [[east + 1, north] for east, north in SQUARE]
    geometry = {"type": "MultiPolygon", "coordinates": [[SQUARE], [far]]}

    (zone,), faults = read({**feature(), "geometry": geometry})

    assert (faults, len(zone.edges)) == ([], 8)


def test_all_faults_of_all_features_are_told_at_once() -> None:
    bow = [[121.0, 37.0], [121.1, 37.1], [121.1, 37.0], [121.0, 37.1], [121.0, 37.0]]
    swapped = [[north, east] for east, north in SQUARE]
    metres = [[north * 1e5, east * 1e5] for east, north in SQUARE]
    paris = [[2.0, 48.0], [2.1, 48.0], [2.1, 48.1], [2.0, 48.0]]

    zones, faults = read(
        feature(SQUARE),
        feature(SQUARE[:-1], HOLE[:3]),
        feature(bow),
        feature(swapped),
        feature(metres),
        feature(paris),
        feature(SQUARE, [["a", 1]]),
        {**feature(), "geometry": {"type": "Point", "coordinates": [121, 37]}},
        feature(SQUARE, name=" ", kind="park", valid_from="soon"),
        feature(SQUARE, valid_from="2026-02-01", valid_to="2026-01-01"),
        "none",
    )

    assert [zone.feature for zone in zones] == [1]
    assert codes(faults) == [
        (2, "ring 1", "ring_not_closed"),
        (2, "ring 2", "ring_too_short"),
        (3, "ring 1", "ring_crosses_itself"),
        (4, "ring 1", "ring_swapped"),
        (5, "ring 1", "zones_wrong_crs"),
        (6, "ring 1", "ring_outside_china"),
        (7, "ring 2", "ring_unreadable"),
        (8, "geometry", "zone_no_area"),
        (9, "name", "zone_without_name"),
        (9, "kind", "zone_kind_unknown"),
        (9, "valid_from", "day_unreadable"),
        (10, "valid_to", "zone_ends_before"),
        (11, "name", "zone_without_name"),
        (11, "kind", "zone_kind_unknown"),
        (11, "geometry", "zone_no_area"),
    ]


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", "file_no_json"), (b"[]", "zones_no_collection"), (b"{}", "zones_no_collection")]
)
def test_a_file_that_is_none_is_told(content: bytes, code: str) -> None:
    zones, faults = read_zones(content, Frame.WGS84)

    assert (zones, [one.broken.code for one in faults]) == ([], [code])


def test_the_file_says_its_coordinates() -> None:
    beijing = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4214"}}
    cgcs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}

    assert codes(read(feature(SQUARE), crs=beijing)[1]) == [(0, "crs", "zones_wrong_crs")]
    assert read(feature(SQUARE), crs=cgcs)[1] == []
    (zone,), _ = read(feature(SQUARE), frame=Frame.GCJ02)
    assert 0.001 < abs(zone.edges[0].longitude - 121.0) < 0.01
    (true,), _ = read(feature(SQUARE), frame=Frame.GCJ02, crs=cgcs)
    assert true.edges[0].longitude == 121.0
