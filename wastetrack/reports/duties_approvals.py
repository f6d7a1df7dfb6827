"""What the terms of approvals ask: of the authority that reviews, replies or decides, and of whose approval ends."""

from datetime import datetime

from wastetrack.approvals import queries
from wastetrack.approvals.policy import is_owed_by
from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.db.session import ReadSession
from wastetrack.reports.duty import Duty


async def approval_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """The acts that this actor owes to applications, one statement."""
    if not (may(actor, Verb.APPLY) or may(actor, Verb.DECIDE)):
        return []
    duties = []
    for row, what in await queries.running(session, actor):
        clock = queries.clock_for(row, at)
        if clock is not None and is_owed_by(actor, clock.side, row):
            duties.append(
                Duty(
                    title=clock.title,
                    what=row.number or what,
                    address=f"/approvals/{row.id}",
                    due_on=clock.due_on,
                    article=clock.article,
                )
            )
    return duties
