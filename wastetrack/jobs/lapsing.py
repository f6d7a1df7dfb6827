"""Reservations whose time is over: what nobody used is everybody's again, and the log is told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.db.session import reading, writing
from wastetrack.manifests import setting_aside


async def lapse_reservations(engine: AsyncEngine, *, at: datetime) -> int:
    """Let go of what is over, then tell of it: each firm's lapses in a transaction of their own; how many were told.

    Killed in between, the next run tells of what this one let go.
    """
    async with writing(engine) as session:
        await setting_aside.let_lapse(session, at=at)
    async with reading(engine) as session:
        waiting = await setting_aside.untold(session)
    told = 0
    for organisation_id, ids in waiting.items():
        async with writing(engine) as session:
            told += await setting_aside.tell_lapses(session, organisation_id, ids, at=at)
    return told
