"""Pages of what is held ready for an epidemic: facilities that help, who is called under an order, supplies."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import message
from wastetrack.medical import designating, reserves, stocking
from wastetrack.medical.emergencies import emergency_of
from wastetrack.medical.reserve_model import (
    AddSupply,
    CallHelper,
    Designate,
    HelperKind,
    MoveSupply,
    StockMove,
    SupplyKind,
)
from wastetrack.parties import queries as parties
from wastetrack.reports.oversight_figures import choosable, name_of
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import ChosenOrNone, DayOrNone, LocalInstant, NumberOrNone, Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute)

_TONNES = {"daily_g": "daily"}


class HelperForm(BaseModel):
    """A facility for the list."""

    region_code: Line
    kind: HelperKind
    site_id: ChosenOrNone = None
    name: Line = ""
    address: Line = ""
    longitude: NumberOrNone = None
    latitude: NumberOrNone = None
    daily: Tonnes
    lead_hours: int
    agreement_number: Line
    agreement_from: Day
    agreement_to: Day
    contact_name: Line = ""
    contact_phone: Line = ""
    rules: Prose = ""


class CallForm(BaseModel):
    """Who is called, from when; no time means now."""

    helper_id: UUID
    daily: Tonnes
    from_at: LocalInstant = None


class SupplyForm(BaseModel):
    """What is to be held."""

    kind: SupplyKind
    name: Line = ""
    unit: Line = ""
    place: Line = ""
    minimum: int
    site_id: ChosenOrNone = None


class MoveForm(BaseModel):
    """What came, went or was counted."""

    kind: StockMove
    quantity: int
    happened_on: Day
    expires_on: DayOrNone = None
    note: Prose = ""


async def ask_helpers(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The list, the prefectures of an authority, and its form."""
    home, today = reserves.home_of(work.actor), legal_day(work.at)
    listed = await reserves.helpers(work.session, region=home)
    may_list = bool(may(work.actor, Verb.DECLARE_EMERGENCY))
    catalogue = await snapshot(work.session)
    return page.show(
        "medical/helpers.html",
        filled=filled,
        helpers=listed,
        regions={one.region_code: catalogue.region_name(one.region_code.ljust(6, "0")) for one in listed},
        prefectures=reserves.prefectures(catalogue, home, listed, today) if home else [],
        least=jurisdiction().emergency_helpers_per_prefecture.value,
        kinds=HelperKind,
        may_list=may_list,
        sites=[(one.id, one.name) for one in await reserves.plant_sites(work.session, home)] if may_list else [],
        home=home,
        # A facility stands ready for a prefecture or a county.
        choosable=[one for one in choosable(catalogue, work.actor) if len(one[0]) > len("37")] if may_list else [],
        today=today,
    )


@router.get("/helpers")
async def helpers(page: AnyPage, work: Reading) -> Response:
    """Who stands ready, and which prefecture has nobody."""
    return await ask_helpers(page, work, EMPTY)


@router.post("/helpers")
@asked_again(ask_helpers)
async def designate(page: AnyPage, work: Writing, form: Annotated[HelperForm, Form()]) -> Response:
    """Put a facility on the list."""
    with naming_fields(_TONNES):
        await designating.designate(work.session, work.actor, Designate(**dict(form)), at=work.at)
    return page.go("/medical/helpers", message("The facility is on the list."))


@router.post("/helpers/{helper_id:uuid}/ending")
@asked_again(ask_helpers)
async def strike_off(page: AnyPage, work: Writing, helper_id: UUID) -> Response:
    """Take it off."""
    await designating.strike_off(work.session, work.actor, helper_id, at=work.at)
    return page.go("/medical/helpers", message("The facility is off the list."))


async def ask_call(page: Page, work: ReadWork, filled: Filled) -> Response:
    """An emergency, who is called under it, and the form of whoever may call."""
    row = await emergency_of(work.session, page.request.path_params["emergency_id"])
    calls = await reserves.calls_under(work.session, row, at=work.at)
    busy = {one.helper_id for one in calls if one.ended_at is None}
    mine = row.region_code.startswith(reserves.home_of(work.actor))
    may_call = bool(may(work.actor, Verb.DECLARE_EMERGENCY)) and mine and not row.is_over(work.at)
    ready = await reserves.helpers(work.session, region=row.region_code) if may_call else []
    return page.show(
        "medical/emergency.html",
        filled=filled,
        emergency=row,
        named=partial(name_of, await snapshot(work.session)),
        calls=calls,
        over=row.is_over(work.at),
        may_call=may_call,
        ready=[one for one in ready if one.id not in busy],
        kinds=HelperKind,
        now=work.at,
    )


