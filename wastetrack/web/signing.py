"""The signed steps of a manifest after its filing, and corrections of what is sealed; each is a form on its page."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.errors import refuse_one
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.checking_loading import LoadingPoint
from wastetrack.manifests.model import CorrectionField, SignedStep
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import asked_again
from wastetrack.web.loading_points import LOADING_FIELDS
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/manifests/{manifest_id:uuid}", route_class=AnsweringRoute)


class Button(StrEnum):
    """A step that is asked for by one button, as its address says it."""

    PICK_UP = "pick-up"
    HAND_OVER = "hand-over"
    ARRIVE = "arrive"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    VOID = "void"
    OPEN = "open"
    SUM_UP = "sum-up"
    BACK_ENTER = "back-enter"


_STEPS: dict[Button, SignedStep] = {
    Button.PICK_UP: SignedStep.PICK_UP,
    Button.HAND_OVER: SignedStep.HAND_OVER,
    Button.ARRIVE: SignedStep.ARRIVAL,
    Button.CONFIRM: SignedStep.CONFIRMATION,
    Button.CANCEL: SignedStep.CANCELLATION,
    Button.VOID: SignedStep.VOIDING,
    Button.OPEN: SignedStep.OPENING,
    Button.SUM_UP: SignedStep.SUMMING_UP,
    Button.BACK_ENTER: SignedStep.BACK_ENTRY,
}


class SignatureForm(BaseModel):
    """What the signer has seen; his signature comes after he has read its words."""

    version: int | None = None
    reason: Prose = ""


class HandOverForm(SignatureForm):
    """What the next carrier has counted and found."""

    counted: int | None = None
    gone_ids: list[UUID] = []
    damaged_ids: list[UUID] = []
    note: Prose = ""

    def told(self) -> dict[str, Any]:
        """As the step wants it."""
        missing = [{"container_id": str(one), "kind": "missing", "note": self.note} for one in self.gone_ids]
        damaged = [{"container_id": str(one), "kind": "damaged", "note": self.note} for one in self.damaged_ids]
        return {"counted": self.counted, "differences": [*missing, *damaged]}


class LoadingForm(SignatureForm):
    """What the shipper has looked at; `signer_login`: it signs on the driver's device."""

    seen: list[LoadingPoint] = []
    signer_login: Line = ""

    def asked_of(self, manifest_id: UUID) -> Asked:
        """As the step wants it."""
        told = {"seen": [one.value for one in self.seen]}
        return Asked(step=SignedStep.LOADING_CHECK, subject_id=manifest_id, version=self.version, told=told)


class OtherSignerForm(BaseModel):
    """Somebody else who signs on this device."""

    step: SignedStep
    signer_login: Line = ""
    version: int | None = None


class CorrectionForm(BaseModel):
    """A net mass that was signed and is wrong."""

    container_id: UUID
    measured: Kilograms
    correction_reason: Prose = ""


class FieldCorrectionForm(BaseModel):
    """A sealed field and what it should say. `field` names the leg too: `leg_plate.2`."""

    field: Line
    new: Prose = ""
    field_reason: Prose = ""

    def told(self) -> dict[str, Any]:
        """As the step wants it."""
        name, _, leg = self.field.partition(".")
        if name not in set(CorrectionField) - {CorrectionField.MEASURED_MASS}:
            refuse_one("field", "missing", "This is needed.")
        return {"field": name, "leg_position": int(leg) if leg.isdecimal() else 0, "new": self.new}


class AnswerForm(BaseModel):
    """Consent or refusal."""

    consent: bool
    answer_reason: Prose = ""


@router.post("/sign/hand-over")
@asked_again(ask_manifest)
async def hand_over(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[HandOverForm, Form()]) -> Response:
    """On to the words of a hand-over; what the next carrier counted stands in them."""
    if form.counted is None:
        refuse_one("counted", "missing", "This is needed.", article="令23 art. 17")
    asked = Asked(step=SignedStep.HAND_OVER, subject_id=manifest_id, version=form.version, told=form.told())
    return await read_first(page, work, asked)


@router.post("/sign/check-loading")
@asked_again(ask_manifest)
async def check_loading(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[LoadingForm, Form()]
) -> Response:
    """On to the words of the shipper's look at the loading."""
    with naming_fields(LOADING_FIELDS):
        return await read_first(page, work, form.asked_of(manifest_id))


@router.post("/sign/{step}")
@asked_again(ask_manifest)
async def sign(
    page: AnyPage, work: Writing, manifest_id: UUID, step: Button, form: Annotated[SignatureForm, Form()]
) -> Response:
    """On to the words of a step."""
    asked = Asked(step=_STEPS[step], subject_id=manifest_id, version=form.version, reason=form.reason)
    return await read_first(page, work, asked)


@router.post("/sign-here")
@asked_again(ask_manifest)
async def sign_here(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[OtherSignerForm, Form()]
) -> Response:
    """The same for somebody of the other party, on this device, with a factor of her own."""
    if not form.signer_login.strip():
        refuse_one("signer_login", "missing", "This is needed.")
    asked = Asked(step=form.step, subject_id=manifest_id, version=form.version)
    return await read_first(page, work, asked, login=form.signer_login)


@router.post("/corrections")
@asked_again(ask_manifest)
async def request(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[CorrectionForm, Form()]) -> Response:
    """The receiver asks for a correction; nothing changes before the shipper consents."""
    asked = Asked(
        step=SignedStep.CORRECTION,
        subject_id=manifest_id,
        container_id=form.container_id,
        measured_g=form.measured.grams,
        reason=form.correction_reason,
    )
    with naming_fields({"measured_g": "measured", "reason": "correction_reason"}):
        return await read_first(page, work, asked)


@router.post("/corrections/fields")
@asked_again(ask_manifest)
async def request_field(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[FieldCorrectionForm, Form()]
) -> Response:
    """Whoever has signed a field asks for its correction; the other signer answers."""
    asked = Asked(step=SignedStep.CORRECTION, subject_id=manifest_id, reason=form.field_reason, told=form.told())
    with naming_fields({"reason": "field_reason"}):
        return await read_first(page, work, asked)


@router.post("/corrections/{correction_id:uuid}")
@asked_again(ask_manifest)
async def answer(
    page: AnyPage,
    work: Writing,
    manifest_id: UUID,  # noqa: ARG001  part of the address
    correction_id: UUID,
    form: Annotated[AnswerForm, Form()],
) -> Response:
    """The shipper consents, and the mass is restated; or refuses, and that ends it."""
    asked = Asked(
        step=SignedStep.CORRECTION_ANSWER, subject_id=correction_id, consent=form.consent, reason=form.answer_reason
    )
    with naming_fields({"reason": "answer_reason"}):
        return await read_first(page, work, asked)
