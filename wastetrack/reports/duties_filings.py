"""The terms of periodic reports: what one's own sites have not handed in yet of the periods that ended last."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.db.session import ReadSession
from wastetrack.filings.model import ARTICLE, ReportKind
from wastetrack.i18n import message
from wastetrack.reports.duty import Duty
from wastetrack.reports.ledgers.reporting import due_days, end_of, last_period
from wastetrack.reports.ledgers.standing import standing_of

_TITLE = message("Hand in the report {period} of {site}")


async def filings_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """One for each report that is owed and not handed in, to whoever may hand it in."""
    if actor.is_regulator or not actor.viewer.startswith("o:") or not may(actor, Verb.FILE):
        return []
    periods = [last_period(kind, at) for kind in ReportKind]
    owed = await standing_of(session, actor, periods, ends=[end_of(period) for period in periods])
    return [
        Duty(
            title=_TITLE,
            what=one.firm,
            address=f"/ledgers/{one.site_id}/reports/{one.period.name}",
            due_on=one.period.due_on(due_days()),
            article=ARTICLE,
            facts={"period": one.period.name, "site": one.site},
        )
        for one in owed
        if one.report_id is None
    ]
