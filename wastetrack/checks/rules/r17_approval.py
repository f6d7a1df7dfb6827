"""R17: what crosses a province does so under an approval, in its period and within its quantity."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hazardous, holds, legal_day, may_hold
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _crossing(records: Records) -> ir.Table:
    """Rows of manifests whose ends are in two provinces, each with what left and when."""
    sites = records["sites"].select("site_id", province=records["sites"].region_code.left(2))
    crossing = (
        records["manifests"]
        .filter(
            lambda t: hazardous(t.waste_code),
            lambda t: may_hold(t.kind != "return"),
            lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.departed_at),
        )
        .join(sites.rename(shipper_site_id="site_id", from_province="province"), "shipper_site_id")
        .join(sites.rename(receiver_site_id="site_id", to_province="province"), "receiver_site_id")
        .filter(lambda t: t.from_province != t.to_province)
    )
    left = ibis.coalesce(crossing.departed_at, crossing.filed_at)
    return crossing.mutate(
        left_at=left, left_on=legal_day(left), moved_g=ibis.coalesce(crossing.received_g, crossing.declared_g)
    )


def _matching(crossing: ir.Table, approvals: ir.Table) -> ir.Table:
    """Approvals that name both sites and the code, and are those that the manifest names where it names one."""
    named = approvals.select(
        "quantity_g",
        "valid_from",
        "valid_to",
        "shipper_site_id",
        "receiver_site_id",
        "waste_code",
        consent_id="approval_id",
    )
    rows = crossing.join(named, ["shipper_site_id", "receiver_site_id", "waste_code"])
    return rows.filter(may_hold(rows.approval_id == rows.consent_id))


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    crossing = _crossing(records)
    matching = _matching(crossing, records["approvals"])
    in_force = matching.filter(lambda t: t.left_on.between(t.valid_from, t.valid_to))
    key = ["manifest_id", "waste_code"]
    known = matching.group_by(key).agg(last_day=lambda t: t.valid_to.max())
    without = crossing.anti_join(in_force, key).left_join(known, key).drop("manifest_id_right", "waste_code_right")
    # Consent comes before the filing (转移管理办法 art. 27): what none covers then or later was wrong when filed.
    never = without.last_day.isnull() | holds(without.last_day < legal_day(without.filed_at))
    known_at = never.ifelse(ibis.least(without.filed_at, without.left_at), without.left_at)
    none = findings(
        without,
        severity=without.departed_at.notnull().ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=without.manifest_id,
        party_id=without.shipper_site_id,
        since_at=known_at,
        found_at=known_at,
        at_risk_g=without.moved_g,
        statistic=without.moved_g / 1000.0,
        threshold=0.0,
        reason=without.last_day.isnull().ifelse("no approval", "not in force on the day"),
        approval_id=without.approval_id,
        waste_code=without.waste_code,
        cumulative_g=ibis.null("int64"),
        approved_g=ibis.null("int64"),
    )
    return ibis.union(none, _over(in_force, at), distinct=False)


def _over(in_force: ir.Table, at: Settings) -> ir.Table:
    """Loads beyond the quantity, and the one that comes near. A load under several approvals counts for the first."""
    first = ibis.row_number().over(
        ibis.window(group_by=["manifest_id", "waste_code"], order_by=["valid_to", "consent_id"])
    )
    used = in_force.mutate(nth=first).filter(lambda t: t.nth == 0)
    running = ibis.cumulative_window(group_by=["consent_id", "waste_code"], order_by=["left_at", "manifest_id"])
    used = used.mutate(cumulative_g=used.moved_g.sum().over(running).cast("int64"))
    over = used.cumulative_g > used.quantity_g
    near = (used.cumulative_g >= used.quantity_g * at.near) & (
        used.cumulative_g - used.moved_g < used.quantity_g * at.near
    )
    told = used.mutate(over=over, near=near).filter(lambda t: t.over | t.near)
    return findings(
        told,
        severity=told.over.ifelse(Severity.INSPECT.value, Severity.WATCH.value),
        subject_kind="manifest",
        subject_id=told.manifest_id,
        party_id=told.shipper_site_id,
        since_at=told.left_at,
        found_at=told.left_at,
        at_risk_g=told.over.ifelse(ibis.least(told.cumulative_g - told.quantity_g, told.moved_g), 0),
        statistic=told.cumulative_g / ibis.greatest(told.quantity_g, 1),
        threshold=told.over.ifelse(1.0, at.near),
        reason=told.over.ifelse("over the quantity", "near the quantity"),
        approval_id=told.consent_id,
        waste_code=told.waste_code,
        cumulative_g=told.cumulative_g,
        approved_g=told.quantity_g,
    )


RULE = Rule(
    id="R17",
    version=2,
    title=message("Across provinces without approval"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.INSPECT,
    formula="province(shipper) ≠ province(receiver) and no approval of these sites and this code is in force on "
    "the day; "
    "Σ moved_g of an approval > quantity_g; from near · quantity_g on it is watched",
    parameters=(Parameter("near", 0.9, "1", "of the approved quantity", "anomaly note R17"),),
    needs=("manifests", "sites.region_code", "approvals"),
    detectable=message(
        "Any load across a province without consent, and the first kilogram above the approved quantity."
    ),
    false_alarms=message("Approvals that were not entered."),
    innocent=(
        message("The approval was given and is not entered yet."),
        message("Two provinces have agreed that these transfers need none (转移管理办法 art. 28)."),
    ),
    next_step=message("Ask both environment departments for the approval; stop further loads of this code."),
    article="固废法 art. 22; 转移管理办法 art. 21 to 27",
    chance=0.7,
    cadence=Cadence.DAY,
    find=_find,
)
