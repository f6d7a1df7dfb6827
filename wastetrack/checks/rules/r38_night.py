"""R38: a departure at night, at a site that never works at night, of a load that was short or late."""

from datetime import datetime

import ibis.expr.types as ir

from wastetrack.checks.expressions import at_night, findings, holds, hours, plus_hours
from wastetrack.checks.journeys import journeys
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    trips = journeys(records).mutate(night=lambda t: at_night(t.departed_at, at.begins, at.ends).ifelse(1, 0))
    usual = (
        trips.group_by("shipper_site_id")
        .agg(departures=lambda t: t.count(), nights=lambda t: t.night.sum())
        .filter(lambda t: t.departures >= at.least_departures, lambda t: t.nights <= t.departures * at.most_share)
    )
    rows = trips.filter(lambda t: t.night == 1, lambda t: t.reached_at.notnull()).join(usual, "shipper_site_id")
    missing_g = rows.declared_g - rows.received_g
    short = holds(missing_g > rows.declared_g * at.short_share) & (rows.received_g > 0)
    # One trip of twenty is slower than the slowest twentieth, by night and by day.
    late = rows.reached_at > plus_hours(rows.slowest_at, at.late_hours)
    rows = rows.mutate(missing_g=missing_g, short=holds(short), late=late).filter(lambda t: t.short | t.late)
    return findings(
        rows,
        severity=Severity.WATCH.value,
        subject_kind="manifest",
        subject_id=rows.manifest_id,
        party_id=rows.carrier_id,
        since_at=rows.departed_at,
        found_at=rows.reached_at,
        at_risk_g=rows.short.ifelse(rows.missing_g, rows.declared_g),
        statistic=hours(rows.departed_at, rows.reached_at),
        threshold=hours(rows.departed_at, rows.slowest_at),
        short=rows.short,
        late=rows.late,
        departures=rows.departures,
        nights=rows.nights,
    )


RULE = Rule(
    id="R38",
    version=2,
    title=message("At night, and something else"),
    queue=Queue.TRANSIT,
    severity=Severity.WATCH,
    formula="departure between begins and ends by the legal clock, of a shipper of whose departures ≤ "
    "most_share are at night, "
    "and the load is short by > short_share or came more than late_hours after the slowest trips of "
    "its lane",
    parameters=(
        Parameter("begins", 22, "h", "of the clock", "anomaly note R38"),
        Parameter("ends", 6, "h", "of the clock", "anomaly note R38"),
        Parameter("most_share", 0.05, "1", "of departures at night at a site that works by day", "design default"),
        Parameter("least_departures", 20, "1", "from which on a site's hours are known", "design default"),
        Parameter("late_hours", 2, "h", "after the slowest trips of the lane", "anomaly note R01"),
        Parameter("short_share", 0.02, "1", "of the declared mass", "design default"),
    ),
    needs=("manifests.departed_at",),
    detectable=message("Nothing alone: night adds to what another fact says."),
    false_alarms=message("About one in twenty of the loads that are short or late anyhow."),
    innocent=(message("Roads are closed to heavy vehicles by day."),),
    next_step=message("Read it with the other findings of the carrier."),
    chance=0.03,
    find=_find,
)
