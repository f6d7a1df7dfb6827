"""Each manifest with the road it had to go, when it was to be expected, and when its gate takes loads.

A vehicle that collects at several places sets out for the gate when it has left the last of them. A gate that takes
loads by day alone lets whoever comes in the evening wait until the morning, so that nothing can come in between. One
that rests on a day of the week lets them wait until the day after, and one that rests on public holidays until these
are over.
"""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.calendar_days import civil_day, holidays
from wastetrack.checks.expressions import DETOUR, holds, hours, kilometres, plus_hours
from wastetrack.extracts.reading import Records

SPEED_KM_H = 50.0
SLOW_KM_H = 30.0
LOADING_H = 1.0
"""Between the signature and the road, and at the gate."""
SHORTEST_H = 0.1
"""A trip told as shorter was not timed: its speed says nothing."""
ENOUGH_TRIPS = 20
"""Of a lane, from which on its own speeds are used."""
ENOUGH_ARRIVALS = 50
"""At a gate, from which on its hours are known."""
GATE_TAIL = 0.02
"""Part of the arrivals before a gate opens, and after it shuts: guards let somebody in at times."""
MOST_OPEN_H = 16.0
"""Between the first and the last arrivals of the days of a gate that shuts; another one never does."""
WORKING_DAY_H = (8.0, 18.0)
"""In which every gate takes loads, whenever those come that it is used to."""
RESTS = 0.02
"""Part of the arrivals of a gate up to which a day of the week is a day of rest; the seventh part is a working one."""
BUSY = 1.0
"""Arrivals a day from which on a public holiday without one is a day of rest, whatever the gate does on weekends."""
EVE_H = 2.0
"""Before a gate shuts for holidays: whoever is expected then needs only a rest on the road to come too late."""
SOON_DAYS = 20
"""So long after the last arrival the calendar of holidays is believed: they may go on."""
_SUNDAY = 6
_CIVIL_S = 8 * 3600
_DAY_S = 24 * 3600
_FIRST_DAY = 3
"""The first day of 1970 was a Thursday."""


def journeys(records: Records) -> ir.Table:
    """One row a manifest and code that has left, with `road_km`, `reached_at`, `expected_at` and `slowest_at`.

    `leaves_at` is when the vehicle left the last place of its round, which is `departed_at` where it is no round;
    `opens_h` and `shuts_h` are hours of the civil day of a gate that shuts at night, null of any other;
    `rests_saturday` and `rests_sunday` are true of a gate that takes hardly a load on those days; `holiday_h` is
    how many hours more than expected a load may be out because the gate rests on public holidays.

    The expected speed is the median of the lane where it has ENOUGH_TRIPS, the slow one its 5 % quantile; else the
    defaults of 50 and 30 km/h (anomaly note, R01).
    """
    left = records.apart(_left(records))
    gates = records.usual("gates", lambda every: _gates(every.apart(_left(every))), shared=True)
    lanes = records.usual("lanes", lambda every: _lanes(every.apart(_left(every))), shared=True)
    shut = records.usual("shut holidays", lambda every: _shut_holidays(every.apart(_left(every))), shared=True)
    left = left.left_join(gates, "receiver_site_id").drop("receiver_site_id_right")
    return records.apart(_with_holidays(_expected(left, lanes), shut))


def _left(records: Records) -> ir.Table:
    sites = records["sites"].select("site_id", "latitude", "longitude", "region_code")
    start = sites.rename(
        shipper_site_id="site_id", from_latitude="latitude", from_longitude="longitude", from_region="region_code"
    )
    end = sites.rename(
        receiver_site_id="site_id", to_latitude="latitude", to_longitude="longitude", to_region="region_code"
    )
    left = (
        records["manifests"]
        .filter(lambda t: t.departed_at.notnull())
        .left_join(start, "shipper_site_id")
        .drop("shipper_site_id_right")
        .left_join(end, "receiver_site_id")
        .drop("receiver_site_id_right")
    )
    straight = kilometres(left.from_latitude, left.from_longitude, left.to_latitude, left.to_longitude)
    left = left.mutate(road_km=ibis.coalesce(left.distance_km, straight * DETOUR, 100.0))
    reached = ibis.coalesce(left.arrived_at, left.received_at)  # what was received has arrived, whoever kept the gate
    return _with_rounds(left.mutate(reached_at=reached))


