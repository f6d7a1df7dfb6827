"""What was missing on the way and turns up again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, HappenedAt, LogEntry, MeasuredBy, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.finding import find_again
from wastetrack.manifests.journey_model import FindAgain
from wastetrack.mass import Mass
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/manifests/{manifest_id}", route_class=AnsweringRoute, tags=["incidents"])

_IN_THE_DITCH: dict[str, Any] = {
    "container_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "what": "荣乌高速 K123 路边沟内找到，桶体完好",
    "gross_g": 198500,
    "method": "platform_scale",
}


class Finding(Body):
    """Which container, where and how it was found, and what it weighs where it stays at a site."""

    container_id: UUID
    what: Prose
    gross_g: Grams | None = Field(None, description="Null: not weighed; the mass it was missed with is taken over")
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None
    uncertainty_g: Grams | None = None
    happened_at: HappenedAt = None


class FindingShown(Shown):
    """The event that takes it back."""

    container_id: UUID
    log: LogEntry


@router.post("/findings", status_code=201, response_model=FindingShown, responses=problems(400, 403, 404, 409, 422))
async def find(
    request: Request,
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[Finding, FromBody(examples=[_IN_THE_DITCH])],
) -> Response:
    """Whoever has the container says so: a carrier brings it on under its manifest, the shipper keeps it, the receiver
    takes it in, also after the receipt. The Idempotency-Key is the event's own id."""
    command = FindAgain(
        event_id=key_of(request),
        manifest_id=manifest_id,
        container_id=body.container_id,
        what=body.what,
        gross=None if body.gross_g is None else Mass(body.gross_g),
        method=WeighingMethod(body.method.value),
        scale_id=body.scale_id or None,
        uncertainty=None if body.uncertainty_g is None else Mass(body.uncertainty_g),
        happened_at=body.happened_at,
    )
    appended = await find_again(work.session, work.actor, command, at=work.at)
    return answer(FindingShown(container_id=body.container_id, log=log_entry(appended, keys)), 201)
