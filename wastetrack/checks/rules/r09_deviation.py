"""R09: a load leaves the road that its lane always takes, or drives much further than the lane is long."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.roads.corridors import CORRIDOR, known_lanes, off_corridor
from wastetrack.checks.roads.tracks import LANE, short_loads, trip_cells, trips
from wastetrack.checks.roads.whereabouts import ENDS_KM
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def deviations(records: Records, at: Settings) -> ir.Table:
    """Trips that were off their corridor, with `minutes` and since when, or that drove `more_km` too far.

    A round goes by other places, wherever they are: only from its last place on does it have the road of a lane.
    """
    ends = trips(records).filter(lambda t: t.straight_on).select(
        "manifest_id", "carrier_id", "vehicle_id", "mass_g", "straight_km", "road_km",
        "from_latitude", "from_longitude", "to_latitude", "to_longitude",
    )  # fmt: skip
    cells = off_corridor(records, trip_cells(records).join(ends, "manifest_id"))
    cells = cells.mutate(away=cells.off & (cells.end_km > ENDS_KM))
    in_turn = ibis.cumulative_window(group_by="manifest_id", order_by=["from_at", "until_at"])
    cells = cells.mutate(run=cells.away.ifelse(0, 1).sum().over(in_turn))
    runs = (
        cells.filter(cells.away)
        .group_by("manifest_id", "run")
        .agg(
            from_at=lambda t: t.from_at.min(),
            until_at=lambda t: t.until_at.max(),
            fixes=lambda t: t.fixes.sum(),
            latitude=lambda t: t.latitude.mean(),
            longitude=lambda t: t.longitude.mean(),
        )
        .mutate(minutes=lambda t: hours(t.from_at, t.until_at) * 60)
        .filter(lambda t: t.minutes >= at.minutes, lambda t: t.fixes > 1)
    )
    longest = ibis.window(group_by="manifest_id", order_by=[ibis.desc("minutes"), ibis.asc("from_at")])
    runs = runs.mutate(nth=ibis.row_number().over(longest)).filter(lambda t: t.nth == 0).drop("nth", "run", "fixes")
    about = ends.drop("from_latitude", "from_longitude", "to_latitude", "to_longitude")
    # Unlike road and detour, fixes say what was driven at the least: too long by them is too long.
    driven = (
        trip_cells(records)
        .group_by("manifest_id", *LANE)
        .agg(
            driven_km=lambda t: t.driven_km.sum(),
            begun_at=lambda t: t.from_at.min(),
            over_at=lambda t: t.until_at.max(),
        )
        .left_join(known_lanes(records), LANE)
        .drop("shipper_site_id_right", "receiver_site_id_right")
        .join(about, "manifest_id")
    )
    usual = ibis.greatest(ibis.coalesce(driven.usual_km, 0.0), driven.road_km)
    driven = driven.mutate(more_km=driven.driven_km - usual)
    driven = driven.mutate(long=(driven.more_km > at.more_km) & (driven.driven_km > at.ratio * usual))
    every = driven.left_join(runs, "manifest_id").drop("manifest_id_right")
    return every.filter(lambda t: t.long | t.minutes.notnull()).mutate(
        since_at=ibis.coalesce(every.from_at, every.begun_at), found_at=ibis.coalesce(every.until_at, every.over_at)
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    odd = deviations(records, at).left_join(short_loads(records), "manifest_id").drop("manifest_id_right")
    odd = _repeated(records, odd, at, as_of)
    lifted = odd.repeated | odd.missing_g.notnull()
    return findings(
        odd,
        severity=lifted.ifelse(Severity.EXPLAIN.value, Severity.WATCH.value),
        subject_kind="manifest",
        subject_id=odd.manifest_id,
        party_id=odd.carrier_id,
        since_at=odd.since_at,
        found_at=ibis.greatest(odd.found_at, ibis.coalesce(odd.short_at, odd.found_at)),
        at_risk_g=ibis.coalesce(odd.missing_g, odd.mass_g),
        statistic=lifted.ifelse(1000.0, 0.0) + ibis.greatest(ibis.coalesce(odd.minutes, 0.0), odd.more_km),
        threshold=at.minutes,
        minutes=odd.minutes,
        driven_km=odd.driven_km,
        more_km=odd.more_km,
        latitude=odd.latitude,
        longitude=odd.longitude,
        lane_trips=odd.lane_trips,
        repeated=odd.repeated,
        log_p=odd.log_p,
        missing_g=odd.missing_g,
        vehicle_id=odd.vehicle_id,
    )


def _repeated(records: Records, odd: ir.Table, at: Settings, as_of: datetime) -> ir.Table:
    """Whether so many by one firm are no chance: Chernoff's bound of the Poisson tail, against the whole fleet."""
    straight_on = trips(records).filter(lambda t: t.straight_on).select("manifest_id", "carrier_id")
    seen = trip_cells(records).group_by("manifest_id", *LANE).agg(ended_at=lambda t: t.until_at.max())
    seen = seen.filter(seen.ended_at <= as_of).join(straight_on, "manifest_id")
    seen = seen.left_join(known_lanes(records), LANE).drop("shipper_site_id_right", "receiver_site_id_right")
    known = odd.filter(odd.found_at <= as_of).select("manifest_id", away=ibis.literal(1))
    seen = seen.left_join(known, "manifest_id").drop("manifest_id_right")
    # Lanes with many trips are known better than others: a firm is compared on lanes like its own.
    seen = seen.mutate(
        known=ibis.coalesce(seen.lane_trips, 1).cast("float64").log2().floor(), away=seen.away.fill_null(0)
    )
    firms = seen.group_by("carrier_id", "known").agg(went=lambda t: t.count(), times=lambda t: t.away.sum())
    alike = ibis.window(group_by="known")
    firms = firms.mutate(all_went=firms.went.sum().over(alike), all_times=firms.times.sum().over(alike))
    # Of the others: who deviates always does not make it usual.
    rate = (firms.all_times - firms.times + 1.0) / ibis.greatest(firms.all_went - firms.went, 1)
    both = (
        firms.mutate(expected=firms.went * ibis.least(rate, 1.0))
        .group_by("carrier_id")
        .agg(times=lambda t: t.times.sum(), expected=lambda t: t.expected.sum())
    )
    both = both.filter(both.times >= at.times, both.times > at.more_often * both.expected)
    log_p = both.times - both.expected - both.times * (both.times / both.expected).ln()
    both = both.select("carrier_id", log_p=log_p)
    judged = odd.left_join(both, "carrier_id").drop("carrier_id_right")
    return judged.mutate(repeated=(judged.log_p < ibis.literal(at.p).ln()).fill_null(ibis.literal(value=False)))


