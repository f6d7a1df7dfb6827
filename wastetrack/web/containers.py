"""Pages of containers: the list, one container with its history, its label to print, its QR symbol."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.compatibility import CompatibilityClass, Content, classes_of
from wastetrack.catalogues.general_wastes import parse_any
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.containers.model import ContainerOrder, ContainerState, Form, LineageKind, Packaging
from wastetrack.containers.queries import Container, ContainerFilter
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import queries as manifests
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Store, usable
from wastetrack.reports import container_dues
from wastetrack.reports.container_dues import due_within
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.printed_labels import document, figures_of_labels
from wastetrack.reports.qr_symbols import qr_svg
from wastetrack.reports.storage_clocks import clocks_for, soonest
from wastetrack.searches import queries as searches
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.middleware import CONTENT_SECURITY_POLICY
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.transparency import queries as log
from wastetrack.web.catalogues import HAZARD_NAMES, today
from wastetrack.web.custody_fields import SCALES, Search, kilograms
from wastetrack.web.forms import EMPTY, Filled
from wastetrack.web.histories import told
from wastetrack.web.list_views import Column, ListView
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/containers")

PER_PAGE = 50


class Wanted(Search):
    """What is looked for; an empty field asks for nothing."""

    site: UUID | None = None
    store: UUID | None = None
    state: ContainerState | None = None
    code: Line = ""
    q: Line = ""
    older: int | None = Field(None, ge=0, le=10_000)
    """Filled so many days ago or longer."""
    left: int | None = Field(None, ge=-10_000, le=10_000)
    """May stand for so many days or less."""
    chosen: list[UUID] = Field(default_factory=list, max_length=500)
    """Only these: the boxes that were ticked."""
    sort: Line = ""
    before: UUID | None = None


COLUMNS = (
    Column("code", message("Digital code"), always=True),
    Column("waste", message("Waste"), sortable=True),
    Column("net", message("Net mass"), "number", sortable=True),
    Column("state", message("State")),
    Column("place", message("Place")),
    Column("store", message("Store")),
    Column("filled", message("Generated"), sortable=True),
    Column("due", message("May stand"), sortable=True),
    Column("packaging", message("Packaging"), extra=True),
    Column("department", message("Ward or department"), extra=True),
    Column("made", message("Registered"), sortable=True, extra=True),
)
USUAL = "-made"


def order_of(sort: str) -> tuple[ContainerOrder, bool]:
    """An order as the address says it: `-net` is the heaviest first. What is no order is the usual one."""
    asked = sort if sort.removeprefix("-") in set(ContainerOrder) else USUAL
    return ContainerOrder(asked.removeprefix("-")), asked.startswith("-")


async def filter_of(work: ReadWork, wanted: Wanted, day: date, stores: Sequence[Store]) -> ContainerFilter:
    """The search as the query wants it; a facility is searched with its zones."""
    order, descending = order_of(wanted.sort)
    ids = None
    if wanted.left is not None:
        ids = await due_within(work.session, work.actor, days=wanted.left, at=work.at, site_id=wanted.site)
    if wanted.chosen:
        ids = tuple(wanted.chosen) if ids is None else tuple(one for one in wanted.chosen if one in set(ids))
    within = None
    if wanted.store is not None:
        within = (wanted.store, *(store.id for store in stores if store.parent_id == wanted.store))
    return ContainerFilter(
        site_id=wanted.site,
        store_ids=within,
        state=wanted.state,
        waste_code=wanted.code or None,
        search=wanted.q or None,
        filled_until=None if wanted.older is None else day - timedelta(days=wanted.older),
        ids=ids,
        order=order,
        descending=descending,
    )


@router.get("")
async def containers(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The containers that the actor may see, the newest first unless another order is asked for."""
    own_sites = await parties.sites_of(work.session, work.actor.organisation_id)
    stores = await parties.stores_at(work.session, work.actor, [site.id for site in own_sites])
    asked = await filter_of(work, wanted, today(page.request, work), stores)
    found = await container_dues.page(
        work.session, work.actor, asked, at=work.at, before=wanted.before, limit=PER_PAGE + 1
    )
    shown = found[:PER_PAGE]
    clocks = await clocks_for(work.session, work.actor, [row.id for row in shown], at=work.at)
    may_store = bool(own_sites and may(work.actor, Verb.STORE))
    may_file = bool(own_sites and may(work.actor, Verb.FILE))
    may_label = bool(may(work.actor, Verb.LABEL))
    return page.show(
        "containers/containers.html",
        view=ListView(page, COLUMNS, await searches.kept(work.session, work.actor, page.path), usual=USUAL),
        wanted=wanted,
        found=shown,
        own_sites=own_sites,
        own_stores=_with_zones(stores),
        store_names={store.id: store.title for store in stores},
        clocks={row_id: soonest(running) for row_id, running in clocks.items()},
        now=work.at,
        places=await places_of(work, shown),
        ages=ages_of(page, work, shown),
        states=ContainerState,
        packagings=Packaging,
        estimate=WeighingMethod.ESTIMATE.value,
        table=page.here(before=None).replace(page.path, f"{page.path}.csv", 1),
        workbook=page.here(before=None).replace(page.path, f"{page.path}.xlsx", 1),
        previous=page.here(before=None) if wanted.before else None,
        following=page.here(before=shown[-1].id) if len(found) > PER_PAGE else None,
        bulk=[act for allowed, act in zip((may_file, may_label, may_store, True), BULK, strict=True) if allowed],
        may_label=may_label,
        may_send_out=may_file,
    )


