"""The signed steps of a manifest, from the filing to the confirmation."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import HappenedAt, LogEntry, answer, log_entry
from wastetrack.api.schemas import Shown, problems
from wastetrack.api.signed_bodies import SignedBody
from wastetrack.api.step_bodies import HandOverFields, LoadingFields
from wastetrack.api.versions import IfMatch, etag, version_seen
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing, SigningWork
from wastetrack.serving.written_text import Prose

router = RoomRouter(prefix="/manifests/{manifest_id}", route_class=AnsweringRoute, tags=["signing"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_NOW: dict[str, Any] = {"version": 2}
_THEN: dict[str, Any] = {"version": 2, "happened_at": "2026-11-23T15:04:00+08:00"}
_WHY: dict[str, Any] = {"version": 2, "reason": "填写有误，重新填报"}
_DRUM_MISSING: dict[str, Any] = {"missing_ids": ["0192f0c1-7b1a-7000-8000-000000000002"], "opinion": "少一桶"}


_ONE_DAMAGED: dict[str, Any] = {
    "version": 3,
    "counted": 4,
    "differences": [{"container_id": "0192f0c1-7b1a-7000-8000-000000000002", "kind": "damaged", "note": "桶盖松动"}],
}


class Signature(SignedBody):
    """The caller's signature under a step."""

    happened_at: HappenedAt = None
    version: int | None = Field(None, description="The version you have seen; another one is refused with 409")
    reason: Prose = Field("", description="Needed where a number is burnt or a filed manifest withdrawn")

    def asked(self, step: SignedStep, manifest_id: UUID, if_match: str | None) -> Asked:
        """As the use cases want it."""
        return Asked(
            step=step,
            subject_id=manifest_id,
            version=version_seen(self.version, if_match),
            happened_at=self.happened_at,
            reason=self.reason,
        )


class HandOverBody(Signature, HandOverFields):
    """The next carrier's signature, and what it has looked at."""

    def asked(self, step: SignedStep, manifest_id: UUID, if_match: str | None) -> Asked:
        """As the use case wants it."""
        return replace(super().asked(step, manifest_id, if_match), told=self.check())


class LoadingBody(Signature, LoadingFields):
    """The shipper's signature at the loading, and what it has looked at."""

    def asked(self, step: SignedStep, manifest_id: UUID, if_match: str | None) -> Asked:
        """As the use case wants it."""
        return replace(super().asked(step, manifest_id, if_match), told=self.looked_at())


class ReceiptBody(SignedBody):
    """What the receiver signs: all containers that nobody scanned are named missing."""

    missing_ids: tuple[UUID, ...] = Field((), max_length=1000)
    opinion: Prose = ""
    happened_at: HappenedAt = None
    version: int | None = None

    def asked(self, manifest_id: UUID, if_match: str | None) -> Asked:
        """As the use case wants it."""
        return Asked(
            step=SignedStep.RECEIPT,
            subject_id=manifest_id,
            version=version_seen(self.version, if_match),
            happened_at=self.happened_at,
            missing_ids=self.missing_ids,
            opinion=self.opinion,
        )


class ManifestStanding(Shown):
    """Where a manifest stands after a step."""

    id: UUID
    number: str | None
    kind: str
    state: str
    version: int
    planned_on: date
    filed_at: datetime | None
    picked_up_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    closed_at: datetime | None


class Signed(Shown):
    """The manifest after the step, and the event that states it."""

    manifest: ManifestStanding
    log: LogEntry


class Received(Signed):
    """The same; and the manifest that brings rejected containers back, if there are any."""

    return_manifest: ManifestStanding | None


_NOTHING_SAID = Signature()
_ALL_THERE = ReceiptBody()
_AS_THE_PAPER_SAYS = HandOverBody()
NowOrThen = Annotated[Signature, FromBody(examples=[_NOW, _THEN])]
WithReason = Annotated[Signature, FromBody(examples=[_WHY])]


