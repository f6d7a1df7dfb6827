"""Collection points: who is covered, who waits, what was handed over; and an authority's emergencies."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.model import Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import ZERO
from wastetrack.medical.coverage import coverage
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.emergencies import declare_emergency, emergencies, end_emergency
from wastetrack.medical.model import (
    CoverInstitution,
    DeclareEmergency,
    InstitutionKind,
    OpenPoint,
    SmallBag,
    TakeFromInstitution,
    Way,
)
from wastetrack.medical.points import points
from wastetrack.medical.visiting import take_from_institution
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind
from wastetrack.reports.oversight_figures import choosable, name_of
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.medical import PACKAGINGS
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute)


class PointForm(BaseModel):
    """A site that is to gather."""

    site_id: UUID
    served_by_id: UUID
    interval_hours: int | None = None


class InstitutionForm(BaseModel):
    """A small institution for a list."""

    point_id: UUID
    name: Line
    region_code: Line
    kind: InstitutionKind
    contact_name: Line = ""
    contact_phone: Line = ""


class VisitForm(BaseModel):
    """A hand-over of one bag or box, or of none."""

    way: Way
    given_by: Line = ""
    taken_by: Line = ""
    nothing: bool = False
    kind: MedicalClass = MedicalClass.INFECTIOUS
    packaging: Packaging = Packaging.BAG
    volume_l: int = 20
    filled_percent: int | None = None
    gross: Kilograms = ZERO
    tare: Kilograms = ZERO
    double_bag: bool = False
    highly_infectious: bool = False
    store_id: UUID | None = None

    def bags(self) -> tuple[SmallBag, ...]:
        """As the command wants them."""
        if self.nothing:
            return ()
        weighing = Weighing(gross=self.gross, tare=self.tare, method=WeighingMethod.PLATFORM_SCALE, confirmed=True)
        bag = SmallBag(
            kind=self.kind,
            packaging=self.packaging,
            volume_l=self.volume_l,
            weighing=weighing,
            filled_percent=self.filled_percent,
            layers=2 if self.double_bag else 1,
            highly_infectious=self.highly_infectious,
        )
        return (bag,)


class EmergencyForm(BaseModel):
    """An order, from one day to another, both included."""

    region_code: Line
    order_number: Line
    reason: Prose
    from_on: Day
    until_on: Day
    is_drill: bool = False
    rules: Prose = ""


async def ask_points(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The list with its clocks; and the forms of whoever runs a point."""
    may_enter = bool(may(work.actor, Verb.MANAGE_ORGANISATION))
    transporters = await parties.search_organisations(
        work.session, kind=OrganisationKind.TRANSPORTER, window=Window(limit=100)
    )
    plants = await parties.search_organisations(work.session, kind=OrganisationKind.DISPOSER, window=Window(limit=100))
    return page.show(
        "medical/institutions.html",
        filled=filled,
        institutions=await coverage(work.session, work.actor, at=work.at),
        points=await points(work.session, work.actor),
        sites=await parties.sites_of(work.session, work.actor.organisation_id) if may_enter else (),
        servers=[(one.id, one.name) for one in (*transporters, *plants)],
        kinds=InstitutionKind,
        may_enter=may_enter,
        hours=jurisdiction().medical_pick_up_hours.value,
        quiet_days=jurisdiction().medical_quiet_days.value,
        now=work.at,
    )


@router.get("/institutions")
async def institutions(page: AnyPage, work: Reading) -> Response:
    """Who has not been visited for how long, and who hands nothing over."""
    return await ask_points(page, work, EMPTY)


@router.post("/points")
@asked_again(ask_points)
async def gather(page: AnyPage, work: Writing, form: Annotated[PointForm, Form()]) -> Response:
    """Let a site gather."""
    await open_point(work.session, work.actor, OpenPoint(**form.model_dump()), at=work.at)
    return page.go("/medical/institutions", message("The site is a collection point now."))


@router.post("/institutions")
@asked_again(ask_points)
async def cover(page: AnyPage, work: Writing, form: Annotated[InstitutionForm, Form()]) -> Response:
    """Put an institution on the list."""
    await cover_institution(work.session, work.actor, CoverInstitution(**form.model_dump()), at=work.at)
    return page.go("/medical/institutions", message("The institution is on the list."))