def once_open(trips: ir.Table, instant: ir.TimestampValue, grace_hours: float) -> ir.TimestampValue:
    """That instant; where the gate of the trip is shut then, so many hours after it has opened again."""
    hour = _civil_hour(instant)
    day = _civil_day(instant)
    resting = holds(_rests(trips, day))
    shut = holds((hour > trips.shuts_h) | (hour < trips.opens_h)) | resting
    # Whoever is too late for a day, or comes on a day of rest, waits for the next on which it opens.
    first = (resting | holds(hour > trips.shuts_h)).ifelse(1, 0)
    days = first
    for _ in range(2):  # a weekend
        days = days + holds(_rests(trips, (day + days) % 7)).ifelse(1, 0)
    wait = ibis.coalesce(trips.opens_h, 0.0) + 24.0 * days - hour
    return shut.ifelse(plus_hours(instant, wait + grace_hours), instant)


def after_rest(trips: ir.Table, instant: ir.TimestampValue, grace_hours: float) -> ir.TimestampValue:
    """That instant; on a day of rest of the gate, in the night before, or where it is put off by holidays, and the gate
    is shut then, so many hours after it has opened again."""
    day = _civil_day(instant)
    eve = holds(_civil_hour(instant) > trips.shuts_h) & holds(_rests(trips, (day + 1) % 7))
    waits = holds(_rests(trips, day)) | eve | (trips.holiday_h > 0)
    return waits.ifelse(once_open(trips, instant, grace_hours), instant)


def _rests(trips: ir.Table, day: ir.IntegerValue) -> ir.BooleanValue:
    return ((day == _SUNDAY) & trips.rests_sunday) | ((day == _SUNDAY - 1) & trips.rests_saturday)


