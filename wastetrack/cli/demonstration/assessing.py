"""Authorities have had their capacity matched: the year ends with assessments, where the libraries for it are there."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.capacity import queries
from wastetrack.capacity.questioning import AskMatching, ask
from wastetrack.capacity.running import demand_solver
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.db.session import Sight, writing
from wastetrack.errors import Unavailable
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings


async def assess(engine: AsyncEngine, authority: Actor, *, at: datetime, free_elsewhere: bool = False) -> None:
    """Ask, and answer at once as a worker does."""
    try:
        demand_solver()
    except Unavailable:
        return
    async with writing(engine) as session:
        await look_as(session, authority)
        run_id = await ask(
            session, authority, AskMatching(year=local_day(at).year, free_elsewhere=free_elsewhere), at=at
        )
        run, _, _ = await queries.run_of(session, authority, run_id)
    assert run.task_id is not None  # noqa: S101  it has just been asked
    sight = Sight(authority.viewer, authority.organisation_id, authority.person_id)
    await perform(engine, Settings(), HANDLERS, sight, run.task_id)
