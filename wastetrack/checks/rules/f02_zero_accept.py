"""F02: a receiver takes a load, sends nothing back, and has received nothing."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    empty = records["manifests"].filter(
        lambda t: t.received_g == 0,
        lambda t: t.received_at.notnull(),
        lambda t: t.cancelled_at.isnull(),
        lambda t: ibis.coalesce(t.rejected_g, 0) < t.declared_g * at.back_share,
    )
    lost_g = empty.declared_g - ibis.coalesce(empty.rejected_g, 0)
    return findings(
        empty,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=empty.manifest_id,
        party_id=empty.receiver_site_id,
        since_at=ibis.coalesce(empty.departed_at, empty.filed_at),
        found_at=empty.received_at,
        at_risk_g=lost_g,
        statistic=lost_g / 1000.0,
        threshold=0.0,
        waste_code=empty.waste_code,
        carrier_id=empty.carrier_id,
        rejected_g=empty.rejected_g,
    )


RULE = Rule(
    id="F02",
    title=message("Received as nothing"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="received_g = 0 and rejected_g < back_share · declared_g, of a manifest that the receiver decided",
    parameters=(Parameter("back_share", 0.9, "1", "of the declared mass went back", "design default"),),
    needs=("manifests.received_g",),
    detectable=message("Loads of which nothing came and nothing went back."),
    false_alarms=message("Gates that write zero for what they weigh later, and rejections without a mass."),
    innocent=(
        message("The whole load was rejected and its mass was not entered."),
        message("The load was weighed later and the zero was left standing."),
    ),
    next_step=message("Ask the receiver for the weighing slip, or for the manifest by which the load went back."),
    article="转移管理办法 art. 15, 16",
    # Gates that weigh later and rejections without a mass are more than loads of which nothing came.
    chance=0.02,
    window=30,
    find=_find,
)
