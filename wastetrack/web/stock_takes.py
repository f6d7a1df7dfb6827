"""Pages of stock-takes: begin, scan or type what is there, finish or drop, and the report."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from wastetrack.auth.policy import Verb, may
from wastetrack.containers import count_queries
from wastetrack.containers.count_queries import StockTakeLine
from wastetrack.containers.counting import begin_stock_take, count_container, drop_stock_take, finish_stock_take
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.containers.stock_takes import (
    BeginStockTake,
    CountContainer,
    CountOutcome,
    EndStockTake,
    StockTakeState,
)
from wastetrack.errors import Malformed, refuse_one
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Store
from wastetrack.reports.store_board import demand_stock
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import SCALES, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import STOCK_TAKES
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.scale_fields import read_off, weights_at
from wastetrack.web.scanning import reader_of, with_camera

router = RoomRouter(route_class=AnsweringRoute)


class Wanted(Asked):
    """Which stock-takes."""

    state: StockTakeState | None = None


@dataclass(frozen=True, slots=True)
class ListedTake:
    """A stock-take as the list shows it."""

    row: count_queries.StockTake
    what: str | None
    state: StockTakeState


class CountForm(BaseModel):
    """A container that was found."""

    label: str = ""
    gross: Kilograms | None = None
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: Line = ""
    uncertainty: Kilograms | None = None
    reading_id: UUID | None = None


async def ask_takes(page: Page, work: ReadWork, filled: Filled, wanted: Wanted | None = None) -> Response:
    """The stock-takes of a site, and the form that begins one."""
    site = await parties.site(work.session, page.request.path_params["site_id"])
    demand_stock(work.actor, site)
    own = site.organisation_id == work.actor.organisation_id
    stores = await parties.stores_of(work.session, work.actor, site.id)
    view = await STOCK_TAKES.view(page, work, wanted, path=f"/sites/{site.id}/stock-takes")
    state = None if wanted is None else wanted.state
    takes = await count_queries.takes_of(work.session, work.actor, site.id, view.window, state=state)
    names: dict[UUID | None, str] = {store.id: store.name for store in stores}
    names[None] = page.translate(message("the whole site"))
    return await view.answer(
        "storage/stock_takes.html",
        [ListedTake(one, names.get(one.store_id), StockTakeState(one.state)) for one in takes],
        filled=filled,
        site=site,
        stores=[store for store in stores if store.is_open],
        may_count=own and bool(may(work.actor, Verb.STORE)),
    )


@router.get("/sites/{site_id:uuid}/stock-takes")
async def takes(
    page: AnyPage,
    work: Reading,
    site_id: UUID,  # noqa: ARG001  read by the form
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """The newest stock-takes of a site."""
    return await ask_takes(page, work, EMPTY, wanted)


@router.post("/sites/{site_id:uuid}/stock-takes")
@asked_again(ask_takes)
async def begin(
    page: AnyPage, work: Writing, site_id: UUID, store_id: Annotated[UUID | None, Form()] = None
) -> Response:
    """Begin to count."""
    command = BeginStockTake(site_id=site_id, store_id=store_id)
    take, _ = await begin_stock_take(work.session, work.actor, command, at=work.at)
    return page.go(f"/stock-takes/{take.id}", message("The count is begun. Scan each container that you find."))


async def ask_count(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The screen of a count, or its report once it is over."""
    take = await count_queries.take_seen(work.session, work.actor, page.request.path_params["stock_take_id"])
    site = await parties.site(work.session, take.site_id)
    lines = await count_queries.lines_of(work.session, take.id)
    stores = await parties.stores_of(work.session, work.actor, site.id)
    own = site.organisation_id == work.actor.organisation_id
    is_open, may_count = take.state == StockTakeState.OPEN.value, own and bool(may(work.actor, Verb.STORE))
    reader = reader_of(page.request.app.state.renderer.assets)
    answer = page.show(
        "storage/stock_take.html",
        filled=filled,
        take=take,
        site=site,
        store=next((store for store in stores if store.id == take.store_id), None),
        names={store.id: store.code for store in stores},
        state=StockTakeState(take.state),
        open=is_open,
        zones=progress(lines, stores),
        weights=await weights_at(work, (site.id,)) if is_open and may_count else [],
        reader=reader,
        # What is still looked for comes first; in a report, what is wrong.
        lines=sorted(lines, key=lambda line: (line.outcome == CountOutcome.AS_BOOKED.value, line.found_at is not None)),
        left=sum(line.expected and line.found_at is None for line in lines),
        outcomes=CountOutcome,
        counts=Counter(line.outcome for line in lines),
        more_g=sum(_more(line) for line in lines),
        scales=SCALES,
        may_count=may_count,
    )
    return with_camera(answer) if reader and is_open and may_count else answer


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """How far a zone is counted."""

    store_id: UUID | None
    title: str
    """Empty: what stands in no store."""
    found: int
    expected: int


