"""Pages of what goes wrong on the way: the driver's form, the incident, another receiver; and one list of all."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.attachments import attaching
from wastetrack.attachments.model import Subject
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.queries import snapshot
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import journey_queries, redirecting, reporting_incidents
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.journey_model import (
    CloseIncident,
    IncidentKind,
    IncidentState,
    MismatchKind,
    MismatchState,
    ReplaceVehicle,
    ReportIncident,
    TripState,
)
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.policy import Step
from wastetrack.parties import queries as parties
from wastetrack.reports import choices
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.files import most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.catalogues import today
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_fields import ChosenOrNone, Kilograms, LocalInstant
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

_METHODS = (WeighingMethod.ESTIMATE, WeighingMethod.PLATFORM_SCALE, WeighingMethod.TRUCK_SCALE)


class IncidentForm(BaseModel):
    """What the driver tells."""

    kind: IncidentKind
    container_id: ChosenOrNone = None
    spilled: Kilograms | None = None
    method: WeighingMethod = WeighingMethod.ESTIMATE
    place: Line = ""
    region_code: Line = ""
    what: Prose = ""
    measures: Prose = ""
    reported_to: Prose = ""
    happened_at: LocalInstant = None
    photo: UploadFile | None = None


class ReplacementForm(BaseModel):
    """Who takes the load on."""

    carrier_id: UUID
    plate: Line
    at_place: Line = ""
    meet_at: LocalInstant = None


class RedirectionForm(BaseModel):
    """Where the load goes instead."""

    receiver_site_id: UUID
    method: Line
    reason: Prose = ""
    version: int | None = None


async def ask_incident(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The driver's form."""
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    asked = page.request.query_params.get("kind", "")
    kind = asked if asked in set(IncidentKind) else ""
    if Step.REPORT_INCIDENT not in steps:
        raise NotFound("nothing_to_report", "What happens on the way is reported by the carrier that has the load.")
    lists = await snapshot(work.session)
    ends = [found["origin_region"], found["destination_region"]]
    near = [region for end in dict.fromkeys(ends) for region in lists.regions_in(lists.region(end).parent)]
    return page.show(
        "journeys/incident_form.html",
        filled=filled
        if filled.is_refused
        else Filled.of({**_usual(page, kind), "region_code": found["origin_region"]}),
        kind=kind,
        manifest=found,
        kinds=IncidentKind,
        methods=_METHODS,
        regions=list(dict.fromkeys((region.code, lists.region_name(region.code)) for region in near)),
    )


def _usual(page: Page, kind: str) -> dict[str, object]:
    """What a driver who touched “Breakdown” would type first."""
    what = page.translate(message("The vehicle has broken down")) if kind == IncidentKind.BREAKDOWN else ""
    return {"kind": kind, "what": what}


