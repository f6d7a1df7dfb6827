"""Incidents on the way that are not over."""

from wastetrack.i18n import message
from wastetrack.reports.queues.model import Evidence, Queue, Severity
from wastetrack.reports.queues.reading import LINES, by_statement

_STATEMENT = f"""
select incident.id as subject_id, coalesce(manifest.number, incident.place) as what, incident.happened_at as since,
  coalesce(nullif(incident.lost_g, 0), load.declared_g) as grams, carrier.id as firm_id, carrier.name as firm,
  incident.place, incident.what as told, incident.manifest_id as other_id
from sightings sighting join incidents incident on incident.id = sighting.subject_id
join manifests manifest on manifest.id = incident.manifest_id
join organisations carrier on carrier.id = incident.organisation_id
cross join lateral ({LINES}) load
where sighting.viewer = $1 and sighting.kind = 'incident' and incident.state = 'open'
"""  # noqa: S608  put together from constants

QUEUE = Queue(
    id="incidents",
    title=message("Incidents not over"),
    severity=Severity.HIGH,
    numbers=message("{place}: {told}"),
    innocent=(message("It is over, and the carrier has not said so."),),
    next_step=message("Ask for measures and outcome; have the carrier end the incident when it is over."),
    article="令23 art. 9",
    find=by_statement(
        "incidents",
        _STATEMENT,
        evidence=(
            Evidence(message("The incident"), "/incidents/{subject_id}"),
            Evidence(message("The manifest"), "/manifests/{other_id}"),
        ),
    ),
)
