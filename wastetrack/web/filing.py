"""The shipper's forms: choose containers and a way for them, check the draft, sign and file."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.catalogues.model import Exemption
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState, Packaging
from wastetrack.containers.queries import Container, ContainerFilter
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import exempting, filing, foreseeing, queries, templates
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.foreseeing import Concern, Intended
from wastetrack.manifests.model import DraftManifest, LegPlan, SignedStep, TransferBasis
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.reports import choices
from wastetrack.reports.choices import ReceivingSite
from wastetrack.reports.receivers import any_sites, earlier_receivers
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.beginning_manifests import Beginning, Begun, begin
from wastetrack.web.catalogues import today
from wastetrack.web.containers import ages_of
from wastetrack.web.custody_fields import Search, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_fields import LocalInstant, as_local
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/manifests", route_class=AnsweringRoute)

SHOWN_AT_MOST = 300
"""Containers to choose from; more do not go onto one vehicle."""


class PlanForm(BaseModel):
    """A transfer as it is planned."""

    site_id: UUID
    container_ids: list[UUID] = []
    receiver_site_id: UUID
    method: Line
    carrier_id: UUID
    plate: Line
    further_carrier_id: UUID | None = None
    further_plate: Line = ""
    handover_place: Line = ""
    handover_at: LocalInstant = None
    planned_on: Day
    remarks: Prose = ""
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: list[int] = []
    plan_reason: Prose = ""
    version: int | None = None

    def command(self, shipper: Site, receiver: Site, places: dict[str, str]) -> DraftManifest:
        """As the use case wants it; legs begin and end at the two sites' addresses."""
        start, end = places[shipper.region_code], places[receiver.region_code]
        legs = [LegPlan(carrier_id=self.carrier_id, plate=self.plate, start=start, end=end)]
        if self.further_carrier_id is not None:
            further = LegPlan(
                carrier_id=self.further_carrier_id,
                plate=self.further_plate,
                start=self.handover_place,
                end=end,
                handover_place=self.handover_place,
                handover_at=self.handover_at,
            )
            legs.append(further)
        return DraftManifest(
            shipper_site_id=self.site_id,
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            planned_on=self.planned_on,
            container_ids=tuple(self.container_ids),
            legs=tuple(legs),
            remarks=self.remarks,
            basis=self.basis,
            exemptions=tuple(self.exemptions),
            plan_reason=self.plan_reason,
        )


class Planned(Search):
    """The form as far as it is filled in, as its checks are asked for."""

    site_id: UUID
    container_ids: list[UUID] = Field(default_factory=list, max_length=500)
    receiver_site_id: UUID | None = None
    method: Line = ""
    carrier_id: UUID | None = None
    plate: Line = ""
    further_carrier_id: UUID | None = None
    further_plate: Line = ""
    handover_place: Line = ""
    handover_at: LocalInstant = None
    planned_on: Day | None = None
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: list[int] = Field(default_factory=list, max_length=50)
    manifest_id: UUID | None = None

    def intended(self) -> Intended:
        """What is said so far; a carrier without a plate is not said yet."""
        legs = []
        if self.carrier_id is not None and self.plate:
            legs.append(LegPlan(carrier_id=self.carrier_id, plate=self.plate))
            if self.further_carrier_id is not None:
                further = LegPlan(
                    carrier_id=self.further_carrier_id,
                    plate=self.further_plate,
                    handover_place=self.handover_place,
                    handover_at=self.handover_at,
                )
                legs.append(further)
        return Intended(
            shipper_site_id=self.site_id,
            container_ids=tuple(self.container_ids),
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            planned_on=self.planned_on,
            legs=tuple(legs),
            basis=self.basis,
            exemptions=tuple(self.exemptions),
            manifest_id=self.manifest_id,
        )


async def _command(work: Any, form: PlanForm) -> DraftManifest:  # noqa: ANN401  reading or writing work
    lists = await snapshot(work.session)
    shipper = await parties.site(work.session, form.site_id)
    receiver = await parties.site(work.session, form.receiver_site_id)
    places = {code: lists.region_name(code) for code in (shipper.region_code, receiver.region_code)}
    return form.command(shipper, receiver, places)


