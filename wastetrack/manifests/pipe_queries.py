"""Reading a pipe's manifest: every day of every waste of its period, entered or not, in one statement."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wastetrack.db.session import ReadSession

_DAYS = """
select total.waste_code, total.waste_name, one.day::date as day, entered.sent_g, entered.sent_method,
  entered.received_g, entered.received_method, entered.closed_at, entered.container_id
from manifest_periods period
cross join lateral generate_series(period.begins_on, least(period.ends_on, $2::date), interval '1 day') as one (day)
join manifest_totals total on total.manifest_id = period.manifest_id
left join pipe_days entered on entered.manifest_id = period.manifest_id
  and entered.waste_code = total.waste_code and entered.day = one.day::date
where period.manifest_id = $1 order by one.day, total.position
"""


@dataclass(frozen=True, slots=True)
class PipeDay:
    """One day of one waste, as far as it was entered."""

    waste_code: str
    waste_name: str
    day: date
    sent_g: int | None
    sent_method: str | None
    received_g: int | None
    received_method: str | None
    closed_at: datetime | None
    container_id: UUID | None


async def pipe_days(session: ReadSession, manifest_id: UUID, *, until: date) -> list[PipeDay]:
    """The days that have come. Whoever asks has seen the manifest."""
    driver = await session.driver()
    return [PipeDay(*row) for row in await driver.fetch(_DAYS, manifest_id, until)]
