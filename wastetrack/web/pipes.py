"""Pages of transfer by pipe or belt: a manifest for a period, its days and readings, and the meters of a site."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.containers.model import Description
from wastetrack.containers.model import Form as WasteForm
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import continuous, metering, running
from wastetrack.manifests.meters import DeclareMissing, EnterReading, MeterKind, MeterUnit, RegisterMeter
from wastetrack.manifests.model import ManifestKind, ManifestState, PartyRole
from wastetrack.manifests.periods import whole_period
from wastetrack.manifests.pipe_queries import PipeDay, pipe_days
from wastetrack.manifests.policy import Step
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.parties import queries as parties
from wastetrack.reports import choices
from wastetrack.reports.store_board import demand_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web import manifests
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

Counted = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(\d{1,12}([.]\d{1,6})?)?$")]
"""A figure as a meter shows it; empty where the other end's is taken over."""
_PERIOD_FIELDS = {
    "wastes.0.waste_code": "waste_code",
    "wastes.0.waste_name": "waste_name",
    "wastes.0.hazards": "hazards",
    "wastes.0.planned_g": "planned",
    "wastes": "waste_code",
    "permit": "receiver_site_id",
}


class PeriodForm(BaseModel):
    """One waste through one pipe; further wastes go on manifests of their own."""

    site_id: UUID
    receiver_site_id: UUID
    method: Line
    begins_on: Day
    ends_on: Day
    waste_code: Line
    waste_name: Line = ""
    form: WasteForm
    hazards: list[Hazard] = []
    planned: Tonnes
    remarks: Prose = ""

    def command(self) -> DraftPeriod:
        """As the use case wants it."""
        described = Description(
            waste_code=self.waste_code,
            waste_name=self.waste_name,
            form=self.form,
            hazards=tuple(one.value for one in self.hazards),
        )
        return DraftPeriod(
            kind=ManifestKind.CONTINUOUS,
            shipper_site_id=self.site_id,
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            begins_on=self.begins_on,
            ends_on=self.ends_on,
            wastes=(Expected(description=described, planned=self.planned),),
            remarks=self.remarks,
        )


class ReadingForm(BaseModel):
    """What one end counted on a day."""

    side: PartyRole
    waste_code: Line
    day: Day
    meter_id: UUID | None = None
    value: Counted = ""
    takes_over: bool = False
    reason: Prose = ""


class MissingForm(BaseModel):
    """A day that the receiver left without a reading."""

    waste_code: Line
    missing_day: Day
    missing_reason: Prose = ""


class MeterForm(BaseModel):
    """A meter, or its next verification."""

    code: Line = ""
    name: Line = ""
    kind: MeterKind
    unit: MeterUnit
    density_g_per_l: int | None = None
    uncertainty_per_mille: int
    verified_on: Day
    verified_until: Day


