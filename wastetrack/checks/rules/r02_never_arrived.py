"""R02: a load left and no gate has seen it a day after it should have been there."""

from datetime import datetime

import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, plus_hours
from wastetrack.checks.journeys import journeys
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    trips = journeys(records)
    due = plus_hours(trips.expected_at, at.hours)
    grave = plus_hours(trips.expected_at, at.grave_hours)
    lost = trips.mutate(due_at=due, grave_at=grave).filter(
        lambda t: t.due_at <= as_of,
        lambda t: t.reached_at.isnull() | (t.reached_at > t.due_at),
        lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.due_at),
    )
    still = lost.reached_at.isnull() | (lost.reached_at > lost.grave_at)
    heavy = (lost.declared_g >= at.grave_g) & still & (lost.grave_at <= as_of)
    return findings(
        lost,
        severity=heavy.ifelse(Severity.REFER.value, Severity.INSPECT.value),
        subject_kind="manifest",
        subject_id=lost.manifest_id,
        party_id=lost.carrier_id,
        since_at=lost.departed_at,
        found_at=lost.due_at,
        at_risk_g=lost.declared_g,
        statistic=lost.declared_g / 1000.0,
        threshold=0.0,
        expected_at=lost.expected_at,
        distance_km=lost.road_km,
        waste_code=lost.waste_code,
    )


RULE = Rule(
    id="R02",
    title=message("Never arrived"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="no gate scan by expected_at + hours; expected_at = departed_at + road_km / speed + loading",
    parameters=(
        Parameter("hours", 24, "h", "after the expected arrival", "anomaly note R02"),
        Parameter("grave_hours", 72, "h", "after which a heavy load is referred", "anomaly note R02"),
        Parameter("grave_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "manifests.departed_at", "manifests.arrived_at"),
    detectable=message("Any load of which a gate is expected to tell; none that left without a manifest."),
    false_alarms=message("None, if gates record what arrives; one for each gate that does not."),
    innocent=(
        message("The vehicle broke down or stands in a closed road."),
        message("The gate took the load and has not sent its records yet."),
    ),
    next_step=message(
        "Call the driver and the gate; look for the vehicle; close only by a receipt, a return or an accident report."
    ),
    article="转移管理办法 art. 13, 16",
    urgent=True,
    chance=0.9,
    find=_find,
)
