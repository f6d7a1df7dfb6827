"""Corrections of what was signed: a request, and its answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Shown, problems
from wastetrack.api.signed_bodies import SignedBody
from wastetrack.api.step_bodies import FieldCorrectionFields
from wastetrack.manifests.acting import Acted, Asked
from wastetrack.manifests.model import CorrectionField, SignedStep
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing
from wastetrack.serving.written_text import Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["corrections"])

_ASKED: dict[str, Any] = {
    "container_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "measured_g": 178200,
    "reason": "地磅未归零",
}


_PLATE: dict[str, Any] = {"field": "leg_plate", "leg_position": 1, "new": "鲁F·B5678", "reason": "车牌录入有误"}


class CorrectionRequest(SignedBody):
    """A net mass that was signed and is wrong."""

    container_id: UUID
    measured_g: Grams = Field(description="The right net mass")
    reason: Prose

    def asked(self, manifest_id: UUID) -> Asked:
        """As the use case wants it."""
        return Asked(
            step=SignedStep.CORRECTION,
            subject_id=manifest_id,
            container_id=self.container_id,
            measured_g=self.measured_g,
            reason=self.reason,
        )


class FieldCorrectionRequest(SignedBody, FieldCorrectionFields):
    """A sealed field that says the wrong thing: the plate or places of a leg, remarks, the receiver's opinion."""

    field: CorrectionField
    new: Prose
    reason: Prose

    def asked(self, manifest_id: UUID) -> Asked:
        """As the use case wants it."""
        return Asked(step=SignedStep.CORRECTION, subject_id=manifest_id, reason=self.reason, told=self.corrected())


class CorrectionAnswer(SignedBody):
    """Consent, or a refusal with its reason."""

    consent: bool = Field(strict=True)
    reason: Prose = ""

    def asked(self, correction_id: UUID) -> Asked:
        """As the use case wants it."""
        return Asked(
            step=SignedStep.CORRECTION_ANSWER, subject_id=correction_id, consent=self.consent, reason=self.reason
        )


class CorrectionStanding(Shown):
    """A correction as it stands."""

    id: UUID
    manifest_id: UUID
    field: str
    container_id: UUID | None
    leg_position: int
    answerer_id: UUID
    state: str
    old_measured_g: int | None
    measured_g: int | None
    old_text: str
    new_text: str
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
    work: Signing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[CorrectionRequest, FromBody(examples=[_ASKED])],
) -> Response:
    """The receiver asks for a correction. Nothing changes before the shipper consents."""
    return _answer(await work.act(body.asked(manifest_id)), keys, 201)


@router.post(
    "/manifests/{manifest_id}/field-corrections",
    status_code=201,
    response_model=Corrected,
    responses=problems(400, 403, 404, 409, 422),
)
async def ask_field(
    work: Signing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[FieldCorrectionRequest, FromBody(examples=[_PLATE])],
) -> Response:
    """Ask for the correction of another field. Whoever's signature covers it too must consent; else nothing changes."""
    return _answer(await work.act(body.asked(manifest_id)), keys, 201)


@router.post(
    "/corrections/{correction_id}/answer", response_model=Corrected, responses=problems(400, 403, 404, 409, 422)
)
async def consent_or_refuse(
    work: Signing,
    keys: DeploymentKeys,
    correction_id: UUID,
    body: Annotated[
        CorrectionAnswer, FromBody(examples=[{"consent": True}, {"consent": False, "reason": "未见复磅单"}])
    ],
) -> Response:
    """The shipper consents, and the entry is reversed and restated; or refuses, and that ends it."""
    return _answer(await work.act(body.asked(correction_id)), keys)


def _answer(acted: Acted, keys: Keys, status: int = 200) -> Response:
    shown = CorrectionStanding.model_validate(acted.correction)
    return answer(Corrected(correction=shown, log=log_entry(acted.appended, keys)), status)
