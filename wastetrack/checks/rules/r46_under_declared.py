"""R46: all that is known of a site's work says that it makes more waste than it tells."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, plus_hours
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.under_declared import RECENT, under_declared
from wastetrack.checks.monthly import begins, first, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

MONTH_H = 730.5


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    share = at.false_share
    rows = records.model(f"under_declared {share:g}", lambda records: under_declared(records, share))
    beyond = rows.mutate(beyond=rows.z - rows.threshold).filter(lambda t: (t.beyond >= 0) & (over(t.month_on) <= as_of))
    # a site is told when it first passes; what goes on and grows stands before what does not
    most = beyond.group_by("site_id").agg(most=lambda t: t.beyond.max())
    one = first(beyond, ("site_id",), "month_on").inner_join(most, "site_id")
    shifted = one.z_shift >= ibis.greatest(ibis.coalesce(one.z_peers, 0.0), ibis.coalesce(one.z_inputs, 0.0))
    back = shifted.ifelse(ibis.coalesce(one.months, 1.0), RECENT * 1.0)
    return findings(
        one,
        severity=Severity.EXPLAIN.value,
        subject_kind="site",
        subject_id=one.site_id,
        party_id=one.site_id,
        since_at=ibis.least(plus_hours(over(one.month_on), -MONTH_H * back), begins(one.month_on)),
        found_at=over(one.month_on),
        at_risk_g=one.missing_g.round(0).cast("int64"),
        statistic=one.most,
        threshold=0.0,
        z=one.z,
        z_needed=one.threshold,
        z_shift=one.z_shift,
        z_peers=one.z_peers,
        z_inputs=one.z_inputs,
        months=one.months,
        share=one["share"],
        made_g=one.made_g,
    )


RULE = Rule(
    id="R46",
    version=2,
    title=message("Tells less waste than it makes"),
    queue=Queue.GENERATOR,
    severity=Severity.EXPLAIN,
    formula=(
        "Z = Σ w z / √(wᵀRw), w = 1 / standard error; z of a shift of the own level, of the level against peers, "
        "of what was told "
        "against purchases; statistic Z − z_needed, which is laid by the mirror image of all sites, lower where more "
        "kilograms are at stake"
    ),
    parameters=(Parameter("false_share", 0.01, "1", "of honest sites that may be told in a year", "design default"),),
    needs=("activity", "sites.industry"),
    detectable=message(
        "Three tenths hidden by a site whose months vary by a tenth, or whose purchases are known; from the "
        "first day on only "
        "what is more than peers differ. Small sites with few entries are hardly seen; kilograms are found first."
    ),
    false_alarms=message("1 honest site in 100 in a year, as the sites that tell too much show it."),
    innocent=(
        message("Another process than its peers, or one that was changed."),
        message("Waste stands in the store and was not entered yet."),
    ),
    next_step=message("Ask for purchases, process and ledger; estimate what must have been made; visit the store."),
    article="法释〔2023〕7号 art. 15; 固废法 art. 78",
    chance=0.4,
    cadence=Cadence.MONTH,
    find=_find,
)
