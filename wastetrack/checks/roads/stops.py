"""Where vehicles stood: fixes that follow each other within 150 m; and which of those places are nothing odd."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import KM_PER_DEGREE, hours, kilometres
from wastetrack.checks.roads.tracks import by_day, day_number, fixes, trips
from wastetrack.extracts.reading import Records

WITHIN_KM = 0.15
WIDEST_KM = 3 * WITHIN_KM
"""Of all fixes of a stop, north to south and west to east: what creeps in a jam is no stop."""
LEAST_MINUTES = 3.0
"""Shorter ones are nobody's business, not even in a protected zone."""
CELL = 0.01
"""Degrees of a cell in which places meet: about a kilometre."""
AREA_CELL = 0.003
"""Degrees of a cell in which stops of several firms make a service area, with its eight neighbours."""
SHARED_BY = 3
"""Firms whose vehicles stop at a place make it one where everybody stops."""
SHARED_MINUTES = 10.0
_ABOUT = tuple((north, east) for north in (-1, 0, 1) for east in (-2, -1, 0, 1, 2))
"""Neighbours that hold everything within a kilometre, up to 60° of latitude."""


def degrees_cell(degrees: ir.FloatingValue, size: float) -> ir.IntegerValue:
    """Which cell of a grid."""
    return (degrees / size).floor().cast("int64")


def stops(records: Records) -> ir.Table:
    """Of every vehicle, on whatever way: `vehicle_id, stop, from_at, until_at, minutes, latitude, longitude`."""
    return records.model("stops", _stops)


def _stops(records: Records) -> ir.Table:
    of_vehicle = ibis.window(group_by="vehicle_id", order_by="seen_at")
    seen = fixes(records).mutate(shrunk=lambda t: t.latitude.radians().cos())
    seen = seen.mutate(
        back_north=seen.latitude.lag().over(of_vehicle),
        back_east=seen.longitude.lag().over(of_vehicle),
        on_north=seen.latitude.lead().over(of_vehicle),
        on_east=seen.longitude.lead().over(of_vehicle),
    )
    # One fix far away between two that are together is an echo off a wall, and ends no stop.
    back = _near(seen, seen.latitude, seen.longitude, seen.back_north, seen.back_east)
    on = _near(seen, seen.latitude, seen.longitude, seen.on_north, seen.on_east)
    echo = ~back & ~on & _near(seen, seen.back_north, seen.back_east, seen.on_north, seen.on_east)
    seen = seen.filter(~echo.fill_null(ibis.literal(value=False)))
    seen = seen.mutate(back_north=seen.latitude.lag().over(of_vehicle), back_east=seen.longitude.lag().over(of_vehicle))
    stays = _near(seen, seen.latitude, seen.longitude, seen.back_north, seen.back_east)
    seen = seen.mutate(moved=stays.fill_null(ibis.literal(value=False)).ifelse(0, 1))
    seen = seen.mutate(stop=seen.moved.sum().over(ibis.cumulative_window(group_by="vehicle_id", order_by="seen_at")))
    stood = seen.group_by("vehicle_id", "stop").agg(
        fixes=lambda t: t.count(),
        from_at=lambda t: t.seen_at.min(),
        until_at=lambda t: t.seen_at.max(),
        latitude=lambda t: t.latitude.mean(),
        longitude=lambda t: t.longitude.mean(),
        north_km=lambda t: (t.latitude.max() - t.latitude.min()) * KM_PER_DEGREE,
        east_km=lambda t: (t.longitude.max() - t.longitude.min()) * KM_PER_DEGREE * t.latitude.mean().radians().cos(),
        opened=lambda t: t.door_open.fill_null(ibis.literal(value=False)).cast("int64").max(),
    )
    stood = stood.mutate(minutes=hours(stood.from_at, stood.until_at) * 60.0)
    return (
        stood.filter(
            lambda t: t.minutes >= LEAST_MINUTES, lambda t: t.north_km <= WIDEST_KM, lambda t: t.east_km <= WIDEST_KM
        )
        .drop("north_km", "east_km")
        .cache()
    )


