"""The first of the two steps of a signature: what exactly would be signed, in plain words and as bytes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response
from webauthn.helpers import bytes_to_base64url

from wastetrack.api.fields import Grams, HappenedAt, answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.step_bodies import FieldCorrectionFields, HandOverFields, LoadingFields, RedirectionFields
from wastetrack.api.versions import IfMatch, version_seen
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.manifests import preparing
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.serving import signers
from wastetrack.serving.deps import WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["signing"])

_REFUSALS = problems(400, 403, 404, 409, 422)


class Step(StrEnum):
    """A signed step, as its own address says it."""

    FILING = "filing"
    CANCELLATION = "cancellation"
    VOIDING = "voiding"
    PICK_UP = "pick-up"
    HAND_OVER = "hand-over"
    ARRIVAL = "arrival"
    RECEIPT = "receipt"
    CONFIRMATION = "confirmation"
    CORRECTIONS = "corrections"
    OPENING = "opening"
    SUMMING_UP = "summing-up"
    REDIRECTION = "redirection"
    BACK_ENTRY = "back-entry"
    FIELD_CORRECTIONS = "field-corrections"
    LOADING_CHECK = "loading-check"


class SignerFields(Body):
    """Who is to sign, if it is not the caller."""

    signer_login: Line = Field(
        "", description="Somebody of a party of the manifest who signs on this device with his own factor"
    )


class PreparationBody(SignerFields, HandOverFields, RedirectionFields, FieldCorrectionFields, LoadingFields):
    """The body of the step itself, without its factor. What a step does not need is left out."""

    happened_at: HappenedAt = None
    version: int | None = None
    reason: Prose = ""
    missing_ids: tuple[UUID, ...] = Field((), max_length=1000)
    opinion: Prose = ""
    container_id: UUID | None = Field(None, description="Of a correction")
    measured_g: Grams | None = Field(None, description="Of a correction: the right net mass")

    def asked(self, step: Step, manifest_id: UUID, if_match: str | None) -> Asked:
        """As the use cases want it."""
        corrects = step is Step.CORRECTIONS
        for name in ("container_id", "measured_g"):
            if corrects and getattr(self, name) is None:
                refuse_one(name, "missing", message("This is needed."))
        told = {
            Step.HAND_OVER: self.check,
            Step.REDIRECTION: self.elsewhere,
            Step.LOADING_CHECK: self.looked_at,
            Step.FIELD_CORRECTIONS: self.corrected,
        }
        if step is Step.FIELD_CORRECTIONS and self.field is None:
            refuse_one("field", "missing", message("This is needed."))
        if step is Step.REDIRECTION and self.receiver_site_id is None:
            refuse_one("receiver_site_id", "missing", message("This is needed."))
        corrects = corrects or step is Step.FIELD_CORRECTIONS
        return Asked(
            step=SignedStep.CORRECTION if corrects else SignedStep(step.value),
            subject_id=manifest_id,
            version=version_seen(self.version, if_match),
            happened_at=self.happened_at,
            reason=self.reason,
            opinion=self.opinion,
            missing_ids=self.missing_ids,
            container_id=self.container_id,
            measured_g=self.measured_g,
            told=told.get(step, dict)(),
        )


class AnswerPreparationBody(SignerFields):
    """The answer to a correction, without its factor."""

    consent: bool = Field(strict=True)
    reason: Prose = ""


class WordsShown(Shown):
    """What is signed, in plain words. Show the signer those of his language."""

    zh: str
    en: str


class Prepared(Shown):
    """What is to be signed, until when, and with what."""

    intent_id: UUID
    event_id: UUID
    expires_at: datetime
    signer: str
    words: WordsShown
    statement: str = Field(description="Its UTF-8 bytes are what a system's key signs")
    challenge: str = Field(description="SHA-256 of those bytes in base64url: what a passkey signs")
    factors: list[str] = Field(description="What the signer may give; a system signs with its registered key")
    passkey_options: dict[str, Any] | None = Field(description="For `navigator.credentials.get`")


@router.post(
    "/manifests/{manifest_id}/{step}/preparation", status_code=201, response_model=Prepared, responses=_REFUSALS
)
async def prepare(  # noqa: PLR0917  FastAPI names them
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    step: Step,
    body: Annotated[PreparationBody, FromBody(examples=[{"version": 2}])] = PreparationBody(),  # noqa: B008  frozen
    if_match: IfMatch = None,
) -> Response:
    """Everything is checked as if it were signed now; then it is undone. It may be signed for five minutes."""
    return await prepare_step(work, keys, body.asked(step, manifest_id, if_match), body.signer_login)


@router.post(
    "/corrections/{correction_id}/answer/preparation", status_code=201, response_model=Prepared, responses=_REFUSALS
)
async def prepare_answer(
    work: Writing,
    keys: DeploymentKeys,
    correction_id: UUID,
    body: Annotated[AnswerPreparationBody, FromBody(examples=[{"consent": True}])],
) -> Response:
    """The same for the answer to a correction."""
    asked = Asked(step=SignedStep.CORRECTION_ANSWER, subject_id=correction_id, consent=body.consent, reason=body.reason)
    return await prepare_step(work, keys, asked, body.signer_login)


async def prepare_step(work: WriteWork, keys: Keys, asked: Asked, login: str) -> Response:
    """Prepare a step and show what would be signed."""
    signer = await signers.signer_of(work.session, work.actor, asked, login, at=work.at)
    device = signers.device_of(work.actor)
    intent = await preparing.prepare(work.session, signer, asked, device=device, at=work.at)
    offered = await signers.offer(work.session, signer.person_id, intent, keys)
    prepared = Prepared(
        intent_id=intent.id,
        event_id=intent.event_id,
        expires_at=intent.expires_at,
        signer=signer.person_name,
        words=WordsShown.model_validate(intent.words, from_attributes=False),
        statement=intent.statement.decode(),
        challenge=bytes_to_base64url(intent.digest),
        factors=list(offered.kinds),
        passkey_options=offered.passkey_options,
    )
    return answer(prepared, 201)
