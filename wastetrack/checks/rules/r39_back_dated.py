"""R39: an act that was written down long after it is said to have been done, or before what it follows."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    signed = records["signatures"].filter(lambda t: ~holds(t.offline), lambda t: ~holds(t.on_paper))
    late = signed.filter(lambda t: t.recorded_at > plus_hours(t.signed_at, at.hours))
    late = late.group_by("manifest_id").agg(
        signed_at=lambda t: t.signed_at.min(),
        recorded_at=lambda t: t.recorded_at.max(),
        found_at=lambda t: t.recorded_at.min(),
        hours=lambda t: hours(t.signed_at, t.recorded_at).max(),
        acts=lambda t: t.count(),
        organisation_id=lambda t: t.organisation_id.min(),
        person_id=lambda t: t.person_id.min(),
    )
    return findings(
        late,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=late.manifest_id,
        party_id=late.organisation_id,
        since_at=late.signed_at,
        found_at=late.found_at,
        at_risk_g=0,
        statistic=late.hours,
        threshold=at.hours,
        acts=late.acts,
        person_id=late.person_id,
        recorded_at=late.recorded_at,
    )


def _find_order(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    manifests = records["manifests"]
    slack = at.minutes / 60
    before = manifests.filter(
        lambda t: (t.received_at < plus_hours(t.departed_at, -slack)) | (t.departed_at < plus_hours(t.filed_at, -slack))
    )
    receipt = holds(before.received_at < plus_hours(before.departed_at, -slack))
    return findings(
        before,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=before.manifest_id,
        party_id=receipt.ifelse(before.receiver_site_id, before.shipper_site_id),
        since_at=receipt.ifelse(before.received_at, before.departed_at),
        found_at=receipt.ifelse(before.departed_at, before.filed_at),
        at_risk_g=before.declared_g,
        statistic=receipt.ifelse(
            hours(before.received_at, before.departed_at), hours(before.departed_at, before.filed_at)
        ),
        threshold=slack,
        order=ibis.ifelse(receipt, "received before it left", "left before it was filed"),
        carrier_id=before.carrier_id,
    )


RULE = Rule(
    id="R39",
    title=message("Signed with a date of before"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="recorded_at − signed_at > hours, of acts that are neither said to be offline nor from paper",
    parameters=(Parameter("hours", 2, "h", "between the act and its record", "anomaly note R39"),),
    needs=("signatures",),
    detectable=message(
        "Any act that is entered more than two hours after its own time; a clock set back before signing is not seen."
    ),
    false_alarms=message("Devices that were without network and do not say so."),
    innocent=(message("The device had no network, and its programme does not tell."),),
    next_step=message("Ask who entered it and why so late; compare with scans and weighings of that time."),
    article="转移管理办法 art. 14, 19",
    chance=0.2,
    window=30,
    find=_find,
)
ORDER = Rule(
    id="R39O",
    title=message("Received before it left, or left before it was filed"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="received_at < departed_at − minutes, or departed_at < filed_at − minutes",
    parameters=(Parameter("minutes", 10, "min", "by which two clocks may differ", "design default"),),
    needs=("manifests.departed_at",),
    detectable=message("Times that were made up without care; made up with care they are in order."),
    false_alarms=message("Clocks of two devices that differ by more than ten minutes."),
    innocent=(message("A paper manifest was entered afterwards with a slip in one time."),),
    next_step=message("Compare with the weighing slips, which have their own times."),
    article="转移管理办法 art. 13, 14",
    chance=0.2,
    window=30,
    find=_find_order,
)