def _near(
    seen: ir.Table,
    latitude: ir.FloatingValue,
    longitude: ir.FloatingValue,
    latitude_2: ir.FloatingValue,
    longitude_2: ir.FloatingValue,
) -> ir.BooleanValue:
    """Within 150 m on the plane about the fix, where a sphere makes no difference and costs ten times as much."""
    north, east = (latitude_2 - latitude) * KM_PER_DEGREE, (longitude_2 - longitude) * KM_PER_DEGREE * seen.shrunk
    return north * north + east * east <= WITHIN_KM * WITHIN_KM


def loaded_stops(records: Records) -> ir.Table:
    """Stops that began while a manifest's load was on board, with its trip; `shared` where everybody stops, `white`
    there or where a site of the records is within a kilometre, `site_km` away."""
    return records.model("stops with a load", _loaded_stops)


def _loaded_stops(records: Records) -> ir.Table:
    placed = by_day(trips(records)).drop("slowest_at", "reached_at")
    stood = stops(records).rename(stop_from_at="from_at", stop_until_at="until_at")
    stood = stood.mutate(on_day=day_number(stood.stop_from_at))
    both = placed.join(stood, ["vehicle_id", "on_day"]).filter(
        lambda t: t.stop_from_at >= t.departed_at, lambda t: t.stop_from_at < t.until_at
    )
    both = both.mutate(
        area_north=degrees_cell(both.latitude, AREA_CELL), area_east=degrees_cell(both.longitude, AREA_CELL)
    )
    shared = _shared(both).mutate(shared=ibis.literal(value=True))
    both = both.left_join(shared, ["area_north", "area_east"]).drop("area_north_right", "area_east_right")
    sited = _near_sites(records, both)
    found = both.left_join(sited, ["manifest_id", "stop"]).drop("manifest_id_right", "stop_right")
    shared = found.shared.notnull()
    return (
        found.mutate(shared=shared, white=shared | found.site_km.notnull())
        .drop("on_day", "area_north", "area_east")
        .cache()
    )


def _shared(stood: ir.Table) -> ir.Table:
    """Cells with stops of several firms in or beside them: service areas, weighbridges, toll stations."""
    firms = stood.filter(stood.minutes >= SHARED_MINUTES).select("carrier_id", "area_north", "area_east").distinct()
    around = [
        firms.select("carrier_id", area_north=firms.area_north + north, area_east=firms.area_east + east)
        for north in (-1, 0, 1)
        for east in (-1, 0, 1)
    ]
    counted = ibis.union(*around, distinct=False).group_by("area_north", "area_east")
    return counted.agg(firms=lambda t: t.carrier_id.nunique()).filter(lambda t: t.firms >= SHARED_BY).drop("firms")


def _near_sites(records: Records, stood: ir.Table) -> ir.Table:
    """`manifest_id, stop, site_km`: how far the nearest site of the records is, where one is within a kilometre."""
    sites = records["sites"].filter(lambda t: t.latitude.notnull(), lambda t: t.longitude.notnull())
    sites = sites.select(
        site_latitude="latitude",
        site_longitude="longitude",
        north=degrees_cell(sites.latitude, CELL),
        east=degrees_cell(sites.longitude, CELL),
    )
    around = [sites.mutate(north=sites.north + north, east=sites.east + east) for north, east in _ABOUT]
    placed = stood.select(
        "manifest_id",
        "stop",
        "latitude",
        "longitude",
        north=degrees_cell(stood.latitude, CELL),
        east=degrees_cell(stood.longitude, CELL),
    )
    met = ibis.union(*around, distinct=False).join(placed, ["north", "east"])
    far = kilometres(met.latitude, met.longitude, met.site_latitude, met.site_longitude)
    near = met.mutate(km=far).filter(lambda t: t.km <= 1.0)
    return near.group_by("manifest_id", "stop").agg(site_km=lambda t: t.km.min())
