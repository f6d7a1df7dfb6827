"""R25: what is kept for longer than the law lets it be kept."""

from collections.abc import Callable
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.calendar_days import after_working_days, begins, civil_day
from wastetrack.checks.expressions import category, findings, hours, may_hold, month_of, plus_hours
from wastetrack.checks.model import Looks, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

OIL_AND_BATTERIES = ("900-214-08", "900-044-49")
"""Waste oil of vehicles and nickel-cadmium batteries: what collection permits are for."""


def _kept_at_source(
    records: Records, hours_most: float, as_of: datetime, old: Callable[[ir.Table], ir.Table]
) -> ir.Table:
    """Containers that stood where they were made for longer, with the moment at which they left or `as_of`."""
    made = old(records["containers"].filter(lambda t: t.made_at < plus_hours(ibis.literal(as_of), -hours_most)))
    left = (
        records["loads"]
        .filter(lambda t: may_hold(t.named))
        .semi_join(made, "container_id")
        .select("container_id", "manifest_id")
        .join(
            records["manifests"]
            .filter(lambda t: t.departed_at.notnull())
            .select("manifest_id", "shipper_site_id", "departed_at"),
            "manifest_id",
        )
        .group_by("container_id", "shipper_site_id")
        .agg(left_at=lambda t: t.departed_at.min())
    )
    rows = made.left_join(left, [made.container_id == left.container_id, made.site_id == left.shipper_site_id]).drop(
        "container_id_right", "shipper_site_id"
    )
    # What neither left nor ended and is not told to stand there any more is somewhere else.
    gone = rows.left_at.isnull() & rows.ended_at.isnull() & may_hold(rows.held_site_id != rows.site_id)
    until = ibis.coalesce(rows.left_at, rows.ended_at, ibis.literal(as_of))
    return rows.mutate(until_at=until, due_at=plus_hours(rows.made_at, hours_most)).filter(
        lambda t: t.until_at > t.due_at, ~gone
    )


def _told(rows: ir.Table, why: str) -> ir.Table:
    """One finding a site, code and month, of rows with `where_id`, `from_at` and `grave`: the oldest of the pieces."""
    aged = rows.mutate(age=hours(rows.from_at, rows.until_at), allowed=hours(rows.from_at, rows.due_at))
    grouped = (
        aged.mutate(month=month_of(aged.due_at))
        .group_by("where_id", "waste_code", "month")
        .agg(
            severity=lambda t: t.grave.max(),
            since_at=lambda t: t.from_at.min(),
            due_at=lambda t: t.due_at.min(),
            mass_g=lambda t: t.net_g.sum().cast("int64"),
            pieces=lambda t: t.count(),
            oldest_h=lambda t: t.age.max(),
            allowed_h=lambda t: t.allowed.max(),
            example=lambda t: t.container_id.min(),
        )
    )
    return findings(
        grouped,
        severity=grouped.severity,
        subject_kind="site",
        subject_id=grouped.where_id,
        party_id=grouped.where_id,
        since_at=grouped.since_at,
        found_at=grouped.due_at,
        at_risk_g=grouped.mass_g,
        statistic=grouped.oldest_h,
        threshold=grouped.allowed_h,
        waste_code=grouped.waste_code,
        pieces=grouped.pieces,
        oldest_days=(grouped.oldest_h / 24).round(1),
        container_id=grouped.example,
        why=why,
    )


