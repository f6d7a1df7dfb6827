"""R01: a load is on the road for longer than its lane ever takes.

Most loads that are late broke down and come in the end: lateness is a matter of the road. What does not come is a
matter of integrity, and R02 tells that.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import category, findings, holds, hours, plus_hours
from wastetrack.checks.journeys import journeys, once_open
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    trips = journeys(records)
    half = holds((trips.kind == "medical") | (category(trips.waste_code) == "HW01")).ifelse(0.5, 1.0)
    usual, slowest = hours(trips.leaves_at, trips.expected_at), hours(trips.leaves_at, trips.slowest_at)
    # Half of the patience, not of the road: medical waste drives no faster.
    patience = ibis.greatest(usual * (at.times - 1), ibis.literal(at.explain_hours, "float64"))
    # On a long road twice the time is no measure: a day after the departure it is asked about, if the slow are there.
    beyond = ibis.least(slowest + at.watch_hours - usual, ibis.literal(at.explain_hours, "float64"))
    day = ibis.greatest(at.day_hours - usual, beyond)
    patience = ibis.least(patience, day)
    trips = records.apart(trips.mutate(usual=usual, slowest=slowest, patience=patience, half=half))
    usual, slowest, patience, half = trips.usual, trips.slowest, trips.patience, trips.half
    trips = trips.mutate(
        watch_at=once_open(
            trips, plus_hours(trips.leaves_at, slowest + trips.holiday_h + at.watch_hours * half), at.watch_hours
        ),
        explain_at=once_open(
            trips, plus_hours(trips.leaves_at, usual + trips.holiday_h + patience * half), at.watch_hours
        ),
    )
    trips = records.apart(trips)
    open_until = ibis.least(ibis.coalesce(trips.reached_at, ibis.literal(as_of)), ibis.literal(as_of))
    late = trips.mutate(open_until=open_until).filter(
        lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.explain_at)
    )
    # A load that came after `watch_at` and before `explain_at` was watched and is no finding any more.
    watched = (
        (late.watch_at <= as_of) & (late.reached_at.isnull() | (late.reached_at > as_of)) & late.cancelled_at.isnull()
    )
    late = late.mutate(explained=late.explain_at < late.open_until, watched=watched).filter(
        lambda t: t.explained | t.watched
    )
    return findings(
        late,
        severity=late.explained.ifelse(Severity.EXPLAIN.value, Severity.WATCH.value),
        subject_kind="manifest",
        subject_id=late.manifest_id,
        party_id=late.carrier_id,
        since_at=late.departed_at,
        found_at=late.explained.ifelse(late.explain_at, late.watch_at),
        at_risk_g=late.declared_g,
        statistic=hours(late.departed_at, late.open_until),
        threshold=hours(late.departed_at, late.explained.ifelse(late.explain_at, late.watch_at)),
        expected_at=late.expected_at,
        distance_km=late.road_km,
        reached_at=late.reached_at,
        waste_code=late.waste_code,
    )


RULE = Rule(
    id="R01",
    version=5,
    title=message("Overdue"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="watch: now > departed_at + slowest + watch_hours, still open; "
    "explain: now > departed_at + max(times · usual, usual + explain_hours), but no later than max(day_hours, "
    "min(usual + explain_hours, slowest + watch_hours)); medical waste half of what is "
    "beyond the slowest and the usual time; departed_at of a round: of its last place; while the gate is shut, "
    "no sooner than watch_hours after it opens; on holidays on which it rests, so many days later",
    parameters=(
        Parameter("watch_hours", 2, "h", "after the slowest trips of the lane", "anomaly note R01"),
        Parameter("times", 2, "1", "of the usual time", "anomaly note R01"),
        Parameter("explain_hours", 8, "h", "after the usual time", "anomaly note R01"),
        Parameter(
            "day_hours", 24, "h", "after the departure, on long roads", "timeliness of transit, anomaly note 4.2"
        ),
    ),
    needs=("manifests", "manifests.departed_at"),
    detectable=message("Any load that is late by more than its usual time and eight hours; no detour that is shorter."),
    false_alarms=message(
        "Breakdowns and queues at the gate: about one in a hundred trips, most of which end by an arrival."
    ),
    innocent=(
        message("The vehicle broke down or stands in a closed road."),
        message("The driver rests, as the law asks after four hours."),
    ),
    next_step=message("Look at the last position and call the driver; ask the carrier to write what happened."),
    article="转移管理办法 art. 13",
    urgent=True,
    chance=0.06,
    cadence=Cadence.DAY,
    find=_find,
)
