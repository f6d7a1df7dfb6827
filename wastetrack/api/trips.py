"""Milk runs: several shippers, one vehicle, one manifest each, one act at the end."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import HappenedAt, LogEntry, Recorded, answer, log_entry
from wastetrack.api.preparing import Prepared, SignerFields, prepare_step
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.signed_bodies import SignedBody
from wastetrack.manifests import journey_queries, planning_trips
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.journey_model import PlanTrip
from wastetrack.manifests.model import SignedStep
from wastetrack.reports.trips import whole_trip
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(prefix="/trips", route_class=AnsweringRoute, tags=["trips"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_TRIP: dict[str, Any] = {
    "plate": "鲁F·A1234",
    "day": "2026-11-23",
    "manifest_ids": ["0192f0c1-7b1a-7000-8000-000000000001", "0192f0c1-7b1a-7000-8000-000000000003"],
}


class TripStep(StrEnum):
    """What is signed for all manifests of a trip, as its own address says it."""

    ARRIVAL = "arrival"
    CLOSING = "closing"


_STEPS = {TripStep.ARRIVAL: SignedStep.TRIP_ARRIVAL, TripStep.CLOSING: SignedStep.TRIP_CLOSING}


class TripPlan(Body):
    """One vehicle of the caller's, and the filed manifests that it fetches, in the order of the stops."""

    plate: Line
    day: Day
    manifest_ids: tuple[UUID, ...] = Field(min_length=1, max_length=100)
    driver_id: UUID | None = None


class TripSignature(SignedBody):
    """The signature for all manifests of the trip: one factor over one statement that names them all."""

    happened_at: HappenedAt = None


class TripPreparation(SignerFields):
    """The same without its factor."""

    happened_at: HappenedAt = None


class TripShown(Shown):
    """A trip as it stands."""

    id: UUID
    carrier_id: UUID
    vehicle_id: UUID
    driver_id: UUID | None
    receiver_id: UUID
    receiver_site_id: UUID
    day: date
    state: str
    planned_at: datetime
    arrived_at: datetime | None
    closed_at: datetime | None


class StopShown(Shown):
    """One shipper on it. Masses are grams; `gross_g` is with the containers."""

    position: int
    manifest_id: UUID
    number: str | None
    state: str
    shipper: str
    place: str
    containers: int
    declared_g: int
    gross_g: int
    undecided: int
    differs: int


class TripWhole(Shown):
    """A trip with its stops, and what the vehicle may bear."""

    trip: TripShown
    plate: str
    rated_g: int
    stops: list[StopShown]


class TripDone(Shown):
    """The trip after a step, and the event that was signed."""

    trip: TripShown
    log: LogEntry


class TripList(Shown):
    """The newest that the caller may see."""

    items: list[TripShown]


@router.post("", status_code=201, response_model=TripDone, responses=_REFUSALS)
async def plan(
    request: Request, work: Writing, keys: DeploymentKeys, body: Annotated[TripPlan, FromBody(examples=[_A_TRIP])]
) -> Response:
    """Tie filed manifests to one trip. The load of all together is compared with what the vehicle may bear."""
    command = PlanTrip(
        trip_id=key_of(request),
        plate=body.plate,
        day=body.day,
        manifest_ids=body.manifest_ids,
        driver_id=body.driver_id,
    )
    return _answer(await planning_trips.plan_trip(work.session, work.actor, command, at=work.at), keys, 201)


@router.get("", response_model=TripList, responses=problems(422))
async def listed(work: Reading) -> Response:
    """The newest fifty."""
    found = await journey_queries.trips(work.session, work.actor)
    return answer(TripList(items=[TripShown.model_validate(row) for row in found]))


@router.get("/{trip_id}", response_model=TripWhole, responses=problems(404, 422))
async def one(work: Reading, trip_id: UUID) -> Response:
    """One trip with its stops."""
    row = await journey_queries.trip(work.session, work.actor, trip_id)
    told = await whole_trip(work.session, row.id)
    stops = [StopShown.model_validate(stop, from_attributes=False) for stop in told["stops"]]
    shown = TripWhole(trip=TripShown.model_validate(row), plate=told["plate"], rated_g=told["rated_g"], stops=stops)
    return answer(shown)


@router.post("/{trip_id}/{step}/preparation", status_code=201, response_model=Prepared, responses=_REFUSALS)
async def prepare(
    work: Writing,
    keys: DeploymentKeys,
    trip_id: UUID,
    step: TripStep,
    body: Annotated[TripPreparation, FromBody(examples=[{}])] = TripPreparation(),  # noqa: B008  frozen
) -> Response:
    """What would be signed for all manifests of the trip, in plain words and as bytes."""
    asked = Asked(step=_STEPS[step], subject_id=trip_id, happened_at=body.happened_at)
    return await prepare_step(work, keys, asked, body.signer_login)


@router.post("/{trip_id}/{step}", response_model=TripDone, responses=_REFUSALS)
async def sign(
    work: Signing,
    keys: DeploymentKeys,
    trip_id: UUID,
    step: TripStep,
    body: Annotated[TripSignature, FromBody(examples=[{}])] = TripSignature(),  # noqa: B008  frozen
) -> Response:
    """Arrive with all manifests at once; or receive and confirm all of them, where nothing differs."""
    acted = await work.act(Asked(step=_STEPS[step], subject_id=trip_id, happened_at=body.happened_at))
    assert acted.trip is not None  # noqa: S101  both steps are about one
    return _answer((acted.trip, acted.appended), keys)


def _answer(done: tuple[Any, Recorded], keys: Keys, status: int = 200) -> Response:
    row, appended = done
    return answer(TripDone(trip=TripShown.model_validate(row), log=log_entry(appended, keys)), status)