async def ask_plan(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a new manifest, as it was refused."""
    return await _show_plan(page, work, Begun(filled), "/manifests/new")


async def _show_plan(page: Page, work: ReadWork, begun: Begun, action: str, *, kept: Any = None) -> Response:  # noqa: ANN401
    demand(work.actor, Verb.FILE)
    filled = begun.filled
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    chosen = next((site for site in sites if str(site.id) == filled.value("site_id")), sites[0] if sites else None)
    rows = await _standing(work, chosen)
    lists = await snapshot(work.session)
    day = today(page.request, work)
    return page.show(
        "manifests/plan.html",
        filled=filled,
        begun=begun,
        templates=() if kept else await templates.templates(work.session, work.actor),
        earlier=() if kept else await earlier_receivers(work.session, work.actor),
        action=action,
        kept=kept,
        sites=sites,
        site=chosen,
        rows=_in_order(rows, filled),
        shown_at_most=SHOWN_AT_MOST,
        taken=await queries.open_elsewhere(work.session, [row.id for row in rows]),
        ages=ages_of(page, work, rows),
        packagings=Packaging,
        estimate=WeighingMethod.ESTIMATE.value,
        receivers=await _receivers(work, chosen),
        bases=TransferBasis,
        exemptions=_exemptions(lists.exemptions_on(day), rows),
        carriers=await choices.carriers(work.session, near=chosen.region_code) if chosen else [],
        methods=lists.treatments_on(day),
        lists=lists,
        day=day,
        may_explain="explain" in {jurisdiction().plan_rule.value, jurisdiction().contract_rule.value},
    )


async def _receivers(work: ReadWork, site: Site | None) -> list[ReceivingSite]:
    """Who holds a permit; then everybody else, who may take waste on another ground."""
    if site is None:
        return []
    held = await choices.receiving_sites(work.session, near=site.region_code)
    known = {one.id for one in held}
    others = await any_sites(work.session, near=site.region_code)
    return [*held, *(one for one in others if one.id not in known and one.id != site.id)]


def _exemptions(listed: Sequence[Exemption], rows: list[Container]) -> list[Exemption]:
    """The entries that speak of some waste that stands there."""
    codes = {row.waste_code for row in rows if not is_general(row.waste_code)}
    return [entry for entry in listed if any(exempting.frees(entry, code) for code in codes)]


async def _standing(work: ReadWork, site: Site | None) -> list[Container]:
    if site is None:
        return []
    wanted = ContainerFilter(site_id=site.id, state=ContainerState.AT_SITE)
    found = await containers.page(work.session, work.actor, wanted, limit=SHOWN_AT_MOST)
    # The lot of a pipe has no walls and goes on no vehicle; what is on a filed manifest is shown with its number.
    return [row for row in found if row.packaging != Packaging.TANK.value or row.held_for is None]


def _in_order(rows: list[Container], filled: Filled) -> list[tuple[Container, bool]]:
    """Those that are chosen first, then those of the wastes that were sent before; and whether each is in sight."""
    codes = filled.values.get("waste_codes", ())
    wanted = [row for row in rows if filled.has("container_ids", row.id) or row.waste_code in codes]
    if not wanted:
        return [(row, True) for row in rows]
    wanted.sort(key=lambda row: not filled.has("container_ids", row.id))
    return [*((row, True) for row in wanted), *((row, False) for row in rows if row not in wanted)]


@router.get("/new")
async def new(page: AnyPage, work: Reading, asked: Annotated[Beginning, Query()]) -> Response:
    """The form: empty, from chosen containers, from an earlier manifest or from a template."""
    return await _show_plan(page, work, await begin(work, asked), "/manifests/new")


@router.get("/checks")
async def checks(page: AnyPage, work: Reading, asked: Annotated[Planned, Query()]) -> Response:
    """What would be said of the plan if it were filed as far as it is filled in; told while it is filled in."""
    seen = await foreseeing.foresee(work.session, work.actor, asked.intended(), at=work.at)
    return page.show("manifests/checks.html", seen=seen, concerns=Concern, lists=await snapshot(work.session))


@router.post("/new")
@asked_again(ask_plan)
async def draft(page: AnyPage, work: Writing, form: Annotated[PlanForm, Form()]) -> Response:
    """Keep the plan as a draft; its page shows everything that the signature will seal."""
    with naming_fields():
        row = await filing.draft_manifest(work.session, work.actor, await _command(work, form), at=work.at)
    return page.go(f"/manifests/{row.id}")


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a draft, as it stands or as it was refused."""
    found, _ = await whole(work, page.request.path_params["manifest_id"])
    if filled is EMPTY:
        filled = Filled.of(_typed(found))
    return await _show_plan(page, work, Begun(filled), f"/manifests/{found['id']}/change", kept=found)


def _typed(found: Any) -> dict[str, object]:  # noqa: ANN401  a document
    legs = found["legs"]
    typed: dict[str, object] = {
        "site_id": found["shipper"]["site_id"],
        "container_ids": [line["container_id"] for line in found["lines"]],
        "receiver_site_id": found["receiver"]["site_id"],
        "method": found["method"],
        "carrier_id": legs[0]["carrier_id"],
        "plate": legs[0]["plate"],
        "planned_on": found["planned_on"].isoformat(),
        "remarks": found["remarks"],
        "basis": found["basis"].value,
        "exemptions": found["exemptions"],
        "plan_reason": found["plan_reason"],
        "version": found["version"],
    }
    if len(legs) > 1:
        typed |= {"further_carrier_id": legs[1]["carrier_id"], "further_plate": legs[1]["plate"]}
        typed |= {"handover_place": legs[1]["handover_place"], "handover_at": as_local(legs[1]["handover_at"])}
    return typed


@router.get("/{manifest_id:uuid}/change")
async def change(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form of a draft."""
    return await ask_change(page, work, EMPTY)


@router.post("/{manifest_id:uuid}/change")
@asked_again(ask_change)
async def amend(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[PlanForm, Form()]) -> Response:
    """Replace the plan of a draft."""
    command = await _command(work, form)
    with naming_fields():
        await filing.amend_draft(work.session, work.actor, manifest_id, command, version=form.version, at=work.at)
    return page.go(f"/manifests/{manifest_id}", message("The draft is changed."))


@router.post("/{manifest_id:uuid}/file")
@asked_again(ask_manifest)
async def file(
    page: AnyPage, work: Writing, manifest_id: UUID, version: Annotated[int | None, Form()] = None
) -> Response:
    """Everything that the law asks is checked; then on to the words that are signed."""
    asked = Asked(step=SignedStep.FILING, subject_id=manifest_id, version=version)
    with naming_fields():
        return await read_first(page, work, asked)
