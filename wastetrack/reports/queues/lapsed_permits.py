"""Open loads whose receiver has no permit in force today."""

from datetime import date, datetime

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Evidence, Queue, Severity
from wastetrack.reports.queues.reading import LINES, MANIFEST, OF_REGION, SEEN, by_statement

_STATEMENT = f"""
select manifest.id as subject_id, manifest.number as what, greatest(manifest.filed_at, ended.at) as since,
  load.declared_g as grams, receiver.id as firm_id, receiver.name as firm, load.containers,
  coalesce(ended.number, '—') as permit, to_char(ended.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as ended_on
{SEEN}
cross join lateral ({LINES}) load
join organisations receiver on receiver.id = manifest.receiver_id
cross join lateral (
  select min(permit.number) as number, coalesce(max(least(
    (permit.valid_to + 1)::timestamp at time zone 'Asia/Shanghai', stop.from_on::timestamp at time zone 'Asia/Shanghai'
  )), manifest.filed_at) as at
  from permits permit left join permit_suspensions stop on stop.permit_id = permit.id
    and $4 between stop.from_on and coalesce(stop.to_on, $4)
  where permit.organisation_id = receiver.id and permit.valid_from <= $4
) ended
where {OF_REGION} and manifest.basis = 'permit' and manifest.kind <> 'return'
  and manifest.state in ('filed', 'running', 'picked_up', 'in_transit', 'arrived')
  and not exists (
    select from permits permit where permit.organisation_id = receiver.id
      and (permit.site_id is null or permit.site_id = manifest.receiver_site_id)
      and $4 between permit.valid_from and permit.valid_to
      and not exists (
        select from permit_suspensions stop where stop.permit_id = permit.id
          and $4 between stop.from_on and coalesce(stop.to_on, $4)))
"""  # noqa: S608  put together from constants


def _today(at: datetime) -> tuple[date]:
    return (legal_day(at),)


QUEUE = Queue(
    id="lapsed_permits",
    title=message("Permits lapsed with open loads"),
    severity=Severity.HIGH,
    numbers=message("{containers} containers on the way; permit {permit} not in force since {ended_on}"),
    innocent=(
        message("The renewal is granted and not entered yet."),
        message("The load was filed while the permit held."),
    ),
    next_step=message("Enter the renewal, or have the load sent to another receiver."),
    article="固废法 art. 80; 令23 art. 10",
    find=by_statement(
        "lapsed_permits",
        _STATEMENT,
        evidence=(*MANIFEST, Evidence(message("The receiver"), "/oversight/companies/{firm_id}")),
        asks=_today,
    ),
)
