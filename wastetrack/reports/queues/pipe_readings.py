"""Pipes and belts of which readings are missing."""

from datetime import date, datetime, timedelta

from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.i18n import message
from wastetrack.reports.queues.model import Queue, Severity
from wastetrack.reports.queues.reading import OF_REGION, SEEN, by_statement

# What a missing day may hide is taken to be what an entered day sent on the average.
_STATEMENT = f"""
select manifest.id as subject_id, coalesce(manifest.number, shipper.name || ' → ' || receiver.name) as what,
  min(one.day)::timestamptz as since,
  (count(*) * coalesce((select avg(coalesce(told.sent_g, told.received_g)) from pipe_days told
    where told.manifest_id = manifest.id), 0))::bigint as grams,
  case when bool_or(entered.sent_g is null) then shipper.id else receiver.id end as firm_id,
  case when bool_or(entered.sent_g is null) then shipper.name else receiver.name end as firm,
  count(*) as count, shipper.name as shipper, receiver.name as receiver
{SEEN}
join manifest_periods period on period.manifest_id = manifest.id
join manifest_totals total on total.manifest_id = manifest.id
cross join lateral generate_series(period.begins_on, least(period.ends_on, $4::date), interval '1 day') one (day)
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
left join pipe_days entered on entered.manifest_id = manifest.id and entered.waste_code = total.waste_code
  and entered.day = one.day::date
where {OF_REGION} and manifest.kind = 'continuous' and manifest.state = 'running'
  and (entered.sent_g is null or entered.received_g is null)
group by manifest.id, shipper.id, receiver.id
"""  # noqa: S608  put together from constants


def _until(at: datetime) -> tuple[date]:
    return (legal_day(at) - timedelta(days=jurisdiction().meter_reading_days.value + 1),)


QUEUE = Queue(
    id="pipe_readings",
    title=message("Pipes without readings"),
    severity=Severity.MEDIUM,
    numbers=message("{count} days without a reading, from {shipper} to {receiver}"),
    innocent=(
        message("The pipe stood still on these days."),
        message("The meter's data were kept and not sent."),
    ),
    next_step=message("Ask both ends for the meters' own records of these days, and to enter them."),
    article="令23 art. 19",
    find=by_statement("pipe_readings", _STATEMENT, asks=_until),
)
