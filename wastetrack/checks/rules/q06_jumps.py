"""Q06: so many ways that nobody can have gone that the records err, not those who are named in them.

The other half of R06: what it does not accuse anybody of is told here, once a kind.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.checks.rules.r06_travel import RULE as TRAVEL
from wastetrack.checks.rules.r06_travel import unbelieved
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    kinds = unbelieved(records, at, as_of)
    return findings(
        kinds,
        severity=Severity.WATCH.value,
        subject_kind="table",
        subject_id=kinds.kind.cases(("vehicle", "manifests"), ("person", "signatures"), else_="scans"),
        party_id=ibis.null("string"),
        since_at=kinds.first_at,
        found_at=kinds.first_at,
        at_risk_g=0,
        statistic=kinds.share,
        threshold=at.most_share,
        kind=kinds.kind,
        inside_one_manifest=kinds.inside,
        ways=kinds.ways,
        jumps=kinds.jumps,
        manifest_id=kinds.manifest_id,
    )


RULE = Rule(
    id="Q06",
    title=message("Places and times that do not fit"),
    queue=Queue.QUALITY,
    severity=Severity.WATCH,
    formula="ways of all vehicles (people, devices, labels) that are faster than most_km_h / their ways > most_share",
    parameters=TRAVEL.parameters,
    needs=TRAVEL.needs,
    detectable=message("Records of which more than one way in two hundred cannot be; then R06 accuses nobody."),
    false_alarms=message("None: the times, the places or the names of the vehicles are wrong."),
    innocent=(
        message("A vehicle is named that did not go, or the time of its departure is that of the paper."),
        message("The position of a site is that of its head office."),
    ),
    next_step=message("Ask from where these times and vehicles come before anybody is asked about a single jump."),
    chance=0.9,
    find=_find,
)
