"""F05: a manifest from a site to itself."""

from datetime import datetime

import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, may_hold
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at, as_of
    own = records["manifests"].filter(
        lambda t: t.shipper_site_id == t.receiver_site_id,
        lambda t: may_hold(t.kind != "return"),
        lambda t: t.cancelled_at.isnull(),
    )
    return findings(
        own,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=own.manifest_id,
        party_id=own.shipper_site_id,
        since_at=own.filed_at,
        found_at=own.filed_at,
        at_risk_g=own.declared_g,
        statistic=own.declared_g / 1000.0,
        threshold=0.0,
        waste_code=own.waste_code,
        carrier_id=own.carrier_id,
    )


RULE = Rule(
    id="F05",
    title=message("From a site to itself"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="shipper_site_id = receiver_site_id, other than a return",
    needs=("manifests",),
    detectable=message("Manifests whose load stays where it was, or comes from a place that is not told."),
    false_alarms=message("Plants that file a manifest for moves within their own fence."),
    innocent=(message("Waste of a work site elsewhere, filed by the plant that takes it."),),
    next_step=message("Ask where the load came from; if from a work site, enter that as a site of its own."),
    article="转移管理办法 art. 13",
    chance=0.2,
    window=30,
    find=_find,
)
