"""F04: who cancels more manifests than others do, beyond what chance and habit explain."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import day_begins, findings, month_of
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    known = records["manifests"].filter(lambda t: t.filed_at <= as_of)
    known = known.mutate(
        month=month_of(known.filed_at),
        cancelled=(known.cancelled_at <= ibis.literal(as_of)).fill_null(ibis.literal(value=False)).ifelse(1, 0),
    )
    sides = ibis.union(
        _monthly(known, "site", "shipper_site_id"), _monthly(known, "carrier", "carrier_id"), distinct=False
    )
    return _above(sides, at)


def _monthly(known: ir.Table, kind: str, who: str) -> ir.Table:
    return (
        known.filter(known[who].notnull())
        .group_by("month", id=known[who])
        .agg(
            filed=lambda t: t.manifest_id.nunique(),
            cancelled=lambda t: t.manifest_id.nunique(where=t.cancelled == 1),
            cancelled_g=lambda t: t.declared_g.sum(where=t.cancelled == 1).cast("int64"),
            since_at=lambda t: t.filed_at.min(),
        )
        .mutate(kind=ibis.literal(kind), cancelled_g=lambda t: ibis.coalesce(t.cancelled_g, 0))
    )


def _above(months: ir.Table, at: Settings) -> ir.Table:
    """Own sums up to each month against all others' up to then: beta-binomial, so that peers may honestly differ."""
    own = ibis.cumulative_window(group_by=["kind", "id"], order_by="month")
    upto = months.mutate(
        n=months.filed.sum().over(own),
        k=months.cancelled.sum().over(own),
        mass_g=months.cancelled_g.sum().over(own).cast("int64"),
        first_at=months.since_at.min().over(own),
    )
    totals = months.group_by("kind", "month").agg(filed=lambda t: t.filed.sum(), cancelled=lambda t: t.cancelled.sum())
    everyone = ibis.cumulative_window(group_by="kind", order_by="month")
    totals = totals.select(
        "kind", "month", all_n=totals.filed.sum().over(everyone), all_k=totals.cancelled.sum().over(everyone)
    )
    rows = upto.join(totals, ["kind", "month"])
    others_n, others_k = rows.all_n - rows.n, rows.all_k - rows.k
    rows = rows.mutate(peers=(others_k + 0.5) / (others_n + 1.0), others=others_n).filter(
        lambda t: t.others >= at.least_others
    )
    spread = 1.0 + (rows.n - 1) / (at.strength + 1.0)
    deviation = (rows.n * rows.peers * (1.0 - rows.peers) * spread).sqrt()
    rows = rows.mutate(
        z=(rows.k - rows.n * rows.peers) / deviation,
        shrunk=(rows.k + at.strength * rows.peers) / (rows.n + at.strength),
    )
    rows = rows.filter(lambda t: t.z > at.z, lambda t: t.k >= at.least)
    first = ibis.row_number().over(ibis.window(group_by=["kind", "id"], order_by="month"))
    rows = rows.mutate(nth=first).filter(lambda t: t.nth == 0)
    return findings(
        rows,
        severity=Severity.EXPLAIN.value,
        subject_kind=rows.kind,
        subject_id=rows.id,
        party_id=rows.id,
        since_at=rows.first_at,
        found_at=day_begins((rows.month + ibis.interval(months=1)).cast("date")),
        at_risk_g=rows.mass_g,
        statistic=rows.z,
        threshold=at.z,
        cancelled=rows.k,
        filed=rows.n,
        peers=rows.peers,
        shrunk=rows.shrunk,
    )


RULE = Rule(
    id="F04",
    title=message("Cancels more than others"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="z = (k − n·p) / √(n·p·(1 − p)·(1 + (n − 1)/(strength + 1))), p = rate of all others up to that "
    "month; z > z and k ≥ least",
    parameters=(
        Parameter("z", 4, "1", "of a beta-binomial count", "design default"),
        Parameter(
            "strength", 50, "1", "manifests that the peers' rate weighs: how much honest firms differ", "design default"
        ),
        Parameter("least", 5, "1", "cancelled manifests", "design default"),
        Parameter("least_others", 200, "1", "manifests of others, without which there is no rate", "design default"),
    ),
    needs=("manifests", "manifests.cancelled_at"),
    detectable=message("A firm that cancels one in seven where others cancel one in fifty; nothing of five manifests."),
    false_alarms=message("About one firm in a few hundred a year, most of them with an odd way of correcting."),
    innocent=(message("The firm corrects slips by cancelling and filing again."),),
    next_step=message("Read the reasons; look for those that were cancelled after the load had left."),
    article="转移管理办法 art. 32",
    chance=0.15,
    cadence=Cadence.MONTH,
    find=_find,
)
