"""R02: a load left and no gate has seen it a day after it should have been there.

A day is the wait where loads are known to be late for long. Where hardly one of ten thousand ever was so late, the
wait is what those needed: a load that is missing for longer than any honest one is asked about at once, and inspected
after the day.

What came within days of its time is not missing: its delay is to be explained, and whether all of it came the scales
tell (R03). It stands behind all that is missing still.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, plus_hours
from wastetrack.checks.journeys import after_rest, journeys
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    trips = journeys(records)
    wait = records.usual(f"R02 wait {at}", lambda every: _wait(journeys(every), at, as_of), as_of)
    trips = trips.cross_join(wait)
    # On a day of rest nothing can come in: it is due some hours after the gate has opened again.
    opened = after_rest(trips, plus_hours(trips.expected_at, trips.holiday_h), at.least_hours)
    opened = ibis.greatest(opened, plus_hours(trips.expected_at, trips.holiday_h + at.least_hours))
    due = ibis.greatest(plus_hours(trips.expected_at, trips.wait), opened)
    inspect = ibis.greatest(plus_hours(trips.expected_at, at.hours), opened)
    grave = plus_hours(trips.expected_at, trips.holiday_h + at.grave_hours)
    lost = records.apart(trips.mutate(due_at=due, inspect_at=inspect, grave_at=grave)).filter(
        lambda t: t.due_at <= as_of,
        lambda t: t.reached_at.isnull() | (t.reached_at > t.due_at),
        lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.due_at),
    )
    still = lost.reached_at.isnull() | (lost.reached_at > lost.grave_at)
    heavy = (lost.declared_g >= at.grave_g) & still & (lost.grave_at <= as_of)
    came = holds((lost.reached_at <= lost.grave_at) & (lost.reached_at <= as_of))
    asked = (lost.inspect_at > as_of) | came
    return findings(
        lost,
        severity=ibis.cases(
            (heavy, Severity.REFER.value), (asked, Severity.EXPLAIN.value), else_=Severity.INSPECT.value
        ),
        subject_kind="manifest",
        subject_id=lost.manifest_id,
        party_id=lost.carrier_id,
        since_at=lost.departed_at,
        found_at=lost.due_at,
        at_risk_g=came.ifelse(0, lost.declared_g),
        statistic=lost.declared_g / 1000.0,
        threshold=0.0,
        expected_at=lost.expected_at,
        distance_km=lost.road_km,
        wait_hours=lost.wait.round(1),
        waste_code=lost.waste_code,
        reached_at=lost.reached_at,
        posterior=came.ifelse(at.came_chance, ibis.null("float64")),
    )


def _wait(trips: ir.Table, at: Settings, as_of: datetime) -> ir.Table:
    """One row: how many hours after their time all loads but so few came, no less than `least_hours`, no more than
    `hours`."""
    late = trips.filter(lambda t: t.reached_at <= as_of).select(late=hours(trips.expected_at, trips.reached_at))
    known = late.aggregate(arrived=late.count(), longest=late.late.quantile(1 - at.share))
    learned = ibis.greatest(ibis.least(known.longest, at.hours), at.least_hours)
    return known.select(wait=(known.arrived >= at.enough).ifelse(learned, at.hours).cast("float64"))


RULE = Rule(
    id="R02",
    version=5,
    title=message("Not arrived long after its time"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="no gate scan by expected_at + wait; wait = min(hours, max(least_hours, by how much all loads but `share` "
    "were late)); inspected from expected_at + hours on, unless it came by expected_at + grave_hours; expected_at = "
    "departed_at + road_km / speed + loading; departed_at of a round: of its last place; on a day of rest or "
    "holiday of the gate no sooner than least_hours after it opens",
    parameters=(
        Parameter("hours", 24, "h", "after the expected arrival, at the latest", "anomaly note R02"),
        Parameter("least_hours", 8, "h", "after the expected arrival, at the earliest", "anomaly note R01"),
        Parameter("share", 0.0001, "1", "of loads that may be as late and come all the same", "design default"),
        Parameter("enough", 2000, "1", "arrivals from which on the lateness of loads is known", "design default"),
        Parameter("grave_hours", 72, "h", "after which a heavy load is referred", "anomaly note R02"),
        Parameter("came_chance", 0.1, "1", "that one that came in the end was elsewhere on purpose", "design default"),
        Parameter("grave_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "manifests.departed_at", "manifests.arrived_at"),
    detectable=message("Any load of which a gate is expected to tell; none that left without a manifest."),
    false_alarms=message(
        "One of ten thousand loads, which is asked about and then comes; all of a gate that records no arrivals."
    ),
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
    cadence=Cadence.DAY,
    find=_find,
)
