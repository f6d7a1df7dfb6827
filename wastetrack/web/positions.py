"""Pages of where vehicles were: send a file, see what was odd in it, which receiver is where; and of zones."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.i18n import label
from wastetrack.positions import drawing, equipping, queries
from wastetrack.positions.model import (
    LARGEST_FILE,
    MOST_ROWS,
    AddReceiver,
    DrawZones,
    Frame,
    PositionSource,
    TakePositions,
    ZoneKind,
)
from wastetrack.positions.taking_in import take_positions
from wastetrack.serving.deps import Reading, ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


FRAMES = {Frame.WGS84: "WGS 84", Frame.GCJ02: "GCJ-02"}
SOURCES = {PositionSource.CSV: "CSV", PositionSource.JT808: "JT/T 808"}


class ReceiverForm(BaseModel):
    """Which vehicle a receiver is in."""

    vehicle_id: UUID
    number: Line = ""


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Vehicles with where they were last, the files, and the form for one more."""
    demand(work.actor, Verb.TRACK)
    vehicles = await queries.tracked(work.session, work.actor)
    return page.show(
        "positions/positions.html",
        filled=filled,
        vehicles=vehicles,
        files=await queries.files(work.session, work.actor),
        receivers=await queries.receivers(work.session, work.actor.organisation_id),
        plates={one.vehicle_id: one.plate for one in vehicles},
        may_equip=bool(may(work.actor, Verb.MANAGE_FLEET)),
        most_rows=MOST_ROWS,
        megabytes=LARGEST_FILE // (1024 * 1024),
    )


@router.get("/positions")
async def positions(page: AnyPage, work: Reading) -> Response:
    """All of it."""
    return await ask(page, work, EMPTY)


@router.post("/positions")
@asked_again(ask)
async def send(request: Request, page: AnyPage, work: Writing, file: Annotated[UploadFile, File()]) -> Response:
    """Take in a file, or say everything that is wrong with it."""
    command = TakePositions(name=file.filename or "", content=await file.read(LARGEST_FILE + 1))
    kept_days = settings_of(request).position_days
    row = await take_positions(work.session, work.actor, command, at=work.at, kept_days=kept_days)
    return page.go(f"/positions/{row.id}")


@router.get("/positions/{import_id:uuid}")
async def one(page: AnyPage, work: Reading, import_id: UUID) -> Response:
    """A file: how much of it is new, what was odd."""
    found = await queries.file(work.session, work.actor, import_id)
    return page.show(
        "positions/file.html",
        found=found,
        source=SOURCES[PositionSource(found.source)],
        frame=FRAMES[Frame(found.frame)],
    )


@router.post("/positions/receivers")
@asked_again(ask)
async def equip(page: AnyPage, work: Writing, form: Annotated[ReceiverForm, Form()]) -> Response:
    """Say which vehicle a receiver is in."""
    command = AddReceiver(vehicle_id=form.vehicle_id, number=form.number)
    await equipping.add_receiver(work.session, work.actor, command, at=work.at)
    return page.go("/positions")


@router.post("/positions/receivers/{receiver_id:uuid}/ending")
@asked_again(ask)
async def take_out(page: AnyPage, work: Writing, receiver_id: UUID) -> Response:
    """It was taken out of its vehicle."""
    await equipping.end_receiver(work.session, work.actor, receiver_id, at=work.at)
    return page.go("/positions")


async def ask_zones(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The zones, and for who may draw them the form."""
    return page.show(
        "positions/zones.html",
        filled=filled,
        zones=await queries.zones(work.session),
        ended=await queries.zones(work.session, ended=True),
        may_draw=bool(may(work.actor, Verb.DRAW_ZONES)),
        own=work.actor.organisation_id,
        kind_of=ZoneKind,
        kinds=", ".join(f"{one.value} ({label(one, page.locale)})" for one in ZoneKind),
        frames=[(one.value, name) for one, name in FRAMES.items()],
    )


@router.get("/zones")
async def zones(page: AnyPage, work: Reading) -> Response:
    """Where no load may stand."""
    return await ask_zones(page, work, EMPTY)


@router.post("/zones")
@asked_again(ask_zones)
async def draw(
    page: AnyPage,
    work: Writing,
    file: Annotated[UploadFile, File()],
    frame: Annotated[Frame, Form()] = Frame.WGS84,
) -> Response:
    """Draw the zones of a file, or say everything that is wrong with it."""
    command = DrawZones(content=await file.read(LARGEST_FILE + 1), frame=frame)
    await drawing.draw_zones(work.session, work.actor, command, at=work.at)
    return page.go("/zones")


@router.post("/zones/{zone_id:uuid}/ending")
@asked_again(ask_zones)
async def end(page: AnyPage, work: Writing, zone_id: UUID) -> Response:
    """From now on it is not looked at."""
    await drawing.end_zone(work.session, work.actor, zone_id, at=work.at)
    return page.go("/zones")
