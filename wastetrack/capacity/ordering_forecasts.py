"""An authority asks for a forecast of its region; a worker makes it (foreseeing.py)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.capacity.queries import region_of
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import WriteSession
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.tasks import starting

KIND: Final = "capacity_forecast"
"""Of the long task."""


async def ask_forecast(session: WriteSession, actor: Actor, region: str, *, at: datetime) -> UUID:
    """Have a forecast of a region made; gives the long task. Raises Forbidden, NotFound."""
    own = region_of(actor)
    demand(actor, Verb.ASSESS_CAPACITY)
    wanted = region or own
    known = (await snapshot(session)).regions.get(wanted.ljust(6, "0"))
    if not wanted.startswith(own) or known is None:
        raise NotFound("region_not_watched", "There is no such region in your jurisdiction.")
    return await starting.start(
        session,
        actor,
        kind=KIND,
        title=message("Forecast of what arises: {region}"),
        facts={"region": known.name},
        arguments={"region": wanted},
        at=at,
    )
