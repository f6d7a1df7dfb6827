"""R16: the receiver's permit allows this code by this method on that day."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import category, findings, hazardous, holds, legal_day, may_hold
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.checks.trust import OWN_SHARE, PARAMETERS, believed, own, shares
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

TREATING = (
    *("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R15"), *("D1", "D9", "D10", "D16"), *("C1", "C2", "C3"),
    *("Y10", "Y11", "Y12", "Y13", "Y16"), *("G21", "G22", "G23", "G24", "G29"),
)  # fmt: skip
"""Methods of the national list (HJ 1033, annex F), each of which uses or disposes of the waste for good.

What is not on it (S, C5, D15, R13, as other systems write collecting and storing) treats nothing.
"""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of  # the filing shows it, the departure or the receipt
    found, _ = uncovered(records)
    reason, firm = "reason", "receiver_site_id"
    known = records.usual(f"R16 shares {at}", lambda every: shares(*uncovered(every), reason, firm, at))
    firms = records.usual(f"R16 firms {at}", lambda every: own(*uncovered(every), reason, firm, at))
    excepted = found.semi_join(firms, [reason, firm]).select(*found.columns)
    wrong = believed(found, known, "reason", at).union(excepted)
    moved = wrong.departed_at.notnull() | wrong.received_at.notnull()
    # What no permit allows on that day or any later one was wrong as soon as it was filed; else when it moved.
    never = wrong.last_day.isnull() | holds(wrong.last_day < legal_day(wrong.filed_at))
    known_at = never.ifelse(ibis.least(wrong.filed_at, wrong.used_at), wrong.used_at)
    return findings(
        wrong,
        severity=moved.ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=wrong.receiver_site_id,
        since_at=known_at,
        found_at=known_at,
        at_risk_g=ibis.coalesce(wrong.received_g, wrong.declared_g),
        statistic=wrong.declared_g / 1000.0,
        threshold=0.0,
        waste_code=wrong.waste_code,
        method=wrong.method,
        used_on=legal_day(wrong.used_at),
        reason=wrong.reason,
        permit_until=wrong.last_day,
        carrier_id=wrong.carrier_id,
    )


def uncovered(records: Records) -> tuple[ir.Table, ir.Table]:
    """Loads for which no permit has a ground, each with its `reason`, and all loads that were judged."""
    manifests = records["manifests"].filter(
        lambda t: hazardous(t.waste_code),
        lambda t: may_hold(t.basis == "permit"),  # what is exempt or goes by an approval needs none
        lambda t: may_hold(t.kind != "return"),
        lambda t: may_hold(t.received_g != 0),
        lambda t: t.cancelled_at.isnull() | (t.cancelled_at > t.departed_at),
    )
    manifests = manifests.mutate(
        method_=ibis.coalesce(manifests.method, ""), left_at=ibis.coalesce(manifests.departed_at, manifests.filed_at)
    )
    covers = records.apart(_covers(records, manifests))
    at_start = _uncovered(manifests.mutate(used_at=manifests.left_at), covers)
    at_end = _uncovered(
        manifests.filter(lambda t: t.received_at.notnull()).mutate(used_at=lambda t: t.received_at), covers
    )
    wrong = ibis.union(at_start, at_end, distinct=False)
    first = ibis.row_number().over(ibis.window(group_by=["manifest_id", "waste_code"], order_by="used_at"))
    wrong = wrong.mutate(nth=first).filter(lambda t: t.nth == 0)
    listed = covers.group_by("receiver_site_id", "waste_code", "method_").agg(last_day=lambda t: t.valid_to.max())
    held = records["permits"].group_by(receiver_site_id="site_id").agg(permits=lambda t: t.count())
    wrong = (
        wrong.left_join(listed, ["receiver_site_id", "waste_code", "method_"])
        .drop("receiver_site_id_right", "waste_code_right", "method__right")
        .left_join(held, "receiver_site_id")
        .drop("receiver_site_id_right")
    )
    reason = ibis.cases(
        (wrong.permits.isnull(), "no permit"),
        (wrong.last_day.isnull(), "code or method not in the permit"),
        else_="not in force on the day",
    )
    return records.apart(wrong.mutate(reason=reason)), manifests


def _covers(records: Records, manifests: ir.Table) -> ir.Table:
    """For each receiver, code and method that occurs: the days on which a permit allows it.

    Few rows stand for millions: the permits are asked once for each combination, not once for each load.
    """
    permits = records["permits"].select(
        "permit_id", "site_id", "kind", "valid_from", "valid_to", "suspended_from", "suspended_to"
    )
    items = records["permit_items"].select("permit_id", "pattern", item_method="method").join(permits, "permit_id")
    asked = manifests.select("receiver_site_id", "waste_code", "method_").distinct()
    named = ibis.union(
        asked.mutate(named=asked.waste_code), asked.mutate(named=category(asked.waste_code)), distinct=True
    )
    allowed = named.join(items, [named.receiver_site_id == items.site_id, named.named == items.pattern])
    treats = allowed.method_.isin(TREATING)
    return allowed.filter(
        (allowed.item_method == "*") | (allowed.method_ == "") | (allowed.method_ == allowed.item_method),
        # A permit to collect allows no treatment, other than one that it names itself (washing of packagings, C3).
        ~(holds(allowed.kind == "collection") & treats & (allowed.item_method == "*")),
    ).select("receiver_site_id", "waste_code", "method_", "valid_from", "valid_to", "suspended_from", "suspended_to")


def _uncovered(manifests: ir.Table, covers: ir.Table) -> ir.Table:
    days = manifests.mutate(used_on=legal_day(manifests.used_at))
    suspended = holds(days.used_on >= covers.suspended_from) & may_hold(days.used_on <= covers.suspended_to)
    return days.anti_join(
        covers,
        [
            days.receiver_site_id == covers.receiver_site_id,
            days.waste_code == covers.waste_code,
            days.method_ == covers.method_,
            days.used_on >= covers.valid_from,
            days.used_on <= covers.valid_to,
            ~suspended,
        ],
    )


RULE = Rule(
    id="R16",
    version=4,
    title=message("Outside the receiver's permit"),
    queue=Queue.ELIGIBILITY,
    severity=Severity.INSPECT,
    formula="no permit of the receiver, in force and not suspended on the day of departure and of receipt, with "
    "an item "
    "of the code or its category and the method; a collection permit allows no treatment that it does not name; "
    "of a reason only while it holds for ≤ most_share of all loads (else Q06), or for ≤ own_share of the receiver's",
    parameters=(*PARAMETERS, OWN_SHARE),
    needs=("manifests", "permits", "permit_items"),
    detectable=message(
        "Any load for which the entered permits have no ground; none whose code or method was told wrongly."
    ),
    false_alarms=message("Permits that were renewed and not entered, and waste that is exempt."),
    innocent=(
        message("The permit was renewed in time and the new one is not entered yet."),
        message("The waste is exempt in this step (豁免管理清单)."),
    ),
    next_step=message(
        "Ask the receiver for the permit in force; without one, stop further loads and weigh what stands there."
    ),
    article="固废法 art. 80; 许可证管理办法 art. 2, 15",
    urgent=True,
    chance=0.75,
    find=_find,
)
