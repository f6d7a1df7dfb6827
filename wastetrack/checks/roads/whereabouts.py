"""Where each trip was when it lost time: off its road, silent, at rest where others rest, or nowhere odd."""

import math

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import hours
from wastetrack.checks.roads.corridors import ODD_MINUTES, off_corridor
from wastetrack.checks.roads.silences import gaps
from wastetrack.checks.roads.stops import SHARED_MINUTES, loaded_stops
from wastetrack.checks.roads.tracks import on_trips, trip_cells, trips
from wastetrack.extracts.reading import Records

UNSEEN, SEEN, REST, ASIDE, STOOD_ON, STOOD_OFF = "unseen", "road", "rest", "aside", "on", "off"
SILENT, STILL = "silent", "still"
ENDS_KM = 3.0
"""About both gates every way is usual."""
TIMES_USUAL = 2.5
"""A silence is longer than so many of the vehicle's usual intervals."""
SLOW = 0.5
"""Of the speed of the whole trip, below which a vehicle stood for the most of a silence."""
LONG_MINUTES = 40.0
"""From which on a stop is a long one: four times the shortest that is seen."""


def whereabouts(records: Records) -> ir.Table:
    """`manifest_id, where`, a row a trip of which there are fixes; the oddest thing that it did."""
    return records.model("whereabouts", _whereabouts)


def doubled(minutes: ir.FloatingValue, least: float, most: int) -> ir.IntegerValue:
    """How often `least` must be doubled to come to so many minutes, from 0 to `most`."""
    times = (ibis.greatest(minutes, ibis.literal(least)) / least).ln() / math.log(2.0)
    return (times + 1e-9).floor().cast("int64").clip(upper=most)


def _whereabouts(records: Records) -> ir.Table:
    seen = on_trips(records).select("manifest_id").distinct()
    stood = off_corridor(records, loaded_stops(records).filter(lambda t: t.minutes >= ODD_MINUTES))
    odd = stood.filter(~stood.white)
    off, on = odd.filter(odd.off), odd.filter(~odd.off)
    rests = stood.filter(stood.white & stood.site_km.isnull() & (stood.minutes >= SHARED_MINUTES))
    silent = _silent(records)
    ends = trips(records).select("manifest_id", "straight_km", "from_latitude", "from_longitude", "to_latitude",
                                 "to_longitude")  # fmt: skip
    aside = off_corridor(records, trip_cells(records).join(ends, "manifest_id"))
    aside = aside.filter(aside.off & (aside.end_km > ENDS_KM))
    rows = seen
    for name, some in (("off", off), ("on", on), ("rest", rests), ("aside", aside.mutate(minutes=1.0))):
        rows = _with(rows, name, some.group_by("manifest_id").agg(value=some.minutes.max()))
    rows = _with(rows, "still", silent.group_by("manifest_id").agg(value=silent.still.max()))
    where = ibis.cases(
        (rows.off.notnull(), (rows.off >= LONG_MINUTES).ifelse(f"{STOOD_OFF} long", STOOD_OFF)),
        (rows.still == 1, STILL),
        (rows.still == 0, SILENT),
        (rows.rest.notnull(), REST),
        (rows.aside.notnull(), ASIDE),
        (rows.on.notnull(), (rows.on >= LONG_MINUTES).ifelse(f"{STOOD_ON} long", STOOD_ON)),
        else_=SEEN,
    )
    return rows.select("manifest_id", where=where).cache()


def _silent(records: Records) -> ir.Table:
    """Trips that were silent for long; `still` is 1 where the vehicle hardly moved meanwhile."""
    about = trips(records).filter(lambda t: t.arrives)
    about = about.select("manifest_id", "straight_km", trip_hours=hours(about.departed_at, about.reached_at))
    silent = gaps(records).filter(lambda t: t.minutes > TIMES_USUAL * t.usual_minutes).join(about, "manifest_id")
    slow = silent.moved_km / silent.minutes * 60.0 < SLOW * silent.straight_km / silent.trip_hours
    return silent.mutate(still=slow.ifelse(1, 0))


def _with(rows: ir.Table, name: str, some: ir.Table) -> ir.Table:
    both = rows.left_join(some.rename({name: "value"}), "manifest_id")
    return both.drop("manifest_id_right")
