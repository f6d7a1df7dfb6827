"""Who can take a waste on a day, and what is set aside with them, as programs ask it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.capacity import offering
from wastetrack.capacity.offering import Offered, OfferOrder, Sought
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.recording import Recorded
from wastetrack.db.windows import Window
from wastetrack.errors import Broken
from wastetrack.manifests import reservation_queries, setting_aside
from wastetrack.manifests.reservation_queries import Reservation
from wastetrack.manifests.reservations import EndReservation, ReservationState, ReserveQuantity
from wastetrack.mass import Mass
from wastetrack.serving.deps import Reading, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["reservations"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_RESERVATION: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000002",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000006",
    "waste_code": "900-249-08",
    "method": "D10",
    "mass_g": 4_000_000,
    "planned_on": "2026-03-05",
}


class Wanting(BaseModel):
    """A waste that wants a receiver."""

    site_id: UUID
    waste_code: Line = Field(examples=["900-249-08"])
    mass_g: int = Field(ge=1, le=10**13)
    on: Day | None = Field(None, description="The day of the transfer; without it, today")
    method: Line = Field("", description="Without it, any that a permit allows")
    order: OfferOrder = OfferOrder.DISTANCE


class ReasonShown(Shown):
    """Why not."""

    code: str
    sentence: str
    article: str | None
    next_step: str


class ExemptionShown(Shown):
    """An entry of the exemption list, in the words of the list."""

    item: int
    waste: str
    stage: str
    condition: str


class OfferedShown(Shown):
    """A receiver, and what it has for this waste on that day."""

    site_id: UUID
    site: str
    organisation_id: UUID
    organisation: str
    region_code: str
    km: int
    by_road: bool
    """Whether `km` stands in a matrix of roads that an authority uploaded; else it is a great circle times 1.3."""
    is_across: bool
    method: str
    basis: TransferBasis
    """On what ground: its permit, an approval point to point, or the exemption list with the filed plan."""
    approval_number: str | None
    """Of the approval point to point, where that is the ground."""
    exemption: ExemptionShown | None
    """The entry of the exemption list, where that is the ground."""
    yearly_g: int | None
    free_g: int | None
    storage_g: int | None
    day_free_g: int | None
    fen_per_t: int | None
    has_contract: bool
    can_reserve: bool
    hold_days: int | None
    note: str
    reasons: list[ReasonShown]
    """Why it cannot take it, or why nothing can be set aside with it."""


class RankedShown(Shown):
    """Those that can take it, the best first; those that cannot, the nearest first."""

    possible: list[OfferedShown]
    excluded: list[OfferedShown]


class NewReservation(Body):
    """So much of a waste, to be kept for a day."""

    site_id: UUID
    receiver_site_id: UUID
    waste_code: Line
    method: Line
    mass_g: Grams
    planned_on: Day
    remarks: Prose = ""


class Ending(Body):
    """Why it ends."""

    reason: Prose


class ReservationShown(Shown):
    """A reservation, and how far it is."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    receiver_id: UUID
    receiver_site_id: UUID
    basis: TransferBasis
    """On what ground the receiver takes it."""
    permit_item_id: UUID | None
    """None where the receiver needs no permit."""
    year: int
    waste_code: str
    method: str
    net_g: int
    used_g: int
    left_g: int
    fen_per_t: int | None
    state: ReservationState
    planned_on: date
    until: datetime
    remarks: str
    reserved_at: datetime
    ended_at: datetime | None
    end_reason: str


class ReservationList(Shown):
    """Those that are still held first, the soonest end before the rest."""

    items: list[ReservationShown]


class ReservationRecorded(Shown):
    """The reservation, and the event."""

    reservation: ReservationShown
    log: LogEntry


def _reasons(broken: tuple[Broken, ...]) -> list[ReasonShown]:
    return [
        ReasonShown(code=one.code, sentence=one.sentence(), article=one.article, next_step=one.next_step)
        for one in broken
    ]