def _civil_day(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Of the week in China, 0 for Monday."""
    return ((instant.epoch_seconds() + _CIVIL_S) // _DAY_S + _FIRST_DAY) % 7


def _civil_hour(instant: ir.TimestampValue) -> ir.FloatingValue:
    """Of the day in China, with its parts: 17.5 is half past five in the afternoon."""
    return ((instant.epoch_seconds() + _CIVIL_S) % _DAY_S) / 3600.0


def _with_rounds(left: ir.Table) -> ir.Table:
    """With `leaves_at`, and `places`, how many manifests the vehicle collects on its way to this gate."""
    by = ["trip_id", "receiver_site_id"]
    rounds = (
        left.filter(left.trip_id.notnull())
        .group_by(*by)
        .agg(last_at=lambda t: t.departed_at.max(), places=lambda t: t.manifest_id.nunique())
    )
    both = left.left_join(rounds, by).drop("trip_id_right", "receiver_site_id_right")
    return both.mutate(
        leaves_at=ibis.coalesce(both.last_at, both.departed_at), places=ibis.coalesce(both.places, 1)
    ).drop("last_at")


def _with_holidays(trips: ir.Table, shut: ir.Table) -> ir.Table:
    """With `holiday_h`: whole days until the gate opens again, for whoever is expected on a holiday or in its eve."""
    late = holds(_civil_hour(trips.expected_at) > trips.shuts_h - EVE_H).ifelse(1, 0)
    trips = trips.mutate(holiday=civil_day(trips.expected_at) + late)
    both = trips.left_join(shut, ["receiver_site_id", "holiday"]).drop("receiver_site_id_right", "holiday_right")
    return both.mutate(holiday_h=ibis.coalesce(both.days_left, 0) * 24.0).drop("holiday", "days_left")


def _shut_holidays(left: ir.Table) -> ir.Table:
    """`receiver_site_id, holiday, days_left`: public holidays on which a gate took no load, and how long it rested on.

    A gate that rests on weekends rests then; one that does not, and is busy, would have taken some.
    """
    came = _came(left)
    gates = (
        came.group_by("receiver_site_id")
        .agg(
            arrivals=lambda t: t.count(),
            first_day=lambda t: t.on_day.min(),
            last_day=lambda t: t.on_day.max(),
            sundays=lambda t: (t.day == _SUNDAY).ifelse(1, 0).sum(),
        )
        .filter(lambda t: t.arrivals >= ENOUGH_ARRIVALS)
        .filter(lambda t: (t.sundays <= t.arrivals * RESTS) | (t.arrivals >= (t.last_day - t.first_day + 1) * BUSY))
    )
    days = gates.cross_join(holidays()).filter(
        lambda t: t.holiday >= t.first_day, lambda t: t.holiday <= t.last_day + SOON_DAYS
    )
    took = came.select("receiver_site_id", holiday="on_day").distinct()
    shut = days.anti_join(took, ["receiver_site_id", "holiday"]).select("receiver_site_id", "holiday")
    in_turn = ibis.window(group_by="receiver_site_id", order_by="holiday")
    runs = shut.mutate(place=ibis.row_number().over(in_turn))
    runs = runs.mutate(run=runs.holiday - runs.place.cast("int64")).drop("place")
    whole = ibis.window(group_by=["receiver_site_id", "run"])
    return runs.mutate(days_left=runs.holiday.max().over(whole) - runs.holiday + 1).drop("run")


def _came(left: ir.Table) -> ir.Table:
    """Arrivals, with hour, day of the week and civil day."""
    return left.filter(left.reached_at.notnull()).mutate(
        hour=lambda t: _civil_hour(t.reached_at),
        day=lambda t: _civil_day(t.reached_at),
        on_day=lambda t: civil_day(t.reached_at),
    )


def _gates(left: ir.Table) -> ir.Table:
    """Gates that are known, with the hours between which they take loads, if they shut at night, and days of rest."""
    came = _came(left)
    known = (
        came.group_by("receiver_site_id")
        .agg(
            arrivals=lambda t: t.count(),
            opens_h=lambda t: ibis.least(t.hour.quantile(GATE_TAIL), WORKING_DAY_H[0]),
            shuts_h=lambda t: ibis.greatest(t.hour.quantile(1 - GATE_TAIL), WORKING_DAY_H[1]),
            saturdays=lambda t: (t.day == _SUNDAY - 1).ifelse(1, 0).sum(),
            sundays=lambda t: (t.day == _SUNDAY).ifelse(1, 0).sum(),
        )
        .filter(lambda t: t.arrivals >= ENOUGH_ARRIVALS)
    )
    nights = known.shuts_h - known.opens_h <= MOST_OPEN_H
    return known.select(
        "receiver_site_id",
        opens_h=nights.ifelse(known.opens_h, ibis.null("float64")),
        shuts_h=nights.ifelse(known.shuts_h, ibis.null("float64")),
        rests_saturday=known.saturdays <= known.arrivals * RESTS,
        rests_sunday=known.sundays <= known.arrivals * RESTS,
    )


def _lanes(left: ir.Table) -> ir.Table:
    """Speeds of the lanes that are known: door to door, loading included. A round has a speed of no lane."""
    took = hours(left.departed_at, left.arrived_at)
    gone = left.mutate(speed=left.road_km / took).filter(
        lambda t: t.arrived_at.notnull(), took > SHORTEST_H, lambda t: t.speed > 0, lambda t: t.places == 1
    )
    return (
        gone.group_by("shipper_site_id", "receiver_site_id")
        .agg(trips=lambda t: t.count(), median=lambda t: t.speed.quantile(0.5), slow=lambda t: t.speed.quantile(0.05))
        .filter(lambda t: t.trips >= ENOUGH_TRIPS)
    )


def _expected(left: ir.Table, lanes: ir.Table) -> ir.Table:
    with_lane = left.left_join(lanes, ["shipper_site_id", "receiver_site_id"]).drop(
        "shipper_site_id_right", "receiver_site_id_right"
    )
    usual = ibis.coalesce(with_lane.road_km / with_lane["median"], with_lane.road_km / SPEED_KM_H + LOADING_H)
    slow = ibis.coalesce(with_lane.road_km / with_lane.slow, with_lane.road_km / SLOW_KM_H + LOADING_H)
    return with_lane.mutate(
        expected_at=plus_hours(with_lane.leaves_at, usual), slowest_at=plus_hours(with_lane.leaves_at, slow)
    ).drop("median", "slow", "trips")
