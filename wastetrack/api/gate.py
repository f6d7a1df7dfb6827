"""The gate: one scan of a container, weighed or not. What is found is an outcome, not an error."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, HappenedAt, LogEntry, MeasuredBy, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.errors import refuse_one
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.gate import Scanned, scan_at_gate
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/manifests/{manifest_id}", route_class=AnsweringRoute, tags=["gate"])

_SCANNED: dict[str, Any] = {
    "label": "HTTPS://WASTE.EXAMPLE/91/91370602MA0000012M9002490820261123001/92/ABCDEFGHIJ",
    "gross_g": 199400,
    "method": "platform_scale",
    "scale_id": "GATE-2",
    "uncertainty_g": 200,
    "happened_at": "2026-11-23T15:04:00+08:00",
}
_TYPED_AND_REJECTED: dict[str, Any] = {
    "label": "91370602MA0000012M 90024908 20261123 001",
    "reject_reason": "桶身破损渗漏",
}


class Scan(Body):
    """A label held before the reader, or its digital code typed (37 characters, 38 for general waste); what the scale
    says; or why it is refused."""

    label: str = Field(min_length=1, max_length=LONGEST_TEXT)
    scan_id: UUID | None = Field(
        None, description="The Idempotency-Key, for devices that keep scans until they are online"
    )
    gross_g: Grams | None = Field(None, description="Null: not weighed, the declared mass is taken over")
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None
    uncertainty_g: Grams | None = None
    reject_reason: Prose = ""
    reading_id: UUID | None = Field(None, description="The scale itself sent the gross mass")
    store_id: UUID | None = None
    happened_at: HappenedAt = None


class ScanShown(Shown):
    """What the gate is told. `left` containers of the manifest are still undecided."""

    outcome: str
    container_id: UUID | None
    digital_code: str
    declared_g: int | None
    measured_g: int | None
    difference_g: int | None
    tolerance_g: int | None
    reason: str
    left: int
    log: LogEntry


@router.post("/scans", status_code=201, response_model=ScanShown, responses=problems(400, 403, 404, 409, 422))
async def scan(
    request: Request,
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[Scan, FromBody(examples=[_SCANNED, _TYPED_AND_REJECTED])],
) -> Response:
    """Decide one container. The Idempotency-Key is the scan's own id: sending a scan again is harmless."""
    scan_id = key_of(request)
    if body.scan_id is not None and body.scan_id != scan_id:
        message = "The scan's id and the Idempotency-Key are one and the same."
        refuse_one("scan_id", "scan_id_differs", message, value=str(body.scan_id), next_step="Send either of them.")
    command = ScanAtGate(
        manifest_id=manifest_id,
        scan_id=scan_id,
        code=read_label_text(body.label, keys.base_url, keys.label_key),
        gross=None if body.gross_g is None else Mass(body.gross_g),
        method=WeighingMethod(body.method.value),
        scale_id=body.scale_id or None,
        uncertainty=None if body.uncertainty_g is None else Mass(body.uncertainty_g),
        reading_id=body.reading_id,
        reject_reason=body.reject_reason,
        store_id=body.store_id,
        happened_at=body.happened_at,
    )
    found = await scan_at_gate(work.session, work.actor, command, at=work.at)
    return answer(_shown(found, log_entry(found.appended, keys)), 201)


def _shown(found: Scanned, log: LogEntry) -> ScanShown:
    declared, measured = found.declared, found.measured
    return ScanShown(
        outcome=found.outcome.value,
        container_id=found.container_id,
        digital_code=found.digital_code,
        declared_g=declared.grams if declared else None,
        measured_g=measured.grams if measured else None,
        difference_g=(measured - declared).grams if measured and declared else None,
        tolerance_g=found.tolerance.grams if found.tolerance else None,
        reason=found.reason,
        left=found.left,
        log=log,
    )
