"""R15: no vehicle carries more than it may."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, may_hold
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _trips(records: Records) -> ir.Table:
    """What was on a vehicle together: a declared milk run, or a manifest with all its codes."""
    manifests = records["manifests"].filter(
        lambda t: may_hold(t.kind != "continuous"), lambda t: t.cancelled_at.isnull()
    )
    manifests = manifests.mutate(
        run_id=ibis.coalesce(manifests.trip_id, manifests.manifest_id),
        known_at=ibis.coalesce(manifests.received_at, manifests.departed_at, manifests.filed_at),
    )
    return manifests.group_by("run_id").agg(
        manifest_id=lambda t: t.manifest_id.min(),
        vehicle_id=lambda t: t.vehicle_id.max(),
        carrier_id=lambda t: t.carrier_id.max(),
        shipper_site_id=lambda t: t.shipper_site_id.max(),
        filed_at=lambda t: t.filed_at.max(),
        left_at=lambda t: t.departed_at.max(),
        known_at=lambda t: t.known_at.max(),
        declared_g=lambda t: t.declared_g.sum().cast("int64"),
        received_g=lambda t: t.received_g.sum().cast("int64"),
        medical=lambda t: holds(t.kind == "medical").any(),
    )


def _over(trips: ir.Table, limit_g: ir.NumericValue) -> ir.Table:
    mass_g = ibis.greatest(trips.declared_g, ibis.coalesce(trips.received_g, 0))
    over = trips.mutate(mass_g=mass_g, limit_g=limit_g).filter(lambda t: t.mass_g > t.limit_g)
    declared = over.declared_g > over.limit_g
    return findings(
        over,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=over.manifest_id,
        party_id=ibis.coalesce(over.carrier_id, over.shipper_site_id),
        since_at=ibis.coalesce(over.left_at, over.filed_at),
        found_at=declared.ifelse(ibis.coalesce(over.left_at, over.filed_at), over.known_at),
        at_risk_g=(over.mass_g - over.limit_g).cast("int64"),
        statistic=over.mass_g / over.limit_g,
        threshold=1.0,
        mass_g=over.mass_g,
        limit_g=over.limit_g.cast("int64"),
        vehicle_id=over.vehicle_id,
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    vehicles = records["vehicles"].select("vehicle_id", "rated_load_g").filter(lambda t: t.rated_load_g > 0)
    trips = _trips(records).join(vehicles, "vehicle_id")
    over = _over(trips, trips.rated_load_g * at.times)
    grave = over.statistic * at.times > at.grave_times
    return over.mutate(severity=grave.ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value))


def _find_absolute(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    trips = _trips(records)
    return _over(trips, trips.medical.ifelse(at.medical_g, at.road_g))


_INNOCENT = (
    message("The load went in several trips on one manifest."),
    message("The unit was mistaken: kilograms were written as tonnes."),
)
_NEXT = message("Compare the weighing slip; ask on how many vehicles it went.")

RULE = Rule(
    id="R15",
    title=message("Heavier than the vehicle may load"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.EXPLAIN,
    formula="mass of all codes and of all manifests of one trip > times · rated load",
    parameters=(
        Parameter("times", 1.05, "1", "of the rated load", "anomaly note R15"),
        Parameter("grave_times", 1.3, "1", "beyond which it is inspected", "design default"),
    ),
    needs=("manifests.vehicle_id", "vehicles.rated_load_g"),
    detectable=message("A load of more than 105 % of what the vehicle may load."),
    false_alarms=message("Vehicles whose rated load was entered wrongly, each with all its loads."),
    innocent=_INNOCENT,
    next_step=_NEXT,
    article="道路危险货物运输管理规定; GB 1589-2016",
    urgent=True,
    chance=0.4,
    window=30,
    find=_find,
)
ABSOLUTE = Rule(
    id="R15A",
    title=message("Heavier than any vehicle may load"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.EXPLAIN,
    formula="mass of all codes and of all manifests of one trip > 40 t by road, > 20 t of medical waste",
    parameters=(
        Parameter("road_g", 40_000_000, "g", "by road", "constants of VigieDéchets"),
        Parameter("medical_g", 20_000_000, "g", "of medical waste", "constants of VigieDéchets"),
    ),
    needs=("manifests",),
    detectable=message("A load that no road vehicle can carry."),
    false_alarms=message("Units that were mistaken; they are told as such too."),
    innocent=_INNOCENT,
    next_step=_NEXT,
    article="GB 1589-2016",
    urgent=True,
    chance=0.3,
    window=30,
    find=_find_absolute,
)
