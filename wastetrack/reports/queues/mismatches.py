"""Mismatches between paper and load that nobody has decided."""

from wastetrack.i18n import message
from wastetrack.reports.queues.model import Evidence, Queue, Severity
from wastetrack.reports.queues.reading import by_statement

_STATEMENT = """
select mismatch.id as subject_id, manifest.number as what, mismatch.reported_at as since,
  coalesce(one.declared_g, whole.declared_g, 0)::bigint as grams, receiver.id as firm_id, receiver.name as firm,
  shipper.name as shipper, mismatch.found, manifest.id as other_id
from sightings sighting join mismatch_reports mismatch on mismatch.id = sighting.subject_id
join manifests manifest on manifest.id = mismatch.manifest_id
join organisations receiver on receiver.id = mismatch.receiver_id
join organisations shipper on shipper.id = mismatch.shipper_id
left join manifest_containers one on one.manifest_id = manifest.id and one.container_id = mismatch.container_id
cross join lateral (
  select sum(line.declared_g) as declared_g from manifest_containers line where line.manifest_id = manifest.id
) whole
where sighting.viewer = $1 and sighting.kind = 'mismatch' and mismatch.state = 'reported'
"""

QUEUE = Queue(
    id="mismatches",
    title=message("Mismatches not decided"),
    severity=Severity.MEDIUM,
    numbers=message("From {shipper}: {found}"),
    innocent=(
        message("The receiver waits for an analysis."),
        message("Shipper and receiver have agreed and not written it down."),
    ),
    next_step=message("Acknowledge the report; ask the receiver whether it accepts or sends back, and until when."),
    article="令23 art. 18",
    find=by_statement(
        "mismatches",
        _STATEMENT,
        evidence=(
            Evidence(message("The report"), "/mismatches/{subject_id}"),
            Evidence(message("The manifest"), "/manifests/{other_id}"),
        ),
    ),
)
