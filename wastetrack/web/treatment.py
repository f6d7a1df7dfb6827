"""Treatment at one's own site: choose what stands there, by which method, what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.model import Treatment
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries
from wastetrack.containers.batch_queries import Batch, ended_batches
from wastetrack.containers.batch_rules import BatchBasis, BatchState, ReadingKind
from wastetrack.containers.batches import batch_told
from wastetrack.containers.batching import begin_batch, finish_batch, withdraw_batch
from wastetrack.containers.model import (
    BeginBatch,
    ContainerState,
    FinishBatch,
    Packaging,
    PrintLabels,
    PrintReason,
    Residue,
    Treat,
    WithdrawBatch,
)
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import ContainerFilter
from wastetrack.containers.scanned import by_digital_codes
from wastetrack.containers.treating import treat
from wastetrack.errors import NotFound, RuleBroken, refuse_one
from wastetrack.i18n import label, message
from wastetrack.parties import queries as parties
from wastetrack.parties.facilities import OWN_TREATMENT
from wastetrack.parties.facility_queries import facilities_of
from wastetrack.parties.model import SiteKind
from wastetrack.reports import proving
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.plant_day import running_batches
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.reading_input import broken_by_input
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.batch_fields import OutcomeForm, PlanForm, naming_batch_fields
from wastetrack.web.catalogues import today
from wastetrack.web.containers import ages_of
from wastetrack.web.custody_fields import SCALES, DescribedForm
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.histories import told
from wastetrack.web.labelling import described
from wastetrack.web.listings import Asked, Options
from wastetrack.web.lists_of_records import BATCHES
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.scale_fields import read_off, weights_at
from wastetrack.web.scanning import reader_of

router = RoomRouter(prefix="/treatment", route_class=AnsweringRoute)

SHOWN_AT_MOST = 300
PRODUCT_ROWS = 3


class Wanted(Asked):
    """Which batches of which site."""

    site_id: UUID | None = None
    state: BatchState | None = None


@dataclass(frozen=True, slots=True)
class EndedBatch:
    """A batch as the list shows it."""

    row: Batch
    method: str


class BatchForm(PlanForm, OutcomeForm, BaseModel):
    """What is treated together; the residue's fields are read only where it has a waste code. `when` tells a batch that
    is done from one that begins and is finished later."""

    site_id: UUID
    container_ids: list[UUID] = []
    treatment: Line
    treated_on: Day
    waste_code: Line = ""
    when: Literal["done", "begun"] = "done"


class FinishForm(OutcomeForm, BaseModel):
    """How a batch that ran ended."""

    treated_on: Day
    waste_code: Line = ""


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
    found = await facilities_of(work.session, work.actor, chosen.id) if chosen else ()
    return page.show(
        "treatment/batch_form.html",
        filled=filled,
        sites=sites,
        site=chosen,
        rows=[row for row in rows if row.treatment_batch_id is None],
        ages=ages_of(page, work, rows),
        methods=(await snapshot(work.session)).treatments_on(day),
        facilities=[one for one in found if one.kind in OWN_TREATMENT and one.stands_on(day)],
        bases=BatchBasis,
        weights=[] if chosen is None else await weights_at(work, (chosen.id,)),
        reader=reader_of(page.request.app.state.renderer.assets),
        **_residue_choices(),
        day=day,
    )


def _residue_choices() -> dict[str, Any]:
    return {"packagings": Packaging, "forms_of_matter": Matter, "scales": SCALES, "product_rows": range(PRODUCT_ROWS)}


@router.get("")
async def batches(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The batches of a site: those that run, with how long, and those that have ended."""
    demand(work.actor, Verb.TREAT)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    usual = [site for site in sites if site.kind is SiteKind.TREATMENT] or list(sites)
    chosen = next((site for site in sites if site.id == wanted.site_id), usual[0] if usual else None)
    ended = [(state.value, label(state, page.locale)) for state in BatchState if state is not BatchState.RUNNING]
    choices: dict[str, Options] = {"state": ended, "site_id": [(site.id, site.name) for site in sites]}
    view = await BATCHES.view(page, work, wanted, choices)
    found = [] if chosen is None else await ended_batches(work.session, chosen.id, view.window, state=wanted.state)
    methods = {one.code: one for one in (await snapshot(work.session)).treatments_on(today(page.request, work))}
    return await view.answer(
        "treatment/batches.html",
        [EndedBatch(one, _named(page, one.method, methods)) for one in found],
        sites=sites,
        site=chosen,
        running=[] if chosen is None else await running_batches(work.session, work.actor, site_id=chosen.id),
        methods=methods,
        now=work.at,
    )