BULK = (
    ("/manifests/new", message("File a manifest from these"), "primary"),
    ("/containers/printing", message("Print labels"), ""),
    ("/containers/moving", message("Move to another store"), ""),
    ("/containers.xlsx", message("Export these (XLSX)"), ""),
)
"""What is done with chosen containers: where, its message id, the kind of button."""


def _with_zones(stores: Sequence[Store]) -> list[tuple[Store, bool]]:
    """Each facility followed by its zones, and whether it is one of those."""
    found: list[tuple[Store, bool]] = []
    for store in stores:
        if store.parent_id is None:
            found.append((store, False))
            found += [(zone, True) for zone in stores if zone.parent_id == store.id]
    return found


async def places_of(work: ReadWork, rows: list[Container]) -> dict[UUID, str]:
    """The names of the sites at which containers stand, or were made."""
    ids = {row.site_id for row in rows if row.site_id} | {row.made_at_site_id for row in rows}
    return {site.id: site.name for site in (await parties.sites_by_id(work.session, ids)).values()}


def ages_of(page: Page, work: ReadWork, rows: list[Container]) -> dict[UUID, int]:
    """Days since containers were filled."""
    day = today(page.request, work)
    return {row.id: max(0, (day - row.generated_on).days) for row in rows}


@router.get("/{container_id:uuid}")
async def container(
    page: AnyPage, work: Reading, container_id: UUID, printed: Annotated[UUID | None, Query()] = None
) -> Response:
    """One container: what it is, where it stands, what may be done with it, all that happened; `printed` is the print
    of its label a moment ago."""
    row = await queries.container(work.session, work.actor, container_id)
    tare = {"tare": kilograms(row.tare_g), "method": row.method, "scale_id": row.scale_id or ""}
    return await show_container(page, work, Filled.of(tare), printed=printed)


