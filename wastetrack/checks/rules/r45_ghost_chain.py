"""R45: papers of journeys that nobody made: too fast for any road, weights that agree to the gram, one hand on both
sides.

Each sign alone has innocent explanations; of one chain of shipper, carrier and receiver they are summed as
log-likelihoods, one term a family of evidence, along the chain's manifests (Page's chart), so that a chain that
turns to ghosts is met soon.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.charts import cusum
from wastetrack.checks.expressions import DETOUR, findings, hours, kilometres
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.weighing import loads
from wastetrack.checks.rules.r37_copied_weights import copying
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

TWICE = 2
CAP = 3.0
"""No single sign of one manifest says more."""


def _weight(sign: ir.BooleanValue, of_ghosts: float, of_honest: ir.FloatingValue | float) -> ir.FloatingValue:
    """Log-likelihood ratio of a sign that is there or not; nothing where it cannot be known."""
    honest = ibis.literal(of_honest) if isinstance(of_honest, float) else of_honest
    there = (of_ghosts / honest).ln().clip(upper=CAP)
    absent = ((1 - of_ghosts) / (1 - honest)).ln().clip(lower=-CAP)
    return ibis.coalesce(sign.ifelse(there, absent), 0.0)


def _one_hand(records: Records) -> ir.Table:
    """Of each manifest, whether one person or one device that nobody shares signed for two sides."""
    signed = records["signatures"].mutate(
        device=lambda t: ibis.coalesce(t.shared_device, False).ifelse(ibis.null("string"), t.device_id)
    )
    sides = {
        f"{word}_{side}": signed[column].min(where=signed.side == side)
        for word, column in (("person", "person_id"), ("device", "device"))
        for side in ("shipper", "carrier", "receiver")
    }
    each = signed.group_by("manifest_id").agg(**sides)
    same = [
        ibis.coalesce(each[f"{word}_{one}"] == each[f"{word}_{other}"], False)
        for word in ("person", "device")
        for one, other in (("shipper", "receiver"), ("carrier", "receiver"), ("shipper", "carrier"))
    ]
    any_of = same[0]
    for other in same[1:]:
        any_of |= other
    return each.select("manifest_id", one_hand=any_of)


def _judged(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    sites = records["sites"].select("site_id", "latitude", "longitude")
    start = sites.rename(shipper_site_id="site_id", from_latitude="latitude", from_longitude="longitude")
    end = sites.rename(receiver_site_id="site_id", to_latitude="latitude", to_longitude="longitude")
    gone = records["manifests"].filter(
        lambda t: t.carrier_id.notnull(),
        lambda t: t.cancelled_at.isnull(),
        lambda t: t.kind.isnull() | t.kind.isin(("road", "return")),
        lambda t: ibis.coalesce(t.received_at, t.arrived_at) <= as_of,
    )
    placed = gone.left_join(start, "shipper_site_id").drop("shipper_site_id_right")
    placed = placed.left_join(end, "receiver_site_id").drop("receiver_site_id_right")
    straight = kilometres(placed.from_latitude, placed.from_longitude, placed.to_latitude, placed.to_longitude)
    # How much longer roads are is a matter of the land: a valley has straight ones.
    placed = placed.mutate(straight_km=straight)
    placed = placed.cross_join(_detour(placed, at))
    road_km = ibis.coalesce(placed.distance_km, placed.straight_km * placed.detour)
    took = hours(placed.departed_at, placed.arrived_at)
    fast = (road_km > at.least_km).ifelse(took < road_km / at.speed, ibis.null("boolean"))
    weights = copying(loads(records).filter(lambda t: t.division_g.notnull()), at.spread)
    weights = weights.select("manifest_id", "waste_code", same=weights.same == 1, chance=weights.chance)
    both = placed.mutate(fast=fast, known_at=ibis.coalesce(placed.received_at, placed.arrived_at))
    both = both.left_join(weights, ["manifest_id", "waste_code"]).drop("manifest_id_right", "waste_code_right")
    both = both.left_join(_one_hand(records), "manifest_id").drop("manifest_id_right")
    told = both.mutate(
        speed_llr=_weight(both.fast, at.ghost_fast, at.honest_fast),
        weight_llr=_weight(both.same, at.ghost_same, both.chance),
        hand_llr=_weight(both.one_hand, at.ghost_hand, at.honest_hand),
    )
    return told.select(
        "manifest_id", "shipper_site_id", "carrier_id", "receiver_site_id", "known_at", "declared_g", "fast",
        "same", "one_hand", chain=told.shipper_site_id + "/" + told.carrier_id + "/" + told.receiver_site_id,
        llr=told.speed_llr + told.weight_llr + told.hand_llr,
    )  # fmt: skip


def _detour(placed: ir.Table, at: Settings) -> ir.Table:
    """One row: the median of road and straight line where both are known, else the usual DETOUR."""
    both = placed.filter(placed.distance_km > at.least_km, placed.straight_km > at.least_km)
    known = both.aggregate(lanes=both.count(), median=(both.distance_km / both.straight_km).quantile(0.5))
    learned = ibis.least(ibis.greatest(known["median"], 1.0), DETOUR)
    return known.select(detour=(known.lanes >= at.enough_roads).ifelse(learned, DETOUR))


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = _judged(records, at, as_of)
    # a chain of which no two manifests are suspicious cannot pass
    signs = (
        every.filter(every.llr > 0)
        .group_by("chain")
        .agg(bad=lambda t: t.count())
        .filter(lambda t: t.bad >= at.manifests)
    )
    charted = cusum(every.semi_join(signs, "chain"), "chain", ("known_at", "manifest_id"), {"score": every.llr})
    passed = charted.group_by("chain").agg(
        found_at=charted.known_at.min(where=charted.score > at.score), most=charted.score.max()
    )
    bad = charted.filter(charted.llr > 0).inner_join(passed.filter(passed.found_at.notnull()), "chain")
    chains = bad.group_by("chain", "shipper_site_id", "carrier_id", "receiver_site_id").agg(
        found_at=bad.found_at.min(), most=bad.most.max(), since_at=bad.known_at.min(), manifests=bad.count(),
        grams=bad.declared_g.sum().cast("int64"), fast=bad.fast.cast("int64").sum(), same=bad.same.cast("int64").sum(),
        one_hand=bad.one_hand.cast("int64").sum(),
    )  # fmt: skip
    kinds = sum(
        ((ibis.coalesce(chains[name], 0) >= TWICE).cast("int64") for name in ("fast", "same", "one_hand")),
        ibis.literal(0),
    )
    real = chains.filter(chains.manifests >= at.manifests, kinds >= TWICE)
    return findings(
        real,
        severity=(real.grams >= at.crime_g).ifelse(Severity.REFER.value, Severity.INSPECT.value),
        subject_kind="pair",
        subject_id=real.shipper_site_id + "/" + real.carrier_id,
        party_id=real.carrier_id,
        since_at=real.since_at,
        found_at=real.found_at,
        at_risk_g=real.grams,
        statistic=real.most,
        threshold=at.score,
        receiver_site_id=real.receiver_site_id,
        manifests=real.manifests,
        too_fast=ibis.coalesce(real.fast, 0),
        same_weight=ibis.coalesce(real.same, 0),
        one_signer=ibis.coalesce(real.one_hand, 0),
    )


RULE = Rule(
    id="R45",
    version=2,
    title=message("A chain of ghosts"),
    queue=Queue.DOCUMENTS,
    severity=Severity.INSPECT,
    formula=(
        "S_i = max(0, S_(i-1) + Σ ln(P(sign | ghost) / P(sign | honest))) > score, signs: faster "
        "than speed, equal weights, one signer; at least two of them"
    ),
    parameters=(
        Parameter("least_km", 20, "km", "road from which a speed is judged", "anomaly note R06"),
        Parameter("enough_roads", 100, "1", "known roads, by which others are reckoned", "design default"),
        Parameter("speed", 80, "km/h", "mean speed that no lorry reaches", "anomaly note R06"),
        Parameter("ghost_fast", 0.6, "1", "part of ghost journeys that are too fast", "design default"),
        Parameter("honest_fast", 0.01, "1", "part of honest ones, by wrong clocks", "design default"),
        Parameter("ghost_same", 0.8, "1", "part of ghost journeys with equal weights", "design default"),
        Parameter("spread", 0.6, "1", "real error of scales by that of their class", "design default"),
        Parameter("ghost_hand", 0.6, "1", "part of ghost journeys that one hand signs", "design default"),
        Parameter("honest_hand", 0.01, "1", "part of honest ones, on a borrowed telephone", "design default"),
        Parameter("score", 9, "ln", "chain is told from 9 on: odds of 8,000", "design default"),
        Parameter("manifests", 3, "manifest", "least number that look made up", "design default"),
        Parameter("crime_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests.carrier_id", "manifests.departed_at", "manifests.arrived_at", "weighings"),
    detectable=message(
        "About four made up journeys of a chain with two of the three signs; none whose "
        "times, weights and signers were made up with care."
    ),
    false_alarms=message("Very few: two independent signs must repeat in one chain."),
    innocent=(
        message("The gate enters arrivals later by hand, and both sides share one telephone without saying so."),
        message("Shipper and plant are neighbours of one owner with one scale."),
    ),
    next_step=message("Ask for the toll records and pictures of these journeys; question the signers one by one."),
    article="转移管理办法 art. 29; 刑法 art. 338",
    chance=0.7,
    find=_find,
)
