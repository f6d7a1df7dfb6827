"""R42: a manifest is changed or cancelled once it is known to be looked into."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    alarms = records["alarms"].select("alarm_id", "subject_kind", "subject_id", "told_at")
    changes = _changes(records)
    of_manifest = changes.join(
        alarms.filter(alarms.subject_kind == "manifest"),
        [changes.manifest_id == alarms.subject_id, changes.amended_at > alarms.told_at],
    )
    by_firm = alarms.filter(alarms.subject_kind == "organisation").mutate(
        until_at=plus_hours(alarms.told_at, at.firm_hours)
    )
    of_firm = changes.join(
        by_firm,
        [
            changes.organisation_id == by_firm.subject_id,
            changes.amended_at > by_firm.told_at,
            changes.amended_at <= by_firm.until_at,
            changes.filed_at < by_firm.told_at,
        ],
    ).drop("until_at")
    rows = ibis.union(of_manifest, of_firm, distinct=False)
    first = ibis.row_number().over(ibis.window(group_by=["manifest_id"], order_by=["amended_at", "alarm_id"]))
    rows = rows.mutate(nth=first).filter(lambda t: t.nth == 0)
    gone = rows.kind.isin(["cancellation", "void"])
    changed_g = (rows.old_g - rows.new_g).abs()
    return findings(
        rows,
        severity=(gone & (rows.subject_kind == "manifest")).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=rows.manifest_id,
        party_id=ibis.coalesce(rows.organisation_id, rows.shipper_site_id),
        since_at=rows.told_at,
        found_at=rows.amended_at,
        at_risk_g=gone.ifelse(rows.mass_g, ibis.coalesce(changed_g, 0)),
        statistic=1.0 / (1.0 + hours(rows.told_at, rows.amended_at) / 24.0),
        threshold=0.0,
        alarm_id=rows.alarm_id,
        what=rows.kind,
        field=rows.field,
        old_g=rows.old_g,
        new_g=rows.new_g,
        reason=rows.reason,
    )


def _changes(records: Records) -> ir.Table:
    """Corrections, cancellations and voids, with the mass of the manifest; a redirection was decided by others."""
    masses = (
        records["manifests"]
        .group_by("manifest_id")
        .agg(
            mass_g=lambda t: t.declared_g.sum().cast("int64"),
            filed_at=lambda t: t.filed_at.min(),
            shipper_site_id=lambda t: t.shipper_site_id.max(),
        )
    )
    changes = records["amendments"].filter(lambda t: t.kind != "redirection")
    return changes.select(
        "manifest_id", "kind", "field", "old_g", "new_g", "organisation_id", "amended_at", "reason"
    ).join(masses, "manifest_id")


RULE = Rule(
    id="R42",
    title=message("Changed after an alarm"),
    queue=Queue.DOCUMENTS,
    severity=Severity.INSPECT,
    formula="amended_at > told_at of an alarm of the manifest; or within firm_hours of an alarm of the firm "
    "that changed it",
    parameters=(Parameter("firm_hours", 72, "h", "after an alarm of the firm", "design default"),),
    needs=("amendments", "alarms", "manifests"),
    detectable=message("Any change after the firm could know that it is looked into."),
    false_alarms=message("Corrections that the alarm itself asked for."),
    innocent=(message("The firm corrected the fault that it was told of, as it was asked."),),
    next_step=message("Read the change beside the alarm: does it answer it, or take the ground from it?"),
    article="转移管理办法 art. 32",
    chance=0.3,
    window=30,
    find=_find,
)
