"""Transfers on paper that were entered too late, or whose receipt nobody has signed since."""

from datetime import datetime

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction, legal_day
from wastetrack.catalogues.working_days import before_working_days
from wastetrack.i18n import message
from wastetrack.reports.queues.differences import WINDOW
from wastetrack.reports.queues.model import Queue, Severity
from wastetrack.reports.queues.reading import LINES, OF_REGION, SEEN, by_statement

_STATEMENT = f"""
select manifest.id as subject_id, manifest.number as what,
  case when manifest.state = 'arrived' then paper.entered_at else paper.received_at end as since,
  load.declared_g as grams,
  case when manifest.state = 'arrived' then receiver.id else shipper.id end as firm_id,
  case when manifest.state = 'arrived' then receiver.name else shipper.name end as firm,
  load.containers, to_char(paper.received_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as received_on,
  coalesce(to_char(paper.entered_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), '—') as entered_on
{SEEN}
join manifest_papers paper on paper.manifest_id = manifest.id
cross join lateral ({LINES}) load
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
where {OF_REGION} and manifest.on_paper and (
  (manifest.state = 'arrived' and paper.entered_at < $4) or (paper.late_reason <> '' and paper.entered_at > $5))
"""


def _since(at: datetime) -> tuple[datetime, datetime]:
    last = before_working_days(legal_day(at), jurisdiction().confirm_working_days.value)
    return datetime(last.year, last.month, last.day, tzinfo=LEGAL_ZONE), at - WINDOW


QUEUE = Queue(
    id="paper_late",
    title=message("Paper entered late"),
    severity=Severity.LOW,
    numbers=message("{containers} containers, received on {received_on}, entered on {entered_on}"),
    innocent=(
        message("The outage lasted longer than ten working days."),
        message("The form came back by post."),
    ),
    next_step=message("Compare the scan with what was entered; have the receipt signed."),
    figure="back_entry_working_days",
    find=by_statement("paper_late", _STATEMENT, asks=_since),
)
