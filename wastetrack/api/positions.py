"""Where vehicles were: files of fixes, receivers, the way of a vehicle; and the zones of authorities."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import File, Form, Query, Request, UploadFile
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.positions import drawing, equipping, queries
from wastetrack.positions.model import (
    LARGEST_FILE,
    AddReceiver,
    DrawZones,
    Frame,
    PositionSource,
    TakePositions,
    ZoneKind,
)
from wastetrack.positions.taking_in import take_positions
from wastetrack.serving.deps import Reading, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Instant, Line

router = RoomRouter(route_class=AnsweringRoute, tags=["positions"])

_REFUSALS = problems(400, 403, 404, 409, 413, 422)
_A_RECEIVER: dict[str, Any] = {"vehicle_id": "0192f0c1-7b1a-7000-8000-000000000001", "number": "13800138000"}
_MOST_FIXES = 10_000


class NoteShown(Shown):
    """What is odd in a file: of which vehicle, how often, in which row first."""

    code: str
    count: int
    row: int
    vehicle: str
    told: str


class PositionFileShown(Shown):
    """A file of fixes. `added`: how many were not here before."""

    id: UUID
    name: str
    source: PositionSource
    frame: Frame
    rows: int
    added: int
    first_at: datetime | None
    last_at: datetime | None
    findings: list[NoteShown]
    received_at: datetime


class PositionFileList(Shown):
    """Those of one's organisation, the newest first."""

    items: list[PositionFileShown]


class FixShown(Shown):
    """A fix, WGS 84."""

    seen_at: datetime
    latitude: float
    longitude: float
    speed_km_h: float | None
    direction: int | None
    altitude_m: int | None
    accuracy_m: float | None
    door_open: bool | None
    alarm: int | None
    status: int | None


class Track(Shown):
    """The way of a vehicle, in the order of time; `more`: ask again from the last instant."""

    items: list[FixShown]
    more: bool


class ReceiverFields(Body):
    """Which vehicle a receiver is in."""

    vehicle_id: UUID
    number: Line


class ReceiverShown(Shown):
    """A receiver."""

    id: UUID
    vehicle_id: UUID
    number: str
    created_at: datetime
    ended_at: datetime | None


class ReceiverList(Shown):
    """Those in vehicles of one's firm."""

    items: list[ReceiverShown]


class ZoneShown(Shown):
    """A zone; its geometry is GeoJSON in WGS 84."""

    id: UUID
    kind: ZoneKind
    name: str
    authority: str
    valid_from: date | None
    valid_to: date | None
    created_at: datetime
    ended_at: datetime | None
    geometry: dict[str, Any]


class ZoneList(Shown):
    """All that are looked at, or those that were drawn."""

    items: list[ZoneShown]


@router.post("/positions", status_code=201, response_model=PositionFileShown, responses=_REFUSALS)
async def send(
    request: Request,
    work: Writing,
    file: Annotated[UploadFile, File(description="CSV, or location reports of JT/T 808 as JSON, up to 10 MiB")],
) -> Response:
    """Take in a file of fixes: all of it, or nothing with every fault by row and column."""
    command = TakePositions(name=file.filename or "", content=await file.read(LARGEST_FILE + 1))
    kept_days = settings_of(request).position_days
    row = await take_positions(work.session, work.actor, command, at=work.at, kept_days=kept_days)
    return answer(_file(row), 201)


@router.get("/positions", response_model=PositionFileList, responses=problems(403, 422))
async def listed(work: Reading) -> Response:
    """The files that were sent."""
    rows = await queries.files(work.session, work.actor)
    return answer(PositionFileList(items=[_file(row) for row in rows]))


@router.get("/vehicles/{vehicle_id}/positions", response_model=Track, responses=problems(403, 422))
async def track(
    work: Reading,
    vehicle_id: UUID,
    since: Annotated[Instant, Query(description="With its zone")],
    until: Annotated[Instant, Query(description="Not that instant itself")],
) -> Response:
    """Where a vehicle of one's own, or of the region, was."""
    rows = await queries.track(work.session, work.actor, vehicle_id, since=since, until=until, limit=_MOST_FIXES + 1)
    items = [FixShown.model_validate(row) for row in rows[:_MOST_FIXES]]
    return answer(Track(items=items, more=len(rows) > _MOST_FIXES))


@router.get("/vehicle-receivers", response_model=ReceiverList, responses=problems(422))
async def receivers(work: Reading) -> Response:
    """Which vehicle each is in."""
    rows = await queries.receivers(work.session, work.actor.organisation_id)
    return answer(ReceiverList(items=[ReceiverShown.model_validate(row) for row in rows]))


@router.post("/vehicle-receivers", status_code=201, response_model=ReceiverShown, responses=_REFUSALS)
async def enter_receiver(work: Writing, body: Annotated[ReceiverFields, FromBody(examples=[_A_RECEIVER])]) -> Response:
    """Say which vehicle a receiver is in."""
    command = AddReceiver(vehicle_id=body.vehicle_id, number=body.number)
    row = await equipping.add_receiver(work.session, work.actor, command, at=work.at)
    return answer(ReceiverShown.model_validate(row), 201)


@router.post("/vehicle-receivers/{receiver_id}/ending", response_model=ReceiverShown, responses=_REFUSALS)
async def take_out(work: Writing, receiver_id: UUID) -> Response:
    """It was taken out of its vehicle."""
    row = await equipping.end_receiver(work.session, work.actor, receiver_id, at=work.at)
    return answer(ReceiverShown.model_validate(row))


@router.get("/zones", response_model=ZoneList, responses=problems(422))
async def zones(work: Reading) -> Response:
    """Where no load may stand."""
    return answer(ZoneList(items=[_zone(row) for row in await queries.zones(work.session)]))


@router.post("/zones", status_code=201, response_model=ZoneList, responses=_REFUSALS)
async def draw(
    work: Writing,
    file: Annotated[
        UploadFile, File(description="GeoJSON; each feature with name, kind, authority, valid_from, valid_to")
    ],
    frame: Annotated[Frame, Form(description="Of the file, where it does not say it itself")] = Frame.WGS84,
) -> Response:
    """Draw the zones of a file: all, or none with every fault by feature and ring. Answers the new ones."""
    command = DrawZones(content=await file.read(LARGEST_FILE + 1), frame=frame)
    rows = await drawing.draw_zones(work.session, work.actor, command, at=work.at)
    return answer(ZoneList(items=[_zone(row) for row in rows]), 201)


@router.post("/zones/{zone_id}/ending", response_model=ZoneShown, responses=_REFUSALS)
async def end(work: Writing, zone_id: UUID) -> Response:
    """From now on it is not looked at."""
    return answer(_zone(await drawing.end_zone(work.session, work.actor, zone_id, at=work.at)))


def _file(row: queries.PositionFile) -> PositionFileShown:
    return PositionFileShown.model_validate(row)


def _zone(row: queries.Zone) -> ZoneShown:
    return ZoneShown.model_validate(row)
