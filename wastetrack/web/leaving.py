"""The form by which general industrial solid waste is booked out without a manifest."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries
from wastetrack.containers.leaving import send_out
from wastetrack.containers.leaving_rules import SendOut
from wastetrack.containers.model import ContainerState
from wastetrack.containers.queries import ContainerFilter
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.catalogues import today
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.reading_fields import LocalInstant
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/containers/leaving", route_class=AnsweringRoute)

SHOWN_AT_MOST = 500


class LeavingForm(BaseModel):
    """What leaves, and to whom."""

    site_id: UUID
    container_ids: list[UUID] = []
    receiver: Line = ""
    method: Line = ""
    plate: Line = ""
    reference: Line = ""
    handler: Line = ""
    happened_at: LocalInstant = None


async def ask_leaving(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form, with the general waste that stands at a site."""
    demand(work.actor, Verb.FILE)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    chosen = next((site for site in sites if str(site.id) == filled.value("site_id")), sites[0] if sites else None)
    rows = []
    if chosen is not None:
        wanted = ContainerFilter(site_id=chosen.id, state=ContainerState.AT_SITE)
        found = await queries.page(work.session, work.actor, wanted, limit=SHOWN_AT_MOST)
        rows = [one for one in found if is_general(one.waste_code) and not (one.held_for or one.treatment_batch_id)]
    return page.show(
        "containers/leaving.html",
        filled=filled,
        sites=sites,
        site=chosen,
        rows=rows,
        methods=(await snapshot(work.session)).treatments_on(today(page.request, work)),
        rule=jurisdiction().general_waste_manifest,
    )


@router.get("")
async def form(page: AnyPage, work: Reading, site_id: Annotated[UUID | None, Query()] = None) -> Response:
    """The form, for one of one's own sites."""
    return await ask_leaving(page, work, Filled.of({"site_id": site_id or ""}))


@router.post("")
@asked_again(ask_leaving)
async def leave(page: AnyPage, work: Writing, form: Annotated[LeavingForm, Form()]) -> Response:
    """Book it out; the ledger of general waste shows it."""
    if not form.container_ids:
        refuse_one("container_ids", "containers_missing", "Choose at least one container.")
    command = SendOut(
        container_ids=tuple(form.container_ids),
        receiver=form.receiver,
        method=form.method,
        plate=form.plate,
        reference=form.reference,
        handler=form.handler,
        happened_at=form.happened_at,
    )
    with naming_fields():
        await send_out(work.session, work.actor, command, at=work.at)
    done = message("Booked out. The ledger of general waste shows what left the works.")
    return page.go(f"/ledgers/{form.site_id}/records/general-waste", done)
