"""Pages of the register: organisations with their sites and stores."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.model import Region
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import label, message
from wastetrack.parties import facility_queries, permit_queries, policy, queries, registering
from wastetrack.parties.commands import AddSite, AddStore, RegisterOrganisation
from wastetrack.parties.model import Organisation, OrganisationKind, SiteKind
from wastetrack.parties.storerooms import FACILITIES, StoreKind
from wastetrack.reports.store_board import sees_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.catalogues import today
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.listings import Asked
from wastetrack.web.lists import ORGANISATIONS
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.stores import StoreForm

router = RoomRouter(route_class=AnsweringRoute)

_COUNTY_LEVEL = 3


class OrganisationForm(BaseModel):
    """An organisation to register."""

    credit_code: Line = ""
    name: Line = ""
    name_en: Line | None = None
    kinds: set[OrganisationKind] = set()
    region_code: Line = ""
    address: Line = ""
    contact_name: Line = ""
    contact_phone: Line = ""
    jurisdiction: Line | None = None
    verified: bool = False


class SiteForm(BaseModel):
    """A site to add."""

    name: Line = ""
    kind: SiteKind
    region_code: Line = ""
    address: Line = ""
    latitude: Decimal
    longitude: Decimal


def counties_near(lists: Catalogue, region_code: str | None) -> tuple[Region, ...]:
    """The counties of the province around a region: what an address is most likely in. All of them without one."""
    province = (region_code or "")[:2]
    return tuple(
        region
        for region in lists.regions.values()
        if region.level == _COUNTY_LEVEL and region.code.startswith(province)
    )


async def own_region(work: ReadWork) -> str | None:
    """Where the actor's organisation is; None before it is registered itself."""
    known = await queries.organisations_by_id(work.session, (work.actor.organisation_id,))
    own = known.get(work.actor.organisation_id)
    return None if own is None else own.region_code


class Wanted(Asked):
    """What is searched for in the register."""

    q: str = Field("", max_length=100)
    kind: OrganisationKind | None = None
    region: str = Field("", pattern=r"^\d{0,6}$")


@dataclass(frozen=True, slots=True)
class ListedFirm:
    """An organisation as the list shows it."""

    firm: Organisation
    kinds: str
    region: str


