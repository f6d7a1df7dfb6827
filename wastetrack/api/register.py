"""Entering into the register through the API: organisations and what belongs to them, permits."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field

from wastetrack.api.directory import OrganisationShown, SiteShown
from wastetrack.api.fields import Grams
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.storing_fields import RoomBody, StoreShown, store_shown
from wastetrack.mass import Mass
from wastetrack.parties import permit_queries, permitting, registering
from wastetrack.parties.commands import (
    AddDriver,
    AddSite,
    AddStore,
    AddVehicle,
    GrantPermit,
    ItemToGrant,
    LiftSuspension,
    RecordTransportLicence,
    RegisterOrganisation,
    RenewPermit,
    SuspendPermit,
)
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permits import Permit, PermitKind
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(route_class=AnsweringRoute, tags=["register"])

_A_FIRM = {
    "credit_code": "91370602MA3ABCDE0H",
    "name": "烟台示范电镀有限公司",
    "kinds": ["generator"],
    "region_code": "370602",
    "address": "山东省烟台市芝罘区北马路1号",
    "contact_name": "李娜",
    "contact_phone": "0535-6123456",
}
_A_PERMIT = {
    "number": "烟台危证012号",
    "kind": "comprehensive",
    "valid_from": "2026-01-01",
    "valid_to": "2030-12-31",
    "items": [{"pattern": "HW08", "methods": ["D10", "R9"], "yearly_g": 1_000_000_000}],
}


class NewOrganisation(Body):
    """An organisation to register; `jurisdiction` only for authorities: 2, 4 or 6 digits."""

    credit_code: Line
    name: Line
    name_en: Line | None = None
    kinds: frozenset[OrganisationKind]
    region_code: Line
    address: Line
    contact_name: Line
    contact_phone: Line
    jurisdiction: Line | None = None
    verified: bool = Field(default=False, description="You have seen its licence; without that it cannot sign yet")


class NewSite(Body):
    """A place of an organisation; degrees, WGS 84."""

    name: Line
    kind: SiteKind
    region_code: Line
    address: Line
    latitude: Decimal
    longitude: Decimal


class NewStore(Body):
    """A storage area under the code painted on its door."""

    code: Line
    name: Line
    limit_g: Grams
    room: RoomBody = RoomBody()


class NewVehicle(Body):
    """A vehicle of a carrier."""

    plate: Line
    rated_load_g: Grams
    licence_number: Line
    licence_valid_to: Day


class NewDriver(Body):
    """A driver of a carrier."""

    name: Line
    certificate_number: Line
    certificate_valid_to: Day
    phone: Line


class NewLicence(Body):
    """A carrier's licence for dangerous goods; classes as in GB 6944."""

    number: Line
    valid_from: Day
    valid_to: Day
    classes: frozenset[str]


class LineOfPermit(Body):
    """A waste code or category, its methods, and the quantity of a year."""

    pattern: Line
    methods: frozenset[str]
    yearly_g: Grams

    def item(self) -> ItemToGrant:
        """As the command wants it."""
        return ItemToGrant(pattern=self.pattern, methods=self.methods, yearly=Mass(self.yearly_g))


class NewPermit(Body):
    """A permit as printed; `site_id` null when it holds for all sites of the organisation."""

    number: Line
    kind: PermitKind
    valid_from: Day
    valid_to: Day
    site_id: UUID | None = None
    items: tuple[LineOfPermit, ...] = Field(max_length=500)


class Renewal(Body):
    """The next permit of the same holder and kind; without items, those of the old one."""

    number: Line
    valid_from: Day
    valid_to: Day
    items: tuple[LineOfPermit, ...] | None = Field(None, max_length=500)


class Suspending(Body):
    """Days on which a permit is taken away; open until restored without a last day."""

    from_on: Day
    to_on: Day | None = None
    reason: Line


class Lifting(Body):
    """The last day on which the permit is still suspended."""

    last_on: Day


class Registered(Shown):
    """The id of what was entered."""

    id: UUID


class ItemShown(Shown):
    """A line of a permit."""

    pattern: str
    methods: list[str]
    yearly_g: int


class SuspensionShown(Shown):
    """Days on which a permit is taken away."""

    id: UUID
    from_on: date
    to_on: date | None
    reason: str


class PermitShown(Shown):
    """A permit with its lines and suspensions."""

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date
    items: list[ItemShown]
    suspensions: list[SuspensionShown]


def _permit(permit: Permit) -> PermitShown:
    return PermitShown(
        id=permit.id,
        organisation_id=permit.organisation_id,
        site_id=permit.site_id,
        number=permit.number,
        kind=permit.kind,
        valid_from=permit.valid_from,
        valid_to=permit.valid_to,
        items=[
            ItemShown(pattern=item.pattern, methods=sorted(item.methods), yearly_g=item.yearly.grams)
            for item in permit.items
        ],
        suspensions=[SuspensionShown.model_validate(suspension) for suspension in permit.suspensions],
    )


