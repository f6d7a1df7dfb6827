"""The stores of a site as a plan; containers moved between its zones by scanning them and then the zone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from wastetrack.auth.policy import Verb
from wastetrack.containers import queries as containers
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.containers.model import StoreContainers
from wastetrack.containers.policy import demand_own
from wastetrack.containers.scanned import by_digital_codes
from wastetrack.containers.storing import store_containers
from wastetrack.errors import Broken, Malformed, NotFound, RuleBroken, refuse_one
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.parties import store_queries
from wastetrack.parties.model import Site, usable
from wastetrack.parties.storerooms import StoreKind
from wastetrack.reports.medical_pdf import door_label_pdf
from wastetrack.reports.store_board import Shelf, board, demand_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.scanning import reader_of, with_camera
from wastetrack.web.stores import Wanted, chosen_site, rights, zones_after

router = RoomRouter(prefix="/stores", route_class=AnsweringRoute)

MOST_MOVED = 200


@dataclass(frozen=True, slots=True)
class Building:
    """A facility with its zones, as the plan draws it."""

    shelf: Shelf
    zones: tuple[Shelf, ...]


def buildings(shelves: Sequence[Shelf]) -> tuple[list[Building], Shelf | None]:
    """The facilities with their zones in the order of their codes, and what stands in none."""
    found = []
    for shelf in shelves:
        store = shelf.store
        if store is None or store.kind is StoreKind.ZONE or not (store.is_open or shelf.containers):
            continue
        zones = [one for one in shelves if one.store is not None and one.store.parent_id == store.id]
        shown = [one for one in zones if one.store is not None and (one.store.is_open or one.containers)]
        found.append(Building(shelf, tuple(sorted(shown, key=lambda one: one.store.code if one.store else ""))))
    return found, next((one for one in shelves if one.store is None), None)


@router.get("/map")
async def plan(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The plan of a site: each store a block, its zones within it; how full, what stands there, what must leave."""
    site, own = await chosen_site(work, wanted.site)
    stores = () if site is None else await parties.stores_of(work.session, work.actor, site.id)
    shelves = [] if site is None else await board(work.session, work.actor, site.id, zones_after(stores), at=work.at)
    blocks, outside = buildings(shelves)
    return page.show(
        "storage/map.html",
        site=site,
        own_sites=own,
        buildings=blocks,
        outside=outside,
        now=work.at,
        **rights(work, site),
    )


class MovingForm(BaseModel):
    """Labels as the scanner read them, one to a line, and where their containers go; nowhere: out of store."""

    labels: str = ""
    store_id: UUID | None = None


async def ask_moving(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that moves containers."""
    named = page.request.query_params.get("site", "")
    try:
        wanted = Wanted(site=UUID(named) if named else None)
    except ValueError as unreadable:
        raise NotFound("site_unknown", "There is no such site.") from unreadable
    site, _ = await chosen_site(work, wanted.site)
    if site is None:
        raise NotFound("site_unknown", "There is no such site.")
    demand_own(work.actor, Verb.STORE, site.organisation_id)
    stores = usable(await parties.stores_of(work.session, work.actor, site.id))
    reader = reader_of(page.request.app.state.renderer.assets)
    answer = page.show("storage/moving.html", filled=filled, site=site, stores=stores, reader=reader)
    return with_camera(answer) if reader else answer


@router.get("/moving")
async def moving(page: AnyPage, work: Reading) -> Response:
    """The empty form."""
    return await ask_moving(page, work, EMPTY)


@router.post("/moving")
@asked_again(ask_moving)
async def move(page: AnyPage, work: Writing, keys: DeploymentKeys, form: Annotated[MovingForm, Form()]) -> Response:
    """Move what was scanned; all of it, or nothing."""
    codes = list(dict.fromkeys(read_lines(form.labels, keys)))
    found = await by_digital_codes(work.session, work.actor, codes)
    if unknown := [code for code in codes if code not in found]:
        message_ = "No container of yours bears the code {value}."
        step = "Scan its label again, or leave it out."
        raise RuleBroken([Broken("labels", "label_unknown", message_, code, next_step=step) for code in unknown])
    ids = tuple(found[code].id for code in codes)
    rows, _ = await store_containers(
        work.session, work.actor, StoreContainers(container_ids=ids, store_id=form.store_id), at=work.at
    )
    done = message("{count} containers stand where you said.")
    return page.go(f"/stores/moving?site={rows[0].site_id}", done, count=len(rows))


def read_lines(labels: str, keys: Keys) -> list[str]:
    """The digital codes of labels that were scanned, one to a line. Raises RuleBroken for what is no label."""
    lines = [line.strip()[:LONGEST_TEXT] for line in labels.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_MOVED:
        message_ = "Scan 1 to {most} labels at a time, not {value}."
        refuse_one("labels", "labels_count", message_, value=len(lines), facts={"most": MOST_MOVED})
    broken, codes = [], []
    for line in lines:
        try:
            codes.append(str(read_label_text(line, keys.base_url, keys.label_key)))
        except Malformed as unreadable:
            broken.append(unreadable.as_broken("labels", line[:60]))
    if broken:
        raise RuleBroken(broken)
    return codes


@router.get("/moving/look")
async def look(page: AnyPage, work: Reading, keys: DeploymentKeys, label: str = "") -> Response:
    """What a label is, for the script of that page: the container and where it stands, or why it is none."""
    try:
        code = str(read_label_text(label[:LONGEST_TEXT], keys.base_url, keys.label_key))
    except Malformed as unreadable:
        return JSONResponse({"known": False, "words": page.translate(unreadable.message, **unreadable.facts)})
    row = await containers.maybe_by_digital_code(work.session, work.actor, code)
    if row is None or row.site_id is None:
        words = message("No container of yours that stands at a site bears this code.")
        return JSONResponse({"known": False, "words": page.translate(words)})
    told: dict[str, Any] = {"code": code, "waste": row.waste_name, "waste_code": row.waste_code, "net_g": row.net_g}
    place = None if row.store_id is None else await store_queries.store(work.session, work.actor, row.store_id)
    return JSONResponse({"known": True, **told, "store": "" if place is None else place.code, "id": str(row.id)})


@router.get("/{store_id:uuid}/label.pdf")
async def zone_label(page: AnyPage, work: Reading, store_id: UUID) -> Response:
    """A label for the wall of a store or zone: scanned after containers, they are put there."""
    found = await store_queries.store(work.session, work.actor, store_id)
    site: Site = await parties.site(work.session, found.site_id)
    demand_stock(work.actor, site)
    content = await asyncio.to_thread(
        door_label_pdf,
        institution=site.name,
        code=found.code,
        name=found.name,
        location="",
        url=f"{settings_of(page.request).base_url.rstrip('/')}/stores/{store_id}",
        locale=page.locale,
        hint=message("Scan containers, then this code: they are put here"),
    )
    headers = {"Content-Disposition": f'inline; filename="store-{found.code}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
