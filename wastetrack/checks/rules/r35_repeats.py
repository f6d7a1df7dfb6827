"""R35: the same exact weight comes back more often than the spread of a shipper's own weights allows."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.weighing import weighings
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

AROUND = 5
"""Divisions to either side over which a shipper's own history is smoothed."""
STREAM = ("shipper_site_id", "carrier_id", "waste_code")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    about = records["manifests"].select("manifest_id", "waste_code", "shipper_site_id", "carrier_id")
    every = (
        weighings(records)
        .filter(lambda t: t.side == "shipper", lambda t: t.method == "truck_scale", lambda t: t.weighed_at <= as_of)
        .join(about, ["manifest_id", "waste_code"])
    )
    at_weight = (
        every.mutate(place=(every.net_g / every.division_g).round(0).cast("int64"))
        .group_by(*STREAM, "place", "net_g")
        .agg(loads=lambda t: t.count(), first_at=lambda t: t.weighed_at.min(), last_at=lambda t: t.weighed_at.max())
    )
    at_place = at_weight.group_by(*STREAM, "place").agg(
        loads=lambda t: t.loads.sum(),
        pairs=lambda t: (t.loads * (t.loads - 1)).sum() / 2.0,
        first_at=lambda t: t.first_at.min(),
        last_at=lambda t: t.last_at.max(),
    )
    near = ibis.window(group_by=STREAM, order_by=at_place.place, range=(-AROUND, AROUND))
    # neighbours alone: a repeated weight must not make itself expected
    smoothed = at_place.mutate(neighbours=at_place.loads.sum().over(near) - at_place.loads)
    streams = (
        smoothed.group_by(*STREAM)
        .agg(
            n=lambda t: t.loads.sum(),
            repeats=lambda t: t.pairs.sum(),
            expected=lambda t: (t.loads * t.neighbours).sum() / (4.0 * AROUND),
            first_at=lambda t: t.first_at.min(),
            last_at=lambda t: t.last_at.max(),
        )
        .filter(lambda t: t.n >= at.loads)
    )
    # what one expects is never less than one repeat in so many loads: a few tanks that are always filled are no crime
    judged = streams.mutate(expected_repeats=ibis.greatest(streams.expected, streams.n * at.usual_share))
    # μ loads a weight: the pairs of a weight with K ~ Poisson(μ) loads have mean μ²/2 and variance μ²/2 + μ³
    clumped = judged.mutate(clump=1.0 + 4.0 * judged.expected / judged.n)
    odd = clumped.filter(clumped.repeats > clumped.expected_repeats).mutate(
        log_p=lambda t: (
            (t.repeats * (t.repeats / t.expected_repeats).ln() - t.repeats + t.expected_repeats) / t.clump / 2.302585
        )
    )
    found = odd.filter(odd.log_p > -ibis.literal(at.p).log10())
    return findings(
        found,
        severity=Severity.EXPLAIN.value,
        subject_kind="pair",
        subject_id=found.shipper_site_id + "/" + found.carrier_id,
        party_id=found.shipper_site_id,
        since_at=found.first_at,
        found_at=found.last_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=found.log_p,
        threshold=-ibis.literal(at.p).log10(),
        loads=found.n,
        repeats=found.repeats,
        expected=found.expected_repeats,
        waste_code=found.waste_code,
    )


RULE = Rule(
    id="R35",
    title=message("Weights repeat"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="pairs of equal weights against λ = n(n-1)/2 · Σp², p from the neighbours within 5 e; P(Poisson(λ) ≥ pairs) by Chernoff, over 1 + 2μ for clumps",
    parameters=(
        Parameter("loads", 30, "load", "least number of a shipper, carrier and code", "design default"),
        Parameter("p", 1e-6, "1", "chance of as many repeats", "anomaly note R35"),
        Parameter("usual_share", 0.02, "1", "pairs for each load that any stream may have", "design default"),
    ),
    needs=("manifests", "weighings"),
    detectable=message(
        "Invented weights of which about one in ten repeats another; none that were invented with care."
    ),
    false_alarms=message("One in a million by chance; all where tanks are always filled to one mark."),
    innocent=(
        message("The same number of equal drums, or a tank that is always filled to its mark, weighs the same."),
    ),
    next_step=message("Compare the weights with the printed slips and the memory of the scale."),
    chance=0.3,
    find=_find,
)
