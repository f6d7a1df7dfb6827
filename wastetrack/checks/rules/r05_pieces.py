"""R05: what a gate scanned is not what the manifest names, piece by piece.

A scan can fail and a piece can not: where the gate's scale shows the mass of the pieces that nobody scanned, or the
label is read at the plant afterwards, nothing is missing but a scan, and Q05 tells that of the gate.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, least_severity, may_hold, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

WEIGHED = ("truck_scale", "platform_scale", "meter")
"""Ways in which a gate learns a mass from the load; a count repeats what the manifest says."""
DAY_H = 24


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    pieces = unscanned(records, at, as_of).filter(lambda t: (t.extra > 0) | ~t.complete)
    return findings(
        pieces,
        severity=least_severity(Severity.INSPECT.value, ibis.coalesce(pieces.missing_g, 0), at.grave_g),
        subject_kind="manifest",
        subject_id=pieces.manifest_id,
        party_id=(pieces.missing > 0).ifelse(pieces.carrier_id, pieces.receiver_site_id),
        since_at=ibis.coalesce(pieces.since_at, pieces.found_at),
        found_at=pieces.found_at,
        at_risk_g=pieces.at_risk_g,
        statistic=(pieces.missing + pieces.extra).cast("float64"),
        threshold=0.0,
        missing=pieces.missing,
        extra=pieces.extra,
        missing_g=pieces.missing_g,
        extra_g=pieces.extra_g,
        absent_g=pieces.absent_g,
        container_id=pieces.example,
    )


def unscanned(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """Manifests with pieces that are missing or extra, and whether the mass of the missing ones came all the same."""
    pieces = (
        _unseen_since(records, _faulty(records, at, as_of), as_of)
        .group_by("manifest_id")
        .agg(
            missing=lambda t: t.is_missing.sum(),
            extra=lambda t: t.is_extra.sum(),
            missing_g=lambda t: t.net_g.sum(where=t.is_missing == 1).cast("int64"),
            extra_g=lambda t: t.net_g.sum(where=t.is_extra == 1).cast("int64"),
            example=lambda t: t.container_id.min(),
            found_at=lambda t: t.known_at.min(),
            since_at=lambda t: t.departed_at.min(),
            carrier_id=lambda t: t.carrier_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            absent_g=lambda t: t.absent_g.max(),
        )
        .mutate(at_risk_g=lambda t: ibis.coalesce(t.missing_g, 0) + ibis.coalesce(t.extra_g, 0))
    )
    weighed = (
        records["weighings"]
        .filter(lambda t: t.side == "receiver", lambda t: t.method.isin(WEIGHED), lambda t: t.weighed_at <= as_of)
        .semi_join(pieces, "manifest_id")
        .select("manifest_id")
        .distinct()
        .mutate(weighed=True)
    )
    both = pieces.left_join(weighed, "manifest_id").drop("manifest_id_right")
    came = both.weighed.notnull() & holds(both.absent_g < both.missing_g * at.share)
    return both.mutate(complete=came)


def _unseen_since(records: Records, faulty: ir.Table, as_of: datetime) -> ir.Table:
    """Without the pieces that the plant read later, and those that two loads of one day to it exchanged."""
    again = (
        records["scans"]
        .filter(lambda t: t.act != "looked_at", lambda t: t.scanned_at <= as_of)
        .semi_join(faulty, "container_id")
        .select("container_id", place_id="site_id", again_at="scanned_at")
    )
    read = faulty.join(again, "container_id").filter(
        lambda t: t.is_missing == 1, lambda t: t.place_id == t.receiver_site_id, lambda t: t.again_at >= t.known_at
    )
    ends = records["manifests"].select("departed_at", other_id="manifest_id", place_id="receiver_site_id")
    others = (
        records["loads"]
        .semi_join(faulty, "container_id")
        .select("container_id", other_named="named", other_id="manifest_id", again_at="scanned_at")
        .join(ends.rename(left_at="departed_at"), "other_id")
    )
    swapped = faulty.join(others, "container_id").filter(
        lambda t: t.other_id != t.manifest_id,
        lambda t: t.place_id == t.receiver_site_id,
        lambda t: hours(t.left_at, t.known_at).abs() <= DAY_H,
        # Missing here it was taken there; extra here it is missing there. Taken twice it is two pieces.
        lambda t: (t.is_missing == 1).ifelse(t.again_at <= as_of, may_hold(t.other_named) & t.again_at.isnull()),
    )
    key = ("manifest_id", "container_id")
    return faulty.anti_join(ibis.union(read.select(*key), swapped.select(*key), distinct=True), list(key))


def _faulty(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """The loads that are missing or extra; only they are joined with what they belong to."""
    loads = records["loads"]
    unseen = loads.outcome.isnull() & loads.scanned_at.isnull() & may_hold(loads.named)
    odd = (loads.outcome == "missing") | (loads.outcome == "extra") | (~loads.named & loads.scanned_at.notnull())
    suspects = loads.filter(unseen | holds(odd))
    # A gate that scans nothing is no gate whose scans show that a piece is missing.
    scanning = (
        loads.filter(loads.scanned_at.notnull() | loads.outcome.notnull())
        .semi_join(suspects, "manifest_id")
        .select("manifest_id")
        .distinct()
        .mutate(scanning=True)
    )
    manifests = _manifests(records, suspects)
    joined = (
        suspects.join(manifests, "manifest_id")
        .left_join(scanning, "manifest_id")
        .drop("manifest_id_right")
        .left_join(records["containers"].select("container_id", "net_g"), "container_id")
        .drop("container_id_right")
    )
    late = plus_hours(joined.decided_at, at.minutes / 60)
    judged = joined.mutate(
        known_at=ibis.coalesce(
            joined.outcome.notnull().ifelse(joined.decided_at, ibis.null()), joined.scanned_at, late
        ),
        is_extra=holds((joined.outcome == "extra") | (~joined.named & joined.scanned_at.notnull())).ifelse(1, 0),
    )
    silent = judged.outcome.isnull() & judged.scanned_at.isnull()
    return judged.mutate(is_missing=1 - judged.is_extra).filter(
        ~silent | judged.scanning.notnull(), judged.known_at.notnull(), judged.known_at <= as_of
    )


def _manifests(records: Records, suspects: ir.Table) -> ir.Table:
    return (
        records["manifests"]
        .semi_join(suspects, "manifest_id")
        .group_by("manifest_id")
        .agg(
            carrier_id=lambda t: t.carrier_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            departed_at=lambda t: t.departed_at.min(),
            decided_at=lambda t: ibis.coalesce(t.received_at.min(), t.arrived_at.min()),
            # Null as soon as one code of the manifest is not weighed yet.
            absent_g=lambda t: (
                (t.received_g.count() == t.count())
                .ifelse(t.declared_g.sum() - t.received_g.sum() - ibis.coalesce(t.rejected_g.sum(), 0), ibis.null())
                .cast("int64")
            ),
        )
    )


RULE = Rule(
    id="R05",
    version=2,
    title=message("Pieces missing or extra at the gate"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="pieces scanned at the gate ≠ pieces named on the manifest, half an hour after the gate decided; a missing "
    "piece only while no later scan of the plant shows it and, where the gate weighed, declared − received − rejected "
    "≥ share · mass of the missing pieces",
    parameters=(
        Parameter("minutes", 30, "min", "after which a piece that no scan showed is missing", "anomaly note R05"),
        Parameter("share", 0.5, "1", "of the missing pieces' mass that must lack on the scale", "design default"),
        Parameter("grave_g", 3_000_000, "g", "missing mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "loads"),
    detectable=message(
        "One piece, where the gate scans pieces; nothing of a load that is not in pieces, and no piece that is lighter "
        "than the error of the gate's scale where its label was not read."
    ),
    false_alarms=message("One for each label that could not be read and was not typed in, at gates that do not weigh."),
    innocent=(
        message("A label was torn off or wet, and the piece was taken without a scan."),
        message("The piece was loaded onto the next vehicle and comes with it."),
    ),
    next_step=message(
        "Count again at the gate with the driver present; look for the missing label in the last 24 hours of scans."
    ),
    article="转移管理办法 art. 15, 16",
    urgent=True,
    chance=0.7,
    window=30,
    find=_find,
)