@router.post("/organisations", status_code=201, responses=problems(400, 403, 409, 422))
async def register_organisation(
    work: Writing, body: Annotated[NewOrganisation, FromBody(examples=[_A_FIRM])]
) -> OrganisationShown:
    """Bring an organisation onto the platform."""
    made = await registering.register_organisation(
        work.session, work.actor, RegisterOrganisation(**dict(body)), at=work.at
    )
    return OrganisationShown.model_validate(made)


@router.post("/organisations/{organisation_id}/sites", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def add_site(work: Writing, organisation_id: UUID, body: NewSite) -> SiteShown:
    """Add a site to an organisation."""
    command = AddSite(organisation_id=organisation_id, **dict(body))
    return SiteShown.model_validate(await registering.add_site(work.session, work.actor, command, at=work.at))


@router.post("/sites/{site_id}/stores", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def add_store(work: Writing, site_id: UUID, body: NewStore) -> StoreShown:
    """Add a storage area to a site."""
    command = AddStore(site_id=site_id, code=body.code, name=body.name, limit=Mass(body.limit_g), room=body.room.room())
    return store_shown(await registering.add_store(work.session, work.actor, command, at=work.at))


@router.post("/organisations/{organisation_id}/vehicles", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def add_vehicle(work: Writing, organisation_id: UUID, body: NewVehicle) -> Registered:
    """Add a vehicle to a carrier."""
    command = AddVehicle(
        organisation_id=organisation_id,
        plate=body.plate,
        rated_load=Mass(body.rated_load_g),
        licence_number=body.licence_number,
        licence_valid_to=body.licence_valid_to,
    )
    return Registered.model_validate(await registering.add_vehicle(work.session, work.actor, command, at=work.at))


@router.post("/organisations/{organisation_id}/drivers", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def add_driver(work: Writing, organisation_id: UUID, body: NewDriver) -> Registered:
    """Add a driver to a carrier."""
    command = AddDriver(organisation_id=organisation_id, **dict(body))
    return Registered.model_validate(await registering.add_driver(work.session, work.actor, command, at=work.at))


@router.post(
    "/organisations/{organisation_id}/transport-licences", status_code=201, responses=problems(400, 403, 404, 409, 422)
)
async def record_licence(work: Writing, organisation_id: UUID, body: NewLicence) -> Registered:
    """Record a carrier's transport licence."""
    command = RecordTransportLicence(organisation_id=organisation_id, **dict(body))
    made = await registering.record_transport_licence(work.session, work.actor, command, at=work.at)
    return Registered.model_validate(made)


@router.get("/permits/{permit_id}", responses=problems(404, 422))
async def permit(work: Reading, permit_id: UUID) -> PermitShown:
    """A permit with its lines and suspensions."""
    return _permit(await permit_queries.permit(work.session, permit_id))


@router.post("/organisations/{organisation_id}/permits", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def grant_permit(
    work: Writing, organisation_id: UUID, body: Annotated[NewPermit, FromBody(examples=[_A_PERMIT])]
) -> PermitShown:
    """Enter a permit as granted."""
    given = dict(body) | {"items": tuple(line.item() for line in body.items)}
    command = GrantPermit(organisation_id=organisation_id, **given)
    return _permit(await permitting.grant_permit(work.session, work.actor, command, at=work.at))


@router.post("/permits/{permit_id}/renewals", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def renew_permit(work: Writing, permit_id: UUID, body: Renewal) -> PermitShown:
    """Enter the next permit of the same holder and kind."""
    items = None if body.items is None else tuple(line.item() for line in body.items)
    command = RenewPermit(permit_id=permit_id, **dict(body) | {"items": items})
    return _permit(await permitting.renew_permit(work.session, work.actor, command, at=work.at))


@router.post("/permits/{permit_id}/suspensions", status_code=201, responses=problems(400, 403, 404, 409, 422))
async def suspend_permit(work: Writing, permit_id: UUID, body: Suspending) -> PermitShown:
    """Take a permit away from a day on."""
    command = SuspendPermit(permit_id=permit_id, **dict(body))
    return _permit(await permitting.suspend_permit(work.session, work.actor, command, at=work.at))


@router.post(
    "/permits/{permit_id}/suspensions/{suspension_id}/lift",
    responses=problems(400, 403, 404, 409, 422),
)
async def lift_suspension(work: Writing, permit_id: UUID, suspension_id: UUID, body: Lifting) -> PermitShown:
    """End a suspension."""
    command = LiftSuspension(permit_id=permit_id, suspension_id=suspension_id, last_on=body.last_on)
    return _permit(await permitting.lift_suspension(work.session, work.actor, command, at=work.at))
