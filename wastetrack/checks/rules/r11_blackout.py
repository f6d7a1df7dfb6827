"""R11: a vehicle with a load falls silent, and is elsewhere when it speaks again, while others are heard there."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.roads.silences import HOLE, gaps
from wastetrack.checks.roads.stops import degrees_cell
from wastetrack.checks.roads.tracks import LANE, on_trips, short_loads, trips
from wastetrack.checks.rules.r08_stop import RULE as STOP
from wastetrack.checks.rules.r08_stop import unplanned
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

_HALF_HOUR_S = 1800


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    about = trips(records).select("manifest_id", "carrier_id", "mass_g", *LANE)
    silent = gaps(records).filter(
        lambda t: t.minutes > at.minutes,
        lambda t: t.minutes > at.times_usual * t.usual_minutes,
        lambda t: t.moved_km > at.moved_km,
        lambda t: t.ends_at <= as_of,
    )
    silent = silent.join(about, "manifest_id")
    lonely = _not_shared(records, silent, at)
    with_loss = lonely.left_join(short_loads(records), "manifest_id").drop("manifest_id_right")
    stood = unplanned(records, STOP.settings({})).filter(lambda t: t.level >= Severity.EXPLAIN.value)
    stood = stood.group_by("manifest_id").agg(stop_known_at=lambda t: t.stop_until_at.min())
    every = with_loss.left_join(stood, "manifest_id").drop("manifest_id_right")
    longest = ibis.window(group_by="manifest_id", order_by=[ibis.desc("minutes"), ibis.asc("begins_at")])
    told = every.mutate(nth=ibis.row_number().over(longest)).filter(lambda t: t.nth == 0)
    also = told.missing_g.notnull() | told.stop_known_at.notnull()
    known = ibis.greatest(
        told.ends_at, ibis.coalesce(told.short_at, told.ends_at), ibis.coalesce(told.stop_known_at, told.ends_at)
    )
    return findings(
        told,
        severity=also.ifelse(Severity.INSPECT.value, Severity.WATCH.value),
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.carrier_id,
        since_at=told.begins_at,
        found_at=known,
        at_risk_g=ibis.coalesce(told.missing_g, told.mass_g),
        statistic=also.ifelse(10_000.0, 0.0) + told.minutes,
        threshold=at.minutes,
        minutes=told.minutes,
        usual_minutes=told.usual_minutes,
        moved_km=told.moved_km,
        latitude=told.begins_north,
        longitude=told.begins_east,
        also_stopped=told.stop_known_at.notnull(),
        missing_g=told.missing_g,
        vehicle_id=told.vehicle_id,
    )


def _not_shared(records: Records, silent: ir.Table, at: Settings) -> ir.Table:
    """Without silences that other firms have too: in the same cell, or in the same half hour everywhere."""
    cells = silent.group_by("hole_north", "hole_east").agg(
        firms=lambda t: t.carrier_id.nunique(), fell_silent=lambda t: t.manifest_id.nunique()
    )
    seen = on_trips(records)
    passes = seen.group_by(
        hole_north=degrees_cell(seen.latitude, HOLE), hole_east=degrees_cell(seen.longitude, HOLE)
    ).agg(passed=lambda t: t.manifest_id.nunique())
    holes = cells.filter(cells.firms > at.other_firms).join(passes, ["hole_north", "hole_east"])
    holes = holes.filter(holes.fell_silent > at.hole_share * holes.passed).select("hole_north", "hole_east")
    kept = silent.anti_join(holes, ["hole_north", "hole_east"])
    middle = (kept.begins_at.epoch_seconds() + kept.ends_at.epoch_seconds()) / 2
    kept = kept.mutate(half_hour=(middle / _HALF_HOUR_S).floor().cast("int64"))
    quiet = kept.group_by("half_hour").agg(firms=lambda t: t.carrier_id.nunique())
    heard = records["positions"].group_by(
        half_hour=lambda t: (t.seen_at.epoch_seconds() / _HALF_HOUR_S).floor().cast("int64")
    )
    heard = heard.agg(heard=lambda t: t.vehicle_id.nunique())
    both = quiet.filter(quiet.firms > at.other_firms).left_join(heard, "half_hour")
    outages = both.filter(ibis.coalesce(both.heard, 0) < both.firms).select("half_hour")
    return kept.anti_join(outages, "half_hour")


RULE = Rule(
    id="R11",
    title=message("Silent on the way"),
    queue=Queue.TRANSIT,
    severity=Severity.WATCH,
    formula="gap > minutes and > times_usual · median interval of the vehicle, and moved > moved_km meanwhile; not "
    "where, nor when, other firms fall silent too; with R03 or R08 on the trip graver",
    parameters=(
        Parameter("minutes", 10, "min", "of silence", "anomaly note R11"),
        Parameter("times_usual", 2.5, "1", "of the vehicle's usual interval", "design default"),
        Parameter("moved_km", 3, "km", "between the two places", "anomaly note R11"),
        Parameter("other_firms", 3, "1", "besides, that make a hole of the network", "design default"),
        Parameter("hole_share", 0.2, "1", "of trips through a cell that fall silent in a hole", "design default"),
    ),
    needs=("positions", "manifests.vehicle_id", "sites.latitude"),
    detectable=message("A silence of two and a half usual intervals; not one within which the vehicle stands still."),
    false_alarms=message("Receivers lose some of a hundred trips for a while; those are watched only."),
    innocent=(
        message("A tunnel, a mountain road or a fault of the receiver."),
        message("The platform lost messages; the vehicle itself may have kept them."),
    ),
    next_step=message("Ask for what the receiver itself has kept, and for toll records of the time."),
    article="转移管理办法 art. 13",
    chance=0.02,
    find=_find,
)
