"""R34: less waste is declared than what was bought must become."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.inputs import between_purchases
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, first, number_of, plus_months
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    rows = between_purchases(records)
    year = ibis.window(group_by=["site_id", "waste_code"], order_by="month_on", preceding=11, following=0)
    rows = rows.mutate(
        bought_g=rows.expected_g.sum().over(year),
        told_g=rows.made_g.sum().over(year),
        purchases=rows.expected_g.count().over(year),
        began_on=rows.month_on.min().over(year),
    )
    rows = rows.filter(
        lambda t: t.purchases >= at.months,
        lambda t: number_of(t.month_on) - number_of(t.began_on) <= 12,  # noqa: PLR2004  a year
        lambda t: t.told_g < t.bought_g * (1.0 - at.shortfall),
        lambda t: t.bought_g - t.told_g >= at.least_g,
    )
    short = first(rows, ("site_id", "waste_code"), "month_on")
    return findings(
        short,
        severity=Severity.EXPLAIN.value,
        subject_kind="site",
        subject_id=short.site_id,
        party_id=short.site_id,
        since_at=begins(short.began_on),
        found_at=plus_months(short.month_on, short.months),
        at_risk_g=(short.bought_g - short.told_g).round(0).cast("int64"),
        statistic=1.0 - short.told_g / short.bought_g,
        threshold=at.shortfall,
        waste_code=short.waste_code,
        expected_g=short.bought_g,
        made_g=short.told_g,
        months=short.purchases,
    )


RULE = Rule(
    id="R34",
    version=2,
    title=message("Less waste than purchases become"),
    queue=Queue.GENERATOR,
    severity=Severity.EXPLAIN,
    formula="1 − Σ made_g / Σ (input × return_factor) > shortfall, over the purchases of up to twelve months; a "
    "purchase lasts until the next",
    parameters=(
        Parameter("shortfall", 0.3, "1", "of what purchases become", "anomaly note R34"),
        Parameter("months", 3, "month", "with purchases, at least", "design default"),
        Parameter("least_g", 100_000, "g", "short, below which nothing is said", "design default"),
    ),
    needs=("activity.return_factor",),
    detectable=message(
        "Three tenths of the waste of what was bought, where purchases and their return factor are known."
    ),
    false_alarms=message(
        "4 sites in 100 in a year where return factors are wrong by 15 %: "
        "an input that is stocked for long looks like a shortfall."
    ),
    innocent=(
        message("What was bought stands in store or was sold on."),
        message("The return factor is of another process."),
    ),
    next_step=message("Compare invoices of purchases with the stock; ask the supplier how much comes back."),
    article="法释〔2023〕7号 art. 15",
    chance=0.5,
    cadence=Cadence.MONTH,
    find=_find,
)
