"""Treatment at one's own site: choose what stands there, by which method, what is left of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import ContainerState, Packaging, Residue, Treat
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.queries import ContainerFilter
from wastetrack.containers.treating import treat
from wastetrack.errors import NotFound, RuleBroken, refuse_one
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind
from wastetrack.reports import proving
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.reading_input import broken_by_input
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.catalogues import today
from wastetrack.web.containers import ages_of
from wastetrack.web.custody_fields import SCALES, DescribedForm, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.histories import told
from wastetrack.web.labelling import described
from wastetrack.web.rendering import AnyPage, Page

router = APIRouter(prefix="/treatment", route_class=AnsweringRoute)

SHOWN_AT_MOST = 300


class BatchForm(BaseModel):
    """What is treated together; the residue's fields are read only where it has a waste code."""

    site_id: UUID
    container_ids: list[UUID] = []
    treatment: Line
    treated_on: Day
    waste_code: Line = ""
    facility_code: Line = ""
    handler: Line = ""


async def ask_batch(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form."""
    demand(work.actor, Verb.TREAT)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    usual = [site for site in sites if site.kind is SiteKind.TREATMENT] or list(sites)
    chosen = next((site for site in sites if str(site.id) == filled.value("site_id")), usual[0] if usual else None)
    rows = []
    if chosen is not None:
        wanted = ContainerFilter(site_id=chosen.id, state=ContainerState.AT_SITE)
        rows = await queries.page(work.session, work.actor, wanted, limit=SHOWN_AT_MOST)
    day = today(page.request, work)
    return page.show(
        "treatment/batch_form.html",
        filled=filled,
        sites=sites,
        site=chosen,
        rows=rows,
        ages=ages_of(page, work, rows),
        packagings=Packaging,
        forms_of_matter=Matter,
        scales=SCALES,
        methods=(await snapshot(work.session)).treatments_on(day),
        batches=await queries.batches_of(work.session, chosen.id, limit=10) if chosen else [],
        day=day,
    )


@router.get("")
async def new(page: AnyPage, work: Reading, site_id: Annotated[UUID | None, Query()] = None) -> Response:
    """The form, for one of one's own sites."""
    return await ask_batch(page, work, Filled.of({"site_id": site_id}) if site_id else EMPTY)


@router.post("")
@asked_again(ask_batch)
async def book(page: AnyPage, work: Writing, form: Annotated[BatchForm, Form()]) -> Response:
    """Book the batch."""
    command = Treat(
        site_id=form.site_id,
        container_ids=tuple(form.container_ids),
        method=form.treatment,
        treated_on=form.treated_on,
        residues=await _residues(page.request, work, form),
        operation=Operation(facility_code=form.facility_code, handler=form.handler),
    )
    if not command.container_ids:
        refuse_one("container_ids", "containers_missing", "Choose at least one container.")
    with naming_fields(_NAMES):
        batch, _, _ = await treat(work.session, work.actor, command, at=work.at)
    return page.go(f"/treatment/{batch.id}", message("The batch is booked."))


_NAMES = {
    "method": "treatment",
    "permit": "treatment",
    "waste_code": "container_ids",
    "tare_g": "tare",
    "residues.0.gross_g": "gross",
    "residues.0.waste_code": "waste_code",
}


async def _residues(request: Request, work: WriteWork, form: BatchForm) -> tuple[Residue, ...]:
    """The residue, if its waste code is filled in. Raises RuleBroken naming each unreadable field."""
    if not form.waste_code:
        return ()
    sent = await request.form()
    typed: dict[str, Any] = {name: value for name, value in sent.items() if value}
    try:
        residue = DescribedForm.model_validate({**typed, "hazards": sent.getlist("hazards")})
    except ValidationError as unreadable:
        raise RuleBroken(broken_by_input(dict(error)) for error in unreadable.errors()) from unreadable
    description = await described(work.session, residue, form.treated_on)
    return (
        Residue(
            description=description,
            packaging=residue.packaging,
            volume_l=residue.volume_l,
            weighing=residue.weighing(),
        ),
    )


@router.get("/{batch_id:uuid}")
async def batch(page: AnyPage, work: Reading, batch_id: UUID) -> Response:
    """A batch as its event tells it; seen by whoever sees one of its containers."""
    stored = await proving.event_seen(work.session, work.actor, batch_id)
    if stored.leaf.kind != "batch_treated":
        raise NotFound("batch_unknown", "There is no such batch.")
    (event,) = await told(work.session, [stored])
    lists = await snapshot(work.session)
    code = str(stored.leaf.facts.get("method", ""))
    known = next((methods[code] for methods in lists.treatments.values() if code in methods), None)
    site = await parties.site(work.session, UUID(str(stored.leaf.facts["site"])))
    return page.show("treatment/batch.html", event=event, events=[event], method=known, site=site)
