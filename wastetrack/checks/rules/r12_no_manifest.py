"""R12, the other way round: a vehicle that fetches at generators and unloads where no site is, without a manifest."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, kilometres, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.roads.stops import AREA_CELL, CELL, SHARED_BY, degrees_cell, stops
from wastetrack.checks.roads.tracks import by_day, day_number, trips
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

_ABOUT = tuple((north, east) for north in (-1, 0, 1) for east in (-2, -1, 0, 1, 2))


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # known when the second stop is over
    stood = _sited(records, at)
    in_turn = ibis.window(group_by="vehicle_id", order_by="from_at")
    fetched = stood.mutate(
        next_from_at=stood.from_at.lead().over(in_turn),
        next_until_at=stood.until_at.lead().over(in_turn),
        next_minutes=stood.minutes.lead().over(in_turn),
        next_site_km=stood.any_km.lead().over(in_turn),
        next_shared=stood.shared.lead().over(in_turn),
        next_latitude=stood.latitude.lead().over(in_turn),
        next_longitude=stood.longitude.lead().over(in_turn),
    ).filter(
        lambda t: t.generator_site_id.notnull(),
        lambda t: t.minutes >= at.fetch_minutes,
        lambda t: t.next_minutes >= at.minutes,
        lambda t: t.next_site_km.isnull(),
        lambda t: ~t.next_shared,
        lambda t: hours(t.until_at, t.next_from_at) <= at.hours,
    )
    alone = _without_manifest(records, fetched, at)
    owners = records["vehicles"].select("vehicle_id", "organisation_id")
    told = alone.left_join(owners, "vehicle_id").drop("vehicle_id_right")
    return findings(
        told,
        severity=Severity.INSPECT.value,
        subject_kind="vehicle",
        subject_id=told.vehicle_id,
        party_id=told.organisation_id,
        since_at=told.from_at,
        found_at=told.next_until_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=told.next_minutes,
        threshold=at.minutes,
        generator_site_id=told.generator_site_id,
        minutes=told.next_minutes,
        latitude=told.next_latitude,
        longitude=told.next_longitude,
        km=kilometres(told.latitude, told.longitude, told.next_latitude, told.next_longitude),
    )


def _sited(records: Records, at: Settings) -> ir.Table:
    """All stops with the generator at whose gate they were, the distance of any site within a kilometre, and whether
    vehicles of several firms stop there."""
    every = stops(records).filter(lambda t: t.minutes >= at.fetch_minutes)
    sites = records["sites"].filter(lambda t: t.latitude.notnull(), lambda t: t.longitude.notnull())
    sites = sites.select(
        "site_id",
        "kind",
        site_latitude="latitude",
        site_longitude="longitude",
        north=degrees_cell(sites.latitude, CELL),
        east=degrees_cell(sites.longitude, CELL),
    )
    around = [sites.mutate(north=sites.north + north, east=sites.east + east) for north, east in _ABOUT]
    placed = every.select(
        "vehicle_id", "stop", "latitude", "longitude",
        north=degrees_cell(every.latitude, CELL), east=degrees_cell(every.longitude, CELL),
    )  # fmt: skip
    met = placed.join(ibis.union(*around, distinct=False), ["north", "east"])
    km = kilometres(met.latitude, met.longitude, met.site_latitude, met.site_longitude)
    met = met.mutate(km=km).filter(lambda t: t.km <= 1.0)
    at_gate = (met.kind == "generator") & (met.km <= at.gate_m / 1000)
    near = met.group_by("vehicle_id", "stop").agg(
        any_km=lambda t: t.km.min(), generator_site_id=at_gate.ifelse(met.site_id, None).min()
    )
    rows = every.left_join(near, ["vehicle_id", "stop"]).drop("vehicle_id_right", "stop_right")
    cells = rows.mutate(
        area_north=degrees_cell(rows.latitude, AREA_CELL), area_east=degrees_cell(rows.longitude, AREA_CELL)
    )
    owners = records["vehicles"].select("vehicle_id", "organisation_id")
    firms = (
        cells.join(owners, "vehicle_id")
        .group_by("area_north", "area_east")
        .agg(firms=lambda t: t.organisation_id.nunique())
    )
    both = cells.left_join(firms, ["area_north", "area_east"]).drop("area_north_right", "area_east_right")
    return both.mutate(shared=ibis.coalesce(both.firms, 0) >= SHARED_BY)


def _without_manifest(records: Records, fetched: ir.Table, at: Settings) -> ir.Table:
    """Those during which no manifest of the vehicle was open, nor began soon after the first stop."""
    loads = by_day(trips(records).select("manifest_id", "vehicle_id", "departed_at", "until_at")).select(
        "vehicle_id", "on_day", "departed_at", "until_at"
    )
    # A manifest of the day before or after may be the one: days are only to meet by.
    days = [fetched.mutate(on_day=day_number(fetched.from_at) + more) for more in (-1, 0, 1)]
    covered = ibis.union(*days, distinct=False).join(loads, ["vehicle_id", "on_day"])
    covered = covered.filter(
        lambda t: t.departed_at <= plus_hours(t.next_until_at, at.slack_hours),
        lambda t: t.until_at >= plus_hours(t.from_at, -at.slack_hours),
    )
    return fetched.anti_join(covered.select("vehicle_id", "stop").distinct(), ["vehicle_id", "stop"])


RULE = Rule(
    id="R12W",
    title=message("Trip without a manifest"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="a stop ≥ fetch_minutes within gate_m of a generator, then one ≥ minutes within hours, > 1 km from every "
    "site and no stop of three firms, and no manifest of the vehicle from slack_hours before to slack_hours after",
    parameters=(
        Parameter("gate_m", 300, "m", "from a generator", "design default"),
        Parameter("fetch_minutes", 10, "min", "to load", "design default"),
        Parameter("minutes", 15, "min", "of the stop where nobody is licensed", "anomaly note R12"),
        Parameter("hours", 8, "h", "between the two stops", "design default"),
        Parameter("slack_hours", 6, "h", "by which a manifest may be late", "design default"),
    ),
    needs=("positions", "manifests.vehicle_id", "sites.latitude", "vehicles"),
    detectable=message("A vehicle that sends all day; nothing of one whose positions are known on manifests only."),
    false_alarms=message("Errands of a vehicle that carries other goods too; 7 of 220 in Taiwan, where it was tried."),
    innocent=(
        message("The vehicle brought goods or empty containers to the generator."),
        message("The driver went home, or to a yard that is no site of the records."),
    ),
    next_step=message("Ask generator and carrier for that day's gate book; look at the second place."),
    article="固废法 art. 20, 79, 82",
    chance=0.4,
    find=_find,
)
