"""R12: a manifest says that it arrived, and the vehicle, whose positions are known, was not there."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, kilometres, legal_day, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # known an hour or two after the receipt
    trips = _trips(records, at).mutate(
        away=lambda t: t.nearest_km > at.gate_m / 1000,
        could=lambda t: t.visits > 0,
        far=lambda t: t.nearest_km > at.far_km,
    )
    by_vehicle, by_site = ibis.window(group_by="vehicle_id"), ibis.window(group_by="receiver_site_id")
    seen = (~trips.away).cast("int64")
    trips = trips.mutate(
        vehicle_times=trips.away.count().over(by_vehicle),
        vehicle_seen=seen.mean().over(by_vehicle),
        site_times=trips.away.count().over(by_site),
        site_seen=seen.mean().over(by_site),
    )
    # Either no drive between its fixes reaches the gate, or a vehicle that is seen at gates was not seen at this one.
    proven = ~trips.could
    unlike_itself = (trips.vehicle_times >= at.least_arrivals) & (trips.vehicle_seen >= at.seen_share)
    # A gate at which hardly anybody is seen stands elsewhere than its site says.
    wrong_place = (trips.site_times >= at.least_arrivals) & (trips.site_seen < at.place_share)
    told = trips.mutate(proven=proven).filter(trips.away, proven | unlike_itself, ~wrong_place)
    return findings(
        told,
        severity=(told.proven & told.far).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.carrier_id,
        since_at=told.claimed_at,
        found_at=told.until_at,
        at_risk_g=told.mass_g,
        statistic=told.nearest_km,
        threshold=at.gate_m / 1000,
        fixes=told.fixes,
        could_have_been=told.could,
        seen_at_gates=told.vehicle_seen,
        vehicle_id=told.vehicle_id,
        receiver_site_id=told.receiver_site_id,
    )


def _trips(records: Records, at: Settings) -> ir.Table:
    """One row a manifest that claims to have arrived: the fixes about that hour, the nearest, and in how many of the
    times between two of them (or before the first, after the last) the gate could have been visited."""
    arrivals = _arrivals(records, at)
    # Joined by vehicle and day: a window of hours touches two days at most, so no fix meets a year of manifests.
    first = arrivals.mutate(seen_on=legal_day(arrivals.from_at))
    last = arrivals.mutate(seen_on=legal_day(arrivals.until_at)).filter(lambda t: t.seen_on > legal_day(t.from_at))
    windows = ibis.union(first, last, distinct=False)
    fixes = (
        records["positions"]
        .select("vehicle_id", "seen_at", "latitude", "longitude")
        .mutate(seen_on=lambda t: legal_day(t.seen_at))
    )
    near = windows.join(fixes, ["vehicle_id", "seen_on"]).filter(lambda t: t.seen_at.between(t.from_at, t.until_at))
    km = kilometres(near.latitude, near.longitude, near.gate_latitude, near.gate_longitude)
    in_turn = ibis.window(group_by="manifest_id", order_by="seen_at")
    near = near.mutate(km=km)
    near = near.mutate(
        earlier_km=near.km.lag().over(in_turn),
        earlier_at=ibis.coalesce(near.seen_at.lag().over(in_turn), near.from_at),
        last=near.seen_at.lead().over(in_turn).isnull(),
    )
    gate_km, stay = at.gate_m / 1000, at.stay_minutes / 60
    way = near.km + ibis.coalesce(near.earlier_km, 0.0) - 2 * gate_km
    between = way <= at.fast_km_h * (hours(near.earlier_at, near.seen_at) - stay)
    after = near.last & (near.km - gate_km <= at.fast_km_h * (hours(near.seen_at, near.until_at) - stay))
    return (
        near.mutate(visit=(between | after).cast("int64"))
        .group_by("manifest_id")
        .agg(
            fixes=lambda t: t.count(),
            nearest_km=lambda t: t.km.min(),
            visits=lambda t: t.visit.sum(),
            carrier_id=lambda t: t.carrier_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            vehicle_id=lambda t: t.vehicle_id.max(),
            claimed_at=lambda t: t.claimed_at.min(),
            until_at=lambda t: t.until_at.max(),
            mass_g=lambda t: t.mass_g.max(),
        )
        .filter(lambda t: t.fixes >= at.least_fixes)
    )


def _arrivals(records: Records, at: Settings) -> ir.Table:
    """One row a manifest that claims to have arrived, with the hours about it and the place of the gate."""
    sites = records["sites"].select(receiver_site_id="site_id", gate_latitude="latitude", gate_longitude="longitude")
    claimed = ibis.coalesce(records["manifests"].arrived_at, records["manifests"].received_at)
    manifests = (
        records["manifests"]
        .mutate(claimed_at=claimed)
        .filter(lambda t: t.claimed_at.notnull(), lambda t: t.vehicle_id.notnull())
        .group_by("manifest_id", "vehicle_id", "receiver_site_id", "claimed_at")
        .agg(carrier_id=lambda t: t.carrier_id.max(), mass_g=lambda t: t.declared_g.sum().cast("int64"))
    )
    placed = manifests.join(sites, "receiver_site_id").filter(
        lambda t: t.gate_latitude.notnull(), lambda t: t.gate_longitude.notnull()
    )
    return placed.mutate(
        from_at=plus_hours(placed.claimed_at, -at.hours), until_at=plus_hours(placed.claimed_at, at.hours)
    )


RULE = Rule(
    id="R12",
    title=message("Manifest without a trip"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    version=2,
    formula="min km(fix, gate) > gate_m over all fixes of the vehicle within hours of the arrival, fixes ≥ "
    "least_fixes; and no two of them, one after the other, leave time to drive to the gate and stay there, or the "
    "vehicle is seen at seen_share of its gates; not where the gate itself sees less than place_share",
    parameters=(
        Parameter("gate_m", 500, "m", "from the gate", "anomaly note R12"),
        Parameter("far_km", 3, "km", "beyond which no error of a site's position explains it", "design default"),
        Parameter("hours", 2, "h", "before and after the arrival that is claimed", "design default"),
        Parameter("least_fixes", 4, "1", "without which the vehicle was not sending", "design default"),
        Parameter("fast_km_h", 80, "km/h", "the fastest drive between two fixes", "anomaly note R06"),
        Parameter("stay_minutes", 5, "min", "the shortest visit to a gate", "design default"),
        Parameter("least_arrivals", 10, "1", "from which on a vehicle or a gate is known", "design default"),
        Parameter("seen_share", 0.9, "1", "of arrivals at which such a vehicle is seen at the gate", "design default"),
        Parameter(
            "place_share", 0.5, "1", "of arrivals seen, below which a site's position is doubted", "design default"
        ),
    ),
    needs=("positions", "sites.latitude", "manifests.vehicle_id"),
    detectable=message(
        "A load that went elsewhere with a vehicle that sends its position; nothing of vehicles that do not send."
    ),
    false_alarms=message("Sites whose position is not that of their gate, each with all its loads."),
    innocent=(
        message("The load went with another vehicle, and the manifest was not corrected."),
        message("The position of the site is that of its office, not of its gate."),
    ),
    next_step=message("Look at where the vehicle stood instead; ask for the weighing slip and pictures of the gate."),
    article="固废法 art. 78; 转移管理办法 art. 13",
    chance=0.6,
    window=30,
    find=_find,
)
