"""R15: no vehicle carries more than it may.

A mass that one side wrote and the other side's scale does not show was on no vehicle: that is a slip of the pen (F01)
or a difference of weights (R03). What both sides say was on it.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, may_hold
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SCALES = ("truck_scale", "platform_scale", "meter")


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
        # Null until all of it is received.
        taken_g=lambda t: (
            (t.received_g.count() == t.count())
            .ifelse(t.received_g.sum() + ibis.coalesce(t.rejected_g.sum(), 0), ibis.null())
            .cast("int64")
        ),
        medical=lambda t: holds(t.kind == "medical").any(),
    )


def _over(records: Records, trips: ir.Table, limit_g: ir.NumericValue) -> ir.Table:
    """Trips over the limit by what was declared and not contradicted, or by what the gate alone weighed."""
    trips = trips.mutate(limit_g=limit_g)
    declared = trips.filter(trips.declared_g > trips.limit_g, may_hold(trips.taken_g > trips.limit_g))
    by_gate = trips.filter(trips.declared_g <= trips.limit_g, trips.taken_g > trips.limit_g)
    by_scale = records["weighings"].filter(lambda t: t.side != "receiver", lambda t: t.method.isin(SCALES))
    over = ibis.union(
        declared.mutate(
            mass_g=ibis.least(declared.declared_g, ibis.coalesce(declared.taken_g, declared.declared_g)),
            seen_at=ibis.coalesce(declared.left_at, declared.filed_at),
        ),
        by_gate.anti_join(by_scale, "manifest_id").mutate(mass_g=lambda t: t.taken_g, seen_at=lambda t: t.known_at),
        distinct=False,
    )
    return findings(
        over,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=over.manifest_id,
        party_id=ibis.coalesce(over.carrier_id, over.shipper_site_id),
        since_at=ibis.coalesce(over.left_at, over.filed_at),
        found_at=over.seen_at,
        at_risk_g=(over.mass_g - over.limit_g).cast("int64"),
        statistic=over.mass_g / over.limit_g,
        threshold=1.0,
        mass_g=over.mass_g,
        limit_g=over.limit_g.cast("int64"),
        both_sides=over.taken_g.notnull(),
        vehicle_id=over.vehicle_id,
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    vehicles = records["vehicles"].select("vehicle_id", "rated_load_g").filter(lambda t: t.rated_load_g > 0)
    trips = _trips(records).join(vehicles, "vehicle_id")
    over = _over(records, trips, trips.rated_load_g * at.times)
    # While one side alone says it, it may be a slip.
    grave = (over.statistic * at.times > at.grave_times) & over.both_sides
    return over.mutate(severity=grave.ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value))


def _find_absolute(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    trips = _trips(records)
    return _over(records, trips, trips.medical.ifelse(at.medical_g, at.road_g))


_INNOCENT = (
    message("The load went in several trips on one manifest."),
    message("The unit was mistaken: kilograms were written as tonnes."),
)
_NEXT = message("Compare the weighing slip; ask on how many vehicles it went.")

RULE = Rule(
    id="R15",
    version=2,
    title=message("Heavier than the vehicle may load"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.EXPLAIN,
    formula="min(declared, received + rejected) of all codes and of all manifests of one trip > times · rated load; "
    "what was received alone where no scale weighed it before",
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
    version=2,
    title=message("Heavier than any vehicle may load"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.EXPLAIN,
    formula="min(declared, received + rejected) of all codes and of all manifests of one trip > 40 t by road, "
    "> 20 t of medical waste",
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
