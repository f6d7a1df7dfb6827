"""Q05: pieces that came, as the scale shows, and were not scanned: a gate that reads labels badly.

The other half of R05: here nothing is missing but a scan. One finding a gate and month.
"""

from datetime import datetime

import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, month_of
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.checks.rules.r05_pieces import RULE as PIECES
from wastetrack.checks.rules.r05_pieces import unscanned
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    came = unscanned(records, at, as_of).filter(lambda t: t.complete, lambda t: t.missing > 0)
    gates = (
        came.mutate(month=month_of(came.found_at))
        .group_by("receiver_site_id", "month")
        .agg(
            pieces=lambda t: t.missing.sum(),
            manifests=lambda t: t.count(),
            first_at=lambda t: t.found_at.min(),
            grams=lambda t: t.missing_g.sum().cast("int64"),
            manifest_id=lambda t: t.manifest_id.min(),
        )
    )
    return findings(
        gates,
        severity=Severity.WATCH.value,
        subject_kind="site",
        subject_id=gates.receiver_site_id,
        party_id=gates.receiver_site_id,
        since_at=gates.first_at,
        found_at=gates.first_at,
        at_risk_g=0,
        statistic=gates.pieces.cast("float64"),
        threshold=0.0,
        manifests=gates.manifests,
        unscanned_g=gates.grams,
        manifest_id=gates.manifest_id,
    )


RULE = Rule(
    id="Q05",
    title=message("Pieces taken without a scan"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="pieces of a manifest that no scan of the gate shows, and the gate's scale shows their mass; one a gate "
    "and month",
    parameters=PIECES.parameters,
    needs=("manifests", "loads", "weighings"),
    detectable=message("Any piece that was weighed and not scanned; none at a gate that scans nothing."),
    false_alarms=message("None: the scan is not there."),
    innocent=(message("A label was torn off or wet, and the piece was taken without a scan."),),
    next_step=message("Ask the gate to type in what it cannot read, and the shipper for better labels."),
    article="HJ 1276-2022, 5.3",
    chance=0.9,
    find=_find,
)
