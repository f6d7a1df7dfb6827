"""The driver's day on a telephone: the stops in their order with a map, the papers of vehicle and driver."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.model import Actor, Role
from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.collections.model import OrderStops, Stop, StopKind
from wastetrack.collections.ordering import order_stops
from wastetrack.i18n import message
from wastetrack.manifests import queries as manifests
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind
from wastetrack.reports.duties import duties_of
from wastetrack.reports.run import RunStop, stops_of_day
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/run", route_class=AnsweringRoute)

VERBS = {
    StopKind.LOAD: message("Pick up"),
    StopKind.HAND_OVER: message("Take over"),
    StopKind.CALL: message("Collect what was called for"),
    StopKind.CARD: message("Fetch medical waste"),
    StopKind.DELIVERY: message("Deliver"),
}
_COLOURS = {
    StopKind.LOAD: "info",
    StopKind.HAND_OVER: "info",
    StopKind.CALL: "warn",
    StopKind.CARD: "info",
    StopKind.DELIVERY: "plain",
}


_SOON = timedelta(days=60)
"""Before the end of a paper from which the driver is told at the top of the day."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that expires: what it is, whose or which, its last day."""

    kind: str
    name: str
    valid_to: date
    is_plate: bool = False


class MoveForm(BaseModel):
    """A stop one place up or down; the page sends the order that it shows."""

    order: list[Line] = []
    stop: Line
    way: Literal["up", "down"]
    plate: Line = ""

    def stops(self) -> tuple[Stop, ...]:
        """The order as it is wanted. What is no stop is left out."""
        found = [stop for stop in (_stop(key) for key in self.order) if stop is not None]
        moved = _stop(self.stop)
        if moved in found:
            place = found.index(moved)
            other = place - 1 if self.way == "up" else place + 1
            if 0 <= other < len(found):
                found[place], found[other] = found[other], found[place]
        return tuple(found)


def _stop(key: str) -> Stop | None:
    kind, _, subject = key.partition(".")
    try:
        return Stop(kind=StopKind(kind), subject_id=UUID(subject))
    except ValueError:
        return None


async def has_run(work: ReadWork) -> bool:
    """Whether this person's day is a run: a driver's, or that of whoever carries for a firm that does nothing else."""
    actor = work.actor
    if actor.role is Role.DRIVER:
        return True
    if actor.is_regulator or actor.role is Role.OPERATOR or not may(actor, Verb.CARRY):
        return False
    firm = await parties.organisation(work.session, actor.organisation_id)
    return firm.kinds == frozenset({OrganisationKind.TRANSPORTER})


async def show_run(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The day."""
    demand(work.actor, Verb.CARRY)
    day = legal_day(work.at)
    stops = await stops_of_day(work.session, work.actor, day)
    plates = sorted({stop.plate for stop in stops if stop.plate})
    plate = page.request.query_params.get("plate", "")
    shown = [stop for stop in stops if plate not in plates or stop.plate in {"", plate}]
    today = [stop for stop in shown if stop.planned_on <= day or stop.kind is StopKind.DELIVERY]
    return page.show(
        "run/run.html",
        filled=filled,
        day=day,
        now=work.at,
        stops=today,
        later=[stop for stop in shown if stop not in today],
        plates=plates,
        plate=plate if plate in plates else "",
        verbs=VERBS,
        colours=_COLOURS,
        points=_points(page, today),
        ready=len([stop for stop in today if stop.kind is StopKind.LOAD and stop.trip_id is None]),
        trips={stop.trip_id for stop in today if stop.trip_id is not None},
        duties=await duties_of(work.session, work.actor, at=work.at),
        corrections=[
            (one, of)
            for one, of in await manifests.corrections_open_for(work.session, work.actor)
            if one.answerer_id == work.actor.organisation_id
        ],
        may_file=bool(may(work.actor, Verb.FILE)),
        **await _papers(work, work.actor),
    )


def _points(page: Page, stops: Sequence[RunStop]) -> list[dict[str, Any]]:
    return [
        {
            "lat": stop.latitude,
            "lon": stop.longitude,
            "words": f"{place}. {stop.firm} · {page.translate(VERBS[stop.kind])}",
            "kind": _COLOURS[stop.kind],
            "address": stop.address,
        }
        for place, stop in enumerate(stops, 1)
    ]


async def _papers(work: ReadWork, actor: Actor) -> dict[str, Any]:
    """What expires: licences of vehicles, certificates of drivers, the firm's transport licence. What is over, or soon
    is, comes apart from the rest."""
    own = actor.organisation_id
    papers = [
        *(
            Paper(message("Transport licence"), one.number, one.valid_to)
            for one in (await parties.transport_licences_of(work.session, own))[:1]
        ),
        *(
            Paper(message("Vehicle licence"), one.plate, one.licence_valid_to, is_plate=True)
            for one in await parties.vehicles_of(work.session, actor, own)
        ),
        *(
            Paper(message("Certificate"), one.name, one.certificate_valid_to)
            for one in await parties.drivers_of(work.session, actor, own)
        ),
    ]
    soon = legal_day(work.at) + _SOON
    papers.sort(key=lambda one: one.valid_to)
    return {
        "ending": [one for one in papers if one.valid_to <= soon],
        "papers": [one for one in papers if one.valid_to > soon],
    }


@router.get("")
async def run(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await show_run(page, work, EMPTY)


@router.post("/order")
@asked_again(show_run)
async def move(page: AnyPage, work: Writing, form: Annotated[MoveForm, Form()]) -> Response:
    """Move a stop one place."""
    command = OrderStops(day=legal_day(work.at), stops=form.stops())
    await order_stops(work.session, work.actor, command, at=work.at)
    here = f"/run?plate={form.plate}" if form.plate else "/run"
    return page.go(f"{here}#{form.stop}", message("The order is changed."))
