"""R20: what a plant says to have treated left too little ash and took too little energy."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.plant_ratios import residue_and_energy
from wastetrack.checks.monthly import begins, first, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

LOW = -1.0
"""Months below it count into the mass at risk."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    months = records.model("plant_ratios", residue_and_energy).filter(lambda t: over(t.month_on) <= as_of)
    so_far = ibis.window(group_by="site_id", order_by="month_on", preceding=11, following=0)
    lost = (months.z < LOW).ifelse(months.treated_g * ibis.greatest(1.0 - months.share, 0.0), 0.0)
    months = months.mutate(
        missing_g=lost.sum().over(so_far), began_on=months.month_on.min(where=months.cusum > 0).over(so_far)
    )
    sure = months.z < -at.clear_z
    tests = (
        ("month", sure.ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value), -months.z, at.z),
        ("sum", ibis.literal(Severity.INSPECT.value), months.cusum, at.h),
        ("peers", ibis.literal(Severity.WATCH.value), -months.peer_z, at.peers),
    )
    parts = []
    for test, severity, statistic, threshold in tests:
        beyond = months.mutate(severity=severity, beyond=statistic / threshold).filter(lambda t: t.beyond > 1.0)
        # a plant is told when it first passes; what stays so, or grows, stands before what does not
        most = beyond.group_by("site_id").agg(most=lambda t: t.beyond.max())
        one = first(beyond, ("site_id",), "month_on").inner_join(most, "site_id")
        least = one.treated_g * (0.0 if test != "peers" else at.peer_share)
        parts.append(
            findings(
                one,
                severity=one.severity,
                subject_kind="site",
                subject_id=one.site_id,
                party_id=one.site_id,
                since_at=begins(one.month_on if test != "sum" else ibis.coalesce(one.began_on, one.month_on)),
                found_at=over(one.month_on),
                at_risk_g=ibis.greatest(one.missing_g, least, 0.0).round(0).cast("int64"),
                statistic=one.most * threshold,
                threshold=threshold,
                test=test,
                month_on=one.month_on,
                z=one.z,
                z_residue=one.z_residue,
                z_energy=one.z_energy,
                z_added=one.z_added,
                cusum=one.cusum,
                peer_z=one.peer_z,
                share=one["share"],
                treated_g=one.treated_g,
            )
        )
    return together(*parts)


RULE = Rule(
    id="R20",
    version=2,
    title=message("Too little residue and energy for what was treated"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula=(
        "e = ln(quantity / treated_g) of residue, power, fuel, steam, lime, carbon and water, less the robust level of "
        "the three to twelve months before; z pooled by "
        "their correlation; z < −z_limit in a month, or S = max(0, S − z − 0.5) > h; peers: the plant's mean "
        "against its method's"
    ),
    parameters=(
        Parameter("z", 3.09, "1", "standard deviations in one month: 1 in 1,000", "anomaly note R20"),
        Parameter("clear_z", 5, "1", "standard deviations in one month that need no second one", "design default"),
        Parameter("h", 5, "1", "of the cumulated sum with k = 0.5", "anomaly note R20"),
        Parameter("peers", 3, "1", "standard deviations from plants of the same method", "design default"),
        Parameter(
            "peer_share",
            0.15,
            "1",
            "of a month's treatment that is at risk at least when peers tell it",
            "design default",
        ),
    ),
    needs=("batches", "residues"),
    detectable=message(
        "15 % feigned within three months: .99 where six quantities vary by 8 % a month, .70 where three vary by 8 to "
        "10 %; 5 % is not detectable, nor what was feigned from the first day by less than plants differ."
    ),
    false_alarms=message(
        "Three plants in two hundred in a year by the sum, and as many asked for an explanation of one month; more "
        "where the waste changes."
    ),
    innocent=(
        message("Another mix of waste with less ash."),
        message("A new furnace or filter; the meter was changed."),
    ),
    next_step=message(
        "Compare the temperature record and ash weighings of these months with the batches; count the store."
    ),
    article="法释〔2023〕7号 art. 15",
    chance=0.7,
    find=_find,
)
