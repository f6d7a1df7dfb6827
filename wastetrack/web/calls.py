"""Pages of calls for collection: what stands ready with one button each, the calls, one of them and its answer."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.collections import calling, queries
from wastetrack.collections.model import (
    OPEN,
    AcceptCall,
    CallCollection,
    CallState,
    CancelCall,
    DeclineCall,
    Offer,
)
from wastetrack.containers.clocks import Clock, ClockKind
from wastetrack.i18n import message
from wastetrack.manifests import journey_queries
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/calls", route_class=AnsweringRoute)

MOST = 200


class CallForm(BaseModel):
    """One button; the rest is filled in already."""

    site_id: UUID
    collector_id: UUID
    wanted_by: Day | None = None
    remarks: Prose = ""


class PlanForm(BaseModel):
    """When somebody comes, and who."""

    planned_on: Day
    carrier_id: UUID | None = None
    plate: Line = ""


class ReasonForm(BaseModel):
    """Why not."""

    reason: Prose = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A call as a list shows it."""

    row: queries.Call
    state: CallState
    wastes: list[queries.CalledWaste]
    clock: Clock | None
    is_mine: bool
    """Called by one's own firm."""


def clock_of(row: queries.Call) -> Clock | None:
    """The term that ran when it was called for, as a clock."""
    if row.due_on is None and row.due_at is None:
        return None
    return Clock(ClockKind.YEAR if row.due_at is None else ClockKind.MEDICAL_AT_SOURCE, "", row.due_on, row.due_at)


async def calls_told(work: ReadWork, rows: list[queries.Call]) -> list[Told]:
    """Rows with what they are about, in one statement."""
    wastes = await queries.wastes_of(work.session, [row.id for row in rows])
    own = work.actor.organisation_id
    return [
        Told(row, CallState(row.state), wastes.get(row.id, []), clock_of(row), row.organisation_id == own)
        for row in rows
    ]


async def names_of(work: ReadWork, rows: list[queries.Call]) -> dict[str, Any]:
    """The firms and sites of these calls, by id."""
    firms = {one for row in rows for one in (row.organisation_id, row.collector_id, row.carrier_id) if one}
    return {
        "firms": await parties.organisations_by_id(work.session, firms),
        "sites": await parties.sites_by_id(work.session, {row.site_id for row in rows}),
    }


async def show_calls(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What stands ready, and the calls one sees."""
    may_call = bool(may(work.actor, Verb.FILE)) and not work.actor.is_regulator
    ready: list[Offer] = await queries.offers(work.session, work.actor, at=work.at) if may_call else []
    rows = await queries.calls(work.session, work.actor, limit=MOST)
    told = await calls_told(work, rows)
    return page.show(
        "collections/calls.html",
        filled=filled,
        ready=ready,
        to_us=[one for one in told if not one.is_mine and one.state in OPEN],
        by_us=[one for one in told if one.is_mine and one.state in OPEN],
        over=[one for one in told if one.state not in OPEN],
        may_call=may_call,
        today=legal_day(work.at),
        now=work.at,
        **await names_of(work, rows),
    )


@router.get("")
async def calls(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await show_calls(page, work, EMPTY)


@router.post("")
@asked_again(show_calls)
async def call(page: AnyPage, work: Writing, form: Annotated[CallForm, Form()]) -> Response:
    """The one button."""
    command = CallCollection(**dict(form))
    row, _ = await calling.call_collection(work.session, work.actor, command, at=work.at)
    return page.go(f"/calls/{row.id}", message("Called. The collector sees it now, and answers with a day."))


async def show_call(page: Page, work: ReadWork, filled: Filled) -> Response:
    """One call, and what one may do about it."""
    row = await queries.call(work.session, work.actor, page.request.path_params["call_id"])
    (told,) = await calls_told(work, [row])
    is_open = told.state in OPEN
    answers = is_open and calling.may_answer(work.actor, row)
    named = await names_of(work, [row])
    choices = await _choices(work, row) if answers else {"carriers": [], "plates": []}
    if filled is EMPTY:
        filled = Filled.of(
            {"planned_on": row.planned_on or _proposed(row, legal_day(work.at)), **_chosen(row, choices)}
        )
    return page.show(
        "collections/call.html",
        filled=filled,
        call=told,
        site=named["sites"].get(row.site_id),
        firms=named["firms"],
        plate=await _plate(work, row),
        number=None if row.manifest_id is None else await _number(work, row.manifest_id),
        may_answer=answers,
        may_cancel=is_open and told.is_mine and bool(may(work.actor, Verb.FILE)),
        may_file=told.is_mine and told.state is CallState.ACCEPTED and bool(may(work.actor, Verb.FILE)),
        now=work.at,
        **choices,
    )


def _proposed(row: queries.Call, today: date) -> date:
    return max(today, row.wanted_by)


def _chosen(row: queries.Call, choices: dict[str, Any]) -> dict[str, object]:
    plates = dict(choices["plates"])
    return {"carrier_id": row.carrier_id or row.collector_id, "plate": plates.get(row.vehicle_id, "")}


async def _choices(work: ReadWork, row: queries.Call) -> dict[str, Any]:
    """Carriers for the collector to name, and the vehicles of one's own firm."""
    own = work.actor.organisation_id
    known = await queries.carriers_for(work.session, work.actor) if own == row.collector_id else []
    vehicles = await parties.vehicles_of(work.session, work.actor, own)
    return {
        "carriers": [one for one in known if one[0] != row.collector_id],
        "plates": [(one.id, one.plate) for one in vehicles],
    }


async def _plate(work: ReadWork, row: queries.Call) -> str:
    return "" if row.vehicle_id is None else await queries.plate_of(work.session, row.vehicle_id)


async def _number(work: ReadWork, manifest_id: UUID) -> str | None:
    return await journey_queries.number_seen(work.session, work.actor, manifest_id)


@router.get("/{call_id:uuid}")
async def one(page: AnyPage, work: Reading, call_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One call."""
    return await show_call(page, work, EMPTY)


@router.post("/{call_id:uuid}/plan")
@asked_again(show_call)
async def plan(page: AnyPage, work: Writing, call_id: UUID, form: Annotated[PlanForm, Form()]) -> Response:
    """Come on a day."""
    command = AcceptCall(call_id=call_id, **dict(form))
    await calling.accept_call(work.session, work.actor, command, at=work.at)
    return page.go(f"/calls/{call_id}", message("Planned. The source sees the day."))


@router.post("/{call_id:uuid}/decline")
@asked_again(show_call)
async def decline(page: AnyPage, work: Writing, call_id: UUID, form: Annotated[ReasonForm, Form()]) -> Response:
    """Do not come."""
    command = DeclineCall(call_id=call_id, reason=form.reason)
    await calling.decline_call(work.session, work.actor, command, at=work.at)
    return page.go("/calls", message("Declined. The source reads why."))


@router.post("/{call_id:uuid}/cancel")
@asked_again(show_call)
async def cancel(page: AnyPage, work: Writing, call_id: UUID, form: Annotated[ReasonForm, Form()]) -> Response:
    """Need nobody."""
    command = CancelCall(call_id=call_id, reason=form.reason)
    await calling.cancel_call(work.session, work.actor, command, at=work.at)
    return page.go("/calls", message("The call is taken back."))
