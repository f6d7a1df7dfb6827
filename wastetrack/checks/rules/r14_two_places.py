"""R14: one plate carries two loads at once that are no declared milk run."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds, hours, may_hold
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SHORTEST_H = 0.1


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # the second departure shows it
    both = _pairs(_runs(records)).filter(
        lambda t: hours(t.departed_at, t.earlier_ends_at) > at.slack_hours,
        lambda t: ~((t.medical | t.earlier_medical) & (t.receiver_site_id == t.earlier_receiver_id)),
    )
    overlap = hours(
        both.departed_at, ibis.least(both.earlier_ends_at, ibis.coalesce(both.ends_at, both.earlier_ends_at))
    )
    # Two loads to one gate that come together are a round that nobody declared; two gates are two vehicles.
    together = (both.receiver_site_id == both.earlier_receiver_id) & holds(
        hours(both.earlier_ends_at, both.ends_at).abs() <= at.together_hours
    )
    both = both.mutate(overlap=overlap, together=together)
    # One of the two was not driven by this plate: more likely the one that was faster.
    both = both.mutate(first=holds(both.earlier_km_h > both.km_h))
    both = both.mutate(subject_id=both.first.ifelse(both.earlier_id, both.manifest_id))
    # Each load is told once, beside the one with which it overlaps the longest.
    longest = ibis.window(group_by="subject_id", order_by=[ibis.desc("overlap"), "run_id", "earlier_id"])
    both = both.mutate(place=ibis.row_number().over(longest)).filter(lambda t: t.place == 0)
    return findings(
        both,
        severity=both.together.ifelse(Severity.WATCH.value, Severity.INSPECT.value),
        subject_kind="manifest",
        subject_id=both.subject_id,
        party_id=both.carrier_id,
        since_at=both.earlier_departed_at,
        found_at=both.departed_at,
        at_risk_g=ibis.least(both.mass_g, both.earlier_mass_g),
        statistic=both.overlap,
        threshold=at.slack_hours,
        other_manifest_id=both.first.ifelse(both.manifest_id, both.earlier_id),
        plate=both.plate,
        undeclared_round=both.together,
    )


def _pairs(runs: ir.Table) -> ir.Table:
    """Each load beside the one before it on the plate, and beside the one that of all before it ends last: a long load
    spans several short ones."""
    order = [runs.departed_at, runs.run_id]
    before = ibis.window(group_by=runs.plate, order_by=order, preceding=(None, 1), following=None)
    runs = runs.mutate(
        before=runs.run_id.lag().over(ibis.window(group_by=runs.plate, order_by=order)),
        latest_at=runs.ends_at.max().over(before),
    )
    earlier = runs.select(
        "plate",
        earlier_run="run_id",
        earlier_id="manifest_id",
        earlier_departed_at="departed_at",
        earlier_ends_at="ends_at",
        earlier_receiver_id="receiver_site_id",
        earlier_mass_g="mass_g",
        earlier_medical="medical",
        earlier_km_h="km_h",
    )
    next_to = runs.join(earlier, ["plate", runs.before == earlier.earlier_run])
    last = runs.join(earlier, ["plate", runs.latest_at == earlier.earlier_ends_at]).filter(
        lambda t: (
            (t.earlier_departed_at < t.departed_at)
            | ((t.earlier_departed_at == t.departed_at) & (t.earlier_run < t.run_id))
        )
    )
    return next_to.union(last, distinct=True)


def _runs(records: Records) -> ir.Table:
    """One row a declared milk run or single manifest, by plate: two vehicles with one plate are one here."""
    vehicles = records["vehicles"].select("vehicle_id", given_plate="plate")
    moved = (
        records["manifests"]
        .filter(
            lambda t: t.departed_at.notnull(),
            lambda t: t.vehicle_id.notnull(),
            lambda t: may_hold(t.kind != "continuous"),
            lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.departed_at),
        )
        .left_join(vehicles, "vehicle_id")
        .drop("vehicle_id_right")
    )
    moved = moved.mutate(
        plate=ibis.coalesce(moved.given_plate, moved.vehicle_id),
        run_id=ibis.coalesce(moved.trip_id, moved.manifest_id),
        reached_at=ibis.coalesce(moved.arrived_at, moved.received_at),
    )
    return moved.group_by("plate", "run_id").agg(
        departed_at=lambda t: t.departed_at.min(),
        ends_at=lambda t: t.reached_at.max(),
        km_h=lambda t: (t.distance_km / hours(t.departed_at, t.reached_at).clip(lower=SHORTEST_H)).max(),
        manifest_id=lambda t: t.manifest_id.min(),
        receiver_site_id=lambda t: t.receiver_site_id.max(),
        carrier_id=lambda t: t.carrier_id.max(),
        mass_g=lambda t: t.declared_g.sum().cast("int64"),
        medical=lambda t: holds(t.kind == "medical").any(),
    )


RULE = Rule(
    id="R14",
    version=3,
    title=message("One plate in two places"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="departed_at of a load < arrival of any one before on the same plate, other than within one "
    "declared milk run; told of the faster of the two, once",
    parameters=(
        Parameter("slack_hours", 0.5, "h", "by which two times may overlap", "design default"),
        Parameter("together_hours", 1, "h", "within which two loads at one gate came together", "design default"),
    ),
    needs=("manifests.departed_at", "manifests.vehicle_id"),
    detectable=message(
        "Two loads of one plate that overlap by half an hour; none of a vehicle whose plate is not told."
    ),
    false_alarms=message(
        "Rounds that were not declared as one trip; they are only watched when they end at one gate together."
    ),
    innocent=(
        message("It was a milk run that nobody declared."),
        message("The arrival of the first load was entered late."),
    ),
    next_step=message("Ask for positions and pictures of both gates; see both plates."),
    article="转移管理办法 art. 13",
    urgent=True,
    chance=0.5,
    window=30,
    find=_find,
)