@router.get("/manifests/{manifest_id:uuid}/incident")
async def form(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_incident(page, work, EMPTY)


@router.post("/manifests/{manifest_id:uuid}/incident")
@asked_again(ask_incident)
async def report(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[IncidentForm, Form()]) -> Response:
    """Report it. The form's request_id is the incident's own id; a photo stands beside the manifest."""
    breakdown = form.kind is IncidentKind.BREAKDOWN
    command = ReportIncident(
        incident_id=key_of(page.request),
        manifest_id=manifest_id,
        kind=form.kind,
        place=form.place,
        region_code=form.region_code,
        what=form.what,
        measures=form.measures,
        reported_to=form.reported_to,
        container_id=None if breakdown else form.container_id,
        spilled=form.spilled,
        method=form.method,
        happened_at=form.happened_at,
    )
    with naming_fields({"spilled_g": "spilled"}):
        row, _ = await reporting_incidents.report_incident(work.session, work.actor, command, at=work.at)
    if form.photo is not None and form.photo.filename:
        await attaching.attach(
            work.session,
            store_of(page.request),
            work.actor,
            Subject(manifests.KIND, manifest_id),
            await attaching.examined(await offered(form.photo)),
            most_bytes=most_bytes_of(page.request),
            at=work.at,
        )
    return page.go(f"/incidents/{row.id}", message("Reported. The shipper and the authorities see it."), kind="warn")


async def show_incident(page: Page, work: ReadWork, filled: Filled) -> Response:
    """One incident and what may be done about it. The authority of the place may see it without the manifest."""
    row = await journey_queries.incident(work.session, work.actor, page.request.path_params["incident_id"])
    actor = work.actor
    is_open = row.state == IncidentState.OPEN.value
    own = row.organisation_id == actor.organisation_id and bool(may(actor, Verb.CARRY))
    may_replace = own and is_open and row.kind == IncidentKind.BREAKDOWN.value
    lists = await snapshot(work.session)
    return page.show(
        "journeys/incident.html",
        filled=filled,
        one=row,
        kind=IncidentKind(row.kind),
        state=IncidentState(row.state),
        method=None if row.method is None else WeighingMethod(row.method),
        place=lists.region_name(row.region_code),
        number=await journey_queries.number_seen(work.session, work.actor, row.manifest_id),
        firms=await parties.organisations_by_id(work.session, {row.organisation_id, row.shipper_id}),
        may_close=own and is_open,
        may_replace=may_replace,
        may_note=row.noted_at is None and row.shipper_id == actor.organisation_id and bool(may(actor, Verb.FILE)),
        carriers=await choices.carriers(work.session, near=row.region_code) if may_replace else [],
    )


@router.get("/incidents/{incident_id:uuid}")
async def incident(page: AnyPage, work: Reading, incident_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The page."""
    return await show_incident(page, work, EMPTY)


@router.post("/incidents/{incident_id:uuid}/end")
@asked_again(show_incident)
async def end(page: AnyPage, work: Writing, incident_id: UUID, outcome: Annotated[Prose, Form()] = "") -> Response:
    """It is over."""
    command = CloseIncident(incident_id=incident_id, outcome=outcome)
    await reporting_incidents.close_incident(work.session, work.actor, command, at=work.at)
    return page.go(f"/incidents/{incident_id}", message("The incident is closed."))


@router.post("/incidents/{incident_id:uuid}/replacement")
@asked_again(show_incident)
async def replace_vehicle(
    page: AnyPage, work: Writing, incident_id: UUID, form: Annotated[ReplacementForm, Form()]
) -> Response:
    """Another vehicle takes the load on."""
    command = ReplaceVehicle(
        incident_id=incident_id,
        carrier_id=form.carrier_id,
        plate=form.plate,
        at_place=form.at_place,
        meet_at=form.meet_at or work.at,
    )
    with naming_fields({"vehicle": "plate", "carrier": "carrier_id", "driver": "plate"}):
        await reporting_incidents.replace_vehicle(work.session, work.actor, command, at=work.at)
    sentence = message("Named. The new carrier sees the manifest and signs when it has taken over.")
    return page.go(f"/incidents/{incident_id}", sentence)


@router.post("/incidents/{incident_id:uuid}/note")
@asked_again(show_incident)
async def note(page: AnyPage, work: Writing, incident_id: UUID) -> Response:
    """The shipper knows."""
    await reporting_incidents.note_incident(work.session, work.actor, incident_id, at=work.at)
    return page.go(f"/incidents/{incident_id}", message("Taken note of."))


async def ask_redirection(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The shipper's form."""
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    if Step.REDIRECT not in steps:
        raise NotFound("nothing_to_redirect", "A load is sent elsewhere by its shipper, while it is on the road.")
    lists = await snapshot(work.session)
    return page.show(
        "journeys/redirection_form.html",
        filled=filled,
        manifest=found,
        receivers=await choices.receiving_sites(work.session, near=found["origin_region"]),
        methods=lists.treatments_on(today(page.request, work)),
    )


@router.get("/manifests/{manifest_id:uuid}/redirection")
async def redirection_form(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001
    """The form."""
    return await ask_redirection(page, work, EMPTY)


@router.post("/manifests/{manifest_id:uuid}/redirection")
@asked_again(ask_redirection)
async def redirect(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[RedirectionForm, Form()]
) -> Response:
    """On to the words that name the new receiver."""
    told = {"receiver_site_id": str(form.receiver_site_id), "method": form.method}
    asked = Asked(
        step=SignedStep.REDIRECTION, subject_id=manifest_id, version=form.version, reason=form.reason, told=told
    )
    with naming_fields({"permit": "receiver_site_id", "quantity": "receiver_site_id"}):
        return await read_first(page, work, asked)


@router.post("/manifests/{manifest_id:uuid}/redirections/{redirection_id:uuid}/note")
async def note_redirection(page: AnyPage, work: Writing, manifest_id: UUID, redirection_id: UUID) -> Response:
    """The former receiver knows."""
    await redirecting.note_redirection(work.session, work.actor, redirection_id, at=work.at)
    return page.go(f"/manifests/{manifest_id}", message("Taken note of."))


@router.get("/on-the-way")
async def on_the_way(page: AnyPage, work: Reading) -> Response:
    """Trips, incidents and mismatches, the newest first."""
    actor = work.actor
    return page.show(
        "journeys/on_the_way.html",
        trips=[(row, TripState(row.state)) for row in await journey_queries.trips(work.session, actor)],
        incidents=[
            (row, IncidentKind(row.kind), IncidentState(row.state), number)
            for row, number in await journey_queries.incidents(work.session, actor)
        ],
        mismatches=[
            (row, [MismatchKind(kind) for kind in row.kinds], MismatchState(row.state), number)
            for row, number in await journey_queries.mismatches(work.session, actor)
        ],
        may_plan=bool(may(actor, Verb.CARRY)),
    )