def _named(page: Page, code: str, methods: Mapping[str, Treatment]) -> str:
    """A method by its code and name."""
    known = methods.get(code)
    return code if known is None else f"{code} {known.name_zh if page.locale == 'zh' else known.name_en}"


@router.get("/new")
async def new(page: AnyPage, work: Reading, site_id: Annotated[UUID | None, Query()] = None) -> Response:
    """The form, for one of one's own sites."""
    return await ask_batch(page, work, Filled.of({"site_id": site_id or "", "when": "done"}))


@router.post("")
@asked_again(ask_batch)
async def book(page: AnyPage, work: Writing, form: Annotated[BatchForm, Form()]) -> Response:
    """Book the batch."""
    if not form.container_ids:
        refuse_one("container_ids", "containers_missing", "Choose at least one container.")
    zone = settings_of(page.request).time_zone
    with naming_batch_fields(form):
        if form.when == "begun":
            begun = BeginBatch(
                site_id=form.site_id,
                container_ids=tuple(form.container_ids),
                method=form.treatment,
                begun_on=form.treated_on,
                plan=form.plan(zone),
            )
            batch, _ = await begin_batch(work.session, work.actor, begun, at=work.at)
            return page.go(f"/treatment/{batch.id}", message("The batch runs. Finish it when it is done."))
        command = Treat(
            site_id=form.site_id,
            container_ids=tuple(form.container_ids),
            method=form.treatment,
            treated_on=form.treated_on,
            residues=await _residues(page.request, work, form.waste_code, form.treated_on),
            plan=form.plan(zone),
            outcome=form.outcome(zone),
            operation=form.operation(),
        )
        batch, _, _ = await treat(work.session, work.actor, command, at=work.at)
    return page.go(f"/treatment/{batch.id}", message("The batch is booked."))


async def _residues(request: Request, work: WriteWork, waste_code: str, on: date) -> tuple[Residue, ...]:
    """The residue, if its waste code is filled in. Raises RuleBroken naming each unreadable field."""
    if not waste_code:
        return ()
    sent = await request.form()
    typed: dict[str, Any] = {name: value for name, value in sent.items() if value}
    try:
        residue = DescribedForm.model_validate({**typed, "hazards": sent.getlist("hazards")})
    except ValidationError as unreadable:
        raise RuleBroken(broken_by_input(dict(error)) for error in unreadable.errors()) from unreadable
    residue = await read_off(work.session, residue)
    description = await described(work.session, residue, on)
    return (
        Residue(
            description=description,
            packaging=residue.packaging,
            volume_l=residue.volume_l,
            weighing=residue.weighing(),
        ),
    )


