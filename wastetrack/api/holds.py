"""Legal holds: an authority stops purge and erasure of what an inquiry may need."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.privacy import holds
from wastetrack.privacy.holds import BeginHold, HeldThing
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose

router = RoomRouter(prefix="/holds", route_class=AnsweringRoute, tags=["privacy"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_HOLD: dict[str, Any] = {
    "thing": "manifest",
    "subject_id": "0192f0c1-7b1a-7000-8000-000000000006",
    "reason": "案件调查",
    "told": False,
}


class NewHold(Body):
    """What is held and why; `told` lets those whom it concerns know."""

    thing: HeldThing
    subject_id: UUID
    reason: Prose
    told: bool = False


class WhyEnd(Body):
    """Why a hold ends."""

    reason: Prose


class HoldShown(Shown):
    """A hold."""

    id: UUID
    thing: str
    subject_id: UUID
    organisation_id: UUID
    reason: str
    told: bool
    begun_at: datetime
    ended_at: datetime | None
    end_reason: str


class HoldList(Shown):
    """Holds, the newest first."""

    items: list[HoldShown]


class HoldAnswer(Shown):
    """The hold, and the event that states it."""

    hold: HoldShown
    log: LogEntry


@router.get("", response_model=HoldList, responses=problems())
async def listed(work: Reading) -> Response:
    """The holds that one may know of."""
    rows = await holds.holds(work.session, work.actor)
    return answer(HoldList(items=[HoldShown.model_validate(row) for row in rows]))


@router.post("", status_code=201, response_model=HoldAnswer, responses=_REFUSALS)
async def begin(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewHold, FromBody(examples=[_A_HOLD])]
) -> Response:
    """Begin a hold in one's own region. Nothing of its subject is purged or erased until it ends."""
    command = BeginHold(**body.model_dump())
    row, stated = await holds.begin_hold(work.session, work.actor, command, at=work.at)
    return answer(HoldAnswer(hold=HoldShown.model_validate(row), log=log_entry(stated, keys)), 201)


@router.post("/{hold_id}/end", response_model=HoldAnswer, responses=_REFUSALS)
async def end(
    work: Writing,
    keys: DeploymentKeys,
    hold_id: UUID,
    body: Annotated[WhyEnd, FromBody(examples=[{"reason": "案件已结"}])],
) -> Response:
    """Let go."""
    row, stated = await holds.end_hold(work.session, work.actor, hold_id, body.reason, at=work.at)
    return answer(HoldAnswer(hold=HoldShown.model_validate(row), log=log_entry(stated, keys)))
