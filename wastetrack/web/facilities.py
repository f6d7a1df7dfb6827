"""Pages of the facilities of a site."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb
from wastetrack.i18n import message
from wastetrack.parties import equipping, facility_queries, policy, queries
from wastetrack.parties.facilities import (
    ChangeFacility,
    CloseFacility,
    Described,
    FacilityKind,
    RegisterFacility,
)
from wastetrack.serving.deps import ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.catalogues import today
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class DescribedForm(BaseModel):
    """What may change."""

    name: Line = ""
    process_unit: Line = ""
    process: Line = ""
    parameters: Line = ""
    capacity: Decimal | None = None
    capacity_unit: Line | None = None

    def described(self) -> Described:
        """As the commands want it."""
        return Described(**{name: getattr(self, name) for name in DescribedForm.model_fields})


class FacilityForm(DescribedForm):
    """A facility to enter."""

    kind: FacilityKind
    code: Line = ""
    since: Day


class ClosingForm(BaseModel):
    """Its last day."""

    until: Day


async def ask_facility(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a new facility."""
    site = await queries.site(work.session, page.request.path_params["site_id"])
    _demand_manager(work, site.organisation_id)
    return page.show("parties/facility_form.html", filled=filled, site=site, facility=None, kinds=FacilityKind)


offer(router, "/sites/{site_id:uuid}/facilities/new", ask_facility)


@router.post("/sites/{site_id:uuid}/facilities/new")
@asked_again(ask_facility)
async def register(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[FacilityForm, Form()]) -> Response:
    """Enter a facility."""
    command = RegisterFacility(
        site_id=site_id, kind=form.kind, code=form.code, described=form.described(), since=form.since
    )
    made = await equipping.register_facility(work.session, work.actor, command, at=work.at)
    return page.go(f"/sites/{site_id}", message("The facility {facility_code} is entered."), facility_code=made.code)


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a facility with what is said of it now."""
    facility = await facility_queries.facility(work.session, work.actor, page.request.path_params["facility_id"])
    site = await queries.site(work.session, facility.site_id)
    _demand_manager(work, site.organisation_id)
    if filled is EMPTY:
        filled = Filled.of({name: getattr(facility, name) for name in DescribedForm.model_fields})
    return page.show("parties/facility_form.html", filled=filled, site=site, facility=facility, kinds=FacilityKind)


offer(router, "/facilities/{facility_id:uuid}/change", ask_change)


@router.post("/facilities/{facility_id:uuid}/change")
@asked_again(ask_change)
async def change(page: AnyPage, work: Writing, facility_id: UUID, form: Annotated[DescribedForm, Form()]) -> Response:
    """Say something else of it."""
    command = ChangeFacility(facility_id=facility_id, described=form.described())
    made = await equipping.change_facility(work.session, work.actor, command)
    return page.go(
        f"/sites/{made.site_id}", message("The facility {facility_code} is changed."), facility_code=made.code
    )


async def ask_closing(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Its last day."""
    facility = await facility_queries.facility(work.session, work.actor, page.request.path_params["facility_id"])
    site = await queries.site(work.session, facility.site_id)
    _demand_manager(work, site.organisation_id)
    if filled is EMPTY:
        filled = Filled.of({"until": today(page.request, work).isoformat()})
    return page.show("parties/facility_closing.html", filled=filled, site=site, facility=facility)


offer(router, "/facilities/{facility_id:uuid}/close", ask_closing)


@router.post("/facilities/{facility_id:uuid}/close")
@asked_again(ask_closing)
async def close(page: AnyPage, work: Writing, facility_id: UUID, form: Annotated[ClosingForm, Form()]) -> Response:
    """Close it."""
    made = await equipping.close_facility(
        work.session, work.actor, CloseFacility(facility_id=facility_id, until=form.until)
    )
    return page.go(
        f"/sites/{made.site_id}", message("The facility {facility_code} is closed."), facility_code=made.code
    )


def _demand_manager(work: ReadWork, organisation_id: UUID) -> None:
    decision = policy.may_manage(work.actor, organisation_id, Verb.MANAGE_ORGANISATION)
    policy.demand(decision, "may_not_manage_organisation")
