"""What is done with several containers that were chosen in the list: their labels printed, another store."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.containers import queries
from wastetrack.containers.ledger_facts import Handling
from wastetrack.containers.model import PrintLabels, PrintReason, StoreContainers
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import Container
from wastetrack.containers.storing import store_containers
from wastetrack.errors import refuse
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.parties.model import usable
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.printed_labels import check_paper, figures_of_print
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.printing import PAPERS
from wastetrack.web.reading_fields import ChosenOrNone
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute)

MOST = 300


class Chosen(BaseModel):
    """The boxes that were ticked in the list."""

    chosen: list[UUID] = Field(default_factory=list, max_length=MOST)


class PrintingForm(Chosen):
    """Why the labels are printed, and on what."""

    why: PrintReason
    paper: LabelPaper = LabelPaper.SINGLE
    reason: Prose = ""


class MovingForm(Chosen):
    """Where they go; no store is out of store."""

    store_id: ChosenOrNone = None
    handler: Line = ""
    carrier_handler: Line = ""
    destination: Line = ""


async def _rows(work: ReadWork, filled: Filled) -> list[Container]:
    ids = [UUID(one) for one in filled.values.get("chosen", ())]
    return await queries.several(work.session, work.actor, ids) if ids else []


async def ask_printing(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The labels that would be printed: those that have none yet, and those that would get one more."""
    demand(work.actor, Verb.LABEL)
    rows = await _rows(work, filled)
    printed = await queries.newest_prints(work.session, [row.id for row in rows])
    return page.show(
        "containers/printing.html",
        filled=filled,
        unprinted=[row for row in rows if row.id not in printed],
        again=[row for row in rows if row.id in printed],
        papers=PAPERS,
        reasons=[why for why in PrintReason if why is not PrintReason.FIRST],
    )


@router.get("/printing")
async def printing(page: AnyPage, work: Reading, chosen: Annotated[Chosen, Query()]) -> Response:
    """The form."""
    return await ask_printing(page, work, Filled.of({"chosen": chosen.chosen}))


@router.post("/printing")
@asked_again(ask_printing)
async def print_chosen(
    page: AnyPage, work: Writing, keys: DeploymentKeys, form: Annotated[PrintingForm, Form()]
) -> Response:
    """Count the prints and open their document: a page for each, or a sheet of labels."""
    command = PrintLabels(container_ids=tuple(form.chosen), why=form.why, paper=form.paper.value, reason=form.reason)
    with naming_fields({"container_ids": "chosen"}):
        _, appended = await print_labels(work.session, work.actor, command, at=work.at)
        figures, paper = await figures_of_print(
            work.session, work.actor, appended.id, base_url=keys.base_url, label_key=keys.label_key
        )
        refuse(check_paper(figures, paper))
    return page.go(f"/label-prints/{appended.id}/document")


async def ask_moving(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The stores of the site at which the chosen containers stand."""
    demand(work.actor, Verb.STORE)
    rows = await _rows(work, filled)
    sites = {row.site_id for row in rows if row.site_id is not None}
    stores = usable(await parties.stores_at(work.session, work.actor, sites)) if len(sites) == 1 else ()
    return page.show("containers/moving.html", filled=filled, rows=rows, stores=stores, several_sites=len(sites) > 1)


@router.get("/moving")
async def moving(page: AnyPage, work: Reading, chosen: Annotated[Chosen, Query()]) -> Response:
    """The form."""
    return await ask_moving(page, work, Filled.of({"chosen": chosen.chosen}))


@router.post("/moving")
@asked_again(ask_moving)
async def move(page: AnyPage, work: Writing, form: Annotated[MovingForm, Form()]) -> Response:
    """Put all of them into a store or zone, or take them out of store: all or none."""
    handling = Handling(
        handler=form.handler,
        carrier_handler=form.carrier_handler,
        destination="" if form.store_id else form.destination,
    )
    command = StoreContainers(container_ids=tuple(form.chosen), store_id=form.store_id, handling=handling)
    with naming_fields({"container_ids": "chosen"}):
        await store_containers(work.session, work.actor, command, at=work.at)
    done = message("{count} containers are in store.") if form.store_id else message("{count} are out of store.")
    address = f"/containers?store={form.store_id}" if form.store_id else "/containers?state=at_site"
    return page.go(address, done, count=len(form.chosen))
