"""R08: a load stood where nobody has business with it; and places to which a firm's loads come again and again."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import at_night, findings, hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.roads.corridors import CORRIDOR, ODD_MINUTES, off_corridor
from wastetrack.checks.roads.stops import CELL, degrees_cell, loaded_stops
from wastetrack.checks.roads.tracks import short_loads
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

_PLACE = 0.003
"""Degrees of a cell of a firm's own places: two stops within 150 m meet in one of four grids of it."""
_PLACE_OF = ["carrier_id", "grid", "north", "east"]


def odd_stops(records: Records) -> ir.Table:
    """Stops with a load at no site and no service area, with `off` (the corridor), `night`, `missing_g`."""
    return records.model("odd stops", _odd_stops)


def _odd_stops(records: Records) -> ir.Table:
    odd = off_corridor(records, loaded_stops(records).filter(lambda t: ~t.white, lambda t: t.minutes >= ODD_MINUTES))
    odd = odd.left_join(short_loads(records), "manifest_id").drop("manifest_id_right")
    return odd.mutate(night=at_night(odd.stop_from_at), short=odd.missing_g.notnull()).cache()


def unplanned(records: Records, at: Settings) -> ir.Table:
    """Odd stops that are long enough, as `level`: 2 off the corridor, 1 on it, and 1 more by what else is known."""
    odd = odd_stops(records)
    base = ibis.cases(
        (odd.off & (odd.minutes >= at.minutes), Severity.EXPLAIN.value),
        (odd.minutes >= at.long_minutes, Severity.WATCH.value),
        else_=0,
    )
    more = (odd.short | (odd.opened == 1) | odd.night).ifelse(1, 0)
    level = odd.mutate(base=base).filter(lambda t: t.base > 0)
    return level.mutate(level=level.base + more)


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # a stop is known when it is over
    odd = unplanned(records, at)
    gravest = ibis.window(
        group_by="manifest_id", order_by=[ibis.desc("level"), ibis.desc("minutes"), ibis.asc("stop_from_at")]
    )
    told = odd.mutate(nth=ibis.row_number().over(gravest)).filter(lambda t: t.nth == 0)
    return findings(
        told,
        severity=told.level,
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.carrier_id,
        since_at=told.stop_from_at,
        found_at=told.short.ifelse(ibis.greatest(told.stop_until_at, told.short_at), told.stop_until_at),
        at_risk_g=ibis.coalesce(told.missing_g, told.mass_g),
        statistic=told.level * 1000.0 + told.minutes,
        threshold=at.minutes,
        minutes=told.minutes,
        latitude=told.latitude,
        longitude=told.longitude,
        off_corridor=told.off,
        lane_trips=told.lane_trips,
        night=told.night,
        lid_opened=told.opened == 1,
        missing_g=told.missing_g,
        vehicle_id=told.vehicle_id,
    )


