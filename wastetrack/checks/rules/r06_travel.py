"""R06: nobody and nothing is in two places faster than a road allows; no trip is shorter than its road.

A jump from one manifest to the next is a vehicle, person, device or label that is there twice. A jump within one
manifest is a trip that was not driven, and is told of that manifest; of the vehicle R06T tells it.

What cannot be and is common all the same is a fault of the records: where more than `most_share` of the ways between
the manifests of all vehicles (or people, devices, labels) cannot be, nobody is accused, and the table is told once.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, kilometres, legal_day, month_of
from wastetrack.checks.model import Cadence, Looks, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

FARTHEST_KM = 20_016.0
"""To the other side of the Earth: whoever had as long for it as the fastest road takes was nowhere too fast."""
_SEEN = ("kind", "id", "seen_at", "latitude", "longitude", "accuracy_m", "manifest_id", "party_id")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    def known(given: Records) -> ir.Table:
        return _ways(_seen(given, at), at).filter(lambda t: t.seen_at <= as_of)

    jumps = known(records).filter(lambda t: t.km_h > at.most_km_h)
    shares = records.usual(f"R06 ways {at}", lambda every: _shares(known(every), at), as_of)
    trusted = shares.filter(lambda t: t.share <= at.most_share).select("kind", "inside")
    believed = jumps.semi_join(trusted, ["kind", "inside"]).mutate(month=lambda t: month_of(t.seen_at))
    return ibis.union(_between(believed, at), _within(believed, at), _unbelieved(shares, at), distinct=False)


def _between(jumps: ir.Table, at: Settings) -> ir.Table:
    """The first of a month of each vehicle, person, device and label, told once whoever rode with whom."""
    jumps = jumps.filter(~jumps.inside)
    rank = jumps.kind.cases(("vehicle", 0), ("person", 1), ("device", 2), else_=3)
    # A driver rides with the vehicle and a telephone with its owner; labels are each their own.
    led = jumps.mutate(rank=rank).mutate(
        least=lambda t: (
            (t["rank"] < 3)  # noqa: PLR2004  of labels
            .ifelse(t["rank"], ibis.null())
            .min()
            .over(ibis.window(group_by=["manifest_id", "earlier_manifest_id"]))
        )
    )
    alone = led.filter(
        lambda t: (
            (t["rank"] == 3)  # noqa: PLR2004
            | t.manifest_id.isnull()
            | t.earlier_manifest_id.isnull()
            | (t["rank"] == t.least)
        )
    )
    by_month = ibis.window(group_by=["kind", "id", "month"], order_by=["seen_at", "earlier_at"])
    many = alone.count().over(ibis.window(group_by=["kind", "id", "month"]))
    told = alone.mutate(nth=ibis.row_number().over(by_month), jumps=many).filter(lambda t: t.nth == 0)
    return _told(told, told.kind, told.id, at)


def _within(jumps: ir.Table, at: Settings) -> ir.Table:
    """Each manifest within which a label or device was too fast, once; one signer of two sides is R40."""
    inside = jumps.filter(jumps.inside, jumps.kind.isin(("container", "device")))
    fastest = ibis.row_number().over(
        ibis.window(group_by="manifest_id", order_by=[ibis.desc("km_h"), "kind", "id", "seen_at"])
    )
    many = inside.count().over(ibis.window(group_by="manifest_id"))
    told = inside.mutate(nth=fastest, jumps=many).filter(lambda t: t.nth == 0)
    return _told(told, ibis.literal("manifest"), told.manifest_id, at)


def _told(told: ir.Table, kind: ir.StringValue, subject: ir.StringValue, at: Settings) -> ir.Table:
    return findings(
        told,
        severity=Severity.INSPECT.value,
        subject_kind=kind,
        subject_id=subject,
        party_id=told.party_id,
        since_at=told.earlier_at,
        found_at=told.seen_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=told.km_h,
        threshold=at.most_km_h,
        km=told.km,
        what=told.kind,
        what_id=told.id,
        jumps=told.jumps,
        manifest_id=told.manifest_id,
        earlier_manifest_id=told.earlier_manifest_id,
    )


def _unbelieved(shares: ir.Table, at: Settings) -> ir.Table:
    """Tables of which more ways cannot be than anybody could be accused of, for whoever keeps them."""
    common = shares.filter(lambda t: t.share > at.most_share)
    return findings(
        common,
        severity=Severity.WATCH.value,
        subject_kind="table",
        subject_id=common.kind.cases(("vehicle", "manifests"), ("person", "signatures"), else_="scans"),
        party_id=ibis.null("string"),
        since_at=common.first_at,
        found_at=common.first_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=common.share,
        threshold=at.most_share,
        km=ibis.null("float64"),
        what=common.kind,
        what_id=ibis.null("string"),
        jumps=common.jumps,
        manifest_id=common.manifest_id,
        earlier_manifest_id=ibis.null("string"),
    )


def _shares(ways: ir.Table, at: Settings) -> ir.Table:
    """How many ways of a kind cannot be; a handful of them is no habit of the records."""
    jumped = ways.km_h > at.most_km_h
    counted = ways.group_by("kind", "inside").agg(
        ways=ways.count(),
        jumps=jumped.ifelse(1, 0).sum(),
        first_at=ways.seen_at.min(where=jumped),
        manifest_id=ways.manifest_id.min(where=jumped),
    )
    return counted.mutate(share=(counted.jumps >= at.least_jumps).ifelse(counted.jumps / counted.ways, 0.0))


def _ways(seen: ir.Table, at: Settings) -> ir.Table:
    """Pairs of consecutive places that are apart, with the speed that joins them; `inside` one manifest or not."""
    before = ibis.window(group_by=["kind", "id"], order_by=["seen_at", "latitude", "longitude"])
    pairs = seen.mutate(
        earlier_at=seen.seen_at.lag().over(before),
        earlier_latitude=seen.latitude.lag().over(before),
        earlier_longitude=seen.longitude.lag().over(before),
        earlier_accuracy_m=seen.accuracy_m.lag().over(before),
        earlier_manifest_id=seen.manifest_id.lag().over(before),
    ).filter(
        lambda t: t.earlier_at.notnull(),
        # Cheap before exact: two places in one spot are no way.
        lambda t: (
            (t.latitude - t.earlier_latitude).abs() + (t.longitude - t.earlier_longitude).abs() > at.least_km / 250
        ),
    )
    km = kilometres(pairs.latitude, pairs.longitude, pairs.earlier_latitude, pairs.earlier_longitude)
    apart = km - (pairs.accuracy_m + pairs.earlier_accuracy_m) / 1000
    slack = 2 * at.minutes / 60
    speed = apart / (hours(pairs.earlier_at, pairs.seen_at) + slack)
    return pairs.mutate(km=km, km_h=speed, inside=holds(pairs.manifest_id == pairs.earlier_manifest_id)).filter(
        lambda t: t.km > at.least_km
    )


def _seen(records: Records, at: Settings) -> ir.Table:
    """Everything that was somewhere: containers, devices and people by scans and signatures, vehicles by gates."""
    places = records["sites"].select("site_id", site_latitude="latitude", site_longitude="longitude")
    scans = records["scans"].left_join(places, "site_id").drop("site_id_right")
    scans = scans.mutate(
        accuracy_m=ibis.greatest(ibis.coalesce(scans.accuracy_m, 0.0), ibis.literal(at.blur_m, "float64")),
        latitude=ibis.coalesce(scans.latitude, scans.site_latitude),
        longitude=ibis.coalesce(scans.longitude, scans.site_longitude),
        at_=scans.scanned_at,
        organisation_id=ibis.null("string"),
    )
    signatures = records["signatures"].mutate(accuracy_m=ibis.literal(at.blur_m, "float64"), at_=lambda t: t.signed_at)
    gates = _gates(records, places, at)
    drivers = _of(gates, "person", gates.driver_id)
    devices = ibis.union(_of(scans, "device", scans.device_id), _of(signatures, "device", signatures.device_id))
    people = ibis.union(_of(scans, "person", scans.person_id), _of(signatures, "person", signatures.person_id))
    return ibis.union(
        _of(scans, "container", scans.container_id),
        _calm(devices.semi_join(_moving(at, devices), "id")),
        _calm(people.semi_join(_moving(at, people, drivers), "id")),
        _of(gates, "vehicle", gates.vehicle_id),
        drivers,
    )


def _moving(at: Settings, *rows: ir.Table) -> ir.Table:
    """Who was ever in two places that can be a way; most work at one."""
    placed = ibis.union(*(one.select("id", "latitude", "longitude") for one in rows))
    up, across = placed.latitude, placed.longitude
    spread = (up.max() - up.min()) + (across.max() - across.min())
    return placed.group_by("id").agg(spread=spread).filter(lambda t: t.spread > at.least_km / 250).select("id")


def _of(rows: ir.Table, kind: str, who: ir.StringValue) -> ir.Table:
    placed = rows.mutate(kind=ibis.literal(kind), id=who, party_id=rows.organisation_id, seen_at=rows.at_)
    return placed.filter(placed.id.notnull(), placed.latitude.notnull(), placed.longitude.notnull()).select(*_SEEN)


def _calm(all_rows: ir.Table) -> ir.Table:
    """First and last moment of an hour at one place: who works there all day is two rows an hour, not a thousand."""
    hour = (all_rows.seen_at.epoch_seconds() / 3600).floor().cast("int64")
    by_place = all_rows.mutate(hour=hour).group_by("kind", "id", "hour", "latitude", "longitude")
    grouped = by_place.agg(
        first_at=lambda t: t.seen_at.min(),
        last_at=lambda t: t.seen_at.max(),
        accuracy_m=lambda t: t.accuracy_m.max(),
        manifest_id=lambda t: t.manifest_id.min(),
        party_id=lambda t: t.party_id.min(),
    )
    return ibis.union(
        grouped.mutate(seen_at=grouped.first_at).select(*_SEEN),
        grouped.filter(grouped.last_at > grouped.first_at).mutate(seen_at=lambda t: t.last_at).select(*_SEEN),
        distinct=False,
    )


def _gates(records: Records, places: ir.Table, at: Settings) -> ir.Table:
    """Where vehicles and drivers were by the manifests: at the shipper when they left, then at the receiver."""
    manifests = records["manifests"].filter(lambda t: t.vehicle_id.notnull() | t.driver_id.notnull())
    ends = ibis.union(
        manifests.select(
            "manifest_id", "vehicle_id", "driver_id", "carrier_id", site_id="shipper_site_id", at_="departed_at"
        ),
        manifests.select(
            "manifest_id", "vehicle_id", "driver_id", "carrier_id", site_id="receiver_site_id", at_="arrived_at"
        ),
        distinct=False,
    )
    return (
        ends.filter(ends.at_.notnull())
        .join(places, "site_id")
        .select(
            "manifest_id",
            "vehicle_id",
            "driver_id",
            "at_",
            organisation_id="carrier_id",
            latitude="site_latitude",
            longitude="site_longitude",
            accuracy_m=ibis.literal(at.blur_m, "float64"),
        )
    )


def _find_short(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # a trip is known to be too short when it has ended
    judged = _judged(records, at)
    every = records.usual(f"R06T trips {at}", lambda whole: _every(_judged(whole, at), at))
    trusted = every.filter(lambda t: t.share <= at.most_share).select("share")
    return ibis.union(
        _short(judged.filter(judged.short).cross_join(trusted), at),
        _late_departures(every.filter(lambda t: t.share > at.most_share), at),
        distinct=False,
    )


def _judged(records: Records, at: Settings) -> ir.Table:
    """Trips that are long enough to be timed, and whether each was too `short`."""
    sites = records["sites"]
    start = sites.select(shipper_site_id="site_id", from_latitude="latitude", from_longitude="longitude")
    end = sites.select(receiver_site_id="site_id", to_latitude="latitude", to_longitude="longitude")
    trips = (
        records["manifests"]
        .filter(lambda t: t.arrived_at >= t.departed_at)
        .left_join(start, "shipper_site_id")
        .drop("shipper_site_id_right")
        .left_join(end, "receiver_site_id")
        .drop("receiver_site_id_right")
    )
    straight = kilometres(trips.from_latitude, trips.from_longitude, trips.to_latitude, trips.to_longitude)
    trips = trips.mutate(
        km=ibis.coalesce(trips.distance_km, straight),
        took_h=hours(trips.departed_at, trips.arrived_at) + 2 * at.minutes / 60,
    )
    return trips.filter(trips.km > at.least_km).mutate(short=lambda t: t.took_h < t.km / at.short_km_h)


def _every(judged: ir.Table, at: Settings) -> ir.Table:
    """One row: how many trips were too short; a handful of them is no habit of the records."""
    every = judged.aggregate(
        trips=judged.count(),
        wrong=judged.short.ifelse(1, 0).sum(),
        first_at=judged.arrived_at.min(where=judged.short),
    )
    return every.mutate(share=(every.wrong >= at.least_jumps).ifelse(every.wrong / every.trips, 0.0))


def _short(short: ir.Table, at: Settings) -> ir.Table:
    return findings(
        short,
        severity=Severity.INSPECT.value,
        subject_kind="manifest",
        subject_id=short.manifest_id,
        party_id=short.carrier_id,
        since_at=short.departed_at,
        found_at=short.arrived_at,
        at_risk_g=short.declared_g,
        statistic=short.km / short.took_h,
        threshold=at.short_km_h,
        km=short.km,
        road_known=short.distance_km.notnull(),
        departed_on=legal_day(short.departed_at),
        waste_code=short.waste_code,
        trips=ibis.literal(1, "int64"),
    )


def _late_departures(every: ir.Table, at: Settings) -> ir.Table:
    """Departures that are signed on the road as a habit, for whoever keeps the table."""
    return findings(
        every,
        severity=Severity.WATCH.value,
        subject_kind="table",
        subject_id=ibis.literal("manifests"),
        party_id=ibis.null("string"),
        since_at=every.first_at,
        found_at=every.first_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=every.share,
        threshold=at.most_share,
        km=ibis.null("float64"),
        road_known=ibis.null("boolean"),
        departed_on=ibis.null("date"),
        waste_code=ibis.null("string"),
        trips=every.wrong,
    )


_SLACK = Parameter("minutes", 5, "min", "by which a clock may be wrong", "anomaly note R06")
_MOST_SHARE = Parameter(
    "most_share", 0.005, "1", "of ways that cannot be, beyond which the records err", "design default"
)
_LEAST_JUMPS = Parameter("least_jumps", 20, "1", "from which on that share is known", "design default")

RULE = Rule(
    id="R06",
    version=2,
    title=message("Impossible travel"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="v = (km − e1 − e2) / (h + 2 · minutes/60) > most_km_h, between consecutive places; the first of a month; "
    "of a kind only while jumps / ways ≤ most_share, else its table once",
    parameters=(
        Parameter("most_km_h", 110, "km/h", "the fastest that a road allows", "anomaly note R06"),
        _SLACK,
        Parameter("blur_m", 300, "m", "the least uncertainty of a place", "anomaly note R06"),
        Parameter("least_km", 5, "km", "below which no jump is told", "design default"),
        _MOST_SHARE,
        _LEAST_JUMPS,
    ),
    needs=("sites.latitude", "sites.longitude"),
    detectable=message(
        "A second label, plate or signer that is used more than some 20 km away within minutes; none next door."
    ),
    false_alarms=message(
        "Clocks of devices that are wrong by more than five minutes, and sites with a wrong position; where more than "
        "one way in two hundred cannot be, the records are told so and nobody is accused."
    ),
    innocent=(
        message("A device had a wrong clock or was lent to another crew."),
        message("A person signed by a page from elsewhere, and the position is that of the network."),
        message("The position of a site is that of its head office."),
    ),
    next_step=message("Compare the two events with their proofs; scan both labels again, or see both plates."),
    article="转移管理办法 art. 9, 13",
    urgent=True,
    looks=Looks.TRAVELLED,
    looks_back=lambda at: FARTHEST_KM / at.most_km_h,
    chance=0.6,
    find=_find,
)

SHORT = Rule(
    id="R06T",
    version=2,
    title=message("Trip shorter than its road"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="arrived_at − departed_at + 2 · minutes < km / short_km_h; km by road, or the straight line where "
    "no road is known; only while short trips / trips ≤ most_share, else their table once",
    parameters=(
        Parameter(
            "short_km_h", 80, "km/h", "the most that a vehicle with dangerous goods may drive", "anomaly note R06"
        ),
        Parameter("least_km", 20, "km", "below which times are too coarse", "anomaly note R06"),
        _SLACK,
        _MOST_SHARE,
        _LEAST_JUMPS,
    ),
    needs=("manifests.departed_at", "manifests.arrived_at"),
    detectable=message("A trip that was never driven and whose times were made up without a map."),
    false_alarms=message(
        "Departures that were signed only on the road; where that is a habit, of more than one trip in two hundred, "
        "the records are told so and nobody is accused."
    ),
    innocent=(message("The driver signed the departure late, when the load had long left."),),
    next_step=message("Ask for the positions of the vehicle, the toll records and the weighing slips of that day."),
    article="转移管理办法 art. 13; 固废法 art. 78",
    urgent=True,
    chance=0.6,
    cadence=Cadence.DAY,
    find=_find_short,
)
