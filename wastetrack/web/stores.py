"""Pages of stores: what stands where on a site, one store, what must leave soon; change and close a store."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.keeping_stores import change_store, close_store
from wastetrack.containers.model import ContainerState, Packaging
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import ContainerFilter
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.parties import store_queries
from wastetrack.parties.model import Site, Store
from wastetrack.parties.storerooms import FACILITIES, ChangeStore, Room, StoreKind
from wastetrack.reports.storage_clocks import due_at, soonest_for
from wastetrack.reports.store_board import Shelf, board, demand_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/stores", route_class=AnsweringRoute)


SHOWN_AT_MOST = 200
"""Containers on the page of a store; all of them are behind a link."""


class StoreForm(BaseModel):
    """A store as typed. A zone names its facility; the kind is then not asked for."""

    code: Line = ""
    name: Line = ""
    limit: Tonnes
    kind: StoreKind = StoreKind.WAREHOUSE
    parent_id: UUID | None = None
    facility_code: Line | None = None
    containment_l: int | None = None
    temperature_c: int | None = None
    remote_disinfected: bool = False
    area_m2: int | None = None

    def room(self) -> Room:
        """As the rules know it."""
        return Room(
            kind=StoreKind.ZONE if self.parent_id else self.kind,
            parent_id=self.parent_id,
            facility_code=self.facility_code or None,
            containment_l=self.containment_l,
            temperature_c=self.temperature_c,
            remote_disinfected=self.remote_disinfected,
            area_m2=self.area_m2,
        )


class Wanted(Search):
    """Which site."""

    site: UUID | None = None


async def chosen_site(work: ReadWork, site_id: UUID | None) -> tuple[Site | None, tuple[Site, ...]]:
    """The site asked for, or the first of one's own, and all of one's own. NotFound for another's stock."""
    own = await parties.sites_of(work.session, work.actor.organisation_id)
    if site_id is None:
        return (own[0] if own else None), own
    site = await parties.site(work.session, site_id)
    demand_stock(work.actor, site)
    return site, own


@router.get("")
async def stores(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The stores of a site: how full, how old, what must leave."""
    site, own = await chosen_site(work, wanted.site)
    shelves = [] if site is None else await _shelves(work, site)
    return page.show(
        "storage/stores.html",
        site=site,
        own_sites=own,
        shelves=[one for one in shelves if one.store is None or one.store.is_open or one.containers],
        now=work.at,
        **rights(work, site),
    )


async def _shelves(work: ReadWork, site: Site) -> list[Shelf]:
    found = await parties.stores_of(work.session, work.actor, site.id)
    return await board(work.session, work.actor, site.id, zones_after(found), at=work.at)


def zones_after(stores: tuple[Store, ...]) -> list[Store]:
    """Facilities by code, each followed by its zones."""
    facilities = [one for one in stores if one.kind is not StoreKind.ZONE]
    return [each for one in facilities for each in (one, *(zone for zone in stores if zone.parent_id == one.id))]


def rights(work: ReadWork, site: Site | None) -> dict[str, Any]:
    own = site is not None and site.organisation_id == work.actor.organisation_id
    return {
        "own": own,
        "may_manage": own and bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
        "may_count": own and bool(may(work.actor, Verb.STORE)),
        "may_extend": bool(may(work.actor, Verb.GRANT_PERMIT)),
    }


@router.get("/due")
async def due(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Containers of a site by the day on which they must leave."""
    site, own = await chosen_site(work, wanted.site)
    if site is None:
        raise NotFound("site_unknown", "There is no such site.")
    found = await due_at(work.session, work.actor, site.id, at=work.at)
    return page.show("storage/due.html", site=site, own_sites=own, found=found, now=work.at)


@router.get("/{store_id:uuid}")
async def store(page: AnyPage, work: Reading, store_id: UUID) -> Response:
    """One store: its room, its zones, what stands in it."""
    found = await store_queries.store(work.session, work.actor, store_id)
    site = await parties.site(work.session, found.site_id)
    demand_stock(work.actor, site)
    shelves = await _shelves(work, site)
    wanted = ContainerFilter(store_id=store_id, state=ContainerState.AT_SITE)
    rows = await containers.page(work.session, work.actor, wanted, limit=SHOWN_AT_MOST)
    return page.show(
        "storage/store.html",
        rows=sorted(rows, key=lambda row: row.generated_on),
        clocks=await soonest_for(work.session, work.actor, [row.id for row in rows], at=work.at),
        packagings=Packaging,
        today=legal_day(work.at),
        store=found,
        site=site,
        shelf=next(one for one in shelves if one.store is not None and one.store.id == store_id),
        zones=[one for one in shelves if one.store is not None and one.store.parent_id == store_id],
        facility=next(
            (one.store for one in shelves if one.store is not None and one.store.id == found.parent_id), None
        ),
        now=work.at,
        **rights(work, site),
    )


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that changes a store."""
    found, site = await _own(work, page.request.path_params["store_id"])
    return page.show("storage/change.html", filled=filled, store=found, site=site, kinds_of_store=FACILITIES)


async def _own(work: ReadWork, store_id: UUID) -> tuple[Store, Site]:
    found = await store_queries.store(work.session, work.actor, store_id)
    site = await parties.site(work.session, found.site_id)
    demand_own(work.actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    return found, site


@router.get("/{store_id:uuid}/change")
async def changing(page: AnyPage, work: Reading, store_id: UUID) -> Response:
    """The form, with the store as it is."""
    found, _ = await _own(work, store_id)
    room = found.room
    shown = {
        "code": found.code,
        "name": found.name,
        "limit": found.limit.tonne_text().removesuffix(" t"),
        "kind": room.kind,
        "parent_id": room.parent_id,
        "facility_code": room.facility_code,
        "containment_l": room.containment_l,
        "temperature_c": room.temperature_c,
        "remote_disinfected": "true" if room.remote_disinfected else "",
        "area_m2": room.area_m2,
    }
    return await ask_change(page, work, Filled.of(shown))


@router.post("/{store_id:uuid}/change")
@asked_again(ask_change)
async def change(page: AnyPage, work: Writing, store_id: UUID, form: Annotated[StoreForm, Form()]) -> Response:
    """Change a store, as long as what stands in it fits."""
    command = ChangeStore(store_id=store_id, code=form.code, name=form.name, limit=form.limit, room=form.room())
    changed, _ = await change_store(work.session, work.actor, command, at=work.at)
    return page.go(f"/stores/{store_id}", message("The store {store_code} is changed."), store_code=changed.code)


@router.post("/{store_id:uuid}/close")
@asked_again(ask_change)
async def close(page: AnyPage, work: Writing, store_id: UUID) -> Response:
    """Use a store no more; it must be empty."""
    await close_store(work.session, work.actor, store_id, at=work.at)
    return page.go(f"/stores/{store_id}", message("The store is closed."))
