"""R43: somebody disposes for far less than it costs the others."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, category, hazardous, over, quarter_of
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _pairs(records: Records) -> ir.Table:
    """`shipper, receiver, category, method, quarter_on, price, loads, grams`: what a pair paid, by mass."""
    loads = records["manifests"].filter(
        lambda t: t.price_per_t.notnull() & (t.declared_g > 0) & t.cancelled_at.isnull() & hazardous(t.waste_code),
        lambda t: t.paid_by.isnull() | (t.paid_by == "shipper"),
        lambda t: t.kind.isnull() | (t.kind != "return"),
    )
    mass = loads.declared_g.cast("float64")
    return (
        loads.mutate(
            category=category(loads.waste_code),
            treatment=ibis.coalesce(loads.method, ""),
            quarter_on=quarter_of(loads.filed_at),
            mass=mass,
            paid=loads.price_per_t * mass,
        )
        .group_by("shipper_site_id", "receiver_site_id", "category", "treatment", "quarter_on")
        .agg(
            price=lambda t: t.paid.sum() / t.mass.sum(),
            loads=lambda t: t.count(),
            grams=lambda t: t.declared_g.sum().cast("int64"),
            first_at=lambda t: t.filed_at.min(),
        )
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  a quarter is known when it is over
    pairs = _pairs(records)
    keys = ["category", "treatment", "quarter_on"]
    usual = (
        pairs.group_by(*keys, "receiver_site_id")
        .agg(price=lambda t: t.price.quantile(0.5), pairs=lambda t: t.count())
        .group_by(*keys)
        .agg(usual_price=lambda t: t.price.quantile(0.5), receivers=lambda t: t.count(), pairs=lambda t: t.pairs.sum())
        .filter(lambda t: (t.receivers >= at.receivers) & (t.pairs >= at.pairs))
    )
    cheap = pairs.join(usual.drop("pairs"), keys).filter(
        lambda t: t.price < t.usual_price * at.share, lambda t: t.usual_price > 0, lambda t: t.grams >= at.least_g
    )
    return findings(
        cheap,
        severity=Severity.EXPLAIN.value,
        subject_kind="pair",
        subject_id=cheap.shipper_site_id + "/" + cheap.receiver_site_id,
        party_id=cheap.receiver_site_id,
        since_at=cheap.first_at,
        found_at=over(cheap.quarter_on, 3),
        at_risk_g=cheap.grams,
        statistic=cheap.usual_price / ibis.greatest(cheap.price, cheap.usual_price * 0.001),
        threshold=1.0 / at.share,
        category=cheap.category,
        treatment=cheap.treatment,
        quarter_on=begins(cheap.quarter_on),
        price_per_t=cheap.price,
        usual_price_per_t=cheap.usual_price,
        loads=cheap.loads,
        receivers=cheap.receivers,
    )


RULE = Rule(
    id="R43",
    title=message("Disposed of for less than it costs"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="price_per_t < share × median over receivers of the category, method and quarter",
    parameters=(
        Parameter("share", 0.5, "1", "of the usual price", "anomaly note R43"),
        Parameter("receivers", 3, "site", "that give a usual price", "design default"),
        Parameter("pairs", 10, "pair", "that give a usual price", "design default"),
        Parameter("least_g", 3_000_000, "g", "of a quarter, below which nothing is said", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests.price_per_t",),
    detectable=message("A price below half of the median; none that was invoiced in full and paid back."),
    false_alarms=message("Waste with a value of its own, and contracts over many years."),
    innocent=(
        message("The waste has a value for its receiver."),
        message("The price holds for a group of firms."),
    ),
    next_step=message("Ask for invoices and bank records; ask how it can be treated for that."),
    article="法释〔2023〕7号 art. 13",
    chance=0.3,
    cadence=Cadence.MONTH,
    find=_find,
)
