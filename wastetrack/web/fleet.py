"""Pages of a carrier's vehicles, drivers and transport licences."""

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.model import Actor, Decision
from wastetrack.auth.policy import Verb
from wastetrack.i18n import message
from wastetrack.parties import policy, queries, registering
from wastetrack.parties.commands import AddDriver, AddVehicle, RecordTransportLicence
from wastetrack.parties.model import Organisation
from wastetrack.serving.deps import ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.forms import Asking, Filled, asked_again, offer
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/organisations/{organisation_id:uuid}", route_class=AnsweringRoute)

# GB 6944: what waste is carried as.
_USUAL_CLASSES: Mapping[str, str] = {
    "3": message("flammable liquids"),
    "4.1": message("flammable solids"),
    "4.2": message("liable to spontaneous combustion"),
    "4.3": message("gives off flammable gas with water"),
    "5.1": message("oxidising"),
    "5.2": message("organic peroxides"),
    "6.1": message("toxic"),
    "6.2": message("infectious"),
    "8": message("corrosive"),
    "9": message("miscellaneous, dangerous to the environment"),
}


class VehicleForm(BaseModel):
    """A vehicle to add."""

    plate: Line = ""
    rated_load: Tonnes
    licence_number: Line = ""
    licence_valid_to: Day


class DriverForm(BaseModel):
    """A driver to add."""

    name: Line = ""
    certificate_number: Line = ""
    certificate_valid_to: Day
    phone: Line = ""


class LicenceForm(BaseModel):
    """A transport licence to record."""

    number: Line = ""
    valid_from: Day
    valid_to: Day
    classes: list[str] = []


def _may_manage(actor: Actor, carrier: Organisation) -> Decision:
    return policy.may_manage(actor, carrier.id, Verb.MANAGE_FLEET)


def _may_license(actor: Actor, carrier: Organisation) -> Decision:
    return policy.may_license(actor, carrier.id, carrier.region_code)


def _asking(template: str, may: Callable[[Actor, Organisation], Decision], code: str) -> Asking:
    async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
        owner = await queries.organisation(work.session, page.request.path_params["organisation_id"])
        policy.demand(may(work.actor, owner), code)  # a form is offered to whoever may send it
        classes = [(number, f"{number} {page.translate(words)}") for number, words in _USUAL_CLASSES.items()]
        return page.show(template, filled=filled, organisation=owner, classes=classes)

    return ask


ask_vehicle = _asking("parties/vehicle_form.html", _may_manage, "may_not_manage_fleet")
ask_driver = _asking("parties/driver_form.html", _may_manage, "may_not_manage_fleet")
ask_licence = _asking("parties/licence_form.html", _may_license, "may_not_record_licence")


offer(router, "/vehicles/new", ask_vehicle)


@router.post("/vehicles/new")
@asked_again(ask_vehicle)
async def add_vehicle(
    page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[VehicleForm, Form()]
) -> Response:
    """Add a vehicle."""
    command = AddVehicle(organisation_id=organisation_id, **dict(form))
    made = await registering.add_vehicle(work.session, work.actor, command, at=work.at)
    address = f"/organisations/{organisation_id}"
    return page.go(address, message("The vehicle {plate} is added."), plate=made.plate)


offer(router, "/drivers/new", ask_driver)


@router.post("/drivers/new")
@asked_again(ask_driver)
async def add_driver(
    page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[DriverForm, Form()]
) -> Response:
    """Add a driver."""
    command = AddDriver(organisation_id=organisation_id, **dict(form))
    made = await registering.add_driver(work.session, work.actor, command, at=work.at)
    return page.go(f"/organisations/{organisation_id}", message("The driver {name} is added."), name=made.name)


offer(router, "/licences/new", ask_licence)


@router.post("/licences/new")
@asked_again(ask_licence)
async def record_licence(
    page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[LicenceForm, Form()]
) -> Response:
    """Record a transport licence."""
    command = RecordTransportLicence(
        organisation_id=organisation_id,
        number=form.number,
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        classes=frozenset(form.classes),
    )
    made = await registering.record_transport_licence(work.session, work.actor, command, at=work.at)
    address = f"/organisations/{organisation_id}"
    return page.go(address, message("The licence {number} is recorded."), number=made.number)
