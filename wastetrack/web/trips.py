"""Pages of milk runs: plan one, drive from stop to stop, end it in one act."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.errors import Broken, refuse
from wastetrack.i18n import message
from wastetrack.manifests import journey_queries, planning_trips
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.journey_model import PlanTrip, TripState
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState, SignedStep
from wastetrack.reports import trips as reading
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.catalogues import today
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class TripForm(BaseModel):
    """Which manifests, in which order: each has a field for the number of its stop; an empty one stays behind."""

    plate: Line
    day: Day
    manifest_ids: list[UUID] = []
    stops: list[Line] = []

    def in_order(self) -> tuple[UUID, ...]:
        """The manifests by the numbers of their stops. Raises RuleBroken for what is no number."""
        told = [(stop, one) for stop, one in zip(self.stops, self.manifest_ids, strict=False) if stop]
        refuse(
            Broken("stops", "stop_unreadable", message("“{value}” is not the number of a stop."), stop)
            for stop, _ in told
            if not (stop.isascii() and stop.isdigit())
        )
        return tuple(one for _, one in sorted(told, key=lambda pair: int(pair[0])))


async def ask_trip(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a trip."""
    demand(work.actor, Verb.CARRY)
    found = await reading.ready(work.session, work.actor)
    typed = dict(zip(filled.values.get("manifest_ids", ()), filled.values.get("stops", ()), strict=False))
    return page.show(
        "journeys/trip_form.html",
        filled=filled,
        found=found,
        typed=typed,
        plates=list(dict.fromkeys(one["plate"] for one in found)),
        day=today(page.request, work),
    )


offer(router, "/trips/new", ask_trip)


@router.post("/trips/new")
@asked_again(ask_trip)
async def plan(page: AnyPage, work: Writing, form: Annotated[TripForm, Form()]) -> Response:
    """Tie them together."""
    manifest_ids = form.in_order()
    command = PlanTrip(trip_id=key_of(page.request), plate=form.plate, day=form.day, manifest_ids=manifest_ids)
    with naming_fields({"manifest_ids": "stops", "vehicle": "plate", "carrier": "plate", "driver": "plate"}):
        trip, _ = await planning_trips.plan_trip(work.session, work.actor, command, at=work.at)
    return page.go(f"/trips/{trip.id}", message("The trip is planned. Pick up at each stop."))


async def show_trip(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A trip, stop by stop."""
    row = await journey_queries.trip(work.session, work.actor, page.request.path_params["trip_id"])
    told = await reading.whole_trip(work.session, row.id)
    for stop in told["stops"]:
        stop["state"] = ManifestState(stop["state"])
    states = [stop["state"] for stop in told["stops"]]
    actor = work.actor
    is_carrier, is_receiver = row.carrier_id == actor.organisation_id, row.receiver_id == actor.organisation_id
    aboard = [stop for stop in told["stops"] if stop["state"] in ON_THE_ROAD]
    carries = (is_carrier and bool(may(actor, Verb.CARRY))) or (is_receiver and bool(may(actor, Verb.SCAN)))
    at_gate = [stop for stop in told["stops"] if stop["state"] is ManifestState.ARRIVED]
    return page.show(
        "journeys/trip.html",
        filled=filled,
        trip=row,
        state=TripState(row.state),
        states=ManifestState,
        told=told,
        aboard_g=sum(stop["gross_g"] for stop in aboard),
        may_arrive=bool(aboard) and ManifestState.FILED not in states and carries,
        may_pick_up=is_carrier and bool(may(actor, Verb.CARRY)),
        may_scan=is_receiver and bool(may(actor, Verb.SCAN)),
        may_close=bool(at_gate) and is_receiver and bool(may(actor, Verb.RECEIVE)),
        ready=all(not stop["undecided"] and not stop["differs"] for stop in at_gate),
    )


@router.get("/trips/{trip_id:uuid}")
async def trip(page: AnyPage, work: Reading, trip_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The page."""
    return await show_trip(page, work, EMPTY)


@router.post("/trips/{trip_id:uuid}/arrival")
@asked_again(show_trip)
async def arrive(page: AnyPage, work: Writing, trip_id: UUID) -> Response:
    """On to the words of the arrival of all."""
    return await read_first(page, work, Asked(step=SignedStep.TRIP_ARRIVAL, subject_id=trip_id))


@router.post("/trips/{trip_id:uuid}/closing")
@asked_again(show_trip)
async def close(page: AnyPage, work: Writing, trip_id: UUID) -> Response:
    """On to the words by which all are received and confirmed."""
    return await read_first(page, work, Asked(step=SignedStep.TRIP_CLOSING, subject_id=trip_id))
