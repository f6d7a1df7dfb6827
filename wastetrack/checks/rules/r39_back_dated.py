"""R39: an act that was written down long after it is said to have been done, or before what it follows.

At a desk that enters acts hours later as a habit no single late entry says anything: the habit is one finding (R39H),
and R39 tells the late entries of those who else are prompt.

A clock that is set to another zone says of each act that it was hours ago, always as many: it is one finding of the
device (R39C), and its lag is taken off before its acts are judged.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _signed(records: Records, as_of: datetime) -> ir.Table:
    """Acts that were to be entered when they were done, with `took_hours` until they were, and by whose `clock`."""
    signed = records["signatures"].filter(
        lambda t: ~holds(t.offline), lambda t: ~holds(t.on_paper), lambda t: t.recorded_at <= as_of
    )
    return signed.mutate(
        took_hours=hours(signed.signed_at, signed.recorded_at),
        clock=ibis.coalesce(signed.device_id, signed.person_id),
    )


def _clocks(signed: ir.Table, at: Settings) -> ir.Table:
    """Devices, or signers of whom no device is known, whose late acts are late by always as much: `lag_hours`.

    Acts from the future count as well: a clock may be ahead.
    """
    odd = signed.filter(lambda t: t.clock.notnull(), lambda t: t.took_hours.abs() > at.hours)
    usual = odd.group_by("clock").agg(lag_hours=lambda t: t.took_hours.quantile(0.5))
    odd = odd.join(usual, "clock")
    steady = ((odd.took_hours - odd.lag_hours).abs() <= at.steady_minutes / 60).ifelse(1, 0)
    return (
        odd.mutate(steady=steady)
        .group_by("clock", "lag_hours")
        .agg(steady=lambda t: t.steady.sum(), acts=lambda t: t.count())
        .filter(lambda t: t.steady >= at.clock_acts, lambda t: t.steady >= t.acts * at.steady_share)
    )


def _late(records: Records, at: Settings, as_of: datetime) -> tuple[ir.Table, ir.Table]:
    """Acts that were entered late, and the organisations (with side and act) of which that is the habit."""
    signed = _signed(records, as_of)
    clocks = _clocks(signed, at).select("clock", "lag_hours")
    signed = signed.left_join(clocks, "clock").drop("clock_right")
    beyond = signed.took_hours - signed.lag_hours
    by_clock = holds((beyond >= -at.steady_minutes / 60) & (beyond <= at.hours))
    signed = signed.mutate(
        late=((signed.took_hours > at.hours) & ~by_clock).ifelse(1, 0),
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


def _find_clock(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    signed = _signed(records, as_of)
    odd = signed.join(_clocks(signed, at), "clock").filter(
        lambda t: (t.took_hours - t.lag_hours).abs() <= at.steady_minutes / 60
    )
    order = ibis.window(group_by="clock", order_by=["recorded_at", "signature_id"])
    odd = odd.mutate(nth=ibis.row_number().over(order), first_at=odd.recorded_at.first().over(order))
    known = odd.filter(lambda t: t.nth == int(at.clock_acts) - 1)
    return findings(
        known,
        severity=Severity.WATCH.value,
        subject_kind=known.device_id.notnull().ifelse("device", "person"),
        subject_id=known.clock,
        party_id=known.organisation_id,
        since_at=known.first_at,
        found_at=known.recorded_at,
        at_risk_g=0,
        statistic=known.lag_hours.abs(),
        threshold=at.hours,
        lag_hours=known.lag_hours.round(2),
        acts=known.steady,
        manifest_id=known.manifest_id,
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
_CLOCK = (
    Parameter("steady_minutes", 15, "min", "by which the lag of a wrong clock varies", "design default"),
    Parameter("steady_share", 0.8, "1", "of a clock's late acts that have its lag", "design default"),
    Parameter("clock_acts", 5, "1", "with one lag, from which on a clock is known to be wrong", "design default"),
)

RULE = Rule(
    id="R39",
    version=3,
    title=message("Signed with a date of before"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="recorded_at − signed_at > hours, of acts that are neither said to be offline nor from paper, of desks "
    "without the habit (R39H); less the lag of a clock that is wrong (R39C)",
    parameters=(_HOURS, *_HABIT, *_CLOCK),
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
    version=2,
    title=message("A desk that enters what happened hours later"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="late entries of one act and desk ≥ habit and > habit_share of its acts; late as in R39",
    parameters=(_HOURS, *_HABIT, *_CLOCK),
    needs=("signatures",),
    detectable=message("Desks of whose acts more than one in a hundred are entered late."),
    false_alarms=message("None: the entries are late; whether the times are true nobody can tell by them."),
    innocent=(message("The desk enters the papers of a shift at its end."),),
    next_step=message("Ask for entries at the gate; where there is no network, for a device that says so."),
    article="转移管理办法 art. 14, 19",
    chance=0.1,
    find=_find_habit,
)
CLOCK = Rule(
    id="R39C",
    title=message("A clock that is wrong by hours, always as many"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="lag = median of recorded_at − signed_at of a device's (else a signer's) acts that differ by > hours; "
    "≥ clock_acts of them and ≥ steady_share within steady_minutes of it",
    parameters=(_HOURS, *_CLOCK),
    needs=("signatures",),
    detectable=message("Clocks and zones that are wrong by more than two hours; none that wanders."),
    false_alarms=message("Whoever enters each act the same hours later, to a quarter of an hour."),
    innocent=(message("The device is set to the zone of another country."),),
    next_step=message(
        "Let the device take its time from the network, and set its zone; its acts are judged without the lag."
    ),
    article="转移管理办法 art. 14",
    chance=0.8,
    find=_find_clock,
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