def _find_medical(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    rows = _kept_at_source(records, at.hours, as_of, _medical)
    # Where most of everybody's waste stands too long, the collection fails or labels are made early: no single site is
    # then inspected before that is known.
    rows = rows.cross_join(records.usual(f"R25M {at}", lambda every: _usual(every, at, as_of), as_of))
    long = (hours(rows.made_at, rows.until_at) > at.grave_hours) & (rows.usual_share <= at.most_share)
    alone = (rows.usual_share <= at.most_share).ifelse(Severity.EXPLAIN.value, Severity.WATCH.value)
    grave = long.ifelse(Severity.INSPECT.value, alone)
    kept = rows.mutate(where_id=rows.site_id, from_at=rows.made_at, grave=grave, waste_code=ibis.literal("HW01"))
    return _told(kept, "medical waste at its source")


def _usual(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """One row: the part of all pieces that stood at their source for too long."""
    late = _kept_at_source(records, at.hours, as_of, _medical)
    pieces = _medical(records["containers"]).filter(lambda t: t.made_at <= as_of)
    both = late.aggregate(late=late.count()).cross_join(pieces.aggregate(pieces=pieces.count()))
    return both.select(usual_share=both.late / ibis.greatest(both.pieces, 1))


def _medical(containers: ir.Table) -> ir.Table:
    return containers.filter(category(containers.waste_code) == "HW01")


def _stays(records: Records, days_least: float, as_of: datetime, which: Callable[[ir.Table], ir.Table]) -> ir.Table:
    """Containers that came to a site by a manifest and stood there for longer, until they left it, ended, or now."""
    least = days_least * 24
    containers = which(
        records["containers"].filter(
            lambda t: hours(t.made_at, ibis.coalesce(t.ended_at, ibis.literal(as_of))) > least,
        )
    )
    loads = records["loads"].semi_join(containers, "container_id").select("container_id", "manifest_id", "outcome")
    moves = loads.join(
        records["manifests"].select("manifest_id", "receiver_site_id", "departed_at", "received_at"), "manifest_id"
    ).filter(lambda t: t.departed_at.notnull(), lambda t: may_hold(t.outcome.isin(["accepted", "extra"])))
    order = ibis.window(group_by="container_id", order_by=["departed_at", "manifest_id"])
    moves = moves.mutate(next_at=moves.departed_at.lead().over(order)).filter(lambda t: t.received_at.notnull())
    joined = moves.join(containers, "container_id")
    held = joined.next_at.isnull() & joined.ended_at.isnull()
    elsewhere = held & may_hold(joined.held_site_id != joined.receiver_site_id)
    until = ibis.coalesce(joined.next_at, joined.ended_at, ibis.literal(as_of))
    return joined.mutate(until_at=until, due_at=plus_hours(joined.received_at, least)).filter(
        lambda t: t.until_at > t.due_at, ~elsewhere
    )


def _find_store(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    rows = _stays(records, at.watch_days, as_of, lambda t: t)
    kinds = records["sites"].filter(lambda t: t.kind != "generator").select(receiver_site_id="site_id")
    rows = rows.semi_join(kinds, "receiver_site_id")
    grave = (hours(rows.received_at, rows.until_at) > at.days * 24).ifelse(Severity.INSPECT.value, Severity.WATCH.value)
    kept = rows.mutate(where_id=rows.receiver_site_id, from_at=rows.received_at, grave=grave)
    return _told(kept, "a licensed store")


def _find_collected(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    # So many working days are at least so many days, whatever the calendar: only what stood longer is counted.
    rows = _stays(records, at.working_days, as_of, lambda t: t.filter(t.waste_code.isin(OIL_AND_BATTERIES)))
    collectors = (
        records["permits"].filter(lambda t: t.kind == "collection").select(receiver_site_id="site_id").distinct()
    )
    rows = rows.semi_join(collectors, "receiver_site_id")
    # The term lasts until its last working day is over (民法典 art. 203).
    last = after_working_days(civil_day(rows.received_at), int(at.working_days))
    rows = rows.mutate(due_at=begins(last + 1)).filter(lambda t: t.until_at > t.due_at)
    kept = rows.mutate(where_id=rows.receiver_site_id, from_at=rows.received_at, grave=Severity.EXPLAIN.value)
    return _told(kept, "collected oil or batteries")


_FALSE = message("Pieces that left without being scanned and stay in the records.")
_INNOCENT = (
    message("The piece has left and its departure was not recorded."),
    message("The authority allowed a longer storage."),
)
_NEXT = message("Look for the oldest piece in the store; if it is there, have it collected; if not, ask where it went.")

RULE = Rule(
    id="R25",
    title=message("Kept in a licensed store for too long"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula="time between receipt and departure, end or now > watch_days (watch), > days (inspect); one a site, "
    "code and month",
    parameters=(
        Parameter("watch_days", 335, "d", "thirty days before the limit", "anomaly note R25"),
        Parameter("days", 365, "d", "in a store of whoever is licensed", "固废法 art. 81"),
    ),
    needs=("containers", "loads", "manifests.received_at"),
    detectable=message("Each piece that is older than the limit; nothing of waste that is not kept in pieces."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=_NEXT,
    article="固废法 art. 81",
    urgent=True,
    looks=Looks.STANDING,
    looks_back=lambda at: at.watch_days * 24,
    chance=0.3,
    find=_find_store,
)
MEDICAL = Rule(
    id="R25M",
    version=2,
    title=message("Medical waste kept for more than two days"),
    queue=Queue.FACILITY,
    severity=Severity.EXPLAIN,
    formula="time between labelling and departure or now > hours (explain), > grave_hours (inspect), at the site where "
    "it was made, of HW01; one a site and month; watched only, where most_share of everybody's stand as long",
    parameters=(
        Parameter("hours", 48, "h", "at the source", "医疗废物管理条例 art. 17"),
        Parameter("grave_hours", 96, "h", "at the source: a second collection was missed", "twice the limit"),
        Parameter("most_share", 0.5, "1", "of all pieces, beyond which it is no single site's", "design default"),
    ),
    needs=("containers",),
    detectable=message("Each bag or box that is older than two days, and its kilograms."),
    false_alarms=_FALSE,
    innocent=_INNOCENT,
    next_step=_NEXT,
    article="医疗废物管理条例 art. 17, 25",
    urgent=True,
    looks=Looks.MADE,
    looks_back=lambda at: at.hours,
    looks_at_codes="01$",
    # A duty that is often missed and seldom a fraud: it stands behind what speaks of lost mass.
    chance=0.1,
    find=_find_medical,
)
COLLECTED = Rule(
    id="R25C",
    version=2,
    title=message("Collected oil or batteries kept for too long"),
    queue=Queue.FACILITY,
    severity=Severity.EXPLAIN,
    formula="working days between receipt and departure or now > working_days, at a site with a collection permit, of "
    "900-214-08 and 900-044-49; working days of the official calendar, the day of the receipt not counted",
    parameters=(
        Parameter("working_days", 90, "d", "working days from the day after the receipt", "许可证管理办法 art. 20"),
    ),
    needs=("containers", "loads", "manifests.received_at", "permits.kind"),
    detectable=message("Each drum or box that a collector keeps for longer than ninety working days."),
    false_alarms=message(
        "Pieces within days of the limit in a year of which the public holidays are not announced yet."
    ),
    innocent=_INNOCENT,
    next_step=_NEXT,
    article="许可证管理办法 art. 20",
    urgent=True,
    looks=Looks.STANDING,
    looks_back=lambda at: at.working_days * 24,
    looks_at_codes=f"^({'|'.join(OIL_AND_BATTERIES)})$",
    chance=0.2,
    find=_find_collected,
)
