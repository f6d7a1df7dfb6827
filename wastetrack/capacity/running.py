"""A worker answers a question of an authority: gathers with its eyes, solves beside the loop, keeps the result."""

import asyncio
import importlib.util
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.capacity.facts import Facts
from wastetrack.capacity.forecast import RegionForecast
from wastetrack.capacity.gathering import facts_of
from wastetrack.capacity.planned import ProjectFacts, project_facts
from wastetrack.capacity.project_queries import newest_forecast, outages, projects
from wastetrack.capacity.result import FORECASTS, Question, Result, ScenarioKind
from wastetrack.capacity.tables import CapacityRunRow
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import WriteSession
from wastetrack.errors import NotFound, Unavailable
from wastetrack.i18n import message
from wastetrack.tasks.model import Outcome

Progress = Callable[[int, int | None], Awaitable[None]]
_NEEDED: Final = ("numpy", "highspy")
_STEPS: Final = 100
_EVERY_SECONDS: Final = 1.0


class _Stopped(Exception):  # noqa: N818  it is no mistake
    """Whoever asked wants it no more."""


def demand_solver() -> None:
    """Raise Unavailable where the libraries that match are not installed, with how to install them."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Unavailable(
            "capacity_not_installed",
            "Matching needs {missing}: pip install 'wastetrack[capacity]'.",
            missing=", ".join(missing),
        )


async def match_run(session: WriteSession, actor: Actor, run_id: UUID, *, at: datetime, progress: Progress) -> Outcome:
    """Answer one question; answered already, nothing happens. Raises NotFound, Unavailable without the libraries."""
    demand_solver()
    row = await session.get(CapacityRunRow, run_id, with_for_update=True, populate_existing=True)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NotFound("capacity_run_unknown", "There is no such assessment of capacity.", run_id=run_id)
    address = f"/capacity/{row.id}"
    if row.result is not None:
        return Outcome(message=message("There was nothing to do."), address=address)
    question = Question.model_validate(row.question)
    await progress(0, _STEPS)
    facts = await facts_of(session, await snapshot(session), question.region, question.year, at=at)
    stood = await outages(session, list(facts.sites), since=date(question.year, 1, 1))
    facts = replace(facts, outages=tuple((one.site_id, one.from_on, one.to_on, one.percent) for one in stood))
    facts = replace(facts, forecast=await _forecast(session, actor, question))
    projects = await projects_of(session, actor, question)
    result = await _solved(facts, question, at, progress, projects)
    row.result = result.model_dump(mode="json")
    row.made_at, row.seconds = at, result.seconds
    row.supply_g, row.unmatched_g = result.totals.supply_g, result.totals.unmatched_g
    await session.flush()
    told = message("Matched in {seconds} s: {unmatched} t of {supply} t find no plant.")
    tonnes = {"unmatched": result.totals.unmatched_g, "supply": result.totals.supply_g}
    facts_told = {name: f"{grams / 1_000_000:,.1f}" for name, grams in tonnes.items()}
    return Outcome(message=told, facts={"seconds": f"{result.seconds:.1f}", **facts_told}, address=address)


async def _forecast(session: WriteSession, actor: Actor, question: Question) -> RegionForecast | None:
    """The newest of the region, where the supply rests on it. Raises NotFound where it is gone meanwhile."""
    if question.ground not in FORECASTS:
        return None
    found = await newest_forecast(session, actor, question.region)
    if found is None:
        raise NotFound("forecast_unknown", "There is no forecast of this region.")
    return found[0]


async def projects_of(session: WriteSession, actor: Actor, question: Question) -> tuple[ProjectFacts, ...]:
    """The projects that a scenario opens, as they stand in the register now."""
    if question.scenario is not ScenarioKind.NEW_PLANT:
        return ()
    known = await projects(session, actor, region=question.region)
    wanted = (project_facts(one, question.year) for one in known if one.plant in question.plants)
    return tuple(one for one in wanted if one is not None)


async def _solved(
    facts: Facts, question: Question, at: datetime, progress: Progress, projects: tuple[ProjectFacts, ...]
) -> Result:
    """Beside the loop, which tells how far it is and hears whether it is still wanted."""
    from wastetrack.capacity.answering import answer  # noqa: PLC0415  an extra

    stop, share = threading.Event(), [0.0]

    def tell(done: float) -> None:
        share[0] = done
        if stop.is_set():
            raise _Stopped

    work = asyncio.create_task(
        asyncio.to_thread(partial(answer, facts, question, made_at=at, progress=tell, projects=projects))
    )
    # Stopped, it ends by itself a little later; nobody waits to hear how.
    work.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=_EVERY_SECONDS)
            await progress(int(share[0] * _STEPS), _STEPS)
    finally:
        stop.set()
    return work.result()
