"""R10: a load stood where drinking water comes from, in a reserve, within a red line, or at a clean river."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import day_begins, findings, legal_day
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.roads.borders import touched
from wastetrack.checks.roads.stops import loaded_stops
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    stood = loaded_stops(records).filter(
        lambda t: t.minutes >= at.minutes, lambda t: t.site_km.isnull() | (t.site_km > at.site_m / 1000)
    )
    zones = records["zones"].filter(lambda t: t.kind != "other")
    inside = touched(zones, stood.select("manifest_id", "stop", "latitude", "longitude"), at.river_m / 1000)
    found = inside.join(stood, ["manifest_id", "stop"])
    day = legal_day(found.stop_from_at)
    in_force = (found.valid_from.isnull() | (found.valid_from <= day)) & (
        found.valid_to.isnull() | (found.valid_to >= day)
    )
    found = found.filter(in_force)
    grave = ibis.window(
        group_by="manifest_id",
        order_by=[found.shared, found.rank, ibis.desc("minutes"), ibis.asc("stop_from_at"), ibis.asc("zone_id")],
    )
    told = found.mutate(nth=ibis.row_number().over(grave)).filter(lambda t: t.nth == 0)
    return findings(
        told,
        severity=ibis.cases(
            (told.shared, Severity.WATCH.value),
            (told.kind == "nature_reserve", Severity.INSPECT.value),
            else_=Severity.REFER.value,
        ),
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.carrier_id,
        since_at=told.stop_from_at,
        found_at=told.stop_until_at,
        at_risk_g=told.mass_g,
        statistic=told.minutes,
        threshold=at.minutes,
        zone_id=told.zone_id,
        zone=told.name,
        kind=told.kind,
        minutes=told.minutes,
        latitude=told.latitude,
        longitude=told.longitude,
        day=day_begins(day),
        vehicle_id=told.vehicle_id,
        shared_place=told.shared,
        posterior=told.shared.ifelse(at.shared_chance, ibis.null("float64")),
    )


RULE = Rule(
    id="R10",
    version=2,
    title=message("Stop in a protected zone"),
    queue=Queue.TRANSIT,
    severity=Severity.REFER,
    formula="stop ≥ minutes inside a zone (even-odd rule over its edges), or ≤ river_m from a river; > site_m from "
    "every site; watched only where vehicles of three firms stop, as at a service area",
    parameters=(
        Parameter("minutes", 3, "min", "of a stop", "anomaly note R10"),
        Parameter("river_m", 200, "m", "from a river of class I or II", "anomaly note R10"),
        Parameter("site_m", 300, "m", "about a site of the records, which may lie in a zone", "design default"),
        Parameter("shared_chance", 0.02, "1", "that a stop where everybody stops was on purpose", "design default"),
    ),
    needs=("positions", "zones", "manifests.vehicle_id"),
    detectable=message("A stop of three minutes that two fixes show; not one who drives through, and throws out."),
    false_alarms=message("Breakdowns and traffic lights within a zone, where a road leads through it."),
    innocent=(
        message("The vehicle broke down or stood in a jam on a public road through the zone."),
        message("The border of the zone was drawn roughly, or was changed."),
    ),
    next_step=message(
        "Look at the place at once, and take samples; ask whether the road through the zone was allowed."
    ),
    article="法释〔2023〕7号 art. 1(1); 水污染防治法 art. 64-67",
    chance=0.06,
    find=_find,
)