def _offered(one: Offered) -> OfferedShown:
    left = one.day.left if one.day is not None else None
    entry = one.without.entry if one.without is not None else None
    return OfferedShown(
        site_id=one.site_id,
        site=one.site,
        organisation_id=one.firm_id,
        organisation=one.firm,
        region_code=one.region_code,
        km=one.km,
        by_road=one.by_road,
        is_across=one.is_across,
        method=one.method,
        basis=one.basis,
        approval_number=one.without.number or None if one.without is not None else None,
        exemption=None if entry is None else ExemptionShown.model_validate(entry),
        yearly_g=None if one.yearly is None else one.yearly.grams,
        free_g=None if one.free is None else one.free.grams,
        storage_g=None if one.storage is None else one.storage.grams,
        day_free_g=None if left is None else left.grams,
        fen_per_t=one.fen_per_t,
        has_contract=one.has_contract,
        can_reserve=one.can_reserve,
        hold_days=one.terms.hold_days if one.terms is not None and one.terms.is_open else None,
        note=one.terms.note if one.terms is not None and one.terms.is_open else "",
        reasons=_reasons(one.broken or one.unreservable),
    )


def _recorded(done: tuple[Reservation, Recorded], keys: Keys, status: int = 200) -> Response:
    row, appended = done
    shown = ReservationShown.model_validate(row)
    return answer(ReservationRecorded(reservation=shown, log=log_entry(appended, keys)), status)


@router.get("/receiver-offers", response_model=RankedShown, responses=problems(403, 404, 422))
async def offers(work: Reading, asked: Annotated[Wanting, Query()]) -> Response:
    """The receivers near a site of one's own for a waste and day, ranked, and why the others cannot take it."""
    sought = Sought(
        site_id=asked.site_id,
        waste_code=asked.waste_code,
        mass=Mass(asked.mass_g),
        on=asked.on or legal_day(work.at),
        method=asked.method,
        order=asked.order,
    )
    found = await offering.offers(work.session, work.actor, sought, at=work.at)
    return answer(
        RankedShown(
            possible=[_offered(one) for one in found.possible], excluded=[_offered(one) for one in found.excluded]
        )
    )


@router.get("/reservations", response_model=ReservationList, responses=problems(422))
async def reservations(
    work: Reading,
    state: ReservationState | None = None,
    waste_code: Annotated[Line, Query(description="Part of the code")] = "",
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """The reservations of one's own firm, those made with it, or those of an authority's region."""
    rows = await reservation_queries.reservations(
        work.session, work.actor, Window(offset=offset), state=state, waste_code=waste_code
    )
    return answer(ReservationList(items=[ReservationShown.model_validate(row) for row in rows]))


@router.post("/reservations", status_code=201, response_model=ReservationRecorded, responses=_REFUSALS)
async def reserve(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewReservation, FromBody(examples=[_A_RESERVATION])]
) -> Response:
    """Have so much set aside until the manifest is filed or the hold lapses."""
    told = dict(body)
    command = ReserveQuantity(mass=Mass(told.pop("mass_g")), **told)
    done = await setting_aside.reserve(work.session, work.actor, command, at=work.at)
    return _recorded(done, keys, 201)


@router.get("/reservations/{reservation_id}", response_model=ReservationShown, responses=problems(404, 422))
async def one(work: Reading, reservation_id: UUID) -> Response:
    """One reservation."""
    row = await reservation_queries.reservation(work.session, work.actor, reservation_id)
    return answer(ReservationShown.model_validate(row))


@router.post("/reservations/{reservation_id}/withdrawal", response_model=ReservationRecorded, responses=_REFUSALS)
async def give_up(work: Writing, keys: DeploymentKeys, reservation_id: UUID, body: Ending) -> Response:
    """The generator needs it no more."""
    return _recorded(await setting_aside.give_up(*_ending(work, reservation_id, body), at=work.at), keys)


@router.post("/reservations/{reservation_id}/refusal", response_model=ReservationRecorded, responses=_REFUSALS)
async def decline(work: Writing, keys: DeploymentKeys, reservation_id: UUID, body: Ending) -> Response:
    """The receiver does not keep it."""
    return _recorded(await setting_aside.decline(*_ending(work, reservation_id, body), at=work.at), keys)


def _ending(work: WriteWork, reservation_id: UUID, body: Ending) -> tuple[Any, Any, EndReservation]:
    return work.session, work.actor, EndReservation(reservation_id=reservation_id, reason=body.reason)
