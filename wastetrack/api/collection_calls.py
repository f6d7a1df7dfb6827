"""Calls for collection through the API: what stands ready, call, answer, take back."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.collections import calling, queries
from wastetrack.collections.model import AcceptCall, CallCollection, CallState, CancelCall, DeclineCall, Offer
from wastetrack.containers.recording import Recorded
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(prefix="/collection-calls", route_class=AnsweringRoute, tags=["collection calls"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_CALL: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "collector_id": "0192f0c1-7b1a-7000-8000-000000000005",
}


class NewCall(Body):
    """Who shall come where. Without containers all that stands ready; without a day the one that is proposed."""

    site_id: UUID
    collector_id: UUID
    wanted_by: Day | None = None
    container_ids: tuple[UUID, ...] = Field((), max_length=2000)
    remarks: Prose = ""


class Acceptance(Body):
    """When somebody comes; by which carrier and vehicle, if that is known."""

    planned_on: Day
    carrier_id: UUID | None = None
    plate: Line = ""


class Refusal(Body):
    """Why nobody comes, or nobody is needed any more."""

    reason: Prose


class WasteShown(Shown):
    """So much of one waste."""

    waste_code: str
    waste_name: str
    containers: int
    net_g: int


class OfferShown(Shown):
    """What a collector may fetch from a site by a contract in force."""

    site_id: UUID
    site_name: str
    collector_id: UUID
    collector_name: str
    contract_id: UUID
    containers: int
    net_g: int
    since: date
    due_on: date | None
    due_at: datetime | None
    wanted_by: date
    """The day that is proposed."""
    wastes: list[WasteShown]
    container_ids: list[UUID]


class OfferList(Shown):
    """The soonest term first."""

    items: list[OfferShown]


class CallShown(Shown):
    """A call, and how far it is."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    region_code: str
    collector_id: UUID
    contract_id: UUID
    carrier_id: UUID | None
    vehicle_id: UUID | None
    state: CallState
    containers: int
    net_g: int
    since: date
    due_on: date | None
    due_at: datetime | None
    wanted_by: date
    remarks: str
    called_at: datetime
    planned_on: date | None
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    manifest_id: UUID | None
    card_id: UUID | None
    wastes: list[WasteShown]


class CallList(Shown):
    """Open calls first, by term and place; then those that are over."""

    items: list[CallShown]


class CallRecorded(Shown):
    """The call, and the event."""

    call: CallShown
    log: LogEntry


def _call(row: queries.Call, wastes: list[queries.CalledWaste]) -> CallShown:
    told = row.model_dump()
    shown = [WasteShown.model_validate(one) for one in wastes]
    return CallShown(**{name: told[name] for name in CallShown.model_fields if name != "wastes"}, wastes=shown)


async def _recorded(work: WriteWork, keys: Keys, done: tuple[queries.Call, Recorded], status: int = 200) -> Response:
    row, appended = done
    wastes = await queries.wastes_of(work.session, (row.id,))
    return answer(CallRecorded(call=_call(row, wastes.get(row.id, [])), log=log_entry(appended, keys)), status)


def _offer(offer: Offer, work: ReadWork) -> OfferShown:
    clock = offer.clock
    return OfferShown(
        site_id=offer.site_id,
        site_name=offer.site_name,
        collector_id=offer.collector_id,
        collector_name=offer.collector_name,
        contract_id=offer.contract_id,
        containers=len(offer.containers),
        net_g=offer.net_g,
        since=offer.since,
        due_on=clock.due_on if clock else None,
        due_at=clock.due_at if clock else None,
        wanted_by=offer.wanted_by(legal_day(work.at)),
        wastes=[
            WasteShown(waste_code=code, waste_name=name, containers=count, net_g=grams)
            for code, name, count, grams in offer.by_waste()
        ],
        container_ids=[one.container_id for one in offer.containers],
    )


@router.get("/offers", response_model=OfferList, responses=problems())
async def offers(work: Reading) -> Response:
    """What one's own firm may call for now: what stands in its stores, by the collectors it has contracts with."""
    found = await queries.offers(work.session, work.actor, at=work.at)
    return answer(OfferList(items=[_offer(one, work) for one in found]))


@router.get("", response_model=CallList, responses=problems(422))
async def calls(
    work: Reading,
    state: Annotated[list[CallState] | None, Query(description="Repeat it for several")] = None,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """The calls of one's own firm, those made to it, or those of an authority's region."""
    rows = await queries.calls(work.session, work.actor, states=state or (), offset=offset)
    wastes = await queries.wastes_of(work.session, [row.id for row in rows])
    return answer(CallList(items=[_call(row, wastes.get(row.id, [])) for row in rows]))


@router.post("", status_code=201, response_model=CallRecorded, responses=_REFUSALS)
async def call(work: Writing, keys: DeploymentKeys, body: Annotated[NewCall, FromBody(examples=[_A_CALL])]) -> Response:
    """Ask a collector to come. It sees at once what, how much, since when and until when."""
    command = CallCollection(**dict(body))
    done = await calling.call_collection(work.session, work.actor, command, at=work.at)
    return await _recorded(work, keys, done, 201)


@router.get("/{call_id}", response_model=CallShown, responses=problems(404, 422))
async def one(work: Reading, call_id: UUID) -> Response:
    """One call."""
    row = await queries.call(work.session, work.actor, call_id)
    return answer(_call(row, (await queries.wastes_of(work.session, (row.id,))).get(row.id, [])))


@router.post("/{call_id}/acceptance", response_model=CallRecorded, responses=_REFUSALS)
async def accept(work: Writing, keys: DeploymentKeys, call_id: UUID, body: Acceptance) -> Response:
    """Come on a day, or plan it anew, for the collector or the carrier that it has named."""
    command = AcceptCall(call_id=call_id, **dict(body))
    return await _recorded(work, keys, await calling.accept_call(work.session, work.actor, command, at=work.at))


@router.post("/{call_id}/refusal", response_model=CallRecorded, responses=_REFUSALS)
async def decline(work: Writing, keys: DeploymentKeys, call_id: UUID, body: Refusal) -> Response:
    """Do not come; the source may call another."""
    command = DeclineCall(call_id=call_id, reason=body.reason)
    return await _recorded(work, keys, await calling.decline_call(work.session, work.actor, command, at=work.at))


@router.post("/{call_id}/withdrawal", response_model=CallRecorded, responses=_REFUSALS)
async def cancel(work: Writing, keys: DeploymentKeys, call_id: UUID, body: Refusal) -> Response:
    """Take the call back."""
    command = CancelCall(call_id=call_id, reason=body.reason)
    return await _recorded(work, keys, await calling.cancel_call(work.session, work.actor, command, at=work.at))
