"""Containers that were declared, never arrived, and have not been found again."""

from wastetrack.i18n import message
from wastetrack.reports.queues.model import Evidence, Queue, Severity
from wastetrack.reports.queues.reading import OF_REGION, SEEN, by_statement

_STATEMENT = f"""
select held.id as subject_id, held.digital_code as what, coalesce(manifest.received_at, manifest.last_act_at) as since,
  line.declared_g as grams, carrier.id as firm_id, carrier.name as firm, manifest.number, held.waste_code,
  manifest.id as other_id
{SEEN}
join manifest_containers line on line.manifest_id = manifest.id and line.outcome = 'missing'
join containers held on held.id = line.container_id and held.state = 'lost'
join lateral (
  select leg.carrier_id from manifest_legs leg where leg.manifest_id = manifest.id order by leg.position desc limit 1
) last on true
join organisations carrier on carrier.id = last.carrier_id
where {OF_REGION}
"""  # noqa: S608  put together from constants

QUEUE = Queue(
    id="missing_containers",
    title=message("Missing containers"),
    severity=Severity.HIGH,
    numbers=message("Declared on manifest {number} as {waste_code}, not there at the gate"),
    innocent=(
        message("It was never loaded and still stands in the shipper's store."),
        message("Its label was lost; the container came in without one."),
        message("It went to another gate of the same receiver."),
    ),
    next_step=message(
        "Have the shipper count its store; ask for the carrier's record of the way; book it as found where it turns up."
    ),
    article="令23 art. 9, 18",
    find=by_statement(
        "missing_containers",
        _STATEMENT,
        evidence=(
            Evidence(message("The container"), "/containers/{subject_id}"),
            Evidence(message("The manifest"), "/manifests/{other_id}"),
            Evidence(message("Its chain"), "/audit/containers/{subject_id}"),
        ),
    ),
)
