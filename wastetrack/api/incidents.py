"""What goes wrong on the way: breakdowns, containers lost or leaking; and another receiver for a load under way."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, HappenedAt, LogEntry, MeasuredBy, Recorded, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.signed_bodies import SignedBody
from wastetrack.api.signing import ManifestStanding, Signed
from wastetrack.api.step_bodies import RedirectionFields
from wastetrack.api.versions import IfMatch, etag, version_seen
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import journey_queries, redirecting, reporting_incidents
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.journey_model import CloseIncident, IncidentKind, ReplaceVehicle, ReportIncident
from wastetrack.manifests.model import SignedStep
from wastetrack.mass import Mass
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing
from wastetrack.serving.written_text import Instant, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["incidents"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_LEAKING: dict[str, Any] = {
    "kind": "container_leaking",
    "container_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "place": "荣乌高速 K123 烟台方向",
    "region_code": "370602",
    "what": "急刹车，桶盖脱落",
    "measures": "围堵、吸附、收集残液",
    "reported_to": "烟台市生态环境局 0535-12369",
    "spilled_g": 12000,
    "method": "estimate",
    "happened_at": "2026-11-23T15:04:00+08:00",
}
_BREAKDOWN: dict[str, Any] = {
    "kind": "breakdown",
    "place": "荣乌高速 K123 烟台方向",
    "region_code": "370602",
    "what": "发动机故障",
}


class IncidentReport(Body):
    """What happened. The Idempotency-Key is the incident's own id: a telephone may send it when it is online again."""

    kind: IncidentKind
    place: Line
    region_code: Line = Field(description="The county, by GB/T 2260; its authority is told")
    what: Prose
    measures: Prose = ""
    reported_to: Prose = ""
    container_id: UUID | None = None
    spilled_g: Grams | None = Field(None, description="Of a leaking container")
    method: MeasuredBy = MeasuredBy.ESTIMATE
    happened_at: HappenedAt = None


class IncidentEnd(Body):
    """How it ended."""

    outcome: Prose


class Replacement(Body):
    """Who takes the load on, where it stands, and when the two meet."""

    carrier_id: UUID
    plate: Line
    at_place: Line
    meet_at: Instant
    driver_id: UUID | None = None


class RedirectionBody(SignedBody, RedirectionFields):
    """The shipper's signature under another receiver."""

    receiver_site_id: UUID
    method: Line
    reason: Prose
    happened_at: HappenedAt = None
    version: int | None = None


class IncidentShown(Shown):
    """An incident as it stands."""

    id: UUID
    manifest_id: UUID
    kind: str
    state: str
    organisation_id: UUID
    shipper_id: UUID
    container_id: UUID | None
    place: str
    region_code: str
    what: str
    measures: str
    reported_to: str
    lost_g: int | None
    method: str | None
    booked: bool
    happened_at: datetime
    reported_at: datetime
    noted_at: datetime | None
    closed_at: datetime | None
    outcome: str


class IncidentStep(Shown):
    """The incident after a step, and the event that states it."""

    incident: IncidentShown
    log: LogEntry


class IncidentList(Shown):
    """The newest that the caller may see."""

    items: list[IncidentShown]


class Noted(Shown):
    """The event that states it."""

    log: LogEntry


class ReplacementShown(Shown):
    """The leg that was inserted, and the event that states it."""

    manifest_id: UUID
    position: int
    carrier_id: UUID
    log: LogEntry


@router.post("/manifests/{manifest_id}/incidents", status_code=201, response_model=IncidentStep, responses=_REFUSALS)
async def report(
    request: Request,
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[IncidentReport, FromBody(examples=[_LEAKING, _BREAKDOWN])],
) -> Response:
    """A carrier says what went wrong; what leaked or is lost leaves the road's account at once."""
    command = ReportIncident(
        incident_id=key_of(request),
        manifest_id=manifest_id,
        kind=body.kind,
        place=body.place,
        region_code=body.region_code,
        what=body.what,
        measures=body.measures,
        reported_to=body.reported_to,
        container_id=body.container_id,
        spilled=None if body.spilled_g is None else Mass(body.spilled_g),
        method=WeighingMethod(body.method.value),
        happened_at=body.happened_at,
    )
    return _answer(await reporting_incidents.report_incident(work.session, work.actor, command, at=work.at), keys, 201)


