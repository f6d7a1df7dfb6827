"""Corrections of what was signed: a request, and its answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.manifests.correcting import answer_correction, request_correction
from wastetrack.manifests.model import AnswerCorrection, RequestCorrection
from wastetrack.mass import Mass
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.written_text import Prose

router = APIRouter(route_class=AnsweringRoute, tags=["corrections"])

_ASKED: dict[str, Any] = {
    "container_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "measured_g": 178200,
    "reason": "地磅未归零",
}


class CorrectionRequest(Body):
    """A net mass that was signed and is wrong."""

    container_id: UUID
    measured_g: Grams = Field(description="The right net mass")
    reason: Prose


class CorrectionAnswer(Body):
    """Consent, or a refusal with its reason."""

    consent: bool = Field(strict=True)
    reason: Prose = ""


class CorrectionStanding(Shown):
    """A correction as it stands."""

    id: UUID
    manifest_id: UUID
    container_id: UUID
    state: str
    old_measured_g: int
    measured_g: int
    reason: str
    requested_at: datetime
    answer_due_at: datetime
    answered_at: datetime | None
    answer_reason: str


class Corrected(Shown):
    """The correction, and the event that states the step."""

    correction: CorrectionStanding
    log: LogEntry


@router.post(
    "/manifests/{manifest_id}/corrections",
    status_code=201,
    response_model=Corrected,
    responses=problems(400, 403, 404, 409, 422),
)
async def ask(
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[CorrectionRequest, FromBody(examples=[_ASKED])],
) -> Response:
    """The receiver asks for a correction. Nothing changes before the shipper consents."""
    command = RequestCorrection(
        manifest_id=manifest_id,
        container_id=body.container_id,
        measured=Mass(body.measured_g),
        reason=body.reason,
    )
    row, appended = await request_correction(work.session, work.actor, command, at=work.at)
    return answer(Corrected(correction=CorrectionStanding.model_validate(row), log=log_entry(appended, keys)), 201)


@router.post(
    "/corrections/{correction_id}/answer", response_model=Corrected, responses=problems(400, 403, 404, 409, 422)
)
async def consent_or_refuse(
    work: Writing,
    keys: DeploymentKeys,
    correction_id: UUID,
    body: Annotated[
        CorrectionAnswer, FromBody(examples=[{"consent": True}, {"consent": False, "reason": "未见复磅单"}])
    ],
) -> Response:
    """The shipper consents, and the entry is reversed and restated; or refuses, and that ends it."""
    command = AnswerCorrection(correction_id=correction_id, consent=body.consent, reason=body.reason)
    row, appended = await answer_correction(work.session, work.actor, command, at=work.at)
    return answer(Corrected(correction=CorrectionStanding.model_validate(row), log=log_entry(appended, keys)))