@router.get("/emergencies/{emergency_id:uuid}")
async def emergency(page: AnyPage, work: Reading, emergency_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One order."""
    return await ask_call(page, work, EMPTY)


@router.post("/emergencies/{emergency_id:uuid}/calls")
@asked_again(ask_call)
async def call(page: AnyPage, work: Writing, emergency_id: UUID, form: Annotated[CallForm, Form()]) -> Response:
    """Call a facility."""
    from_at = form.from_at or work.at
    command = CallHelper(emergency_id=emergency_id, helper_id=form.helper_id, daily=form.daily, from_at=from_at)
    with naming_fields(_TONNES):
        await designating.call_helper(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/emergencies/{emergency_id}", message("The facility is called."))


@router.post("/emergencies/{emergency_id:uuid}/calls/{call_id:uuid}/ending")
@asked_again(ask_call)
async def let_go(page: AnyPage, work: Writing, emergency_id: UUID, call_id: UUID) -> Response:
    """Let it go."""
    await designating.let_go(work.session, work.actor, call_id, at=work.at)
    return page.go(f"/medical/emergencies/{emergency_id}", message("The facility was let go."))


def _may_hold(work: ReadWork) -> bool:
    verb = Verb.DECLARE_EMERGENCY if work.actor.is_regulator else Verb.MANAGE_ORGANISATION
    return bool(may(work.actor, verb))


async def ask_supplies(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What is held, what is short, what runs out; and the form."""
    may_hold = _may_hold(work)
    firm = may_hold and not work.actor.is_regulator
    return page.show(
        "medical/supplies.html",
        filled=filled,
        supplies=await reserves.supplies(work.session, work.actor, at=work.at),
        kinds=SupplyKind,
        may_hold=may_hold,
        sites=await parties.sites_of(work.session, work.actor.organisation_id) if firm else (),
    )


@router.get("/supplies")
async def supplies(page: AnyPage, work: Reading) -> Response:
    """The reserve."""
    return await ask_supplies(page, work, EMPTY)


@router.post("/supplies")
@asked_again(ask_supplies)
async def add(page: AnyPage, work: Writing, form: Annotated[SupplyForm, Form()]) -> Response:
    """Hold something ready."""
    row, _ = await stocking.add_supply(work.session, work.actor, AddSupply(**form.model_dump()), at=work.at)
    return page.go(f"/medical/supplies/{row.id}", message("It is in the reserve. Enter what is there."))


async def ask_move(page: Page, work: ReadWork, filled: Filled) -> Response:
    """One supply with its lots and lines, and the form of its holder."""
    wanted = page.request.path_params["supply_id"]
    found = await reserves.supply(work.session, work.actor, wanted, at=work.at)
    own = found.organisation_id == work.actor.organisation_id and found.ended_at is None
    verb = Verb.DECLARE_EMERGENCY if work.actor.is_regulator else Verb.STORE
    return page.show(
        "medical/supply.html",
        filled=filled,
        supply=found,
        moves=await reserves.moves_of(work.session, found.id),
        move_kinds=StockMove,
        may_move=own and bool(may(work.actor, verb)),
        today=legal_day(work.at),
    )


@router.get("/supplies/{supply_id:uuid}")
async def supply(page: AnyPage, work: Reading, supply_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One of them."""
    return await ask_move(page, work, EMPTY)


@router.post("/supplies/{supply_id:uuid}/moves")
@asked_again(ask_move)
async def move(page: AnyPage, work: Writing, supply_id: UUID, form: Annotated[MoveForm, Form()]) -> Response:
    """Note what came, went or was counted."""
    command = MoveSupply(supply_id=supply_id, **form.model_dump())
    await stocking.move_supply(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/supplies/{supply_id}", message("Noted."))


@router.post("/supplies/{supply_id:uuid}/ending")
@asked_again(ask_move)
async def end(page: AnyPage, work: Writing, supply_id: UUID) -> Response:
    """Hold it ready no more."""
    await stocking.end_supply(work.session, work.actor, supply_id, at=work.at)
    return page.go("/medical/supplies", message("It is held ready no more."))