@router.get("/organisations")
async def organisations(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Search the register."""
    view = await ORGANISATIONS.view(page, work, wanted)
    found = await queries.search_organisations(
        work.session, wanted.q, kind=wanted.kind, region_prefix=wanted.region, window=view.window
    )
    lists = await snapshot(work.session)
    rows = [
        ListedFirm(
            one,
            ", ".join(label(kind, page.locale) for kind in OrganisationKind if kind in one.kinds),
            lists.region_name(one.region_code),
        )
        for one in found
    ]
    may_register = bool(may(work.actor, Verb.REGISTER_ORGANISATION))
    return await view.answer("parties/organisations.html", rows, may_register=may_register)


async def ask_organisation(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of an organisation, for whoever may register one."""
    demand(work.actor, Verb.REGISTER_ORGANISATION)
    lists = await snapshot(work.session)
    return page.show(
        "parties/organisation_form.html",
        filled=filled,
        kinds=OrganisationKind,
        counties=counties_near(lists, await own_region(work)),
        lists=lists,
    )


offer(router, "/organisations/new", ask_organisation)


@router.post("/organisations/new")
@asked_again(ask_organisation)
async def register(page: AnyPage, work: Writing, form: Annotated[OrganisationForm, Form()]) -> Response:
    """Bring an organisation onto the platform."""
    command = RegisterOrganisation(**form.model_dump(exclude={"kinds"}), kinds=frozenset(form.kinds))
    made = await registering.register_organisation(work.session, work.actor, command, at=work.at)
    return page.go(f"/organisations/{made.id}", message("{name} is registered."), name=made.name)


@router.get("/organisations/{organisation_id:uuid}")
async def organisation(page: AnyPage, work: Reading, organisation_id: UUID) -> Response:
    """An organisation with all that the register knows and the actor may see."""
    found = await queries.organisation(work.session, organisation_id)
    return page.show(
        "parties/organisation.html",
        organisation=found,
        day=today(page.request, work),
        lists=await snapshot(work.session),
        sites=await queries.sites_of(work.session, organisation_id),
        permits=await permit_queries.permits_of(work.session, organisation_id),
        licences=await queries.transport_licences_of(work.session, organisation_id),
        vehicles=await queries.vehicles_of(work.session, work.actor, organisation_id),
        drivers=await queries.drivers_of(work.session, work.actor, organisation_id),
        may_manage=bool(policy.may_manage(work.actor, organisation_id, Verb.MANAGE_ORGANISATION)),
        may_fleet=bool(policy.may_manage(work.actor, organisation_id, Verb.MANAGE_FLEET)),
        may_permit=bool(policy.may_permit(work.actor, found.region_code)),
        may_license=bool(policy.may_license(work.actor, organisation_id, found.region_code)),
        may_people=bool(policy.may_manage(work.actor, organisation_id, Verb.MANAGE_PEOPLE)),
        kind_of=OrganisationKind,
    )


def _demand_manager(work: ReadWork, organisation_id: UUID) -> None:
    """A form is offered to whoever may send it."""
    decision = policy.may_manage(work.actor, organisation_id, Verb.MANAGE_ORGANISATION)
    policy.demand(decision, "may_not_manage_organisation")


async def ask_site(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a site."""
    organisation_id = page.request.path_params["organisation_id"]
    owner = await queries.organisation(work.session, organisation_id)
    _demand_manager(work, owner.id)
    lists = await snapshot(work.session)
    return page.show(
        "parties/site_form.html",
        filled=filled,
        organisation=owner,
        kinds=SiteKind,
        counties=counties_near(lists, owner.region_code),
        lists=lists,
    )


@router.get("/organisations/{organisation_id:uuid}/sites/new")
async def new_site(page: AnyPage, work: Reading, organisation_id: UUID) -> Response:
    """The form, beginning with where the organisation itself is."""
    owner = await queries.organisation(work.session, organisation_id)
    return await ask_site(page, work, Filled.of({"region_code": owner.region_code, "address": owner.address}))


@router.post("/organisations/{organisation_id:uuid}/sites/new")
@asked_again(ask_site)
async def add_site(page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[SiteForm, Form()]) -> Response:
    """Add a site."""
    command = AddSite(organisation_id=organisation_id, **form.model_dump())
    made = await registering.add_site(work.session, work.actor, command, at=work.at)
    return page.go(f"/sites/{made.id}", message("The site {name} is added."), name=made.name)


@router.get("/sites/{site_id:uuid}")
async def site(page: AnyPage, work: Reading, site_id: UUID) -> Response:
    """A site with its stores."""
    found = await queries.site(work.session, site_id)
    return page.show(
        "parties/site.html",
        site=found,
        organisation=await queries.organisation(work.session, found.organisation_id),
        stores=await queries.stores_of(work.session, work.actor, site_id),
        facilities=await facility_queries.facilities_of(work.session, work.actor, site_id),
        day=today(page.request, work),
        lists=await snapshot(work.session),
        may_manage=bool(policy.may_manage(work.actor, found.organisation_id, Verb.MANAGE_ORGANISATION)),
        sees_stock=sees_stock(work.actor, found),
    )


async def ask_store(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a store."""
    found = await queries.site(work.session, page.request.path_params["site_id"])
    _demand_manager(work, found.organisation_id)
    stores = await queries.stores_of(work.session, work.actor, found.id)
    facilities = [store for store in stores if store.is_open and store.kind is not StoreKind.ZONE]
    return page.show(
        "parties/store_form.html", filled=filled, site=found, kinds_of_store=FACILITIES, facilities=facilities
    )


offer(router, "/sites/{site_id:uuid}/stores/new", ask_store)


@router.post("/sites/{site_id:uuid}/stores/new")
@asked_again(ask_store)
async def add_store(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[StoreForm, Form()]) -> Response:
    """Add a store."""
    command = AddStore(site_id=site_id, code=form.code, name=form.name, limit=form.limit, room=form.room())
    made = await registering.add_store(work.session, work.actor, command, at=work.at)
    return page.go(f"/sites/{site_id}", message("The store {store_code} is added."), store_code=made.code)
