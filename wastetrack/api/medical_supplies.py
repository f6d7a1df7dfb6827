"""The reserve of supplies for an epidemic: what is held, what came, went and was counted. Each change is an event."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.medical import reserves, stocking
from wastetrack.medical.reserve_model import AddSupply, MoveSupply, StockMove, SupplyKind
from wastetrack.serving.deps import Reading, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(prefix="/medical/supplies", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_SUPPLY: dict[str, Any] = {
    "kind": "protection",
    "name": "防护手套",
    "unit": "双",
    "place": "区应急库A架",
    "minimum": 500,
}
_A_MOVE: dict[str, Any] = {"kind": "in", "quantity": 600, "happened_on": "2026-11-25", "expires_on": "2028-11-25"}
_Quantity = Annotated[int, Field(ge=-(10**12), le=10**12)]


class NewSupply(Body):
    """Something is to be held ready."""

    kind: SupplyKind
    name: Line
    unit: Line
    place: Line
    minimum: _Quantity
    site_id: UUID | None = Field(None, description="Of a firm's reserve; an authority's stands for its region")


class LotShown(Shown):
    """What is there with one day of expiry."""

    expires_on: date | None
    quantity: int


class SupplyShown(Shown):
    """Something that is held ready, and what is there of it."""

    id: UUID
    organisation_id: UUID
    holder: str
    region_code: str
    kind: str
    name: str
    unit: str
    place: str
    minimum: int
    usable: int
    expired: int
    is_low: bool
    expires_on: date | None
    lots: list[LotShown]
    ended_at: datetime | None

    @classmethod
    def of(cls, one: reserves.Supply) -> "SupplyShown":
        """With its lots."""
        told = {name: getattr(one, name) for name in SupplyShown.model_fields if name not in {"kind", "lots"}}
        lots = [LotShown(expires_on=lot.expires_on, quantity=lot.quantity) for lot in one.lots]
        return cls(**told, kind=one.kind.value, lots=lots)


class SupplyDone(SupplyShown):
    """The supply as it stands now, and the event."""

    log: LogEntry


class SuppliesListed(Shown):
    """What one's organisation holds, or what is held in the region one watches."""

    items: list[SupplyShown]


class NewMove(Body):
    """It came, went, or was counted."""

    kind: StockMove
    quantity: _Quantity
    happened_on: Day
    expires_on: Day | None = Field(None, description="Names the lot; what goes without one goes by expiry")
    note: Prose = ""


class MoveShown(Shown):
    """A line of a supply's stock."""

    kind: str
    change: int
    expires_on: date | None
    happened_on: date
    note: str
    recorded_at: datetime
    event_id: UUID | None
    """Of the log; null of lines written before such moves were events."""


class SupplyTold(Shown):
    """A supply with its lines, the newest first."""

    supply: SupplyShown
    moves: list[MoveShown]


@router.get("", response_model=SuppliesListed, responses=problems(403))
async def list_supplies(work: Reading) -> Response:
    """What is held ready."""
    found = await reserves.supplies(work.session, work.actor, at=work.at)
    return answer(SuppliesListed(items=[SupplyShown.of(one) for one in found]))


@router.post("", status_code=201, response_model=SupplyDone, responses=_REFUSALS)
async def add(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewSupply, FromBody(examples=[_A_SUPPLY])]
) -> Response:
    """Hold something ready."""
    row, appended = await stocking.add_supply(work.session, work.actor, AddSupply(**body.model_dump()), at=work.at)
    return await _done(work, row.id, log_entry(appended, keys), 201)


async def _done(work: WriteWork, supply_id: UUID, log: LogEntry, status: int = 200) -> Response:
    shown = SupplyShown.of(await reserves.supply(work.session, work.actor, supply_id, at=work.at))
    return answer(SupplyDone(**dict(shown), log=log), status)


@router.get("/{supply_id}", response_model=SupplyTold, responses=problems(403, 404))
async def supply(work: Reading, supply_id: UUID) -> Response:
    """One supply with its lines."""
    found = await reserves.supply(work.session, work.actor, supply_id, at=work.at)
    moves = [MoveShown.model_validate(one) for one in await reserves.moves_of(work.session, supply_id)]
    return answer(SupplyTold(supply=SupplyShown.of(found), moves=moves))


@router.post("/{supply_id}/moves", status_code=201, response_model=SupplyDone, responses=_REFUSALS)
async def move(
    work: Writing, keys: DeploymentKeys, supply_id: UUID, body: Annotated[NewMove, FromBody(examples=[_A_MOVE])]
) -> Response:
    """Note what came, went or was counted."""
    command = MoveSupply(supply_id=supply_id, **body.model_dump())
    _, appended = await stocking.move_supply(work.session, work.actor, command, at=work.at)
    return await _done(work, supply_id, log_entry(appended, keys), 201)


@router.post("/{supply_id}/ending", response_model=SupplyDone, responses=_REFUSALS)
async def end(work: Writing, keys: DeploymentKeys, supply_id: UUID) -> Response:
    """Hold it ready no more."""
    _, appended = await stocking.end_supply(work.session, work.actor, supply_id, at=work.at)
    return await _done(work, supply_id, log_entry(appended, keys))
