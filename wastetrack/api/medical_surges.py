"""Simulated epidemics: asked, worked out by a worker, read as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.capacity.running_surges import AskSurge, SurgeRun, ask_surge, surge_run, surge_runs
from wastetrack.capacity.surge_model import HOLD_DAYS, SurgeAnswer, SurgePreset
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(prefix="/medical/surges", route_class=AnsweringRoute, tags=["medical waste"])

_AN_EPIDEMIC: dict[str, Any] = {
    "region_code": "3706",
    "preset": "wuhan",
    "begins_on": "2027-01-21",
    "base_g": 9_000_000,
}
_Grams = Annotated[int, Field(ge=-(10**13), le=10**13)]
_Days = Annotated[int, Field(ge=-100_000, le=100_000)]


class NewSurge(Body):
    """An epidemic. Null: as the preset has it, or as the last thirty days show it."""

    region_code: Line
    preset: SurgePreset = SurgePreset.WUHAN
    begins_on: Day
    base_g: _Grams | None = Field(None, description="What arises on an ordinary day")
    peak_g: _Grams | None = None
    rise_days: _Days | None = None
    high_days: _Days | None = None
    fall_days: _Days | None = None
    called_after_days: _Days | None = Field(
        None, description="When helpers are called; null: on the day that first exceeds the usual capacity"
    )
    hold_days: _Days = HOLD_DAYS


class SurgeListed(Shown):
    """A simulation, and the figures of its answer once there is one."""

    id: UUID
    title: str
    region_code: str
    created_at: datetime
    task_id: UUID | None
    begins_on: date
    base_g: int
    peak_g: int
    usual_g: int
    exceeded_after_hours: int | None
    unmatched_g: int | None
    unmatched_days: int | None


class SurgeTold(SurgeListed):
    """The same with the whole question, and the answer by day, by plant and by load."""

    question: dict[str, Any]
    answer: dict[str, Any] | None


class SurgesListed(Shown):
    """The newest first."""

    items: list[SurgeListed]


def _listed(run: SurgeRun) -> dict[str, Any]:
    found: SurgeAnswer | None = run.answer
    return {
        "id": run.id,
        "title": run.asked.title,
        "region_code": run.region_code,
        "created_at": run.created_at,
        "task_id": run.task_id,
        "begins_on": run.asked.begins_on,
        "base_g": run.asked.curve.base_g,
        "peak_g": run.asked.curve.peak_g,
        "usual_g": run.asked.usual_g,
        "exceeded_after_hours": None if found is None else found.exceeded_after_hours,
        "unmatched_g": None if found is None else found.unmatched_g,
        "unmatched_days": None if found is None else found.unmatched_days,
    }


@router.get("", response_model=SurgesListed, responses=problems(403))
async def list_surges(work: Reading) -> Response:
    """Those of one's authority."""
    return answer(
        SurgesListed(items=[SurgeListed(**_listed(one)) for one in await surge_runs(work.session, work.actor)])
    )


@router.post("", status_code=201, response_model=SurgeListed, responses=problems(400, 403, 404, 409, 422))
async def ask(work: Writing, body: Annotated[NewSurge, FromBody(examples=[_AN_EPIDEMIC])]) -> Response:
    """Ask; the answer comes with the long work that it names."""
    row = await ask_surge(work.session, work.actor, AskSurge(**body.model_dump()), at=work.at)
    return answer(SurgeListed(**_listed(await surge_run(work.session, work.actor, row.id))), 201)


@router.get("/{surge_id}", response_model=SurgeTold, responses=problems(403, 404))
async def one(work: Reading, surge_id: UUID) -> Response:
    """One of them with all of its answer."""
    run = await surge_run(work.session, work.actor, surge_id)
    told = None if run.answer is None else run.answer.as_json()
    return answer(SurgeTold(**_listed(run), question=run.asked.as_json(), answer=told))
