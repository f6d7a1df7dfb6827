"""Permits that end: the holder who goes on asks for the next one in time (危险废物经营许可证管理办法 art. 13 (2))."""

from datetime import datetime, timedelta

from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.working_days import before_working_days
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.reports.duty import Duty

# A loose bound for the statement, whatever holidays there are; the exact day is counted afterwards.
_MOST_DAYS_OF_ONE, _HOLIDAYS = 2, 30
_ENDING = """
select permit.id, permit.number, permit.valid_to
from permits permit left join permits next on next.renews_id = permit.id
where permit.organisation_id = $1 and permit.valid_to between $2::date and $3::date and next.id is null
order by permit.valid_to, permit.number
"""


async def permit_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """The actor's own permits that end soon and have no successor; the owner of a firm is told."""
    if actor.role is not Role.OWNER:
        return []
    figures, today = jurisdiction(), legal_day(at)
    term, notice = figures.permit_renewal_days, timedelta(days=figures.permit_renewal_notice_days.value)
    farthest = today + notice + timedelta(days=_MOST_DAYS_OF_ONE * term.value + _HOLIDAYS)
    rows = await (await session.driver()).fetch(_ENDING, actor.organisation_id, today, farthest)
    last_days = [(row, before_working_days(row["valid_to"], term.value)) for row in rows]
    return [
        Duty(
            title=message("Ask for the renewal of the permit, which ends on {valid_to}"),
            what=str(row["number"]),
            address=f"/organisations/{actor.organisation_id}",
            due_on=last_day,
            article=term.article,
            facts={"valid_to": row["valid_to"].isoformat()},
        )
        for row, last_day in last_days
        if last_day - notice <= today
    ]
