"""The register as programs ask it: organisations, their sites and stores, fleets, and who may take a waste."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.api.storing_fields import StoreShown, store_shown
from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.waste_codes import WasteCode
from wastetrack.db.windows import Window
from wastetrack.mass import ZERO
from wastetrack.parties import queries
from wastetrack.parties.model import OrganisationKind, Site
from wastetrack.parties.permit_queries import permits_by_holder
from wastetrack.parties.permits import Permit
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day

router = RoomRouter(tags=["register"])

# A province has a few hundred plants with a permit; this many are looked at.
_MOST_PLANTS = 1_000
_Limit = Annotated[int, Query(ge=1, le=200)]


class OrganisationShown(Shown):
    """An organisation of the register."""

    id: UUID
    credit_code: str
    name: str
    name_en: str | None
    kinds: list[OrganisationKind]
    region_code: str
    address: str
    verified: bool


class SiteShown(Shown):
    """A place of an organisation; degrees, WGS 84."""

    id: UUID
    organisation_id: UUID
    name: str
    kind: str
    region_code: str
    address: str
    latitude: Decimal
    longitude: Decimal


class VehicleShown(Shown):
    """A vehicle of a carrier."""

    id: UUID
    plate: str
    plate_kind: str
    rated_load_g: int
    licence_valid_to: date


class DriverShown(Shown):
    """A driver of a carrier."""

    id: UUID
    name: str
    certificate_valid_to: date


class ReceiverShown(Shown):
    """A site whose permit covers a code on a day, and by which methods. Quantities are looked at on filing."""

    organisation: OrganisationShown
    site: SiteShown
    permit_number: str
    methods: list[str]


class OrganisationsShown(Shown):
    """Organisations found."""

    items: list[OrganisationShown]


class SitesShown(Shown):
    """The sites of an organisation."""

    items: list[SiteShown]


class StoresShown(Shown):
    """The stores of a site that the caller may see."""

    items: list[StoreShown]


class FleetShown(Shown):
    """Vehicles and drivers of a carrier that the caller may see: one's own, or those in an authority's region."""

    vehicles: list[VehicleShown]
    drivers: list[DriverShown]


class ReceiversShown(Shown):
    """Who may take a waste."""

    items: list[ReceiverShown]


@router.get("/organisations", response_model=OrganisationsShown, responses=problems(422))
async def organisations(
    work: Reading,
    search: Annotated[str, Query(max_length=100, description="Part of a name, or the beginning of a credit code")] = "",
    kind: OrganisationKind | None = None,
    region: Annotated[str, Query(pattern=r"^\d{0,6}$", description="Beginning of a region's code")] = "",
    limit: _Limit = 50,
) -> Response:
    """Search the register."""
    found = await queries.search_organisations(
        work.session, search, kind=kind, region_prefix=region, window=Window(limit=limit)
    )
    return answer(OrganisationsShown(items=[OrganisationShown.model_validate(one) for one in found]))


@router.get("/organisations/{organisation_id}/sites", response_model=SitesShown, responses=problems(404, 422))
async def sites(work: Reading, organisation_id: UUID) -> Response:
    """The sites of an organisation."""
    await queries.organisation(work.session, organisation_id)
    found = await queries.sites_of(work.session, organisation_id)
    return answer(SitesShown(items=[_site(one) for one in found]))


@router.get("/organisations/{organisation_id}/fleet", response_model=FleetShown, responses=problems(404, 422))
async def fleet(work: Reading, organisation_id: UUID) -> Response:
    """Vehicles and drivers of a carrier."""
    await queries.organisation(work.session, organisation_id)
    vehicles = await queries.vehicles_of(work.session, work.actor, organisation_id)
    drivers = await queries.drivers_of(work.session, work.actor, organisation_id)
    shown = FleetShown(
        vehicles=[
            VehicleShown(
                id=one.id,
                plate=one.plate,
                plate_kind=one.plate_kind.value,
                rated_load_g=one.rated_load.grams,
                licence_valid_to=one.licence_valid_to,
            )
            for one in vehicles
        ],
        drivers=[DriverShown.model_validate(one) for one in drivers],
    )
    return answer(shown)


@router.get("/sites/{site_id}/stores", response_model=StoresShown, responses=problems(404, 422))
async def stores(work: Reading, site_id: UUID) -> Response:
    """The stores of a site, by their codes."""
    await queries.site(work.session, site_id)
    found = await queries.stores_of(work.session, work.actor, site_id)
    return answer(StoresShown(items=[store_shown(one) for one in found]))


@router.get("/receivers", response_model=ReceiversShown, responses=problems(400, 422))
async def receivers(
    work: Reading,
    waste_code: Annotated[str, Query(max_length=20, examples=["900-249-08"])],
    on: Annotated[Day | None, Query(description="The day of the transfer; without it, today")] = None,
    region: Annotated[str, Query(pattern=r"^\d{0,6}$", description="Beginning of a region's code")] = "",
) -> Response:
    """The sites whose permit covers this waste on this day, and by which methods."""
    code = waste_codes.parse(waste_code)
    day = on or work.at.date()
    plants = await queries.search_organisations(
        work.session, kind=OrganisationKind.DISPOSER, region_prefix=region, window=Window(limit=_MOST_PLANTS)
    )
    by_holder = await permits_by_holder(work.session, [plant.id for plant in plants], on=day)
    sites_of = await queries.sites_by_organisation(work.session, by_holder)
    items = [
        ReceiverShown(
            organisation=OrganisationShown.model_validate(plant),
            site=_site(site),
            permit_number=permit.number,
            methods=methods,
        )
        for plant in plants
        for permit in by_holder.get(plant.id, ())
        if (methods := _methods(permit, code, day))
        for site in sites_of.get(plant.id, ())
        if permit.site_id in {None, site.id}
    ]
    return answer(ReceiversShown(items=items))


def _methods(permit: Permit, code: WasteCode, day: date) -> list[str]:
    """By which methods a permit lets its holder take a waste that day, quantities left aside."""
    named = sorted({method for item in permit.items if item.names(code) for method in item.methods})
    return [method for method in named if not permit.covers(code, method, day, ZERO, ZERO)]


def _site(site: Site) -> SiteShown:
    return SiteShown.model_validate(site)
