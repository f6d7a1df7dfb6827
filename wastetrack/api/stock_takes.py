"""Stock-takes: begin, count, finish or drop, and the report."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, MeasuredBy, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers import count_queries
from wastetrack.containers.count_queries import StockTake, StockTakeLine
from wastetrack.containers.counting import begin_stock_take, count_container, drop_stock_take, finish_stock_take
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer, EndStockTake
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.reports.store_board import demand_stock
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(route_class=AnsweringRoute, tags=["stock-takes"])

_SEEN: dict[str, Any] = {
    "label": "91370602MA0000012M 90024908 20261123 001",
    "gross_g": 199_400,
    "method": "platform_scale",
    "scale_id": "PS-1",
}


class Beginning(Body):
    """What is to be counted: the whole site, or one store with its zones."""

    store_id: UUID | None = None


class Counting(Body):
    """A container that was found; weighed, if `gross_g` is given."""

    label: str = Field(min_length=1, max_length=LONGEST_TEXT, description="The label's text, or its digital code")
    gross_g: Grams | None = None
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None
    uncertainty_g: Grams | None = None
    reading_id: UUID | None = Field(None, description="The scale itself sent the gross mass")


class TakeShown(Shown):
    """A stock-take."""

    id: UUID
    site_id: UUID
    store_id: UUID | None
    state: str
    begun_at: datetime
    ended_at: datetime | None


class LineShown(Shown):
    """A container that the books expect, or that was found. `outcome` is null until the count is finished."""

    digital_code: str
    container_id: UUID | None
    expected: bool
    waste_code: str | None
    book_g: int | None
    found_at: datetime | None
    gross_g: int | None
    tare_g: int | None
    method: str | None
    outcome: str | None


class TakeWhole(TakeShown):
    """A stock-take with its lines."""

    lines: list[LineShown]


class TakesShown(Shown):
    """The stock-takes of a site, the newest first."""

    items: list[TakeShown]


class TakeAndLog(Shown):
    """A stock-take after a step, and the event that states it."""

    stock_take: TakeShown
    log: LogEntry


@router.get("/sites/{site_id}/stock-takes", response_model=TakesShown, responses=problems(404))
async def stock_takes(work: Reading, site_id: UUID) -> Response:
    """The newest stock-takes of a site."""
    demand_stock(work.actor, await parties.site(work.session, site_id))
    rows = await count_queries.takes_of(work.session, work.actor, site_id)
    return answer(TakesShown(items=[_take(row) for row in rows]))


@router.post(
    "/sites/{site_id}/stock-takes",
    status_code=201,
    response_model=TakeAndLog,
    responses=problems(400, 403, 404, 409, 422),
)
async def begin(work: Writing, keys: DeploymentKeys, site_id: UUID, body: Beginning) -> Response:
    """Write down what the books have at a site or in a store, to be counted."""
    command = BeginStockTake(site_id=site_id, store_id=body.store_id)
    row, appended = await begin_stock_take(work.session, work.actor, command, at=work.at)
    return answer(TakeAndLog(stock_take=_take(row), log=log_entry(appended, keys)), 201)


@router.get("/stock-takes/{stock_take_id}", response_model=TakeWhole, responses=problems(404))
async def stock_take(work: Reading, stock_take_id: UUID) -> Response:
    """A stock-take with every container that was expected or found."""
    row = await count_queries.take_seen(work.session, work.actor, stock_take_id)
    lines = await count_queries.lines_of(work.session, row.id)
    return answer(TakeWhole(**_take(row).model_dump(), lines=[_line(line) for line in lines]))


@router.post(
    "/stock-takes/{stock_take_id}/counting",
    response_model=LineShown,
    responses=problems(400, 403, 404, 409, 422),
)
async def count(
    work: Writing, keys: DeploymentKeys, stock_take_id: UUID, body: Annotated[Counting, FromBody(examples=[_SEEN])]
) -> Response:
    """Write down that a container was found. Nothing is booked before the end."""
    command = CountContainer(
        stock_take_id=stock_take_id,
        digital_code=str(read_label_text(body.label, keys.base_url, keys.label_key)),
        gross=None if body.gross_g is None else Mass(body.gross_g),
        method=WeighingMethod(body.method.value),
        scale_id=body.scale_id or None,
        uncertainty=None if body.uncertainty_g is None else Mass(body.uncertainty_g),
        reading_id=body.reading_id,
    )
    return answer(_line(await count_container(work.session, work.actor, command, at=work.at)))


@router.post(
    "/stock-takes/{stock_take_id}/finishing", response_model=TakeAndLog, responses=problems(403, 404, 409, 422)
)
async def finish(work: Writing, keys: DeploymentKeys, stock_take_id: UUID) -> Response:
    """Book what the count found: the missing are lost, differences of mass go to the site's discrepancy."""
    command = EndStockTake(stock_take_id=stock_take_id)
    row, appended = await finish_stock_take(work.session, work.actor, command, at=work.at)
    return answer(TakeAndLog(stock_take=_take(row), log=log_entry(appended, keys)))


@router.post("/stock-takes/{stock_take_id}/dropping", response_model=TakeAndLog, responses=problems(403, 404, 409, 422))
async def drop(work: Writing, keys: DeploymentKeys, stock_take_id: UUID) -> Response:
    """Give a count up; nothing is booked."""
    command = EndStockTake(stock_take_id=stock_take_id)
    row, appended = await drop_stock_take(work.session, work.actor, command, at=work.at)
    return answer(TakeAndLog(stock_take=_take(row), log=log_entry(appended, keys)))


def _take(row: StockTake) -> TakeShown:
    return TakeShown.model_validate(row)


def _line(row: StockTakeLine) -> LineShown:
    return LineShown.model_validate(row)