def _find_places(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """Density by relations (DBSCAN with three in 150 m): the third stop within the days makes the place."""
    places = (
        _dense(records, at, as_of)
        .group_by(*_PLACE_OF)
        .agg(
            since_at=lambda t: t.first_at.min(),
            found_at=lambda t: t.stop_until_at.min(),
            stops_after=lambda t: t.count(),
            latitude=lambda t: t.latitude.mean(),
            longitude=lambda t: t.longitude.mean(),
            mass_g=lambda t: t.mass_g.sum().cast("int64"),
            shorts=lambda t: t.short_lately.max(),
        )
        .mutate(
            town_north=lambda t: degrees_cell(t.latitude, CELL), town_east=lambda t: degrees_cell(t.longitude, CELL)
        )
    )
    best = ibis.window(
        group_by=["carrier_id", "town_north", "town_east"], order_by=[ibis.desc("stops_after"), ibis.asc("grid")]
    )
    told = places.mutate(nth=ibis.row_number().over(best)).filter(lambda t: t.nth == 0)
    count = told.stops_after + int(at.stops) - 1
    return findings(
        told,
        severity=(told.shorts > 0).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="carrier",
        subject_id=told.carrier_id,
        party_id=told.carrier_id,
        since_at=told.since_at,
        found_at=told.found_at,
        at_risk_g=told.mass_g,
        statistic=count,
        threshold=at.stops,
        stops=count,
        short_loads=told.shorts,
        latitude=told.latitude,
        longitude=told.longitude,
    )


def _dense(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """Stops of a firm that are the third or later within the days in their place, in each of four grids."""
    odd = odd_stops(records).filter(
        lambda t: t.stop_until_at <= as_of, lambda t: t.minutes >= at.minutes, lambda t: t.off | t.short
    )
    grids = [
        odd.mutate(
            grid=ibis.literal(2 * up + right, "int64"),
            north=degrees_cell(odd.latitude + up * _PLACE / 2, _PLACE),
            east=degrees_cell(odd.longitude + right * _PLACE / 2, _PLACE),
        )
        for up in (0, 1)
        for right in (0, 1)
    ]
    # Two manifests of one trip are one stop.
    once = (
        ibis.union(*grids, distinct=False)
        .group_by(*_PLACE_OF, "vehicle_id", "stop")
        .agg(
            stop_until_at=lambda t: t.stop_until_at.max(),
            latitude=lambda t: t.latitude.mean(),
            longitude=lambda t: t.longitude.mean(),
            mass_g=lambda t: ibis.coalesce(t.missing_g, t.mass_g).sum().cast("int64"),
            shorts=lambda t: t.short.cast("int64").max(),
        )
    )
    earlier = int(at.stops) - 1
    in_turn = ibis.window(group_by=_PLACE_OF, order_by=["stop_until_at", "stop"])
    lately = ibis.window(group_by=_PLACE_OF, order_by=["stop_until_at", "stop"], preceding=earlier, following=0)
    once = once.mutate(
        first_at=once.stop_until_at.lag(earlier).over(in_turn), short_lately=once.shorts.sum().over(lately)
    )
    return once.filter(lambda t: hours(t.first_at, t.stop_until_at) <= at.days * 24)


_SITE = "1 km about every site of the records and stops shared by three firms are excepted (anomaly note R08)"
_MINUTES = Parameter("minutes", 15, "min", "of a stop off the corridor", _SITE)

RULE = Rule(
    id="R08",
    title=message("Unplanned stop"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="fixes within 150 m for ≥ minutes off the corridor, or ≥ long_minutes anywhere, > 1 km from every site "
    "and no stop of three firms; one level more with a short load, an open lid, or at night",
    parameters=(_MINUTES, Parameter("long_minutes", 30, "min", "of a stop anywhere", "anomaly note R08"), *CORRIDOR),
    needs=("positions", "manifests.vehicle_id", "sites.latitude"),
    detectable=message(
        "A stop of at least fifteen minutes between two fixes, of a vehicle that sends; none at a place where vehicles "
        "of three firms stop."
    ),
    false_alarms=message(
        "Rests and breakdowns away from service areas, some of a hundred trips; nearly all are watched only."
    ),
    innocent=(
        message("The driver rested, ate or slept where no service area is known."),
        message("The vehicle broke down or waited for an accident to be cleared."),
        message("The road was closed, and the load went round it."),
    ),
    next_step=message("Ask for the reason with a photograph and receipts; look at the place if the load was short."),
    article="固废法 art. 20; 转移管理办法 art. 13",
    chance=0.02,
    find=_find,
)

PLACES = Rule(
    id="R08P",
    title=message("Place where loads are left, perhaps"),
    queue=Queue.TRANSIT,
    severity=Severity.INSPECT,
    formula="stops ≥ minutes off the corridor or with a short load, of one firm, at least `stops` of them within 150 m "
    "in `days`",
    parameters=(
        _MINUTES,
        Parameter("stops", 3, "1", "that make a place (minPts)", "anomaly note R08"),
        Parameter("days", 90, "d", "in which they are", "anomaly note R08"),
        *CORRIDOR,
    ),
    needs=("positions", "manifests.vehicle_id", "sites.latitude"),
    detectable=message("A place that one firm uses three times in ninety days with vehicles that send."),
    false_alarms=message("The firm's own yard, where it is no site of the records: once, until it is registered."),
    innocent=(message("It is the firm's own yard, a customer's, or where its drivers eat."),),
    next_step=message("Look at the place: tracks, soil, barrels; compare pictures from above before and after."),
    article="固废法 art. 20; 法释〔2023〕7号 art. 1(2)",
    chance=0.3,
    find=_find_places,
)
