"""Loads whose measured mass differs from the declared one by more than the two scales explain."""

from datetime import datetime, timedelta

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Queue, Severity
from wastetrack.reports.queues.reading import OF_REGION, SEEN, by_statement

WINDOW = timedelta(days=90)
"""What came in before is for the statistics, not for a telephone call."""
# What was corrected with both signatures is compared anew, with the agreed share and floor; else the gate has decided.
_STATEMENT = f"""
select manifest.id as subject_id, manifest.number as what, manifest.received_at as since,
  sum(abs(line.declared_g - line.measured_g))::bigint as grams, shipper.id as firm_id, shipper.name as firm,
  count(*) as containers, sum(line.declared_g)::bigint as declared_g, sum(line.measured_g)::bigint as measured_g
{SEEN}
join manifest_containers line on line.manifest_id = manifest.id
join organisations shipper on shipper.id = manifest.shipper_id
where {OF_REGION} and manifest.received_at > $4 and line.measured_g is not null and case
  when (line.manifest_id, line.container_id) in (
    select correction.manifest_id, correction.container_id from manifest_corrections correction
    where correction.state = 'consented' and correction.container_id is not null)
  then abs(line.declared_g - line.measured_g) > greatest(line.declared_g * $5 / 1000, $6)
  else line.outcome = 'accepted_with_difference' end
group by manifest.id, shipper.id
"""  # noqa: S608  put together from constants


def _since(at: datetime) -> tuple[datetime, int, int]:
    figures = jurisdiction()
    return at - WINDOW, figures.weight_tolerance.value, figures.weight_tolerance_floor.value


QUEUE = Queue(
    id="differences",
    title=message("Differences beyond tolerance"),
    severity=Severity.MEDIUM,
    numbers=message("Containers: {containers}; declared {declared_g}, measured {measured_g}"),
    innocent=(
        message("One of the scales is not verified, or was read wrongly."),
        message("Water evaporated, or rain came in."),
        message("Tare differs: pallets or straps were weighed with it."),
    ),
    next_step=message(
        "Compare with other loads over the same pair of scales; ask for the weighing slips; have a correction signed."
    ),
    figure="weight_tolerance",
    find=by_statement("differences", _STATEMENT, asks=_since),
)