RULE = Rule(
    id="R09",
    version=2,
    title=message("Left its road"),
    queue=Queue.TRANSIT,
    severity=Severity.WATCH,
    formula="outside every usual cell (5 km along, 2 km across, and their neighbours) of the lane for ≥ minutes; or "
    "driven > ratio · usual and > more_km further; repeated: "
    "ln P(Poisson ≥ times) ≤ times − λ − times · ln(times/λ) < ln p",
    parameters=(
        Parameter("minutes", 10, "min", "off the corridor", "anomaly note R09"),
        Parameter("ratio", 1.3, "1", "driven, of what is usual", "anomaly note R09"),
        Parameter("more_km", 15, "km", "and so much further", "anomaly note R09"),
        Parameter("times", 3, "1", "deviations of a firm, at least, that are a habit", "design default"),
        Parameter("more_often", 2, "1", "than other firms on lanes like its own, at least", "design default"),
        Parameter("p", 0.001, "1", "below which so many by one firm are no chance", "anomaly note R09"),
        *CORRIDOR,
    ),
    needs=("positions", "manifests.vehicle_id", "sites.latitude"),
    detectable=message("Ten minutes more than two to four kilometres off a road that the lane's other trips take."),
    false_alarms=message("Closed roads and second roads of a lane, about one of a hundred trips; watched only."),
    innocent=(
        message("The road was closed, and the load went round it."),
        message("A driver knows another road to the same place."),
        message("The load of another shipper was fetched on the way."),
    ),
    next_step=message("Look at where the vehicle was meanwhile, and whether it is one firm that does it."),
    article="转移管理办法 art. 13",
    chance=0.05,
    find=_find,
)
