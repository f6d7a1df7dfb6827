"""F03: pieces that a plant has had for more than a month without treating them."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, may_hold, month_of, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    most = at.days * 24
    now = ibis.literal(as_of)
    disposers = records["sites"].filter(lambda t: t.kind == "disposer").select(receiver_site_id="site_id")
    pieces = records["containers"].filter(lambda t: hours(t.made_at, ibis.coalesce(t.ended_at, now)) > most)
    received = (
        records["loads"]
        .filter(lambda t: may_hold(t.outcome.isin(["accepted", "extra"])))
        .semi_join(pieces, "container_id")
        .select("container_id", "manifest_id")
        .join(
            records["manifests"]
            .filter(lambda t: t.received_at.notnull())
            .semi_join(disposers, "receiver_site_id")
            .select("manifest_id", "receiver_site_id", "received_at"),
            "manifest_id",
        )
        .group_by("container_id", "receiver_site_id")
        .agg(received_at=lambda t: t.received_at.max())
        .join(pieces.select("container_id", "waste_code", "net_g", "ended_at", "held_site_id"), "container_id")
    )
    slow = received.mutate(
        due_at=plus_hours(received.received_at, most), until_at=ibis.coalesce(received.ended_at, now)
    ).filter(
        lambda t: t.until_at > t.due_at,
        # What is not ended and stands elsewhere has gone on.
        lambda t: t.ended_at.notnull() | (t.held_site_id == t.receiver_site_id),
    )
    by_month = (
        slow.mutate(month=month_of(slow.due_at))
        .group_by("receiver_site_id", "waste_code", "month")
        .agg(
            received_at=lambda t: t.received_at.min(),
            due_at=lambda t: t.due_at.min(),
            pieces=lambda t: t.count(),
            mass_g=lambda t: t.net_g.sum().cast("int64"),
            mean_days=lambda t: (hours(t.received_at, t.until_at) / 24).mean(),
            example=lambda t: t.container_id.min(),
        )
        .filter(lambda t: t.pieces >= at.pieces)
    )
    return findings(
        by_month,
        severity=Severity.WATCH.value,
        subject_kind="site",
        subject_id=by_month.receiver_site_id,
        party_id=by_month.receiver_site_id,
        since_at=by_month.received_at,
        found_at=by_month.due_at,
        at_risk_g=by_month.mass_g,
        statistic=by_month.mean_days,
        threshold=at.days,
        waste_code=by_month.waste_code,
        pieces=by_month.pieces,
        container_id=by_month.example,
    )


RULE = Rule(
    id="F03",
    version=2,
    title=message("Slow treatment"),
    queue=Queue.FACILITY,
    severity=Severity.WATCH,
    formula="ended_at − received_at > days, of pieces at a disposer; one a site, code and month, with the mean",
    parameters=(
        Parameter("days", 30, "d", "from receipt to treatment", "VigieDéchets, check 3"),
        Parameter("pieces", 2, "1", "of a code in a month: one is left over in any store", "design default"),
    ),
    needs=("containers", "loads", "manifests.received_at"),
    detectable=message(
        "Pieces that wait for more than a month; waste that is not kept in pieces has no time of its own."
    ),
    false_alarms=message("Plants that collect a code until a campaign is worth while."),
    innocent=(message("The plant collects this code for a campaign."), message("The furnace stood still for repairs.")),
    next_step=message("Compare with the plant's licence for storage and with its readings of the furnace."),
    article="固废法 art. 81",
    chance=0.1,
    find=_find,
)
