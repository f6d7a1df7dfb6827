"""Loads that have been on the road too long."""

from datetime import datetime, timedelta

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Queue, Severity
from wastetrack.reports.queues.reading import LINES, OF_REGION, SEEN, by_statement

_STATEMENT = f"""
select manifest.id as subject_id, manifest.number as what, manifest.picked_up_at as since, load.declared_g as grams,
  carrier.id as firm_id, carrier.name as firm, load.containers, receiver.name as receiver
{SEEN}
cross join lateral ({LINES}) load
join organisations receiver on receiver.id = manifest.receiver_id
join lateral (
  select leg.carrier_id from manifest_legs leg where leg.manifest_id = manifest.id and leg.taken_over_at is not null
  order by leg.position desc limit 1
) last on true
join organisations carrier on carrier.id = last.carrier_id
where {OF_REGION} and manifest.state in ('picked_up', 'in_transit', 'returning') and manifest.picked_up_at < $4
"""  # noqa: S608  put together from constants


def _since(at: datetime) -> tuple[datetime]:
    return (at - timedelta(hours=jurisdiction().transit_hours.value),)


QUEUE = Queue(
    id="overdue_on_road",
    title=message("Overdue on the road"),
    severity=Severity.HIGH,
    numbers=message("{containers} containers on the way to {receiver}, no arrival reported"),
    innocent=(
        message("The driver arrived and has not reported it."),
        message("A breakdown, weather or a closed road, told by telephone."),
        message("The gate works on paper because of an outage."),
    ),
    next_step=message(
        "Ring the carrier and the receiver; ask for the vehicle's positions; look whether an incident was reported."
    ),
    figure="transit_hours",
    find=by_statement("overdue_on_road", _STATEMENT, asks=_since),
)