async def ask_new(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a manifest for a period."""
    demand(work.actor, Verb.FILE)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    day = legal_day(work.at)
    lists = await snapshot(work.session)
    return page.show(
        "manifests/new_period.html",
        filled=filled,
        sites=[(site.id, site.name) for site in sites],
        receivers=await choices.receiving_sites(work.session, near=sites[0].region_code) if sites else [],
        methods=lists.treatments_on(day),
        forms_of_matter=WasteForm,
        hazards=Hazard,
        period=whole_period(day, running.length_of(ManifestKind.CONTINUOUS)),
    )


offer(router, "/manifests/new-period", ask_new)


@router.post("/manifests/new-period")
@asked_again(ask_new)
async def draft(page: AnyPage, work: Writing, form: Annotated[PeriodForm, Form()]) -> Response:
    """Keep it as a draft; its page shows what is opened by the signature."""
    with naming_fields(_PERIOD_FIELDS):
        row = await running.draft_period(work.session, work.actor, form.command(), at=work.at)
    return page.go(f"/manifests/{row.id}")


async def ask_period(page: Page, work: ReadWork, filled: Filled, found: Any, steps: tuple[Step, ...]) -> Response:  # noqa: ANN401
    """A manifest of a pipe, with its days."""
    manifest_id = UUID(found["id"])
    period, totals = await running.period_of(work.session, manifest_id)
    today = legal_day(work.at)
    days = await pipe_days(work.session, manifest_id, until=today)
    sides = _sides(work, found)
    ends = {side: UUID(found[side.value]["site_id"]) for side in (PartyRole.SHIPPER, PartyRole.RECEIVER)}
    known = await metering.meters_at(work.session, *(ends[side] for side in sides)) if sides else []
    received = found["received_at"]
    term = jurisdiction().confirm_working_days.value
    own = str(work.actor.organisation_id)
    return page.show(
        "manifests/period.html",
        filled=filled,
        **await manifests.places(work, found),
        **await manifests.files(work, found),
        steps=[step.value for step in steps],
        others=manifests.others(found, steps) if own in manifests.parties_of(found) else [],
        signed=manifests.signed_acts(found),
        period=period,
        wastes=totals,
        days=days,
        moved=any(total.records for total in totals),
        open_days=sum(one.closed_at is None for one in days),
        overdue=[one for one in days if _left_by_receiver(one, today)],
        enters=sides if found["state"] is ManifestState.RUNNING else [],
        sides=PartyRole,
        meters={side: [one for one in known if one.site_id == ends[side]] for side in sides},
        declared=WeighingMethod.DECLARED.value,
        may_prove=bool(may(work.actor, Verb.PROVE)),
        confirm_by=after_working_days(legal_day(received), term) if received else None,
        day=today,
    )


manifests.OF_KIND[ManifestKind.CONTINUOUS] = ask_period


def _sides(work: ReadWork, found: Any) -> list[PartyRole]:  # noqa: ANN401
    """At which ends the actor enters readings."""
    own = str(work.actor.organisation_id)
    verbs = {PartyRole.SHIPPER: Verb.LABEL, PartyRole.RECEIVER: Verb.SCAN}
    return [
        side
        for side, verb in verbs.items()
        if found[side.value]["organisation_id"] == own and bool(may(work.actor, verb))
    ]


def _left_by_receiver(one: PipeDay, today: date) -> bool:
    return one.sent_g is not None and one.received_g is None and continuous.reading_due(one.day) < today


@router.post("/manifests/{manifest_id:uuid}/readings")
@asked_again(ask_manifest)
async def enter(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[ReadingForm, Form()]) -> Response:
    """Enter a reading, or correct one with its reason."""
    told = form.model_dump() | {"value": Decimal(form.value) if form.value else None}
    command = EnterReading(manifest_id=manifest_id, **told)
    await continuous.enter_reading(work.session, work.actor, command, at=work.at)
    return page.go(f"/manifests/{manifest_id}#days", message("The reading of {day} is entered."), day=str(form.day))


@router.post("/manifests/{manifest_id:uuid}/missing-readings")
@asked_again(ask_manifest)
async def missing(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[MissingForm, Form()]) -> Response:
    """Close a day for which the receiver gave no reading in time."""
    command = DeclareMissing(
        manifest_id=manifest_id, waste_code=form.waste_code, day=form.missing_day, reason=form.missing_reason
    )
    with naming_fields({"day": "missing_day", "reason": "missing_reason"}):
        await continuous.declare_missing(work.session, work.actor, command, at=work.at)
    return page.go(f"/manifests/{manifest_id}#days", message("The day is closed with your own figure."))


async def ask_meters(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The meters of a site, and the form of a further one."""
    site_id = page.request.path_params["site_id"]
    site = (await parties.sites_by_id(work.session, (site_id,))).get(site_id)
    if site is None:
        raise NotFound("site_unknown", "There is no such site.", site_id=site_id)
    demand_stock(work.actor, site)
    own = site.organisation_id == work.actor.organisation_id
    return page.show(
        "manifests/meters.html",
        filled=filled,
        site=site,
        meters=await metering.meters_at(work.session, site.id),
        kinds=MeterKind,
        units=MeterUnit,
        may_manage=own and bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
        day=legal_day(work.at),
    )


@router.get("/sites/{site_id:uuid}/meters")
async def meters(page: AnyPage, work: Reading, site_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The meters of a site."""
    return await ask_meters(page, work, EMPTY)


@router.post("/sites/{site_id:uuid}/meters")
@asked_again(ask_meters)
async def register(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[MeterForm, Form()]) -> Response:
    """Register a meter, or its next verification."""
    command = RegisterMeter(site_id=site_id, **form.model_dump())
    made = await metering.register_meter(work.session, work.actor, command, at=work.at)
    return page.go(f"/sites/{site_id}/meters", message("Meter {code} is registered."), code=made.code)
