"""R13: licence, certificate, insurance and verification hold on the day on which they are used.

Where they lack for every tenth trip of all, renewals were not entered, and Q06 tells that of the records.
"""

from collections.abc import Callable
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import day_begins, findings, holds, legal_day
from wastetrack.checks.model import Looks, Queue, Rule, Settings, Severity
from wastetrack.checks.trust import PARAMETERS, believed, shares
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _moved(records: Records) -> ir.Table:
    """One row a manifest that has left, with the day."""
    moved = records["manifests"].filter(lambda t: t.departed_at.notnull())
    return (
        moved.group_by("manifest_id", "departed_at")
        .agg(
            carrier_id=lambda t: t.carrier_id.max(),
            vehicle_id=lambda t: t.vehicle_id.max(),
            driver_id=lambda t: t.driver_id.max(),
            mass_g=lambda t: t.declared_g.sum().cast("int64"),
        )
        .mutate(moved_on=lambda t: legal_day(t.departed_at))
    )


def _outside(rows: ir.Table) -> ir.BooleanValue:
    return holds(rows.moved_on > rows.last_on) | holds(rows.moved_on < rows.first_on)


def _told(rows: ir.Table, what: str, subject: str) -> ir.Table:
    """Rows that moved outside the days, by how many."""
    wrong_end = holds(rows.moved_on > rows.last_on).ifelse(rows.last_on, rows.first_on)
    days = (day_begins(rows.moved_on).epoch_seconds() - day_begins(wrong_end).epoch_seconds()) / 86_400.0
    return findings(
        rows,
        severity=Severity.INSPECT.value,
        subject_kind="manifest",
        subject_id=rows.manifest_id,
        party_id=rows.carrier_id,
        since_at=rows.departed_at,
        found_at=rows.departed_at,
        at_risk_g=rows.mass_g,
        statistic=days.abs(),
        threshold=0.0,
        what=what,
        what_id=rows[subject],
        valid_from=rows.first_on,
        valid_to=rows.last_on,
    )


_VALID = {
    "licence": ("vehicles", "vehicle_id", "licence_valid_from", "licence_valid_to"),
    "insurance": ("vehicles", "vehicle_id", None, "insured_to"),
    "certificate": ("people", "driver_id", "certificate_valid_from", "certificate_valid_to"),
}
KINDS = tuple(_VALID)


def trips_outside(records: Records, what: str) -> tuple[ir.Table, ir.Table]:
    """Trips outside the days of a licence, insurance or certificate, and all trips of which its days are known."""
    table, subject, first, last = _VALID[what]
    days = records[table].select(
        first_on=ibis.null("date") if first is None else first,
        last_on=last,
        **{subject: "person_id" if table == "people" else subject},
    )
    rows = _moved(records).join(days.filter(lambda t: t.last_on.notnull() | t.first_on.notnull()), subject)
    rows = rows.mutate(what=ibis.literal(what), used_at=rows.departed_at)
    return rows.filter(_outside(rows)), rows


def _of(what: str) -> Callable[[Records, Settings, datetime], ir.Table]:
    def find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
        del as_of
        subject = _VALID[what][1]
        outside, _ = trips_outside(records, what)
        known = records.usual(f"{what} {at}", lambda every: shares(*trips_outside(every, what), "what", subject, at))
        return _told(believed(outside, known, "what", at), what, subject)

    return find


def _of_scale(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at, as_of
    scales = records["scales"].select("scale_id", "site_id", "verified_on", "verified_until")
    weighed = records["weighings"].select("scale_id", "weighed_at", "net_g").filter(lambda t: t.scale_id.notnull())
    used = weighed.join(scales, "scale_id").mutate(used_on=lambda t: legal_day(t.weighed_at))
    lapsed = (
        # Before its last verification a scale had one that is no longer told; only after its end nothing can be.
        used.filter(lambda t: t.used_on > t.verified_until)
        .group_by("scale_id", "site_id", "verified_on", "verified_until")
        .agg(
            first_at=lambda t: t.weighed_at.min(),
            weighings=lambda t: t.count(),
            mass_g=lambda t: t.net_g.sum().cast("int64"),
        )
    )
    return findings(
        lapsed,
        severity=Severity.EXPLAIN.value,
        subject_kind="scale",
        subject_id=lapsed.scale_id,
        party_id=lapsed.site_id,
        since_at=day_begins(lapsed.verified_until),
        found_at=lapsed.first_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=lapsed.weighings.cast("float64"),
        threshold=0.0,
        verified_on=lapsed.verified_on,
        verified_until=lapsed.verified_until,
        weighed_g=lapsed.mass_g,
    )


_FALSE = message("Renewals that were not entered.")
_INNOCENT = (message("It was renewed in time and the new one is not entered yet."),)
_ASK = message("Ask for the new certificate; without one the vehicle must not move.")

RULE = Rule(
    id="R13",
    version=2,
    title=message("Vehicle without a valid licence"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.INSPECT,
    formula="day(departed_at) outside licence_valid_from … licence_valid_to",
    parameters=PARAMETERS,
    needs=("manifests.departed_at", "manifests.vehicle_id", "vehicles.licence_valid_to"),
    detectable=message("Each trip of a vehicle whose licence is entered and does not hold on that day."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=_ASK,
    article="转移管理办法 art. 13; 道路危险货物运输管理规定",
    urgent=True,
    chance=0.7,
    find=_of("licence"),
)
INSURANCE = Rule(
    id="R13I",
    version=2,
    title=message("Vehicle without insurance"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.INSPECT,
    formula="day(departed_at) > insured_to",
    parameters=PARAMETERS,
    needs=("manifests.departed_at", "manifests.vehicle_id", "vehicles.insured_to"),
    detectable=message("Each trip of a vehicle after the last day of its insurance."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=_ASK,
    article="道路危险货物运输管理规定",
    urgent=True,
    chance=0.6,
    find=_of("insurance"),
)
DRIVER = Rule(
    id="R13D",
    version=2,
    title=message("Driver without a valid certificate"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.INSPECT,
    formula="day(departed_at) outside certificate_valid_from … certificate_valid_to",
    parameters=PARAMETERS,
    needs=("manifests.departed_at", "manifests.driver_id", "people.certificate_valid_to"),
    detectable=message("Each trip of a driver whose certificate is entered and does not hold on that day."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=_ASK,
    article="转移管理办法 art. 13; 道路危险货物运输管理规定",
    urgent=True,
    chance=0.6,
    find=_of("certificate"),
)
SCALE = Rule(
    id="R13S",
    title=message("Scale used after its verification ended"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.EXPLAIN,
    formula="day(weighed_at) > verified_until",
    needs=("weighings.scale_id", "scales.verified_until"),
    detectable=message("Any weighing on a scale after the end of its last verification that is entered."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=message("Have the scale verified; weigh a load of known mass before that, and keep both results."),
    article="计量法 art. 9; JJG 539-2016, 7.5",
    urgent=True,
    looks=Looks.WEIGHED,
    chance=0.5,
    find=_of_scale,
)
