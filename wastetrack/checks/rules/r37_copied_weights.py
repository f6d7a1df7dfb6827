"""R37: two scales agree to the gram more often than two scales can: the receiver does not weigh."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.weighing import loads
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

ROOT_TWO_PI = 2.506628
MOST = 0.6
"""Two scales with steps much coarser than their errors agree at most so often."""


def copying(every: ir.Table, spread: float) -> ir.Table:
    """Loads with `same`, whether both weights are equal, and `chance` that two scales which both weigh agree so.

    `spread` is the part of the uncertainty by class that a scale really errs by: scales in service are mostly
    better than their class, and better scales agree more often.
    """
    chance = (every.division_g / (every.sigma_g * spread * ROOT_TWO_PI)).clip(upper=MOST)
    return every.mutate(same=(every.sent_g == every.taken_g).cast("int64"), chance=chance)


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = loads(records).filter(
        lambda t: t.known_at <= as_of, lambda t: t.division_g.notnull(), lambda t: ~t.rejected
    )
    marked = copying(every, at.spread)
    by_pair = _judged(marked, ("receiver_site_id", "carrier_id"), at)
    by_site = _judged(marked, ("receiver_site_id",), at)
    pairs = by_pair.anti_join(by_site, "receiver_site_id").filter(lambda t: t.carrier_id.notnull())
    return _told(by_site, "site", by_site.receiver_site_id, at).union(
        _told(pairs, "pair", pairs.receiver_site_id + "/" + pairs.carrier_id, at)
    )


def _judged(marked: ir.Table, by: tuple[str, ...], at: Settings) -> ir.Table:
    """Streams that agree too often, with the load at which that was first so."""
    streams = marked.group_by(*by).agg(
        n=marked.count(),
        same=marked.same.sum(),
        chance=marked.chance.mean(),
        same_g=(marked.same * marked.sent_g).sum().cast("int64"),
        first_at=marked.known_at.min(where=marked.same == 1),
    )
    odd = _odd(streams, at)
    so_far = ibis.cumulative_window(group_by=by, order_by=["known_at", "manifest_id", "waste_code"])
    steps = marked.semi_join(odd, by).select(*marked.columns)
    steps = steps.select(
        *by,
        "known_at",
        n=steps.count().over(so_far),
        same=steps.same.sum().over(so_far),
        chance=steps.chance.mean().over(so_far),
    )
    crossed = _odd(steps, at).group_by(*by).agg(crossed_at=lambda t: t.known_at.min())
    return odd.join(crossed, list(by))


def _odd(streams: ir.Table, at: Settings) -> ir.Table:
    shares = streams.filter(streams.n >= at.loads).mutate(share=lambda t: t.same / t.n)
    # Hoeffding 1956: the binomial with the mean chance bounds loads of unlike chances
    one = ibis.least(shares.share, 0.999999)
    # a share of nought says nothing, and has no logarithm
    nought = ibis.greatest(one, 1e-9)
    divergence = one * (nought / shares.chance).ln() + (1 - one) * ((1 - one) / (1 - shares.chance)).ln()
    odd = shares.mutate(log_p=shares.n * divergence / 2.302585)
    return odd.filter(odd.share > odd.chance * at.excess, odd.log_p > -ibis.literal(at.p).log10())


def _told(found: ir.Table, kind: str, subject: ir.StringValue, at: Settings) -> ir.Table:
    return findings(
        found,
        severity=Severity.INSPECT.value,
        subject_kind=kind,
        subject_id=subject,
        party_id=found.receiver_site_id,
        since_at=found.first_at,
        found_at=found.crossed_at,
        at_risk_g=found.same_g,
        statistic=found.log_p,
        threshold=-ibis.literal(at.p).log10(),
        loads=found.n,
        same=found.same,
        share=found.share,
        expected_share=found.chance,
    )


RULE = Rule(
    id="R37",
    version=2,
    title=message("The gate copies weights"),
    queue=Queue.DOCUMENTS,
    severity=Severity.INSPECT,
    formula="p = e / (s · √(2π)); share of W_r = W_s over p; chance ≤ exp(-n · KL(share, p)); "
    "found at the first load at which that held",
    parameters=(
        Parameter("loads", 30, "load", "least number that both sides weighed", "anomaly note R37"),
        Parameter("p", 1e-6, "1", "chance of as many equal weights", "anomaly note R37"),
        Parameter("excess", 1.5, "1", "times the expected share", "design default"),
        Parameter("spread", 0.6, "1", "real error of scales by that of their class", "design default"),
    ),
    needs=("manifests", "weighings"),
    detectable=message(
        "A gate that copies every second weight, within about 60 loads; none that copies only now and then."
    ),
    false_alarms=message("One in a million, if scales are not better than six tenths of their class."),
    innocent=(
        message("Both sides use one scale."),
        message("The gate agreed to take the shipper's weight and says so nowhere."),
    ),
    next_step=message(
        "Ask the gate for the printed slips and the memory of its scale, and weigh the next loads in presence."
    ),
    article="转移管理办法 art. 15",
    chance=0.5,
    find=_find,
)
