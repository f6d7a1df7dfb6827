"""Clocks that the law runs against somebody: what the actor owes, and until when.

Each source reads the duties of one part of the regime in one statement, for the actor's own eyes. The first page shows
them all, the soonest first; a duty stands there from the day on which it can be done until it is done.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.reports.duties_approvals import approval_duties
from wastetrack.reports.duties_collections import collections_duties
from wastetrack.reports.duties_filings import filings_duties
from wastetrack.reports.duties_journeys import journeys_duties
from wastetrack.reports.duties_medical import medical_duties
from wastetrack.reports.duties_paper import paper_duties
from wastetrack.reports.duties_permits import permit_duties
from wastetrack.reports.duties_plans import plans_duties
from wastetrack.reports.duties_reservations import reservations_duties
from wastetrack.reports.duties_storage import storage_duties
from wastetrack.reports.duty import Duty

__all__ = ["SOURCES", "Duty", "Source", "duties_of"]

Source = Callable[[ReadSession, Actor, datetime], Awaitable[list[Duty]]]

SOURCES: tuple[Source, ...] = (
    approval_duties,
    collections_duties,
    filings_duties,
    journeys_duties,
    medical_duties,
    paper_duties,
    permit_duties,
    plans_duties,
    reservations_duties,
    storage_duties,
)
"""In no order; a part of the regime that has clocks adds its own."""


async def duties_of(session: ReadSession, actor: Actor, *, at: datetime) -> list[Duty]:
    """All that the actor owes, the soonest first."""
    found = [duty for source in SOURCES for duty in await source(session, actor, at)]
    return sorted(found, key=lambda duty: (duty.last_day(), duty.title, duty.what))
