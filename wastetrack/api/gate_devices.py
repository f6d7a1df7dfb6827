"""Devices of a gate without network: what is expected, scans that were kept, and those that a person must decide."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import File, UploadFile
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.api.fields import answer, json_answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.attachments import attaching
from wastetrack.attachments.model import Subject
from wastetrack.db.session import reading, writing
from wastetrack.errors import Broken
from wastetrack.gates import queries
from wastetrack.gates.enrolling import end_device
from wastetrack.gates.model import MOST_IN_A_BATCH, Answered, ScanState, Settle, Settlement
from wastetrack.gates.packing import pack
from wastetrack.gates.settling import settle
from wastetrack.i18n import translate
from wastetrack.manifests import queries as manifests
from wastetrack.scales import queries as scales
from wastetrack.scales.model import FRESH
from wastetrack.scales.model import Reading as ScaleReading
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import most_bytes_of, offered, store_of
from wastetrack.serving.gate_devices import OfDevice, replayed_documents
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.strict_routes import StrictRoute
from wastetrack.serving.written_text import Instant, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["gate"])
of_devices = RoomRouter(prefix="/gate", route_class=StrictRoute, tags=["gate"])
"""What devices themselves call, with their own token. Each scan's id is its key, so nothing else asks for one."""

_KEPT: dict[str, Any] = {
    "sent_at": "2026-11-25T18:00:00+08:00",
    "scans": [
        {
            "scan_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b10",
            "device_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b11",
            "membership_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b12",
            "manifest_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b13",
            "label": "HTTPS://WASTE.EXAMPLE/91/91370602MA0000012M9002490820261123001/92/ABCDEFGHIJ",
            "gross_g": None,
            "method": "platform_scale",
            "scale_id": "",
            "uncertainty_g": None,
            "reading_id": None,
            "reject_reason": "",
            "store_id": None,
            "happened_at": "2026-11-23T15:04:00+08:00",
            "told": "accepted",
            "signature": "bm90IGEgcmVhbCBzaWduYXR1cmU",
        }
    ],
}
_ASIDE: dict[str, Any] = {"settlement": "set_aside", "note": "退回车上，由承运人带走"}


class Replay(Body):
    """Scans in the order in which they were made, each signed by who made it: ECDSA P-256 with SHA-256 over the JSON
    list `["wastetrack gate scan v1", scan_id, device_id, membership_id, manifest_id, label, gross_g, method, scale_id,
    uncertainty_g, reading_id, reject_reason, store_id, happened_at, told]` without blanks. One that cannot be read is
    refused by itself and stands in nobody's way."""

    sent_at: Instant = Field(description="The device's clock now: what it is wrong by is taken off")
    scans: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_IN_A_BATCH)


class RuleShown(Shown):
    """Why, in both languages."""

    code: str
    message: str
    message_zh: str


class ReplayedScan(Shown):
    """What became of one scan. `done`: recorded. `to_decide`: a person of the site decides. `settled`: he has.
    `refused`: it is kept on the device alone."""

    scan_id: str
    status: Literal["done", "to_decide", "settled", "refused"]
    outcome: str | None
    repeated: bool
    errors: list[RuleShown]


class ReplayAnswer(Shown):
    """One answer for each scan, in order."""

    items: list[ReplayedScan]
    waiting: int = Field(description="How many of these wait for a person")


class ScaleSays(Shown):
    """A reading that may become the mass of the container that stands on the scale."""

    scale_id: UUID
    name: str
    serial: str
    reading_id: UUID
    gross_g: int
    uncertainty_g: int | None
    method: str
    weighed_at: datetime
    used: bool = Field(description="It is the mass of a container already")
    verification: str


class DeviceShown(Shown):
    """A device of a gate."""

    id: UUID
    name: str
    site_id: UUID
    enrolled_by: str
    enrolled_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    holds_key: bool = Field(description="Whether it can check labels of containers that nobody expects")
    people: list[str]
    scans: int


class WaitingScan(Shown):
    """A scan that waits for a decision."""

    id: UUID
    site_id: UUID
    manifest_id: UUID | None
    digital_code: str
    told: str
    outcome: str | None
    rules: list[dict[str, Any]]
    happened_at: datetime
    device_time: datetime = Field(description="The same by the device's own clock, as it was signed")
    recorded_at: datetime
    device: str
    person: str
    gross_g: int | None


class Settling(Body):
    """What is decided."""

    settlement: Settlement
    note: Prose = Field("", description="Needed where it is set aside: where the container is now")


class SettledScan(Shown):
    """The scan after the decision."""

    id: UUID
    state: ScanState
    settlement: Settlement
    outcome: str | None
    note: str


@of_devices.get("/pack", responses=problems(401))
async def take_pack(work: OfDevice, keys: DeploymentKeys) -> Response:
    """What is expected at the device's site, the permits by day, the stores and the table of decisions."""
    async with reading(work.engine) as session:
        actor = await queries.reader_of(session, work.device)
        document = await pack(session, actor, work.device, (keys.base_url, keys.label_key), at=work.at)
    return json_answer(document)