async def ask_container(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The same page with a form that was refused."""
    return await show_container(page, work, filled)


async def show_container(
    page: Page, work: ReadWork, filled: Filled = EMPTY, *, printed: UUID | None = None
) -> Response:
    """The page of the container in the address."""
    row = await queries.container(work.session, work.actor, page.request.path_params["container_id"])
    paper = None if printed is None else await paper_of(work, printed)
    context = await _context(page, work, row)
    answer = page.show("containers/container.html", filled=filled, row=row, printed=printed, paper=paper, **context)
    if printed is not None:
        answer.headers["content-security-policy"] = FRAMING
    return answer


FRAMING = CONTENT_SECURITY_POLICY + "; frame-src 'self'"
"""Of pages that show the label that was just printed."""


async def paper_of(work: ReadWork, print_id: UUID) -> LabelPaper:
    """On what labels were printed. Raises ContainerUnknown."""
    return LabelPaper((await queries.printed_together(work.session, work.actor, print_id))[0][0].paper)


async def _context(page: Page, work: ReadWork, row: Container) -> dict[str, Any]:
    session, actor = work.session, work.actor
    state = ContainerState(row.state)
    standing = await parties.site(session, row.site_id) if row.site_id else None
    own = standing is not None and standing.organisation_id == actor.organisation_id
    may_store = own and bool(may(actor, Verb.STORE))
    lists = await snapshot(session)
    stores = await parties.stores_of(session, actor, standing.id) if standing else ()
    clocks = await clocks_for(session, actor, [row.id], at=work.at)
    open_on = await manifests.open_elsewhere(session, [row.id])
    relatives = await queries.relatives(session, actor, row.id)
    return {
        "state": state,
        "maker": await parties.organisation(session, row.organisation_id),
        "made_at": await parties.site(session, row.made_at_site_id),
        "standing": standing,
        "stores": usable(stores),
        "clocks": clocks.get(row.id, ()),
        "now": work.at,
        "classes": sorted(classes_of(Content(row.waste_code, tuple(row.hazards), row.compatibility))),
        "compatibility_classes": CompatibilityClass,
        "store": next((store for store in stores if store.id == row.store_id), None),
        "carrying": await _carrying(work, row),
        "open_on": open_on.get(row.id),
        "category": lists.category_name(parse_any(row.waste_code).category),
        "packaging": Packaging(row.packaging),
        "form": Form(row.form),
        "method": WeighingMethod(row.method),
        "estimate": WeighingMethod.ESTIMATE,
        "hazard_names": {hazard.value: name for hazard, name in HAZARD_NAMES.items()},
        "groups": DigitalCode.parse(row.digital_code).groups,
        "age": ages_of(page, work, [row])[row.id],
        "came_from": [(one, LineageKind(one.kind)) for one in relatives if one.is_parent],
        "went_into": [(one, LineageKind(one.kind)) for one in relatives if not one.is_parent],
        "may_label": own and bool(may(actor, Verb.LABEL)),
        "may_store": may_store,
        "may_recode": own and row.held_for is None and bool(may(actor, Verb.LABEL)),
        "may_weigh": may_store and row.site_id == row.made_at_site_id,
        "may_repack": may_store and row.id not in open_on,
        "scales": SCALES,
        "newest_print": (await queries.newest_prints(session, [row.id])).get(row.id),
        "events": await told(session, await log.leaves_of(session, row.id)),
    }


async def _carrying(work: ReadWork, row: Container) -> Any:  # noqa: ANN401  a manifest's row, or None
    if row.manifest_id is None:
        return None
    return await manifests.manifest_row(work.session, work.actor, row.manifest_id)


@router.get("/{container_id:uuid}/label.pdf")
async def label(work: Reading, keys: DeploymentKeys, container_id: UUID) -> Response:
    """A look at the label after HJ 1276-2022; it is printed by printing.py."""
    row = await queries.container(work.session, work.actor, container_id)
    figures = await figures_of_labels(work.session, [row], base_url=keys.base_url, label_key=keys.label_key)
    drawn = await asyncio.to_thread(document, figures, LabelPaper.SINGLE)
    headers = {"Content-Disposition": f'inline; filename="label-{row.digital_code}.pdf"'}
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)


@router.get("/{container_id:uuid}/qr.svg")
async def qr(work: Reading, keys: DeploymentKeys, container_id: UUID) -> Response:
    """The QR symbol of the label."""
    row = await queries.container(work.session, work.actor, container_id)
    text = make_label_text(keys.base_url, DigitalCode.parse(row.digital_code), keys.label_key, row.label_revision)
    return Response(qr_svg(text, title=row.digital_code), media_type="image/svg+xml")
