"""R07: a label that stands twice, travels twice, or is read after its end."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, may_hold, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # the second use shows it
    return ibis.union(_serials(records), _open_twice(records, at), _carried_twice(records, at), distinct=False)


def _serials(records: Records) -> ir.Table:
    """Containers whose serial another one had before."""
    containers = records["containers"].filter(lambda t: t.serial.notnull())
    twice = containers.group_by("serial").agg(n=lambda t: t.count()).filter(lambda t: t.n > 1)
    same = containers.semi_join(twice, "serial")
    order = ibis.window(group_by="serial", order_by=["made_at", "container_id"])
    clones = same.mutate(
        earlier_id=same.container_id.lag().over(order), earlier_at=same.made_at.lag().over(order)
    ).filter(lambda t: t.earlier_id.notnull())
    return _clone(
        clones.mutate(
            first_at=clones.earlier_at,
            again_at=clones.made_at,
            party_id=clones.site_id,
            manifest_id=ibis.null("string"),
        ),
        "serial",
    )


def _open_twice(records: Records, at: Settings) -> ir.Table:
    """Containers that one manifest names while another has them."""
    named = records["loads"].filter(lambda t: may_hold(t.named), lambda t: may_hold(t.outcome != "extra"))
    more = named.group_by("container_id").agg(n=lambda t: t.count()).filter(lambda t: t.n > 1)
    named = named.semi_join(more, "container_id").select("container_id", "manifest_id")
    manifests = records["manifests"].semi_join(named, "manifest_id").filter(lambda t: may_hold(t.kind != "return"))
    spans = manifests.group_by("manifest_id").agg(
        filed_at=lambda t: t.filed_at.min(),
        ends_at=lambda t: ibis.least(ibis.coalesce(t.received_at.min(), t.arrived_at.min()), t.cancelled_at.min()),
        shipper_site_id=lambda t: t.shipper_site_id.max(),
    )
    held = named.join(spans, "manifest_id")
    order = ibis.window(group_by="container_id", order_by=["filed_at", "manifest_id"])
    pairs = held.mutate(
        earlier_id=held.manifest_id.lag().over(order),
        earlier_at=held.filed_at.lag().over(order),
        earlier_ends_at=held.ends_at.lag().over(order),
    )
    clones = (
        pairs.filter(
            lambda t: t.earlier_id.notnull(),
            lambda t: t.earlier_ends_at.isnull() | (t.filed_at < plus_hours(t.earlier_ends_at, -at.slack_hours)),
        )
        .left_join(records["containers"].select("container_id", "net_g"), "container_id")
        .drop("container_id_right")
    )
    return _clone(
        clones.mutate(first_at=clones.earlier_at, again_at=clones.filed_at, party_id=clones.shipper_site_id),
        "open_twice",
    )


def _carried_twice(records: Records, at: Settings) -> ir.Table:
    """Containers that arrived, and arrive once more from a place to which nothing has brought them back."""
    named = records["loads"].filter(
        lambda t: may_hold(t.named), lambda t: may_hold(~t.outcome.isin(["missing", "rejected", "extra"]))
    )
    more = named.group_by("container_id").agg(n=lambda t: t.count()).filter(lambda t: t.n > 1)
    named = named.semi_join(more, "container_id").select("container_id", "manifest_id")
    manifests = records["manifests"].filter(lambda t: t.cancelled_at.isnull())
    ways = (
        manifests.semi_join(named, "manifest_id")
        .group_by("manifest_id")
        .agg(
            filed_at=lambda t: t.filed_at.min(),
            arrived_at=lambda t: ibis.coalesce(t.arrived_at.min(), t.received_at.min()),
            shipper_site_id=lambda t: t.shipper_site_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
        )
        .filter(lambda t: t.arrived_at.notnull())
    )
    held = named.join(ways, "manifest_id")
    order = ibis.window(group_by="container_id", order_by=["filed_at", "manifest_id"])
    pairs = held.mutate(
        earlier_id=held.manifest_id.lag().over(order),
        earlier_at=held.arrived_at.lag().over(order),
        stood_at_id=held.receiver_site_id.lag().over(order),
    ).filter(
        # One that was filed before the other ended is told as open twice.
        lambda t: t.filed_at >= plus_hours(t.earlier_at, -at.slack_hours),
        lambda t: t.stood_at_id != t.shipper_site_id,
    )
    clones = (
        _not_of_one_firm(records, _not_brought_back(pairs, manifests))
        .left_join(records["containers"].select("container_id", "net_g"), "container_id")
        .drop("container_id_right")
    )
    return _clone(
        clones.mutate(first_at=clones.earlier_at, again_at=clones.arrived_at, party_id=clones.shipper_site_id),
        "carried_twice",
    )


def _not_brought_back(pairs: ir.Table, manifests: ir.Table) -> ir.Table:
    """Without those for which a return drove the same way between, whether or not it names its pieces."""
    back = manifests.filter(lambda t: t.kind == "return").select(
        back_at="filed_at", back_from="shipper_site_id", back_to="receiver_site_id"
    )
    brought = pairs.join(
        back,
        [
            pairs.stood_at_id == back.back_from,
            pairs.shipper_site_id == back.back_to,
            back.back_at >= pairs.earlier_at,
            back.back_at <= pairs.arrived_at,
        ],
    )
    return pairs.anti_join(brought, ["container_id", "manifest_id"])


def _not_of_one_firm(records: Records, pairs: ir.Table) -> ir.Table:
    """Without those whose firm has both sites: it may carry a piece from one to the other itself."""
    sites = records["sites"].select("site_id", "organisation_id")
    there = sites.rename(stood_at_id="site_id", there_firm="organisation_id")
    here = sites.rename(shipper_site_id="site_id", here_firm="organisation_id")
    own = pairs.join(there, "stood_at_id").join(here, "shipper_site_id").filter(lambda t: t.there_firm == t.here_firm)
    return pairs.anti_join(own, ["container_id", "manifest_id"])


def _clone(rows: ir.Table, way: str) -> ir.Table:
    """Of rows with `first_at`, `again_at`, `party_id`, `manifest_id` and `earlier_id`."""
    return findings(
        rows,
        severity=Severity.INSPECT.value,
        subject_kind="container",
        subject_id=rows.container_id,
        party_id=rows.party_id,
        since_at=rows.first_at,
        found_at=rows.again_at,
        at_risk_g=ibis.coalesce(rows.net_g, 0),
        statistic=1.0,
        threshold=0.0,
        way=way,
        manifest_id=rows.manifest_id,
        earlier_id=rows.earlier_id,
    )


def _find_ended(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    ended = (
        records["containers"]
        .filter(lambda t: t.ended_at.notnull())
        .select("container_id", "net_g", "site_id", "ended_at")
    )
    acts = records["scans"].filter(lambda t: ~t.act.isin(["looked_at", "destroyed"]))
    acts = acts.select("container_id", "scanned_at", "scan_id", "act", "manifest_id", scanned_site_id="site_id")
    after = acts.join(
        ended, [acts.container_id == ended.container_id, acts.scanned_at > plus_hours(ended.ended_at, at.grace_hours)]
    )
    first = ibis.row_number().over(ibis.window(group_by="container_id", order_by=["scanned_at", "scan_id"]))
    after = after.mutate(nth=first).filter(lambda t: t.nth == 0)
    return findings(
        after,
        severity=Severity.REFER.value,
        subject_kind="container",
        subject_id=after.container_id,
        party_id=ibis.coalesce(after.scanned_site_id, after.site_id),
        since_at=after.ended_at,
        found_at=after.scanned_at,
        at_risk_g=after.net_g,
        statistic=hours(after.ended_at, after.scanned_at),
        threshold=at.grace_hours,
        scan_id=after.scan_id,
        act=after.act,
        manifest_id=after.manifest_id,
    )


def _find_false(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at, as_of
    false = records["scans"].filter(lambda t: ~t.authentic)
    by_label = false.group_by("container_id").agg(
        first_at=lambda t: t.scanned_at.min(),
        times=lambda t: t.count(),
        site_id=lambda t: t.site_id.min(),
        manifest_id=lambda t: t.manifest_id.min(),
        scan_id=lambda t: t.scan_id.min(),
    )
    rows = by_label.left_join(
        records["containers"].select("container_id", "net_g", made_site_id="site_id"), "container_id"
    )
    return findings(
        rows,
        severity=Severity.INSPECT.value,
        subject_kind="container",
        subject_id=rows.container_id,
        party_id=ibis.coalesce(rows.site_id, rows.made_site_id),
        since_at=rows.first_at,
        found_at=rows.first_at,
        at_risk_g=ibis.coalesce(rows.net_g, 0),
        statistic=rows.times.cast("float64"),
        threshold=0.0,
        scan_id=rows.scan_id,
        manifest_id=rows.manifest_id,
    )


def _find_back(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    scans = records["scans"].filter(lambda t: t.counter.notnull(), lambda t: t.device_id.notnull())
    order = ibis.window(group_by="device_id", order_by=["scanned_at", "counter"])
    steps = scans.mutate(earlier=scans.counter.lag().over(order), earlier_at=scans.scanned_at.lag().over(order))
    back = steps.filter(
        lambda t: t.counter <= t.earlier, lambda t: hours(t.earlier_at, t.scanned_at) > at.clock_minutes / 60
    )
    first = ibis.row_number().over(ibis.window(group_by="device_id", order_by=["scanned_at", "counter"]))
    back = back.mutate(nth=first, times=back.count().over(ibis.window(group_by="device_id"))).filter(
        lambda t: t.nth == 0
    )
    return findings(
        back,
        severity=Severity.INSPECT.value,
        subject_kind="device",
        subject_id=back.device_id,
        party_id=back.site_id,
        since_at=back.earlier_at,
        found_at=back.scanned_at,
        at_risk_g=ibis.literal(0, "int64"),
        statistic=back.times.cast("float64"),
        threshold=0.0,
        counter=back.counter,
        earlier_counter=back.earlier,
        scan_id=back.scan_id,
        container_id=back.container_id,
        manifest_id=back.manifest_id,
    )


_NEXT = message("See both containers; scan both labels again and compare the signed contents of their codes.")
_ARTICLE = "转移管理办法 art. 9; HJ 1276-2022, 5.3"

RULE = Rule(
    id="R07",
    version=2,
    title=message("Label cloned or used again"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="two containers with one serial, or a manifest that names a container before the last one with it "
    "was received or cancelled, or two that both arrived, the later from elsewhere than where the earlier ended, "
    "without a return between",
    parameters=(Parameter("slack_hours", 0.5, "h", "by which two times may overlap", "design default"),),
    needs=("containers", "manifests", "loads"),
    detectable=message(
        "Any second use while the first is open, and any that leaves from elsewhere than where the first ended; none "
        "that waits for the first to close and leaves from there."
    ),
    false_alarms=message(
        "A manifest that was filed again before the first was cancelled; a piece that went back without a return."
    ),
    innocent=(
        message("The first manifest was to be cancelled and was forgotten."),
        message("A label was printed twice and one was thrown away."),
    ),
    next_step=_NEXT,
    article=_ARTICLE,
    urgent=True,
    chance=0.7,
    find=_find,
)
ENDED = Rule(
    id="R07E",
    title=message("Label read after its container was destroyed"),
    queue=Queue.INTEGRITY,
    severity=Severity.REFER,
    formula="scanned_at > ended_at + grace_hours, any act but a look",
    parameters=(
        Parameter("grace_hours", 1, "h", "by which clocks and queues of devices may be late", "design default"),
    ),
    needs=("containers.ended_at", "scans"),
    detectable=message("Any act with a label whose container was emptied or destroyed."),
    false_alarms=message("Devices without network whose clocks are wrong by more than an hour."),
    innocent=(message("The wrong container was entered as destroyed."),),
    next_step=_NEXT,
    article=_ARTICLE,
    urgent=True,
    chance=0.8,
    find=_find_ended,
)
FALSE = Rule(
    id="R07K",
    title=message("Label whose keyed check is wrong"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="HMAC(label) ≠ the one that was printed",
    needs=("scans.authentic",),
    detectable=message("Any label that was not printed by this system."),
    false_alarms=message("None by chance; a damaged code is not read at all."),
    innocent=(message("The label is of a time before the key was changed."),),
    next_step=_NEXT,
    article=_ARTICLE,
    urgent=True,
    chance=0.85,
    find=_find_false,
)
COUNTER = Rule(
    id="R07C",
    title=message("Counter of a device goes back"),
    queue=Queue.INTEGRITY,
    severity=Severity.INSPECT,
    formula="counter ≤ the device's counter before it, more than clock_minutes apart",
    parameters=(Parameter("clock_minutes", 5, "min", "by which a clock may be set", "design default"),),
    needs=("scans.counter", "scans.device_id"),
    detectable=message("A device that was copied, or whose clock was set back."),
    false_alarms=message("One for each device that was set up anew under its old name."),
    innocent=(message("The device was set up anew and counts from one again."),),
    next_step=message("Take the device in; compare its own list of scans with what the server has."),
    article=_ARTICLE,
    urgent=True,
    chance=0.3,
    find=_find_back,
)
