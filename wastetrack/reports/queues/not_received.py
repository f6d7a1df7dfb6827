"""Loads that stand at the gate: arrived, and nobody has received them."""

from datetime import datetime, timedelta

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Queue, Severity
from wastetrack.reports.queues.reading import LINES, OF_REGION, SEEN, by_statement

_STATEMENT = f"""
select manifest.id as subject_id, manifest.number as what, manifest.arrived_at as since, load.declared_g as grams,
  receiver.id as firm_id, receiver.name as firm, load.containers, shipper.name as shipper
{SEEN}
cross join lateral ({LINES}) load
join organisations receiver on receiver.id = manifest.receiver_id
join organisations shipper on shipper.id = manifest.shipper_id
where {OF_REGION} and manifest.state = 'arrived' and manifest.arrived_at < $4
"""


def _since(at: datetime) -> tuple[datetime]:
    return (at - timedelta(hours=jurisdiction().gate_hours.value),)


QUEUE = Queue(
    id="not_received",
    title=message("Arrived, not received"),
    severity=Severity.HIGH,
    numbers=message("{containers} containers from {shipper} at the gate, not received"),
    innocent=(
        message("Samples are in the laboratory."),
        message("The truck came after the gate had closed."),
        message("The receipt was made on paper and is not entered yet."),
    ),
    next_step=message("Ask the receiver where the containers stand; have them scanned, accepted or rejected."),
    figure="gate_hours",
    find=by_statement("not_received", _STATEMENT, asks=_since),
)
