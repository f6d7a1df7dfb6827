"""What will arise in a region, code by code, for its authority."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.policy import demand_authority
from wastetrack.capacity import ordering_forecasts, project_queries
from wastetrack.capacity.forecast import RegionForecast
from wastetrack.errors import NotFound
from wastetrack.reports.oversight_figures import within
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(route_class=AnsweringRoute, tags=["capacity"])

_REGION = Query(pattern=r"^\d{0,6}$", description="First digits of a region; without it, one's own")


class ForecastAsked(Body):
    """Of which region; empty: one's own."""

    region: str = Field("", pattern=r"^\d{0,6}$")


class ForecastUnderWay(Shown):
    """The long task that makes it: /api/v1/tasks/{task_id}."""

    task_id: UUID


class ForecastShown(Shown):
    """The newest of a region."""

    made_at: datetime
    forecast: RegionForecast


@router.get("/capacity/forecast", response_model=ForecastShown, responses=problems(403, 404, 422))
async def newest(work: Reading, region: Annotated[str, _REGION] = "") -> Response:
    """The newest that one's authority had made of a region."""
    demand_authority(work.actor)
    asked = within(work.actor, region)
    found = await project_queries.newest_forecast(work.session, work.actor, asked)
    if found is None:
        raise NotFound("forecast_not_made", "No forecast of this region has been made yet.", region=asked)
    return answer(ForecastShown(made_at=found[1], forecast=found[0]))


@router.post(
    "/capacity/forecast", status_code=202, response_model=ForecastUnderWay, responses=problems(400, 403, 404, 422)
)
async def make(work: Writing, body: Annotated[ForecastAsked, FromBody(examples=[{"region": "3706"}])]) -> Response:
    """Have one made; a worker does it."""
    task_id = await ordering_forecasts.ask_forecast(work.session, work.actor, body.region, at=work.at)
    return answer(ForecastUnderWay(task_id=task_id), 202)
