"""R12: a manifest says that it arrived, and the vehicle, whose positions are known, was not there."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, kilometres, legal_day, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # known an hour or two after the receipt
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
    trips = (
        near.mutate(km=km)
        .group_by("manifest_id")
        .agg(
            fixes=lambda t: t.count(),
            nearest_km=lambda t: t.km.min(),
            carrier_id=lambda t: t.carrier_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            vehicle_id=lambda t: t.vehicle_id.max(),
            claimed_at=lambda t: t.claimed_at.min(),
            until_at=lambda t: t.until_at.max(),
            mass_g=lambda t: t.mass_g.max(),
        )
        .filter(lambda t: t.fixes >= at.least_fixes, lambda t: t.nearest_km > at.gate_m / 1000)
    )
    return findings(
        trips,
        severity=(trips.nearest_km > at.far_km).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=trips.manifest_id,
        party_id=trips.carrier_id,
        since_at=trips.claimed_at,
        found_at=trips.until_at,
        at_risk_g=trips.mass_g,
        statistic=trips.nearest_km,
        threshold=at.gate_m / 1000,
        fixes=trips.fixes,
        vehicle_id=trips.vehicle_id,
        receiver_site_id=trips.receiver_site_id,
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
    formula="min km(fix, gate) > gate_m over all fixes of the vehicle within hours of the arrival, and fixes ≥ "
    "least_fixes",
    parameters=(
        Parameter("gate_m", 500, "m", "from the gate", "anomaly note R12"),
        Parameter("far_km", 3, "km", "beyond which no error of a site's position explains it", "design default"),
        Parameter("hours", 2, "h", "before and after the arrival that is claimed", "design default"),
        Parameter("least_fixes", 4, "1", "without which the vehicle was not sending", "design default"),
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
