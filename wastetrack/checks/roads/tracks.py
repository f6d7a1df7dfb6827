"""Trips with their vehicle's fixes on them, in the coordinates of the lane: so far along the straight line, so far off.

A fix meets a trip by vehicle and day, so that none meets a year of manifests.
"""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import KM_PER_DEGREE, hours, kilometres, plus_hours
from wastetrack.checks.journeys import journeys
from wastetrack.checks.models.weighing import loads
from wastetrack.extracts.reading import Records

DAY_S = 86_400
MOST_DAYS = 4
"""Days of one trip that are looked at."""
ALONG_KM, ACROSS_KM = 5.0, 2.0
"""Size of a cell of a lane: with its neighbours it holds a fix of every trip that is seen each ten minutes."""
LATE_H = 24.0
"""A load that nobody received is looked for so long after the slowest that came."""
NOWHERE = 0.01
"""Degrees about 0 North 0 East."""
LANE = ("shipper_site_id", "receiver_site_id")


def day_number(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Days of UTC since 1970; only to meet by."""
    return (instant.epoch_seconds() / DAY_S).floor().cast("int64")


def fixes(records: Records) -> ir.Table:
    """What receivers sent: 0 North 0 East is what one says that has no position."""
    return (
        records["positions"]
        .filter(lambda t: (t.latitude.abs() > NOWHERE) | (t.longitude.abs() > NOWHERE))
        .select("vehicle_id", "seen_at", "latitude", "longitude", "door_open")
    )


def trips(records: Records) -> ir.Table:
    """One row a manifest that left with a known vehicle: from `departed_at` until `until_at`, with both places.

    `straight_on` is false where the vehicle collected elsewhere before it went to the gate.
    """
    left = journeys(records).filter(lambda t: t.vehicle_id.notnull())
    rows = left.group_by("manifest_id").agg(
        vehicle_id=lambda t: t.vehicle_id.max(),
        carrier_id=lambda t: t.carrier_id.max(),
        shipper_site_id=lambda t: t.shipper_site_id.max(),
        receiver_site_id=lambda t: t.receiver_site_id.max(),
        departed_at=lambda t: t.departed_at.min(),
        reached_at=lambda t: t.reached_at.max(),
        slowest_at=lambda t: t.slowest_at.max(),
        from_latitude=lambda t: t.from_latitude.max(),
        from_longitude=lambda t: t.from_longitude.max(),
        to_latitude=lambda t: t.to_latitude.max(),
        to_longitude=lambda t: t.to_longitude.max(),
        road_km=lambda t: t.road_km.max(),
        mass_g=lambda t: t.declared_g.sum().cast("int64"),
        straight_on=lambda t: (t.departed_at >= t.leaves_at).any(),
    )
    known = (rows.reached_at > rows.departed_at).fill_null(ibis.literal(value=False))
    return rows.mutate(
        arrives=known,
        until_at=known.ifelse(rows.reached_at, plus_hours(rows.slowest_at, LATE_H)),
        straight_km=kilometres(rows.from_latitude, rows.from_longitude, rows.to_latitude, rows.to_longitude),
    )


def by_day(rows: ir.Table) -> ir.Table:
    """Each trip once for each of its days, as `on_day`."""
    first, last = day_number(rows.departed_at), day_number(rows.until_at)
    parts = [rows.mutate(on_day=first + more).filter(first + more <= last) for more in range(MOST_DAYS)]
    return ibis.union(*parts, distinct=False)


def in_lane(
    rows: ir.Table, latitude: ir.FloatingValue, longitude: ir.FloatingValue
) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Kilometres along the straight line from shipper to receiver, and across it; on a plane, which is enough here."""
    shrunk = ((rows.from_latitude + rows.to_latitude) / 2).radians().cos()
    north, east = rows.to_latitude - rows.from_latitude, (rows.to_longitude - rows.from_longitude) * shrunk
    up, right = latitude - rows.from_latitude, (longitude - rows.from_longitude) * shrunk
    long_degrees = ibis.greatest((north * north + east * east).sqrt(), ibis.literal(0.001))
    along = (up * north + right * east) / long_degrees
    across = (right * north - up * east) / long_degrees
    return along * KM_PER_DEGREE, across * KM_PER_DEGREE


def cell(kilometres_: ir.FloatingValue, size: float) -> ir.IntegerValue:
    """Which cell of that size."""
    return (kilometres_ / size).floor().cast("int64")


def on_trips(records: Records) -> ir.Table:
    """Each fix of a vehicle on each of its trips, with the one before it on the same trip; met once for all rules."""
    return records.model("fixes on trips", _on_trips)


def _on_trips(records: Records) -> ir.Table:
    placed = by_day(trips(records).filter(lambda t: t.from_latitude.notnull(), lambda t: t.to_latitude.notnull()))
    wanted = placed.select(
        "manifest_id", "vehicle_id", "on_day", "departed_at", "until_at", *LANE,
        "from_latitude", "from_longitude", "to_latitude", "to_longitude",
    )  # fmt: skip
    seen = fixes(records).mutate(on_day=lambda t: day_number(t.seen_at)).drop("door_open")
    both = wanted.join(seen, ["vehicle_id", "on_day"]).filter(
        lambda t: t.seen_at >= t.departed_at, lambda t: t.seen_at <= t.until_at
    )
    along, across = in_lane(both, both.latitude, both.longitude)
    before = ibis.window(group_by="manifest_id", order_by="seen_at")
    return (
        both.mutate(
            along=cell(along, ALONG_KM),
            across=cell(across, ACROSS_KM),
            earlier_at=both.seen_at.lag().over(before),
            earlier_latitude=both.latitude.lag().over(before),
            earlier_longitude=both.longitude.lag().over(before),
        )
        .drop("on_day", "departed_at", "until_at", "from_latitude", "from_longitude")
        .cache()
    )


def trip_cells(records: Records) -> ir.Table:
    """What a trip saw of its lane: a row a cell, with the first and last moment in it and the kilometres driven."""
    return records.model("cells of trips", _trip_cells)


def _trip_cells(records: Records) -> ir.Table:
    seen = on_trips(records)
    step = kilometres(seen.earlier_latitude, seen.earlier_longitude, seen.latitude, seen.longitude)
    rows = seen.mutate(step_km=step, step_h=hours(seen.earlier_at, seen.seen_at))
    return (
        rows.group_by("manifest_id", *LANE, "along", "across")
        .agg(
            fixes=lambda t: t.count(),
            from_at=lambda t: t.seen_at.min(),
            until_at=lambda t: t.seen_at.max(),
            latitude=lambda t: t.latitude.mean(),
            longitude=lambda t: t.longitude.mean(),
            driven_km=lambda t: t.step_km.sum(),
        )
        .cache()
    )


def short_loads(records: Records, z: float = 3.09, least_share: float = 0.005) -> ir.Table:
    """Manifests whose gate weighed less than what left, beyond what both scales can (R03): `missing_g`, `known_at`."""
    weighed = (
        loads(records)
        .group_by("manifest_id")
        .agg(
            missing_g=lambda t: (t.sent_g - t.taken_g).sum().cast("int64"),
            sent_g=lambda t: t.sent_g.sum(),
            sigma_g=lambda t: (t.sigma_g * t.sigma_g).sum().sqrt(),
            short_at=lambda t: t.known_at.max(),
        )
    )
    return weighed.filter(lambda t: t.missing_g > z * t.sigma_g, lambda t: t.missing_g > least_share * t.sent_g).select(
        "manifest_id", "missing_g", "short_at"
    )
