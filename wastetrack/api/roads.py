"""Distances by road on which an authority's matchings rest."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.model import Actor
from wastetrack.capacity import uploading_roads
from wastetrack.capacity.roads import FARTHEST_KM, MOST_LINES, RoadLine, UploadRoads
from wastetrack.db.session import ReadSession
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/capacity/roads", route_class=AnsweringRoute, tags=["capacity"])

_A_MATRIX: dict[str, Any] = {
    "reason": "交通运输局 2026 年路网",
    "lines": [{"origin": "370602", "site_id": "0192f0c1-7b1a-7000-8000-000000000002", "km": 18.5}],
}


class RoadFields(Body):
    """From a county or a site to the site of a plant."""

    origin: Annotated[Line, Field(description="GB/T 2260, six digits; or the id of a site")]
    site_id: UUID
    km: float = Field(gt=0, le=FARTHEST_KM)


class RoadsUploaded(Body):
    """The whole matrix; it takes the place of the one before."""

    reason: Annotated[Line, Field(description="Where the distances are from")]
    lines: list[RoadFields] = Field(max_length=MOST_LINES)


class RoadShown(Shown):
    """A distance."""

    origin: str
    site_id: UUID
    km: float


class RoadsShown(Shown):
    """The matrix of one's authority; `recorded_at` is null where there is none."""

    recorded_at: datetime | None
    items: list[RoadShown]


@router.get("", response_model=RoadsShown, responses=problems(403))
async def listed(work: Reading) -> Response:
    """One's own matrix."""
    return answer(await _shown(work.session, work.actor))


@router.post("", response_model=RoadsShown, responses=problems(400, 403, 422))
async def upload(work: Writing, body: Annotated[RoadsUploaded, FromBody(examples=[_A_MATRIX])]) -> Response:
    """Upload it."""
    lines = tuple(RoadLine(one.origin, one.site_id, one.km) for one in body.lines)
    command = UploadRoads(lines=lines, reason=body.reason)
    await uploading_roads.upload_roads(work.session, work.actor, command, at=work.at)
    return answer(await _shown(work.session, work.actor))


async def _shown(session: ReadSession, actor: Actor) -> RoadsShown:
    lines, recorded_at = await uploading_roads.roads(session, actor)
    return RoadsShown(recorded_at=recorded_at, items=[RoadShown.model_validate(one) for one in lines])
