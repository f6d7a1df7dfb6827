"""Pages of the official lists: search a waste code, read its entry."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.catalogues import queries, waste_codes
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.model import ListName
from wastetrack.i18n import message
from wastetrack.serving.deps import Reading, ReadWork, settings_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day
from wastetrack.web.rendering import AnyPage

router = RoomRouter()

FOUND_AT_MOST = 50

HAZARD_NAMES = {
    Hazard.TOXIC: message("toxic"),
    Hazard.CORROSIVE: message("corrosive"),
    Hazard.IGNITABLE: message("ignitable"),
    Hazard.REACTIVE: message("reactive"),
    Hazard.INFECTIOUS: message("infectious"),
}


def today(request: Request, work: ReadWork) -> date:
    """The day of this request in the deployment's zone: lists and permits hold by days."""
    return work.at.astimezone(ZoneInfo(settings_of(request).time_zone)).date()


@router.get("/codes")
async def codes(
    page: AnyPage, work: Reading, q: Annotated[str, Query(max_length=100)] = "", on: Day | None = None
) -> Response:
    """Search by code, words or pinyin initials, in the list of a day."""
    day = on or today(page.request, work)
    lists = await queries.snapshot(work.session)
    return page.show(
        "catalogues/codes.html",
        q=q,
        on=day,
        edition=lists.edition_on(ListName.WASTE_CODES, day),
        wastes=await queries.search(work.session, q, on=day, limit=FOUND_AT_MOST),
        general=await queries.search_general(work.session, q, on=day),
        found_at_most=FOUND_AT_MOST,
        hazard_names=HAZARD_NAMES,
    )


@router.get("/codes/{code}")
async def code_entry(page: AnyPage, work: Reading, code: str, on: Day | None = None) -> Response:
    """The entry of one code on a day, with the exemptions that may apply."""
    day = on or today(page.request, work)
    lists = await queries.snapshot(work.session)
    waste = lists.waste(code, day)
    return page.show(
        "catalogues/code.html",
        waste=waste,
        on=day,
        edition=lists.edition_on(ListName.WASTE_CODES, day),
        editions=[edition for edition in lists.editions if edition.list_name is ListName.WASTE_CODES],
        exemptions=lists.exemptions(waste_codes.parse(code), day),
        hazard_names=HAZARD_NAMES,
    )
