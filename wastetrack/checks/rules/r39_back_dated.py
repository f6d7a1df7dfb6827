"""R39: an act that was written down long after it is said to have been done, or before what it follows.

At a desk that enters acts hours later as a habit no single late entry says anything: the habit is one finding (R39H),
and R39 tells the late entries of those who else are prompt.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _late(records: Records, at: Settings, as_of: datetime) -> tuple[ir.Table, ir.Table]:
    """Acts that were entered late, and the organisations (with side and act) of which that is the habit."""
    signed = records["signatures"].filter(
        lambda t: ~holds(t.offline), lambda t: ~holds(t.on_paper), lambda t: t.recorded_at <= as_of
    )
    signed = signed.mutate(
        late=(signed.recorded_at > plus_hours(signed.signed_at, at.hours)).ifelse(1, 0),
        desk=ibis.coalesce(signed.organisation_id, signed.person_id, ""),
    )
    late = signed.filter(signed.late == 1)
    desks = (
        signed.semi_join(late, ["desk", "act"])
        .group_by("desk", "act")
        .agg(signatures=lambda t: t.count(), late=lambda t: t.late.sum())
        .filter(lambda t: t.desk != "", lambda t: t.late >= at.habit, lambda t: t.late > t.signatures * at.habit_share)
    )
    return late, desks


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    late, desks = _late(records, at, as_of)
    late = late.anti_join(desks, ["desk", "act"])
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


def _find_habit(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    late, desks = _late(records, at, as_of)
    nth = ibis.row_number().over(ibis.window(group_by=["desk", "act"], order_by=["recorded_at", "signature_id"]))
    reached = late.mutate(nth=nth).filter(lambda t: t.nth == int(at.habit) - 1)
    told = desks.rename(late_acts="late").join(
        reached.select("desk", "act", "signed_at", "recorded_at", "manifest_id"), ["desk", "act"]
    )
    return findings(
        told,
        severity=Severity.EXPLAIN.value,
        subject_kind="organisation",
        subject_id=told.desk,
        party_id=told.desk,
        since_at=told.signed_at,
        found_at=told.recorded_at,
        at_risk_g=0,
        statistic=told.late_acts / told.signatures,
        threshold=at.habit_share,
        act=told.act,
        late=told.late_acts,
        signatures=told.signatures,
        manifest_id=told.manifest_id,
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


_HOURS = Parameter("hours", 2, "h", "between the act and its record", "anomaly note R39")
_HABIT = (
    Parameter("habit", 20, "1", "late entries of one act from which on a desk has a habit", "design default"),
    Parameter("habit_share", 0.01, "1", "of the desk's acts that are late, beyond which it is one", "design default"),
)

RULE = Rule(
    id="R39",
    version=2,
    title=message("Signed with a date of before"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="recorded_at − signed_at > hours, of acts that are neither said to be offline nor from paper, of desks "
    "without the habit (R39H)",
    parameters=(_HOURS, *_HABIT),
    needs=("signatures",),
    detectable=message(
        "Any act that is entered more than two hours after its own time by whoever else is prompt; a clock set back "
        "before signing is not seen."
    ),
    false_alarms=message("Devices that were without network and do not say so."),
    innocent=(message("The device had no network, and its programme does not tell."),),
    next_step=message("Ask who entered it and why so late; compare with scans and weighings of that time."),
    article="转移管理办法 art. 14, 19",
    chance=0.2,
    window=30,
    find=_find,
)
HABIT = Rule(
    id="R39H",
    title=message("A desk that enters what happened hours later"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="late entries of one act and desk ≥ habit and > habit_share of its acts; late as in R39",
    parameters=(_HOURS, *_HABIT),
    needs=("signatures",),
    detectable=message("Desks of whose acts more than one in a hundred are entered late."),
    false_alarms=message("None: the entries are late; whether the times are true nobody can tell by them."),
    innocent=(message("The desk enters the papers of a shift at its end."),),
    next_step=message("Ask for entries at the gate; where there is no network, for a device that says so."),
    article="转移管理办法 art. 14, 19",
    chance=0.1,
    find=_find_habit,
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
