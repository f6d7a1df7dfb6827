"""Forms of opening stock, of waste that gets another code, and of an authority's extensions of the year."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries
from wastetrack.containers.extending import ExtendStorage, extend_storage, extensions_of
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.model import LabelContainer, Packaging
from wastetrack.containers.opening_stock import OpenStock, close_opening, open_stock, opening_closed_at
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recoding import Recode, recode
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site, usable
from wastetrack.reports.store_board import demand_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.custody_fields import SCALES, DescribedForm, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.labelling import described
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class OldForm(DescribedForm):
    """A container of the opening stock."""

    generated_on: Day
    store_id: UUID | None = None
    reason: Prose = ""


class RecodeForm(BaseModel):
    """What the content of a container really is. Empty name and hazards are those of the list."""

    waste_code: Line = ""
    waste_name: Line = ""
    form: Matter
    hazards: list[Line] = []
    main_components: Prose = ""
    harmful_components: Prose = ""
    precautions: Prose = ""
    remarks: Prose = ""
    compatibility: CompatibilityClass | None = None
    reason: Prose = ""


class ExtensionForm(BaseModel):
    """An authority's decision."""

    waste_code: Line | None = None
    until: Day
    document: Line = ""
    reason: Prose = ""


async def ask_old(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a container that stood there before the records."""
    site = await _own_site(page, work, Verb.LABEL)
    return page.show(
        "storage/opening_stock.html",
        filled=filled,
        site=site,
        stores=usable(await parties.stores_of(work.session, work.actor, site.id)),
        closed_at=await opening_closed_at(work.session, site.id),
        forms_of_matter=Matter,
        packagings=Packaging,
        compatibility_classes=CompatibilityClass,
        scales=SCALES,
        may_close=bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
    )


async def _own_site(page: Page, work: ReadWork, verb: Verb) -> Site:
    site = await parties.site(work.session, page.request.path_params["site_id"])
    demand_own(work.actor, verb, site.organisation_id)
    return site


@router.get("/sites/{site_id:uuid}/opening-stock")
async def old(page: AnyPage, work: Reading, site_id: UUID) -> Response:  # noqa: ARG001  read by the form
    """The form."""
    return await ask_old(page, work, EMPTY)


@router.post("/sites/{site_id:uuid}/opening-stock")
@asked_again(ask_old)
async def enter_old(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[OldForm, Form()]) -> Response:
    """Enter a container of the opening stock; its page offers the label."""
    container = LabelContainer(
        site_id=site_id,
        description=await described(work.session, form, legal_day(work.at)),
        packaging=form.packaging,
        volume_l=form.volume_l,
        weighing=form.weighing(),
        generated_on=form.generated_on,
        store_id=form.store_id,
    )
    with naming_fields():
        row, _ = await open_stock(
            work.session, work.actor, OpenStock(container=container, reason=form.reason), at=work.at
        )
    return page.go(f"/containers/{row.id}", message("The container is in the ledger. Print its label and stick it on."))


@router.post("/sites/{site_id:uuid}/opening-stock/close")
@asked_again(ask_old)
async def complete(page: AnyPage, work: Writing, site_id: UUID) -> Response:
    """Say that the opening stock is complete."""
    await close_opening(work.session, work.actor, site_id, at=work.at)
    return page.go(f"/stores?site={site_id}", message("The opening stock is declared complete."))


async def ask_recode(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that gives a container's content another code."""
    row = await queries.container(work.session, work.actor, page.request.path_params["container_id"])
    return page.show(
        "storage/recode.html",
        filled=filled,
        row=row,
        forms_of_matter=Matter,
        compatibility_classes=CompatibilityClass,
    )


@router.get("/containers/{container_id:uuid}/recode")
async def recoding(page: AnyPage, work: Reading, container_id: UUID) -> Response:
    """The form, beginning with the form of matter as it is."""
    row = await queries.container(work.session, work.actor, container_id)
    if row.site_id is not None:
        demand_own(work.actor, Verb.LABEL, (await parties.site(work.session, row.site_id)).organisation_id)
    return await ask_recode(page, work, Filled.of({"form": row.form}))


@router.post("/containers/{container_id:uuid}/recode")
@asked_again(ask_recode)
async def recode_one(page: AnyPage, work: Writing, container_id: UUID, form: Annotated[RecodeForm, Form()]) -> Response:
    """Give the content another code; its new container gets its own label."""
    description = await described(work.session, form, legal_day(work.at))
    command = Recode(container_id=container_id, description=description, reason=form.reason)
    made, _ = await recode(work.session, work.actor, command, at=work.at)
    return page.go(f"/containers/{made.id}", message("Re-coded. This is its new digital code; print the new label."))


async def ask_extension(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The extensions of a site, and for an approver of its region the form of a new one."""
    site = await parties.site(work.session, page.request.path_params["site_id"])
    demand_stock(work.actor, site)
    rows = await extensions_of(work.session, work.actor, site.id)
    return page.show(
        "storage/extensions.html",
        filled=filled,
        site=site,
        extensions=rows,
        authorities=await parties.organisations_by_id(work.session, {row.authority_id for row in rows}),
        may_extend=bool(may(work.actor, Verb.GRANT_PERMIT)),
    )


@router.get("/sites/{site_id:uuid}/storage-extensions")
async def extensions(page: AnyPage, work: Reading, site_id: UUID) -> Response:  # noqa: ARG001  read by the form
    """The extensions of the year that were granted to a site."""
    return await ask_extension(page, work, EMPTY)


@router.post("/sites/{site_id:uuid}/storage-extensions")
@asked_again(ask_extension)
async def extend(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[ExtensionForm, Form()]) -> Response:
    """Record an extension."""
    command = ExtendStorage(
        site_id=site_id,
        waste_code=form.waste_code or None,
        until=form.until,
        document=form.document,
        reason=form.reason,
    )
    await extend_storage(work.session, work.actor, command, at=work.at)
    return page.go(f"/sites/{site_id}/storage-extensions", message("The extension is recorded."))