async def ask_visit(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a hand-over."""
    demand(work.actor, Verb.LABEL)
    wanted = page.request.path_params["institution_id"]
    found = next((one for one in await coverage(work.session, work.actor, at=work.at) if one.id == wanted), None)
    if found is None or found.organisation_id != work.actor.organisation_id:
        raise NotFound("institution_unknown", "There is no such institution.", institution_id=wanted)
    here = next(one for one in await points(work.session, work.actor) if one.id == found.point_id)
    return page.show(
        "medical/visit.html",
        filled=filled,
        institution=found,
        ways=Way,
        kinds=MedicalClass,
        packagings=PACKAGINGS,
        stores=await parties.stores_of(work.session, work.actor, here.site_id),
        fill_limit=jurisdiction().medical_fill_percent.value,
        now=work.at,
    )


@router.get("/institutions/{institution_id:uuid}")
async def visit(page: AnyPage, work: Reading, institution_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The empty form."""
    return await ask_visit(page, work, EMPTY)


@router.post("/institutions/{institution_id:uuid}")
@asked_again(ask_visit)
async def take(page: AnyPage, work: Writing, institution_id: UUID, form: Annotated[VisitForm, Form()]) -> Response:
    """Take over, or note that there was nothing."""
    command = TakeFromInstitution(
        institution_id=institution_id,
        way=form.way,
        given_by=form.given_by,
        taken_by=form.taken_by,
        bags=form.bags(),
        store_id=form.store_id,
    )
    with naming_fields({"gross_g": "gross", "tare_g": "tare", "layers": "double_bag"}):
        _, made, _ = await take_from_institution(work.session, work.actor, command, at=work.at)
    if not made:
        return page.go("/medical/institutions", message("Noted: nothing was handed over."))
    return page.go(f"/containers/{made[0].id}", message("Taken over. Print its label and stick it on."))


async def ask_emergency(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What was declared, and the form of an approver."""
    lists = await snapshot(work.session)
    return page.show(
        "medical/emergencies.html",
        filled=filled,
        emergencies=await emergencies(work.session),
        may_declare=bool(may(work.actor, Verb.DECLARE_EMERGENCY)),
        home=work.actor.viewer.removeprefix("r:") if work.actor.is_regulator else "",
        regions=choosable(lists, work.actor) if work.actor.is_regulator else (),
        named=partial(name_of, lists),
        now=work.at,
    )


@router.get("/emergencies")
async def list_emergencies(page: AnyPage, work: Reading) -> Response:
    """The list."""
    return await ask_emergency(page, work, EMPTY)


@router.post("/emergencies")
@asked_again(ask_emergency)
async def declare(page: AnyPage, work: Writing, form: Annotated[EmergencyForm, Form()]) -> Response:
    """Switch emergency mode on."""
    command = DeclareEmergency(
        region_code=form.region_code,
        order_number=form.order_number,
        reason=form.reason,
        from_at=_midnight(form.from_on, 0),
        until_at=_midnight(form.until_on, 1),
        is_drill=form.is_drill,
        rules=form.rules,
    )
    with naming_fields({"until_at": "until_on", "from_at": "from_on"}):
        row, _ = await declare_emergency(work.session, work.actor, command, at=work.at)
    if row.is_drill:
        return page.go(f"/medical/emergencies/{row.id}", message("The drill is on."))
    return page.go(f"/medical/emergencies/{row.id}", message("Emergency mode is on."), kind="warn")


def _midnight(day: Day, later: int) -> datetime:
    return datetime.combine(day + timedelta(days=later), time.min, LEGAL_ZONE)


@router.post("/emergencies/{emergency_id:uuid}/end")
@asked_again(ask_emergency)
async def end(page: AnyPage, work: Writing, emergency_id: UUID) -> Response:
    """Switch it off before its time."""
    await end_emergency(work.session, work.actor, emergency_id, at=work.at)
    return page.go("/medical/emergencies", message("Emergency mode is off."))
