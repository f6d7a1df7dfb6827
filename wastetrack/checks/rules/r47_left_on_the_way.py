"""R47: a load stood off its road, and what else is known of it says that something was left there.

A stop off the road is nearly always a rest (R08 watches it). It is no rest where the door was opened, where the gate
weighed less than what left, or where vehicles of this firm stand off the road far more often than those of others: as
many of the firm's stops as others do not explain are the prior of each. Where the scales have proved enough losses,
the trips of those tell instead how such a stop looks (`hidden_losses`).
"""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.hidden_losses import hidden_losses
from wastetrack.checks.roads.corridors import CORRIDOR
from wastetrack.checks.roads.tracks import trip_cells, trips
from wastetrack.checks.rules.r08_stop import odd_stops
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    stood = odd_stops(records).filter(
        lambda t: t.off, lambda t: t.minutes >= at.minutes, lambda t: t.stop_until_at <= as_of
    )
    short = stood.short & (stood.short_at <= as_of)
    longest = ibis.window(
        group_by="manifest_id", order_by=[ibis.desc("opened"), ibis.desc("minutes"), ibis.asc("stop_from_at")]
    )
    stood = stood.mutate(short=short.fill_null(ibis.literal(value=False)), nth=ibis.row_number().over(longest))
    stood = _beside_others(records, stood.filter(lambda t: t.nth == 0), at, as_of)
    own = (stood.opened == 1).ifelse(at.cap, 0.0) + stood.short.ifelse(at.cap, 0.0)
    # What the trip itself tells is known at its end; what the firm's others tell, when there were enough of them.
    alone = own + math.log(at.prior / (1 - at.prior))
    odds = own + (stood.prior / (1 - stood.prior)).ln()
    stood = stood.mutate(real=1.0 / (1.0 + (-odds).exp()), by_itself=alone >= 0)
    # Once enough losses are proved, the sort of the trip is known better than what firms usually do.
    learned = hidden_losses(records, as_of).select("manifest_id", learned="real")
    stood = stood.left_join(learned, "manifest_id").drop("manifest_id_right")
    odds = (stood.learned / (1 - stood.learned)).ln() + (stood.opened == 1).ifelse(at.cap, 0.0)
    told = stood.mutate(real=ibis.coalesce(1.0 / (1.0 + (-odds).exp()), stood.real)).filter(
        lambda t: t.real >= at.least_posterior
    )
    ended = told.short.ifelse(ibis.greatest(told.stop_until_at, told.short_at), told.stop_until_at)
    grams = told.short.ifelse(told.missing_g, told.mass_g)
    return findings(
        told,
        severity=(told.real >= at.sure).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.carrier_id,
        since_at=told.stop_from_at,
        found_at=told.by_itself.ifelse(ended, ibis.greatest(ended, ibis.coalesce(told.firm_at, ended))),
        at_risk_g=grams,
        statistic=told.real * 1000.0,
        threshold=at.least_posterior * 1000.0,
        minutes=told.minutes,
        latitude=told.latitude,
        longitude=told.longitude,
        lid_opened=told.opened == 1,
        missing_g=told.short.ifelse(told.missing_g, ibis.null("int64")),
        stops_of_firm=told.stops_of_firm,
        expected_of_firm=told.expected.round(2),
        prior=told.prior,
        posterior=told.real,
        lane_trips=told.lane_trips,
        night=told.night,
        vehicle_id=told.vehicle_id,
    )


