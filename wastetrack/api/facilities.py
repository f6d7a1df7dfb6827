"""Facilities of a site as programs read and enter them."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Body as FromBody
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.parties import equipping, facility_queries, queries
from wastetrack.parties.facilities import (
    ChangeFacility,
    CloseFacility,
    Described,
    Facility,
    FacilityKind,
    RegisterFacility,
)
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(route_class=AnsweringRoute, tags=["register"])

_AN_INCINERATOR = {
    "kind": "disposal",
    "code": "TS002",
    "name": "回转窑焚烧炉",
    "process_unit": "固废处理",
    "process": "焚烧",
    "parameters": "处理能力 3000 t/a",
    "capacity": "3000",
    "capacity_unit": "t/a",
    "since": "2026-01-01",
}


class FacilityDescribed(Body):
    """What may change in the life of a facility; a capacity is a number with its unit."""

    name: Line
    process_unit: Line = ""
    process: Line = ""
    parameters: Line = ""
    capacity: Decimal | None = None
    capacity_unit: Line | None = None

    def described(self) -> Described:
        """As the commands want it."""
        return Described(**{name: getattr(self, name) for name in FacilityDescribed.model_fields})


class NewFacility(FacilityDescribed):
    """A facility under its code of the discharge permit, or by HJ 608 where that has none."""

    kind: FacilityKind
    code: Line
    since: Day
    until: Day | None = None


class Closing(Body):
    """The last day of a facility."""

    until: Day


class FacilityShown(Shown):
    """A facility of a site."""

    id: UUID
    site_id: UUID
    kind: FacilityKind
    code: str
    name: str
    process_unit: str
    process: str
    parameters: str
    capacity: Decimal | None
    capacity_unit: str | None
    since: date
    until: date | None


class FacilitiesShown(Shown):
    """The facilities of a site that the caller may see, closed ones too."""

    items: list[FacilityShown]


def _shown(facility: Facility) -> FacilityShown:
    return FacilityShown.model_validate(facility)


@router.get("/sites/{site_id}/facilities", response_model=FacilitiesShown, responses=problems(404, 422))
async def facilities(work: Reading, site_id: UUID) -> Response:
    """The facilities of a site, by their codes."""
    await queries.site(work.session, site_id)
    found = await facility_queries.facilities_of(work.session, work.actor, site_id)
    return answer(FacilitiesShown(items=[_shown(one) for one in found]))


@router.post("/sites/{site_id}/facilities", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def register_facility(
    work: Writing, site_id: UUID, body: Annotated[NewFacility, FromBody(examples=[_AN_INCINERATOR])]
) -> FacilityShown:
    """Enter a facility of a site."""
    command = RegisterFacility(
        site_id=site_id,
        kind=body.kind,
        code=body.code,
        described=body.described(),
        since=body.since,
        until=body.until,
    )
    return _shown(await equipping.register_facility(work.session, work.actor, command, at=work.at))


@router.post("/facilities/{facility_id}/change", responses=problems(400, 403, 404, 409, 422))
async def change_facility(work: Writing, facility_id: UUID, body: FacilityDescribed) -> FacilityShown:
    """Say something else of a facility; its code stays."""
    command = ChangeFacility(facility_id=facility_id, described=body.described())
    return _shown(await equipping.change_facility(work.session, work.actor, command))


@router.post("/facilities/{facility_id}/closing", responses=problems(400, 403, 404, 409, 422))
async def close_facility(work: Writing, facility_id: UUID, body: Closing) -> FacilityShown:
    """Say on which day it stood for the last time."""
    command = CloseFacility(facility_id=facility_id, until=body.until)
    return _shown(await equipping.close_facility(work.session, work.actor, command))