async def ask_finish(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that ends a batch that runs."""
    demand(work.actor, Verb.TREAT)
    told_batch = await batch_told(work.session, page.request.path_params["batch_id"])
    if told_batch.batch.state != BatchState.RUNNING.value:
        raise NotFound("batch_not_running", "This batch does not run any more.")
    return page.show(
        "treatment/finish.html",
        filled=filled,
        told=told_batch,
        method=await _method(work, told_batch.batch.method),
        site=await parties.site(work.session, told_batch.batch.site_id),
        day=today(page.request, work),
        weights=await weights_at(work, (told_batch.batch.site_id,)),
        **_residue_choices(),
    )


@router.get("/{batch_id:uuid}/finish")
async def finishing(page: AnyPage, work: Reading, batch_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_finish(page, work, EMPTY)


@router.post("/{batch_id:uuid}/finish")
@asked_again(ask_finish)
async def finish(page: AnyPage, work: Writing, batch_id: UUID, form: Annotated[FinishForm, Form()]) -> Response:
    """Book what the batch treated."""
    with naming_batch_fields(form):
        command = FinishBatch(
            batch_id=batch_id,
            treated_on=form.treated_on,
            residues=await _residues(page.request, work, form.waste_code, form.treated_on),
            outcome=form.outcome(settings_of(page.request).time_zone),
            operation=form.operation(),
        )
        await finish_batch(work.session, work.actor, command, at=work.at)
    return page.go(f"/treatment/{batch_id}", message("The batch is booked."))


@router.post("/{batch_id:uuid}/withdrawal")
@asked_again(ask_finish)
async def withdraw(page: AnyPage, work: Writing, batch_id: UUID, reason: Annotated[Prose, Form()] = "") -> Response:
    """Give the batch up; its containers are free again."""
    await withdraw_batch(work.session, work.actor, WithdrawBatch(batch_id=batch_id, reason=reason), at=work.at)
    return page.go("/treatment", message("The batch is withdrawn; its containers are free again."))


@router.get("/{batch_id:uuid}")
async def batch(page: AnyPage, work: Reading, batch_id: UUID) -> Response:
    """A batch: while it runs, as it stands, for those of its site; then as its event tells it, for whoever sees one of
    its containers."""
    try:
        stored = await proving.event_seen(work.session, work.actor, batch_id)
    except NotFound:
        return await _unfinished(page, work, batch_id)
    if stored.leaf.kind != "batch_treated":
        raise NotFound("batch_unknown", "There is no such batch.")
    (event,) = await told(work.session, [stored])
    facts = stored.leaf.facts
    residues = await _residues_of(work, facts)
    return page.show(
        "treatment/batch.html",
        batch_id=batch_id,
        residues=residues,
        printed=await queries.newest_prints(work.session, [row.id for row in residues]) if residues else {},
        may_label=bool(may(work.actor, Verb.LABEL)),
        event=event,
        events=[event],
        method=await _method(work, str(facts.get("method", ""))),
        site=await parties.site(work.session, UUID(str(facts["site"]))),
        kinds=ReadingKind,
        basis=BatchBasis(str(facts.get("basis", BatchBasis.PERMIT.value))),
    )


async def _residues_of(work: ReadWork | WriteWork, facts: Mapping[str, Any]) -> list[queries.Container]:
    """The containers that hold what a batch left, as its event names them."""
    codes = [str(code) for code in facts.get("residues", ())]
    found = await by_digital_codes(work.session, work.actor, codes)
    return [found[code] for code in codes if code in found]


@router.post("/{batch_id:uuid}/labels")
async def print_residues(page: AnyPage, work: Writing, batch_id: UUID) -> Response:
    """The first labels of what the batch left that has none yet, in one document."""
    stored = await proving.event_seen(work.session, work.actor, batch_id)
    demand(work.actor, Verb.LABEL)
    residues = await _residues_of(work, stored.leaf.facts)
    printed = await queries.newest_prints(work.session, [row.id for row in residues])
    unprinted = tuple(row.id for row in residues if row.id not in printed)
    if not unprinted:
        done = message("Every residue of this batch has its label; print it anew on its own page.")
        return page.go(f"/treatment/{batch_id}", done)
    command = PrintLabels(container_ids=unprinted, why=PrintReason.FIRST, paper=LabelPaper.SINGLE.value)
    _, appended = await print_labels(work.session, work.actor, command, at=work.at)
    return page.go(f"/label-prints/{appended.id}/document")


async def _unfinished(page: Page, work: ReadWork, batch_id: UUID) -> Response:
    told_batch = await batch_told(work.session, batch_id)
    site = await parties.site(work.session, told_batch.batch.site_id)
    return page.show(
        "treatment/running.html",
        told=told_batch,
        state=BatchState(told_batch.batch.state),
        basis=BatchBasis(told_batch.batch.basis),
        running=told_batch.batch.state == BatchState.RUNNING.value,
        method=await _method(work, told_batch.batch.method),
        site=site,
        own=site.organisation_id == work.actor.organisation_id and bool(may(work.actor, Verb.TREAT)),
    )


async def _method(work: ReadWork, code: str) -> Treatment | None:
    lists = await snapshot(work.session)
    return next((methods[code] for methods in lists.treatments.values() if code in methods), None)