def _beside_others(records: Records, stood: ir.Table, at: Settings, as_of: datetime) -> ir.Table:
    """The stops with `prior`, the share of their firm's that the usual firm does not have, and `firm_at`, from when on
    that share was known to be beyond `least_posterior`."""
    seen = trip_cells(records).group_by("manifest_id").agg(ended_at=lambda t: t.until_at.max())
    seen = seen.filter(seen.ended_at <= as_of)
    carried = trips(records).select("manifest_id", "carrier_id").semi_join(seen, "manifest_id")
    firms = carried.group_by("carrier_id").agg(trips=carried.count())
    stops = stood.group_by("carrier_id").agg(stops_of_firm=stood.count())
    firms = firms.left_join(stops, "carrier_id").drop("carrier_id_right")
    firms = firms.mutate(stops_of_firm=ibis.coalesce(firms.stops_of_firm, 0))
    usual = firms.filter(firms.trips >= at.least_trips)
    rate = usual.aggregate(rate=(usual.stops_of_firm / usual.trips).quantile(0.5))
    firms = firms.cross_join(rate)
    firms = firms.mutate(expected=firms.trips * ibis.coalesce(firms.rate, 0.0)).drop("trips", "rate")
    in_turn = ibis.cumulative_window(group_by="carrier_id", order_by=["stop_until_at", "manifest_id"])
    both = stood.inner_join(firms, "carrier_id").mutate(so_far=ibis.row_number().over(in_turn) + 1)
    begun = both.stop_until_at.min().over(ibis.window())
    part = (hours(begun, both.stop_until_at) / ibis.greatest(hours(begun, ibis.literal(as_of)), 1.0)).clip(lower=0.0)
    both = both.mutate(
        prior=_share(both.stops_of_firm, both.expected, at), share_then=_share(both.so_far, both.expected * part, at)
    )
    known = both.share_then >= at.least_posterior
    firm = ibis.window(group_by="carrier_id")
    return both.mutate(firm_at=known.ifelse(both.stop_until_at, None).min().over(firm))


def _share(count: ir.IntegerValue, expected: ir.FloatingValue, at: Settings) -> ir.FloatingValue:
    """Of so many stops those beyond what is expected and one standard error of it, shrunken to the prior."""
    chance = (2.0 * expected + 1.0).sqrt() - 1.0
    beyond = (count - expected - chance).clip(lower=0.0)
    share = (beyond + at.prior * at.prior_stops) / (count + at.prior_stops)
    return share.clip(lower=at.prior / 2.0, upper=0.95)


RULE = Rule(
    id="R47",
    version=3,
    title=message("Left on the way, perhaps"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="of loads that stood ≥ minutes off the corridor: log-odds = logit(share of the firm's stops beyond "
    "those of the usual firm and one standard error) + cap if the door was opened + cap if the gate weighed less "
    "(R03); once enough losses are proved, logit(chance that such a trip of this carrier hides a loss, R48) + cap if "
    "the door was opened; told from least_posterior on",
    parameters=(
        Parameter("minutes", 10, "min", "of a stop off the corridor", "anomaly note R08, R09"),
        Parameter("prior", 0.2, "1", "of a firm's stops off the road that are no rest", "design default"),
        Parameter("prior_stops", 2, "1", "that the prior counts for", "design default"),
        Parameter(
            "least_trips", 20, "1", "of a firm whose vehicles send, by which the usual is known", "design default"
        ),
        Parameter("cap", 3, "1", "log-odds that one kind of evidence may add", "anomaly note 1.2, Fusion"),
        Parameter("least_posterior", 0.5, "1", "from which it is told", "likelier than not"),
        Parameter("sure", 0.8, "1", "from which it is inspected", "design default"),
        *CORRIDOR,
    ),
    needs=("positions", "manifests.vehicle_id", "sites.latitude"),
    detectable=message(
        "A stop of ten minutes off a lane that is known, with a door that tells of its opening, or a short load, or "
        "by a firm that stands there at least twice as often as others; whatever its gate wrote. None where no "
        "position was sent."
    ),
    false_alarms=message("Less than half of what is told: firms whose drivers live or eat beside the road."),
    innocent=(
        message("The driver looked after the load, or tied it anew."),
        message("The firm has a yard or a customer there that is not registered."),
        message("The vehicle broke down, and was led off the road."),
    ),
    next_step=message(
        "Look at the place before the driver is asked: tracks, soil, barrels; then weigh what stands at the receiver."
    ),
    article="固废法 art. 20; 法释〔2023〕7号 art. 1(2)",
    chance=0.6,
    find=_find,
)
