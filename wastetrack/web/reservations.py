"""Pages of reservations: those for one's own firm, those with it, one of them; giving up and declining."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.containers.bases import TransferBasis
from wastetrack.i18n import message
from wastetrack.manifests import reservation_queries, setting_aside
from wastetrack.manifests.reservation_queries import Reservation
from wastetrack.manifests.reservations import EndReservation, ReservationState
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_reservations import RESERVATION_BADGES, RESERVATIONS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/reservations", route_class=AnsweringRoute)

_FEN = 100


class Wanted(Asked):
    """What is listed."""

    state: ReservationState | None = None
    waste_code: str = Field("", max_length=20)


class ReasonForm(BaseModel):
    """Why it ends."""

    reason: Prose = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A reservation as the list shows it."""

    row: Reservation
    state: ReservationState
    net: Mass
    used: Mass
    shipper: str
    receiver: str

    @property
    def yuan_per_t(self) -> str | None:
        """The price that was published when it was reserved."""
        return yuan(self.row.fen_per_t)


def yuan(fen: int | None) -> str | None:
    """Fen as people read them: `1,200.00`."""
    return None if fen is None else f"{fen / _FEN:,.2f}"


@router.get("")
async def reservations(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Those that one sees, what is still held first."""
    view = await RESERVATIONS.view(page, work, wanted)
    found = await reservation_queries.reservations(
        work.session, work.actor, view.window, state=wanted.state, waste_code=wanted.waste_code.strip()
    )
    firms = await parties.organisations_by_id(
        work.session, {side for row in found for side in (row.organisation_id, row.receiver_id)}
    )
    rows = [
        Listed(
            row,
            ReservationState(row.state),
            Mass(row.net_g),
            Mass(row.used_g),
            firms[row.organisation_id].name,
            firms[row.receiver_id].name,
        )
        for row in found
    ]
    may_file = bool(may(work.actor, Verb.FILE))
    return await view.answer("capacity/reservations.html", rows, may_file=may_file)


async def show_one(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A reservation, what manifests took of it, and what one may do."""
    row = await reservation_queries.reservation(work.session, work.actor, page.request.path_params["reservation_id"])
    state = ReservationState(row.state)
    if state is ReservationState.HELD and row.until <= work.at:
        state = ReservationState.LAPSED  # the job comes by in a minute
    is_held, files = state is ReservationState.HELD, bool(may(work.actor, Verb.FILE))
    is_mine, is_ours = (work.actor.organisation_id == one for one in (row.organisation_id, row.receiver_id))
    return page.show(
        "capacity/reservation.html",
        filled=filled,
        reservation=row,
        state=state,
        basis=TransferBasis(row.basis),
        badge=RESERVATION_BADGES.get(state, "plain"),
        price=yuan(row.fen_per_t),
        firms=await parties.organisations_by_id(work.session, (row.organisation_id, row.receiver_id)),
        sites=await parties.sites_by_id(work.session, (row.site_id, row.receiver_site_id)),
        uses=await reservation_queries.uses_of(work.session, row.id),
        is_mine=is_mine,
        may_file=is_held and is_mine and files,
        may_decline=is_held and is_ours and files,
    )


@router.get("/{reservation_id:uuid}")
async def one(page: AnyPage, work: Reading, reservation_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One reservation."""
    return await show_one(page, work, EMPTY)


@router.post("/{reservation_id:uuid}/give-up")
@asked_again(show_one)
async def give_up(page: AnyPage, work: Writing, reservation_id: UUID, form: Annotated[ReasonForm, Form()]) -> Response:
    """Need it no more."""
    command = EndReservation(reservation_id=reservation_id, reason=form.reason)
    await setting_aside.give_up(work.session, work.actor, command, at=work.at)
    return page.go(f"/reservations/{reservation_id}", message("Given up. The quantity is everybody's again."))


@router.post("/{reservation_id:uuid}/decline")
@asked_again(show_one)
async def decline(page: AnyPage, work: Writing, reservation_id: UUID, form: Annotated[ReasonForm, Form()]) -> Response:
    """Do not keep it."""
    command = EndReservation(reservation_id=reservation_id, reason=form.reason)
    await setting_aside.decline(work.session, work.actor, command, at=work.at)
    return page.go(f"/reservations/{reservation_id}", message("Declined. The generator reads why."))
