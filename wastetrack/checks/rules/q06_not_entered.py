"""Q06: permits, licences or certificates that lack for so many that they were not entered.

The other half of R13 and R16: what they do not accuse anybody of is told here, once a reason.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.checks.rules.r13_valid import KINDS, trips_outside
from wastetrack.checks.rules.r16_permit import uncovered
from wastetrack.checks.trust import PARAMETERS, shares
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

_TABLES = {
    "licence": ("vehicles", "vehicle_id"),
    "insurance": ("vehicles", "vehicle_id"),
    "certificate": ("people", "driver_id"),
}


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    parts = []
    if records.present.get("permits") and records.present.get("permit_items"):
        wrong, judged = uncovered(records)
        parts.append(_common(shares(wrong, judged, "reason", "receiver_site_id", at), "reason", "permit_items", at))
    for what in KINDS:
        outside, judged = trips_outside(records, what)
        table, whose = _TABLES[what]
        parts.append(_common(shares(outside, judged, "what", whose, at), "what", table, at))
    return ibis.union(*parts, distinct=False)


def _common(known: ir.Table, reason: str, table: str, at: Settings) -> ir.Table:
    common = known.filter(lambda t: t.share > at.most_share)
    return findings(
        common,
        severity=Severity.EXPLAIN.value,
        subject_kind="table",
        subject_id=table,
        party_id=ibis.null("string"),
        since_at=common.first_at,
        found_at=common.first_at,
        at_risk_g=0,
        statistic=common.share,
        threshold=at.most_share,
        reason=common[reason],
        loads=common.wrong,
        judged=common.judged,
    )


RULE = Rule(
    id="Q06",
    title=message("Permits and licences that were not entered"),
    queue=Queue.QUALITY,
    severity=Severity.EXPLAIN,
    formula="loads (trips) without a ground by one reason of R16 (R13) / all that were judged > most_share, at "
    "least_parties and more",
    parameters=PARAMETERS,
    needs=("manifests",),
    detectable=message(
        "Entries that lack for more than one load in ten, at five firms and more; then R13 and R16 accuse nobody for "
        "that reason."
    ),
    false_alarms=message("None, unless a tenth of all loads truly goes where it may not."),
    innocent=(message("The permits were renewed, or are written in another form, and the table was not filled."),),
    next_step=message("Fill the table from the register of permits; until then no check sees who has none."),
    article="固废法 art. 80",
    chance=0.9,
    find=_find,
)