def progress(lines: Iterable[StockTakeLine], stores: Iterable[Store]) -> list[ZoneCount]:
    """Zone by zone, how many of those in the books were found, in the order of the codes."""
    titles = {store.id: store.title for store in stores}
    expected = Counter(line.store_id for line in lines if line.expected)
    found = Counter(line.store_id for line in lines if line.expected and line.found_at is not None)
    counts = [ZoneCount(one, titles.get(one, "") if one else "", found[one], expected[one]) for one in expected]
    return sorted(counts, key=lambda one: (one.store_id is None, one.title))


@router.post("/stock-takes/{stock_take_id:uuid}/scan")
async def scan(
    page: AnyPage, work: Writing, keys: DeploymentKeys, stock_take_id: UUID, label: Annotated[str, Form()] = ""
) -> Response:
    """One label of a continuous scan, for the page's script: noted, and what it is."""
    try:
        code = str(read_label_text(label[:LONGEST_TEXT], keys.base_url, keys.label_key))
    except Malformed as unreadable:
        words = page.translate(unreadable.message, **unreadable.facts)
        return JSONResponse({"kind": "unreadable", "words": words})
    command = CountContainer(stock_take_id=stock_take_id, digital_code=code)
    line = await count_container(work.session, work.actor, command, at=work.at)
    kind = "unknown" if line.container_id is None else "found" if line.expected else "elsewhere"
    store = None if line.store_id is None else str(line.store_id)
    return JSONResponse({"kind": kind, "code": code, "store": store, "waste_code": line.waste_code or ""})


def _more(line: StockTakeLine) -> int:
    """Grams that were booked on top of what the books had, negative for less."""
    book_g = line.book_g or 0
    if line.outcome == CountOutcome.MISSING.value:
        return -book_g
    if line.outcome == CountOutcome.WEIGHED_DIFFERENT.value:
        return (line.gross_g or 0) - (line.tare_g or 0) - book_g
    return 0


@router.get("/stock-takes/{stock_take_id:uuid}")
async def take(page: AnyPage, work: Reading, stock_take_id: UUID) -> Response:  # noqa: ARG001  read by the form
    """A count that goes on, or the report of one that is over."""
    return await ask_count(page, work, Filled.of({"scale_id": page.request.query_params.get("scale_id", "")}))


@router.post("/stock-takes/{stock_take_id:uuid}")
@asked_again(ask_count)
async def count(
    page: AnyPage, work: Writing, keys: DeploymentKeys, stock_take_id: UUID, form: Annotated[CountForm, Form()]
) -> Response:
    """Write down that a container was found, and what it weighs if the field is filled."""
    if not form.label.strip():
        refuse_one("label", "label_missing", "Scan the label first.")
    form = await read_off(work.session, form)
    command = CountContainer(
        stock_take_id=stock_take_id,
        digital_code=str(read_label_text(form.label[:LONGEST_TEXT], keys.base_url, keys.label_key)),
        gross=form.gross,
        method=form.method,
        scale_id=form.scale_id or None,
        uncertainty=form.uncertainty,
        reading_id=form.reading_id,
    )
    with naming_fields():
        line = await count_container(work.session, work.actor, command, at=work.at)
    if line.container_id is None:
        return page.go(f"/stock-takes/{stock_take_id}", message("Noted: no container of yours bears this code."))
    done = message("Noted: {code} is here.")
    return page.go(f"/stock-takes/{stock_take_id}", done, code=line.digital_code[26:])


@router.post("/stock-takes/{stock_take_id:uuid}/finish")
@asked_again(ask_count)
async def finish(page: AnyPage, work: Writing, stock_take_id: UUID) -> Response:
    """Book what the count found."""
    command = EndStockTake(stock_take_id=stock_take_id)
    await finish_stock_take(work.session, work.actor, command, at=work.at)
    return page.go(f"/stock-takes/{stock_take_id}", message("The stock-take is finished and booked."))


@router.post("/stock-takes/{stock_take_id:uuid}/drop")
@asked_again(ask_count)
async def drop(page: AnyPage, work: Writing, stock_take_id: UUID) -> Response:
    """Give a count up."""
    command = EndStockTake(stock_take_id=stock_take_id)
    await drop_stock_take(work.session, work.actor, command, at=work.at)
    return page.go(f"/stock-takes/{stock_take_id}", message("The stock-take is dropped; nothing was booked."))
