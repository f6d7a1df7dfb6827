"""Small medical institutions that hand nothing over."""

from datetime import datetime, timedelta

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Evidence, Queue, Severity
from wastetrack.reports.queues.reading import by_statement

# What one that always handed over a few kilograms keeps back is what its visits brought on the average in such a time.
_STATEMENT = """
select small.id as subject_id, small.name as what, coalesce(small.last_waste_at, small.created_at) as since,
  greatest(coalesce(usual.mass_g, 0), 1000)::bigint as grams, firm.id as firm_id, firm.name as firm,
  coalesce(usual.visits, 0) as visits
from small_institutions small join organisations firm on firm.id = small.organisation_id
left join lateral (
  select avg(visit.mass_g)::bigint as mass_g, count(*) as visits from institution_visits visit
  where visit.institution_id = small.id and visit.mass_g > 0
) usual on true
where small.active and small.region_code like substr($1, 3) || '%'
  and coalesce(small.last_waste_at, small.created_at) < $4
"""


def _since(at: datetime) -> tuple[datetime]:
    return (at - timedelta(days=jurisdiction().medical_quiet_days.value),)


QUEUE = Queue(
    id="quiet_institutions",
    title=message("Medical institutions that hand nothing over"),
    severity=Severity.MEDIUM,
    numbers=message("No waste handed over; {visits} pick-ups with waste before"),
    innocent=(
        message("The institution is closed for a holiday or for good."),
        message("It hands its waste over by another point now."),
    ),
    next_step=message(
        "Ask the institution and whoever serves it; together with the health authority where it still treats patients."
    ),
    figure="medical_quiet_days",
    find=by_statement(
        "quiet_institutions",
        _STATEMENT,
        evidence=(Evidence(message("The institution"), "/medical/institutions/{subject_id}"),),
        asks=_since,
    ),
)
