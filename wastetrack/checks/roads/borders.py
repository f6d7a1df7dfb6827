"""Whether places lie in zones: plain arithmetic over the edges of their borders, without a spatial extension."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import KM_PER_DEGREE

CELL = 0.1
"""Degrees of a cell in which zones and places meet before any edge is looked at."""
_GRAVEST = ("protection_zone_1", "protection_zone_2", "nature_reserve_core", "red_line", "river")


def touched(edges: ir.Table, places: ir.Table, river_km: float) -> ir.Table:
    """Pairs of a place and a zone in which it lies, or a river to which it is so near.

    `places` has `latitude` and `longitude` and whatever tells them apart, which comes back beside the zone's own
    columns and its `rank`, the gravest first.
    """
    names = [name for name in places.columns if name not in ("latitude", "longitude")]
    near = _cells_of(edges, river_km).join(
        places.mutate(
            north=(places.latitude / CELL).floor().cast("int64"), east=(places.longitude / CELL).floor().cast("int64")
        ),
        ["north", "east"],
    )
    near = near.filter(
        near.latitude.between(near.south_edge, near.north_edge), near.longitude.between(near.west_edge, near.east_edge)
    ).drop("north", "east", "south_edge", "north_edge", "west_edge", "east_edge")
    lines = edges.select("zone_id", north_1="latitude", east_1="longitude", north_2="latitude_2", east_2="longitude_2")
    both = near.join(lines, "zone_id")
    spans = (both.north_1 > both.latitude) != (both.north_2 > both.latitude)
    meets = both.east_1 + (both.latitude - both.north_1) / (both.north_2 - both.north_1).nullif(0.0) * (
        both.east_2 - both.east_1
    )
    crossed = (spans & (meets > both.longitude)).fill_null(ibis.literal(value=False))
    judged = both.mutate(crossed=crossed.cast("int64"), km=_to_edge(both))
    by_zone = judged.group_by(*names, "zone_id", "kind", "name", "valid_from", "valid_to").agg(
        crossings=lambda t: t.crossed.sum(), km=lambda t: t.km.min()
    )
    inside = (by_zone.crossings % 2 == 1) | ((by_zone.kind == "river") & (by_zone.km <= river_km))
    rank = ibis.cases(*((by_zone.kind == kind, place) for place, kind in enumerate(_GRAVEST)), else_=len(_GRAVEST))
    return by_zone.mutate(rank=rank).filter(inside).drop("crossings", "km")


def _cells_of(edges: ir.Table, river_km: float) -> ir.Table:
    """Each zone once for each cell that the box about it touches; about rivers so much wider."""
    boxes = edges.group_by("zone_id").agg(
        kind=lambda t: t.kind.max(),
        name=lambda t: t.name.max(),
        valid_from=lambda t: t.valid_from.max(),
        valid_to=lambda t: t.valid_to.max(),
        south_edge=lambda t: ibis.least(t.latitude.min(), t.latitude_2.min()),
        north_edge=lambda t: ibis.greatest(t.latitude.max(), t.latitude_2.max()),
        west_edge=lambda t: ibis.least(t.longitude.min(), t.longitude_2.min()),
        east_edge=lambda t: ibis.greatest(t.longitude.max(), t.longitude_2.max()),
    )
    wider = (boxes.kind == "river").ifelse(river_km / KM_PER_DEGREE, 0.0)
    wider_east = wider / ibis.greatest(boxes.north_edge.radians().cos(), 0.05)
    boxes = boxes.mutate(
        south_edge=boxes.south_edge - wider,
        north_edge=boxes.north_edge + wider,
        west_edge=boxes.west_edge - wider_east,
        east_edge=boxes.east_edge + wider_east,
    )

    def cells(low: ir.FloatingValue, high: ir.FloatingValue) -> ir.ArrayValue:
        return ibis.range((low / CELL).floor().cast("int64"), (high / CELL).floor().cast("int64") + 1)

    boxes = boxes.mutate(north=cells(boxes.south_edge, boxes.north_edge)).unnest("north")
    return boxes.mutate(east=cells(boxes.west_edge, boxes.east_edge)).unnest("east")


def _to_edge(rows: ir.Table) -> ir.FloatingValue:
    """Kilometres from a place to an edge, on the plane about the place."""
    shrunk = rows.latitude.radians().cos() * KM_PER_DEGREE
    up, right = (rows.north_1 - rows.latitude) * KM_PER_DEGREE, (rows.east_1 - rows.longitude) * shrunk
    on_up, on_right = (rows.north_2 - rows.north_1) * KM_PER_DEGREE, (rows.east_2 - rows.east_1) * shrunk
    long_2 = on_up * on_up + on_right * on_right
    part = (-(up * on_up + right * on_right) / long_2.nullif(0.0)).clip(lower=0.0, upper=1.0)
    part = part.fill_null(0.0)
    far_up, far_right = up + part * on_up, right + part * on_right
    return (far_up * far_up + far_right * far_right).sqrt()
