"""Page of the distances by road on which an authority's matchings rest: take the file, fill it in, upload it."""

from decimal import Decimal
from typing import Annotated

from fastapi import File, Form, UploadFile
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.capacity import uploading_roads
from wastetrack.capacity.roads import COLUMNS, UploadRoads, read
from wastetrack.errors import refuse
from wastetrack.i18n import message
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_file
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/capacity/roads", route_class=AnsweringRoute)


async def ask_roads(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What is there, and the form."""
    lines, recorded_at = await uploading_roads.roads(work.session, work.actor)
    return page.show(
        "capacity/roads.html",
        filled=filled,
        count=len(lines),
        recorded_at=recorded_at,
        may_upload=bool(may(work.actor, Verb.ASSESS_CAPACITY)),
    )


@router.get("")
async def shown(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await ask_roads(page, work, EMPTY)


@router.get("/roads.csv")
async def to_fill_in(work: Reading) -> Response:
    """The counties and plants of one's region, line by line, with what is known."""
    ways = await uploading_roads.to_fill_in(work.session, work.actor, at=work.at)
    rows = [
        (one.origin, one.site_id, None if one.km is None else Decimal(str(one.km)), one.origin_name, one.plant)
        for one in ways
    ]
    return csv_file("roads", (*COLUMNS, "from_name", "to_name"), rows)


@router.post("")
@asked_again(ask_roads)
async def upload(
    page: AnyPage, work: Writing, file: Annotated[UploadFile, File()], reason: Annotated[Line, Form()] = ""
) -> Response:
    """Take the matrix in the place of the one before."""
    lines, broken = read(await file.read())
    refuse(broken)
    command = UploadRoads(lines=tuple(lines), reason=reason)
    await uploading_roads.upload_roads(work.session, work.actor, command, at=work.at)
    return page.go("/capacity/roads", message("{count} distances are uploaded."), count=len(lines))