@router.get("/incidents", response_model=IncidentList, responses=problems(422))
async def listed(work: Reading) -> Response:
    """The newest fifty."""
    found = await journey_queries.incidents(work.session, work.actor)
    return answer(IncidentList(items=[IncidentShown.model_validate(row) for row, _ in found]))


@router.get("/incidents/{incident_id}", response_model=IncidentShown, responses=problems(404, 422))
async def one(work: Reading, incident_id: UUID) -> Response:
    """One incident."""
    return answer(IncidentShown.model_validate(await journey_queries.incident(work.session, work.actor, incident_id)))


@router.post("/incidents/{incident_id}/replacement", response_model=ReplacementShown, responses=_REFUSALS)
async def replace_vehicle(
    work: Writing,
    keys: DeploymentKeys,
    incident_id: UUID,
    body: Annotated[
        Replacement,
        FromBody(
            examples=[
                {
                    "carrier_id": "0192f0c1-7b1a-7000-8000-000000000007",
                    "plate": "鲁F·B5678",
                    "at_place": "荣乌高速 K123",
                    "meet_at": "2026-11-23T17:00:00+08:00",
                }
            ]
        ),
    ],
) -> Response:
    """After a breakdown another vehicle takes the load on; it signs the hand-over when it has."""
    command = ReplaceVehicle(incident_id=incident_id, **body.model_dump())
    leg, appended = await reporting_incidents.replace_vehicle(work.session, work.actor, command, at=work.at)
    shown = ReplacementShown(
        manifest_id=leg.manifest_id,
        position=leg.position,
        carrier_id=leg.carrier_id,
        log=log_entry(appended, keys),
    )
    return answer(shown)


@router.post("/incidents/{incident_id}/end", response_model=IncidentStep, responses=_REFUSALS)
async def end(
    work: Writing,
    keys: DeploymentKeys,
    incident_id: UUID,
    body: Annotated[IncidentEnd, FromBody(examples=[{"outcome": "残液已收集入桶"}])],
) -> Response:
    """Whoever reported it says how it ended."""
    command = CloseIncident(incident_id=incident_id, outcome=body.outcome)
    return _answer(await reporting_incidents.close_incident(work.session, work.actor, command, at=work.at), keys)


@router.post("/incidents/{incident_id}/note", response_model=IncidentStep, responses=_REFUSALS)
async def note(work: Writing, keys: DeploymentKeys, incident_id: UUID) -> Response:
    """The shipper says that it knows."""
    return _answer(await reporting_incidents.note_incident(work.session, work.actor, incident_id, at=work.at), keys)


@router.post("/manifests/{manifest_id}/redirection", response_model=Signed, responses=_REFUSALS)
async def redirect(
    work: Signing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[
        RedirectionBody,
        FromBody(
            examples=[
                {"receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000005", "method": "D10", "reason": "临时停炉"}
            ]
        ),
    ],
    if_match: IfMatch = None,
) -> Response:
    """The shipper signs that a load under way goes to another receiver, who must be permitted to take it."""
    asked = Asked(
        step=SignedStep.REDIRECTION,
        subject_id=manifest_id,
        version=version_seen(body.version, if_match),
        happened_at=body.happened_at,
        reason=body.reason,
        told=body.elsewhere(),
    )
    acted = await work.act(asked)
    row = acted.manifest
    assert row is not None  # noqa: S101  it is about one
    shown = Signed(manifest=ManifestStanding.model_validate(row), log=log_entry(acted.appended, keys))
    return answer(shown, headers=etag(row.version))


@router.post("/redirections/{redirection_id}/note", response_model=Noted, responses=_REFUSALS)
async def note_redirection(work: Writing, keys: DeploymentKeys, redirection_id: UUID) -> Response:
    """The former receiver says that it knows."""
    appended = await redirecting.note_redirection(work.session, work.actor, redirection_id, at=work.at)
    return answer(Noted(log=log_entry(appended, keys)))


def _answer(done: tuple[Any, Recorded], keys: Keys, status: int = 200) -> Response:
    row, appended = done
    return answer(IncidentStep(incident=IncidentShown.model_validate(row), log=log_entry(appended, keys)), status)
