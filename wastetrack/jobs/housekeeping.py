"""Every night: what has served its time is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth import (
    answering,
    ceremonies,
    federating,
    granting,
    happenings,
    opening,
    signing_in,
    throttling,
)
from wastetrack.db.session import writing
from wastetrack.gates import replaying
from wastetrack.jobs.long_work import KEPT
from wastetrack.manifests import preparing
from wastetrack.positions import queries as tracks
from wastetrack.tasks import stepping

# For so long a repeated request gets its first answer. Phones have been known to lie in a drawer over a holiday.
ANSWERS_KEPT = timedelta(days=30)
# What happened to an account interests its owner, and after that nobody.
EVENTS_KEPT = timedelta(days=400)
# A device's list is good for a week: what it may still send again is younger by far.
SCANS_KEPT = timedelta(days=400)
# Where a vehicle was proves something for as long as a load may be asked for; a deployment says for how long.
POSITIONS_KEPT = timedelta(days=730)


async def sweep(engine: AsyncEngine, *, idle: timedelta, at: datetime, positions: timedelta = POSITIONS_KEPT) -> None:
    """Forget answers older than we promise to keep them, sessions and systems' tokens that have ended, and what is left
    of trying."""
    async with writing(engine) as session:
        await answering.forget(session, before=at - ANSWERS_KEPT)
    async with writing(engine) as session:
        await signing_in.forget_ended(session, idle=idle, at=at)
    async with writing(engine) as session:
        await granting.sweep(session, at=at)
        await federating.forget_requests(session, at=at)
    async with writing(engine) as session:
        await preparing.forget_old(session, before=at - ANSWERS_KEPT)
        await throttling.sweep(session, at=at)
        await ceremonies.sweep(session, at=at)
        await opening.forget_devices(session, at=at)
        await happenings.forget(session, before=at - EVENTS_KEPT)
    async with writing(engine) as session:
        await stepping.forget(session, before=at - KEPT)
    async with writing(engine) as session:
        await replaying.forget(session, before=at - SCANS_KEPT)
    async with writing(engine) as session:
        await tracks.forget(session, before=at - positions)