@router.post("/filing", response_model=Signed, responses=_REFUSALS)
async def file(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper signs: everything that the law asks is checked, the number given, the fields sealed."""
    return await _sign(body.asked(SignedStep.FILING, manifest_id, if_match), work, keys)


@router.post("/cancellation", response_model=Signed, responses=_REFUSALS)
async def cancel(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: WithReason = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper withdraws a draft, or a filed manifest before its pick-up; its containers are free again."""
    return await _sign(body.asked(SignedStep.CANCELLATION, manifest_id, if_match), work, keys)


@router.post("/voiding", response_model=Signed, responses=_REFUSALS)
async def void(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: WithReason = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper burns the number of a wrongly filed manifest."""
    return await _sign(body.asked(SignedStep.VOIDING, manifest_id, if_match), work, keys)


@router.post("/pick-up", response_model=Signed, responses=_REFUSALS)
async def pick_up(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The first carrier signs that it loaded all containers."""
    return await _sign(body.asked(SignedStep.PICK_UP, manifest_id, if_match), work, keys)


@router.post("/loading-check", response_model=Signed, responses=_REFUSALS)
async def check_loading(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: LoadingBody, if_match: IfMatch = None
) -> Response:
    """The shipper signs that it looked at carrier, vehicle, crew, labels and packages at the loading."""
    return await _sign(body.asked(SignedStep.LOADING_CHECK, manifest_id, if_match), work, keys)


@router.post("/hand-over", response_model=Signed, responses=_REFUSALS)
async def hand_over(
    work: Signing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[HandOverBody, FromBody(examples=[_NOW, _ONE_DAMAGED])] = _AS_THE_PAPER_SAYS,
    if_match: IfMatch = None,
) -> Response:
    """The next carrier signs that it took the load over, and what it found when it looked at it."""
    return await _sign(body.asked(SignedStep.HAND_OVER, manifest_id, if_match), work, keys)


@router.post("/arrival", response_model=Signed, responses=_REFUSALS)
async def arrive(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The carrier or the gate reports the load at the receiver's gate."""
    return await _sign(body.asked(SignedStep.ARRIVAL, manifest_id, if_match), work, keys)


@router.post("/receipt", response_model=Received, responses=_REFUSALS)
async def receive(
    work: Signing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[ReceiptBody, FromBody(examples=[{}, _DRUM_MISSING])] = _ALL_THERE,
    if_match: IfMatch = None,
) -> Response:
    """The receiver signs what it took in; rejected containers go back on a linked manifest."""
    acted = await work.act(body.asked(manifest_id, if_match))
    row, back = acted.manifest, acted.back
    assert row is not None  # noqa: S101  a receipt is about one
    shown = Received(
        manifest=ManifestStanding.model_validate(row),
        log=log_entry(acted.appended, keys),
        return_manifest=None if back is None else ManifestStanding.model_validate(back),
    )
    return answer(shown, headers=etag(row.version))


@router.post("/confirmation", response_model=Signed, responses=_REFUSALS)
async def confirm(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The receiver confirms; nothing is left on the road, and the manifest closes."""
    return await _sign(body.asked(SignedStep.CONFIRMATION, manifest_id, if_match), work, keys)


@router.post("/opening", response_model=Signed, responses=_REFUSALS)
async def open_period(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper signs that a manifest runs for its period; from now on mass may move under it."""
    return await _sign(body.asked(SignedStep.OPENING, manifest_id, if_match), work, keys)


@router.post("/summing-up", response_model=Signed, responses=_REFUSALS)
async def sum_up(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper signs the totals of the period; the number is given, and the receiver is to confirm."""
    return await _sign(body.asked(SignedStep.SUMMING_UP, manifest_id, if_match), work, keys)


@router.post("/back-entry", response_model=Signed, responses=_REFUSALS)
async def back_enter(
    work: Signing, keys: DeploymentKeys, manifest_id: UUID, body: NowOrThen = _NOTHING_SAID, if_match: IfMatch = None
) -> Response:
    """The shipper signs a transfer that went on paper; its scan stands beside it."""
    return await _sign(body.asked(SignedStep.BACK_ENTRY, manifest_id, if_match), work, keys)


async def _sign(asked: Asked, work: SigningWork, keys: Keys) -> Response:
    acted = await work.act(asked)
    row = acted.manifest
    assert row is not None  # noqa: S101  each of these steps is about one
    shown = Signed(manifest=ManifestStanding.model_validate(row), log=log_entry(acted.appended, keys))
    return answer(shown, headers=etag(row.version))
