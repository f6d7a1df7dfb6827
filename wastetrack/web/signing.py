"""The signed steps of a manifest after its filing, and corrections of what is sealed; each is a form on its page."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.i18n import message
from wastetrack.manifests import filing, receiving, transporting
from wastetrack.manifests.correcting import answer_correction, request_correction
from wastetrack.manifests.model import AnswerCorrection, RequestCorrection, SignAct
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.written_text import Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import asked_again
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage

router = APIRouter(prefix="/manifests/{manifest_id:uuid}", route_class=AnsweringRoute)


class SignedStep(StrEnum):
    """A step that is signed by one button, as its address says it."""

    PICK_UP = "pick-up"
    HAND_OVER = "hand-over"
    ARRIVE = "arrive"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    VOID = "void"


_USE_CASES: dict[SignedStep, tuple[Callable[..., Awaitable[Any]], str]] = {
    SignedStep.PICK_UP: (transporting.pick_up, message("Signed: the load is yours and on its way.")),
    SignedStep.HAND_OVER: (transporting.hand_over, message("Signed: you have taken the load over.")),
    SignedStep.ARRIVE: (transporting.arrive, message("Signed: the load is at the gate.")),
    SignedStep.CONFIRM: (receiving.confirm, message("Signed: the manifest is closed.")),
    SignedStep.CANCEL: (filing.cancel_manifest, message("Withdrawn. Its containers are free again.")),
    SignedStep.VOID: (filing.void_manifest, message("The number is void. Its containers are free again.")),
}


class SignatureForm(BaseModel):
    """A signature under what the signer has seen."""

    version: int | None = None
    reason: Prose = ""


class CorrectionForm(BaseModel):
    """A net mass that was signed and is wrong."""

    container_id: UUID
    measured: Kilograms
    correction_reason: Prose = ""


class AnswerForm(BaseModel):
    """Consent or refusal."""

    consent: bool
    answer_reason: Prose = ""


@router.post("/sign/{step}")
@asked_again(ask_manifest)
async def sign(
    page: AnyPage, work: Writing, manifest_id: UUID, step: SignedStep, form: Annotated[SignatureForm, Form()]
) -> Response:
    """Sign a step."""
    use_case, done = _USE_CASES[step]
    command = SignAct(manifest_id=manifest_id, version=form.version, reason=form.reason)
    await use_case(work.session, work.actor, command, at=work.at)
    return page.go(f"/manifests/{manifest_id}", done)


@router.post("/corrections")
@asked_again(ask_manifest)
async def request(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[CorrectionForm, Form()]) -> Response:
    """The receiver asks for a correction; nothing changes before the shipper consents."""
    command = RequestCorrection(
        manifest_id=manifest_id,
        container_id=form.container_id,
        measured=form.measured,
        reason=form.correction_reason,
    )
    with naming_fields({"measured_g": "measured", "reason": "correction_reason"}):
        await request_correction(work.session, work.actor, command, at=work.at)
    return page.go(f"/manifests/{manifest_id}", message("The correction is requested; the shipper answers it."))


@router.post("/corrections/{correction_id:uuid}")
@asked_again(ask_manifest)
async def answer(
    page: AnyPage, work: Writing, manifest_id: UUID, correction_id: UUID, form: Annotated[AnswerForm, Form()]
) -> Response:
    """The shipper consents, and the mass is restated; or refuses, and that ends it."""
    command = AnswerCorrection(correction_id=correction_id, consent=form.consent, reason=form.answer_reason)
    with naming_fields({"reason": "answer_reason"}):
        await answer_correction(work.session, work.actor, command, at=work.at)
    done = message("Consented: the mass is restated.") if form.consent else message("Refused: the mass stands.")
    return page.go(f"/manifests/{manifest_id}", done)
