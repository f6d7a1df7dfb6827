"""A load that is not as its manifest says: reported at the gate, decided, taken note of, acknowledged."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import HappenedAt, LogEntry, Recorded, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.manifests import journey_queries, mismatching
from wastetrack.manifests.journey_model import DecideMismatch, MismatchKind, ReportMismatch
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["mismatches"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_FOUND: dict[str, Any] = {
    "kinds": ["form", "packaging"],
    "found": "申报为固态，实为含水污泥；吨袋破损",
    "container_id": "0192f0c1-7b1a-7000-8000-000000000002",
}


class MismatchReport(Body):
    """What was found. Without a container, the load as a whole. Photographs are attached to the manifest."""

    kinds: tuple[MismatchKind, ...] = Field(min_length=1, max_length=5)
    found: Prose
    container_id: UUID | None = None
    happened_at: HappenedAt = None


class MismatchDecision(Body):
    """Take it in all the same, or reject what differs."""

    accept: bool = Field(strict=True)
    reason: Prose


class MismatchShown(Shown):
    """A mismatch as it stands."""

    id: UUID
    manifest_id: UUID
    container_id: UUID | None
    shipper_id: UUID
    receiver_id: UUID
    destination_region: str
    kinds: list[str]
    found: str
    state: str
    happened_at: datetime
    reported_at: datetime
    decided_at: datetime | None
    decision_reason: str
    noted_at: datetime | None
    acknowledged_at: datetime | None


class MismatchStep(Shown):
    """The mismatch after a step, and the event that states it."""

    mismatch: MismatchShown
    log: LogEntry


class MismatchList(Shown):
    """The newest that the caller may see."""

    items: list[MismatchShown]


@router.post("/manifests/{manifest_id}/mismatches", status_code=201, response_model=MismatchStep, responses=_REFUSALS)
async def report(
    request: Request,
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[MismatchReport, FromBody(examples=[_FOUND])],
) -> Response:
    """Say in what a load at the gate differs. The shipper and the authority of the receiving place are told."""
    command = ReportMismatch(
        mismatch_id=key_of(request),
        manifest_id=manifest_id,
        kinds=body.kinds,
        found=body.found,
        container_id=body.container_id,
        happened_at=body.happened_at,
    )
    return _answer(await mismatching.report_mismatch(work.session, work.actor, command, at=work.at), keys, 201)


@router.get("/mismatches", response_model=MismatchList, responses=problems(422))
async def listed(work: Reading) -> Response:
    """The newest fifty."""
    found = await journey_queries.mismatches(work.session, work.actor)
    return answer(MismatchList(items=[MismatchShown.model_validate(row) for row, _ in found]))


@router.get("/mismatches/{mismatch_id}", response_model=MismatchShown, responses=problems(404, 422))
async def one(work: Reading, mismatch_id: UUID) -> Response:
    """One mismatch."""
    return answer(MismatchShown.model_validate(await journey_queries.mismatch(work.session, work.actor, mismatch_id)))


@router.post("/mismatches/{mismatch_id}/decision", response_model=MismatchStep, responses=_REFUSALS)
async def decide(
    work: Writing,
    keys: DeploymentKeys,
    mismatch_id: UUID,
    body: Annotated[MismatchDecision, FromBody(examples=[{"accept": True, "reason": "按合同约定接受"}])],
) -> Response:
    """The receiver decides. What is rejected goes back on a linked manifest with the receipt."""
    command = DecideMismatch(mismatch_id=mismatch_id, accept=body.accept, reason=body.reason)
    return _answer(await mismatching.decide_mismatch(work.session, work.actor, command, at=work.at), keys)


@router.post("/mismatches/{mismatch_id}/note", response_model=MismatchStep, responses=_REFUSALS)
async def note(work: Writing, keys: DeploymentKeys, mismatch_id: UUID) -> Response:
    """The shipper says that it knows."""
    return _answer(await mismatching.note_mismatch(work.session, work.actor, mismatch_id, at=work.at), keys)


@router.post("/mismatches/{mismatch_id}/acknowledgement", response_model=MismatchStep, responses=_REFUSALS)
async def acknowledge(work: Writing, keys: DeploymentKeys, mismatch_id: UUID) -> Response:
    """The authority of the receiving place says that the report has arrived."""
    return _answer(await mismatching.acknowledge_mismatch(work.session, work.actor, mismatch_id, at=work.at), keys)


def _answer(done: tuple[Any, Recorded], keys: Keys, status: int = 200) -> Response:
    row, appended = done
    shown = MismatchStep(mismatch=MismatchShown.model_validate(row), log=log_entry(appended, keys))
    return answer(shown, status)
