"""Erasure: one's own request, and its fulfilment by the platform's operator."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.policy import Verb, demand
from wastetrack.privacy import erasing, queries
from wastetrack.privacy.model import ErasePerson
from wastetrack.privacy.retention import retention
from wastetrack.serving.deps import Reading, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["privacy"])

_MOST = 200
_ERASE: dict[str, Any] = {"reason": "本人申请", "driver_ids": []}


class Requested(Shown):
    """A request that waits for the operator."""

    id: UUID
    asked_at: datetime


class OpenRequestShown(Requested):
    """The same, for the operator."""

    person_id: UUID
    login: str
    name: str


class OpenRequests(Shown):
    """Requests that nobody has answered, the oldest first."""

    items: list[OpenRequestShown]


class Erasing(Body):
    """Why, and which drivers' records are the person's too."""

    reason: Prose
    driver_ids: tuple[UUID, ...] = Field((), max_length=20)


class ErasedShown(Shown):
    """What was erased; `digest` is SHA-256 over the sorted ids of the events whose personal parts are gone."""

    events: int
    digest: str
    drivers: int
    log: LogEntry


@router.post("/me/erasure", status_code=201, response_model=Requested, responses=problems(400, 403, 422))
async def request_erasure(work: Writing) -> Response:
    """Ask to be erased. The operator fulfils it as soon as the law no longer keeps the records."""
    return answer(Requested.model_validate(await erasing.request_erasure(work.session, work.actor, at=work.at)), 201)


@router.get("/erasure-requests", response_model=OpenRequests, responses=problems(403))
async def requests(work: Reading) -> Response:
    """Who waits to be erased; for the platform's operator."""
    demand(work.actor, Verb.ERASE_PERSONS)
    found = await queries.open_requests(work.session, limit=_MOST)
    return answer(OpenRequests(items=[OpenRequestShown.model_validate(one) for one in found]))


@router.post("/people/{person_id}/erasure", response_model=ErasedShown, responses=problems(400, 403, 404, 422))
async def erase(
    request: Request,
    work: Writing,
    keys: DeploymentKeys,
    person_id: UUID,
    body: Annotated[Erasing, FromBody(examples=[_ERASE])],
) -> Response:
    """Make a person unrecognisable. Cannot be undone; proofs of the log stand as before."""
    command = ErasePerson(person_id=person_id, reason=body.reason, driver_ids=body.driver_ids)
    kept = retention(settings_of(request).retention_years)
    done, appended = await erasing.erase_person(work.session, work.actor, command, kept, at=work.at)
    shown = ErasedShown(events=done.events, digest=done.digest, drivers=done.drivers, log=log_entry(appended, keys))
    return answer(shown)