@of_devices.get("/scales", response_model=list[ScaleSays], responses=problems(401))
async def scales_now(work: OfDevice) -> Response:
    """What the scales of the device's site say now: the newest reading of each that is fresh and at rest."""
    async with reading(work.engine) as session:
        actor = await queries.reader_of(session, work.device)
        found = await scales.scales(session, actor, site_id=work.device.site_id)
        said = await scales.newest(session, [one.id for one in found], since=work.at - FRESH, stable=True)
    return json_answer([_says(one).model_dump(mode="json") for one in said.values() if one.gross.grams > 0])


def _says(one: ScaleReading) -> ScaleSays:
    return ScaleSays(
        scale_id=one.scale_id,
        name=one.scale_name,
        serial=one.scale_serial,
        reading_id=one.id,
        gross_g=one.gross.grams,
        uncertainty_g=None if one.uncertainty is None else one.uncertainty.grams,
        method=one.kind.method.value,
        weighed_at=one.weighed_at,
        used=one.used_for is not None,
        verification=one.verification.value,
    )


@of_devices.post("/scans", response_model=ReplayAnswer, responses=problems(400, 401, 422))
async def replay(work: OfDevice, keys: DeploymentKeys, body: Annotated[Replay, FromBody(examples=[_KEPT])]) -> Response:
    """Send scans that were kept. Each is recorded by itself; none stands in the way of another."""
    found = await replayed_documents(work.engine, keys, work.device, body.scans, skew=work.at - body.sent_at)
    waiting = sum(one.state is ScanState.TO_DECIDE for _, one in found)
    return answer(ReplayAnswer(items=[_shown(scan_id, one) for scan_id, one in found], waiting=waiting))


@of_devices.post("/scans/{scan_id}/photo", status_code=204, responses=problems(401, 404, 409, 413, 415, 422))
async def add_photo(request: Request, work: OfDevice, scan_id: UUID, file: Annotated[UploadFile, File()]) -> Response:
    """Put a picture that was taken with a scan beside its manifest, in the name of who took it. The same picture again
    is refused, and is there."""
    examined = await attaching.examined(await offered(file))
    async with writing(work.engine) as session:
        actor, manifest_id = await queries.maker_of(session, work.device, scan_id, at=work.at)
        subject = Subject(manifests.KIND, manifest_id)
        most_bytes = most_bytes_of(request)
        await attaching.attach(session, store_of(request), actor, subject, examined, most_bytes=most_bytes, at=work.at)
    return Response(status_code=204)


def _shown(scan_id: str, one: Answered) -> ReplayedScan:
    return ReplayedScan(
        scan_id=scan_id,
        status="refused" if one.state is None else one.state.value,
        outcome=None if one.outcome is None else one.outcome.value,
        repeated=one.repeated,
        errors=[_rule(rule) for rule in one.broken],
    )


def _rule(rule: Broken) -> RuleShown:
    facts = {"value": rule.value, **rule.facts}
    return RuleShown(
        code=rule.code,
        message=translate(rule.message, "en", **facts),
        message_zh=translate(rule.message, "zh", **facts),
    )


@router.get("/gate-devices", response_model=list[DeviceShown], responses=problems())
async def devices(work: Reading) -> Response:
    """The devices of one's organisation, those in use first."""
    found = await queries.devices_of(work.session, work.actor)
    return json_answer([DeviceShown.model_validate(one).model_dump(mode="json") for one in found])


@router.post("/gate-devices/{device_id}/ending", response_model=DeviceShown, responses=problems(403, 404))
async def end(work: Writing, device_id: UUID) -> Response:
    """End a device: its token is worth nothing any more. Scans that it still holds come in by their file."""
    await end_device(work.session, work.actor, device_id, at=work.at)
    found = await queries.devices_of(work.session, work.actor)
    return answer(DeviceShown.model_validate(next(one for one in found if one.id == device_id)))


@router.get("/gate/waiting", response_model=list[WaitingScan], responses=problems())
async def waiting(work: Reading) -> Response:
    """The scans that wait for a decision at one's sites, the newest first."""
    found = await queries.scans_of(work.session, work.actor, (ScanState.TO_DECIDE,))
    return json_answer([WaitingScan(**one).model_dump(mode="json") for one in found])


@router.post("/gate/waiting/{scan_id}/settling", response_model=SettledScan, responses=problems(403, 404, 409, 422))
async def settle_scan(
    work: Writing, keys: DeploymentKeys, scan_id: UUID, body: Annotated[Settling, FromBody(examples=[_ASIDE])]
) -> Response:
    """Decide about a scan that waits: record it after all, or set it aside."""
    command = Settle(scan_id=scan_id, settlement=body.settlement, note=body.note)
    row = await settle(work.session, work.actor, command, (keys.base_url, keys.label_key), at=work.at)
    return answer(SettledScan.model_validate(row))
