"""General industrial solid waste that leaves its site without a manifest."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import HappenedAt, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.leaving import send_out
from wastetrack.containers.leaving_rules import SendOut
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute, tags=["containers"])

_SCRAP: dict[str, Any] = {
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "receiver": "烟台再生资源有限公司",
    "method": "R4",
    "plate": "鲁F·A1234",
    "reference": "磅单 20261125-07",
}


class Leaving(Body):
    """Which containers, who takes them, on what vehicle, with which paper, to be used or disposed of how."""

    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    receiver: Line
    method: Line
    plate: Line
    reference: Line = Field(description="Of the paper that goes with it: weighbridge ticket, delivery note, contract")
    handler: Line = Field("", description="Of the department that hands it out; empty: who acts")
    happened_at: HappenedAt = None


class LeftShown(Shown):
    """What left, and the event that states it."""

    container_ids: list[UUID]
    net_g: int
    log: LogEntry


@router.post("/leaving", status_code=201, response_model=LeftShown, responses=problems(400, 403, 404, 409, 422))
async def leave(work: Writing, keys: DeploymentKeys, body: Annotated[Leaving, FromBody(examples=[_SCRAP])]) -> Response:
    """Book general waste out without a manifest, where the place does not ask for one."""
    rows, appended = await send_out(work.session, work.actor, SendOut(**body.model_dump()), at=work.at)
    shown = LeftShown(
        container_ids=[row.id for row in rows], net_g=sum(row.net_g for row in rows), log=log_entry(appended, keys)
    )
    return answer(shown, 201)
