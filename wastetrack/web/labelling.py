"""Forms of containers: weigh again, store and pick, repack; web/label_station.py weighs and labels."""

from datetime import date
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Form, Query
from starlette.responses import Response

from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers import queries
from wastetrack.containers.ledger_facts import Handling
from wastetrack.containers.model import (
    Description,
    Filling,
    Packaging,
    Repack,
    StoreContainers,
    WeighContainer,
)
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.policy import demand_own
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.db.session import ReadSession
from wastetrack.errors import Malformed, RuleBroken
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.catalogues import today
from wastetrack.web.containers import ask_container
from wastetrack.web.custody_fields import (
    SCALES,
    FilledForm,
    Search,
    WeighingForm,
    kilograms,
    naming_fields,
)
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute)

SUGGESTED = 8


class StoringForm(Search):
    """A container goes into a store, or out of store where none is chosen."""

    store_id: UUID | None = None
    compatibility: CompatibilityClass | None = None
    handler: Line = ""
    carrier_handler: Line = ""
    destination: Line = ""


class RepackForm(FilledForm):
    """The content of one container goes into another."""

    repacked_on: Day
    loss_reason: Prose = ""


class Described(Protocol):
    """What a form says of a content."""

    waste_code: Line
    waste_name: Line
    form: Matter
    hazards: list[Line]
    main_components: Prose
    harmful_components: Prose
    precautions: Prose
    remarks: Prose
    compatibility: CompatibilityClass | None


async def described(session: ReadSession, form: Described, on: date) -> Description:
    """What the label says; a name or hazards left empty are those of the list. An unknown code is the use case's to
    tell."""
    name, hazards = form.waste_name, tuple(form.hazards)
    if not name or not hazards:
        known = await known_waste(session, form.waste_code, on)
        name = name or known.value("waste_name")
        hazards = hazards or known.values.get("hazards", ())
    return Description(
        waste_code=form.waste_code,
        waste_name=name,
        form=form.form,
        hazards=hazards,
        main_components=form.main_components,
        harmful_components=form.harmful_components,
        precautions=form.precautions,
        remarks=form.remarks,
        compatibility=form.compatibility,
    )


async def known_waste(session: ReadSession, code: str, on: date) -> Filled:
    """The fields that the list of a day fills for a code; without them where it has no such code."""
    lists = await catalogues.snapshot(session)
    try:
        waste = lists.waste(code, on)
    except (RuleBroken, Malformed):
        return Filled.of({"waste_code": code})
    sure = [hazard.value for hazard in waste.hazards.listed if hazard in waste.hazards.certain]
    return Filled.of(
        {
            "waste_code": str(waste.code),
            "waste_name": waste.category_name,
            "hazards": sure or [hazard.value for hazard in waste.hazards.listed],
        }
    )


@router.get("/wastes")
async def wastes(page: AnyPage, work: Reading, waste_code: Annotated[Line, Query()] = "") -> Response:
    """Entries of the list that fit what is being typed."""
    day = today(page.request, work)
    found = await catalogues.search(work.session, waste_code, on=day, limit=SUGGESTED) if waste_code else ()
    return page.show("containers/wastes.html", q=waste_code, found=found)


@router.post("/{container_id:uuid}/weighing")
@asked_again(ask_container)
async def weigh(page: AnyPage, work: Writing, container_id: UUID, form: Annotated[WeighingForm, Form()]) -> Response:
    """Weigh again; the old figure stays in the log."""
    command = WeighContainer(container_id=container_id, weighing=form.weighing())
    with naming_fields():
        row, _ = await weigh_container(work.session, work.actor, command, at=work.at)
    return page.go(f"/containers/{row.id}", message("The new mass stands. Print the label anew."))


@router.post("/{container_id:uuid}/storing")
@asked_again(ask_container)
async def store(page: AnyPage, work: Writing, container_id: UUID, form: Annotated[StoringForm, Form()]) -> Response:
    """Put into a storage area, or take out of store."""
    handling = Handling(
        handler=form.handler,
        carrier_handler=form.carrier_handler,
        destination="" if form.store_id else form.destination,
    )
    command = StoreContainers(
        container_ids=(container_id,),
        store_id=form.store_id,
        compatibility=form.compatibility,
        handling=handling,
    )
    await store_containers(work.session, work.actor, command, at=work.at)
    done = message("The container is in store.") if form.store_id else message("The container is taken out of store.")
    return page.go(f"/containers/{container_id}", done)


async def ask_repack(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that repacks one container."""
    row = await queries.container(work.session, work.actor, page.request.path_params["container_id"])
    return page.show(
        "containers/repack.html",
        filled=filled,
        row=row,
        day=today(page.request, work),
        packagings=Packaging,
        scales=SCALES,
    )


@router.get("/{container_id:uuid}/repack")
async def repacking(page: AnyPage, work: Reading, container_id: UUID) -> Response:
    """The form, beginning with the container as it is."""
    row = await queries.container(work.session, work.actor, container_id)
    if row.site_id is not None:
        demand_own(work.actor, Verb.STORE, (await parties.site(work.session, row.site_id)).organisation_id)
    shown = {"packaging": row.packaging, "volume_l": row.volume_l, "tare": kilograms(row.tare_g)}
    return await ask_repack(page, work, Filled.of(shown))


@router.post("/{container_id:uuid}/repack")
@asked_again(ask_repack)
async def repack_one(page: AnyPage, work: Writing, container_id: UUID, form: Annotated[RepackForm, Form()]) -> Response:
    """Empty a container into another; the new one gets its own label."""
    filling = Filling(packaging=form.packaging, volume_l=form.volume_l, weighing=form.weighing())
    command = Repack(
        from_ids=(container_id,), into=(filling,), repacked_on=form.repacked_on, loss_reason=form.loss_reason
    )
    with naming_fields():
        (made,), _ = await repack(work.session, work.actor, command, at=work.at)
    return page.go(f"/containers/{made.id}", message("Repacked. This is the new container; print its label."))
