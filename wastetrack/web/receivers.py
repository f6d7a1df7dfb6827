"""Pages on which a generator finds who can take its waste on a day, and has quantity set aside."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.capacity import offering
from wastetrack.capacity.offering import OfferOrder, Ranked, Sought
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.errors import RuleBroken
from wastetrack.i18n import message
from wastetrack.manifests import setting_aside
from wastetrack.manifests.reservations import ReserveQuantity
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/receivers", route_class=AnsweringRoute)

SHOWN_EXCLUDED = 50
_UNPROCESSABLE = 422


class Wanted(Search):
    """What wants a receiver; empty before it is said."""

    site_id: UUID | None = None
    waste_code: Annotated[Line, Field(max_length=20)] = ""
    mass: Tonnes | None = None
    on: Day | None = None
    method: Annotated[Line, Field(max_length=4)] = ""
    order: OfferOrder = OfferOrder.DISTANCE

    def sought(self, site: Site, today: date) -> Sought | None:
        """As it is asked; None as long as waste or mass are not said."""
        if not self.waste_code or self.mass is None:
            return None
        return Sought(
            site_id=site.id,
            waste_code=self.waste_code,
            mass=self.mass,
            on=self.on or today,
            method=self.method,
            order=self.order,
        )


class ReserveForm(BaseModel):
    """One button beside a receiver; the rest is what was looked for."""

    site_id: UUID
    receiver_site_id: UUID
    waste_code: Line
    method: Line
    mass: Tonnes
    on: Day
    remarks: Prose = ""


async def _show(page: Page, work: ReadWork, wanted: Wanted, refused: Filled | None = None) -> Response:
    demand(work.actor, Verb.FILE)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    chosen = next((one for one in sites if one.id == wanted.site_id), sites[0] if sites else None)
    today = legal_day(work.at)
    filled, found = refused or Filled(), None
    sought = wanted.sought(chosen, today) if chosen is not None else None
    if sought is not None:
        filled, found = await _looked(work, sought, filled)
    if refused is None:
        filled = Filled.of(_typed(wanted, chosen, today)) if not filled.broken else filled
    lists = await snapshot(work.session)
    return page.show(
        "capacity/receivers.html",
        status=_UNPROCESSABLE if filled.broken else 200,
        filled=filled,
        sites=sites,
        site=chosen,
        sought=sought,
        found=found,
        excluded=found.excluded[:SHOWN_EXCLUDED] if found else (),
        more_excluded=max(0, len(found.excluded) - SHOWN_EXCLUDED) if found else 0,
        standing=await offering.standing(work.session, work.actor, chosen.id) if chosen else [],
        methods=lists.treatments_on(today),
        orders=OfferOrder,
        today=today,
    )


async def _looked(work: ReadWork, sought: Sought, filled: Filled) -> tuple[Filled, Ranked | None]:
    """The ranking; what is wrong with the question stands at its fields."""
    try:
        return filled, await offering.offers(work.session, work.actor, sought, at=work.at)
    except RuleBroken as refused:
        typed = {
            "site_id": sought.site_id,
            "waste_code": sought.waste_code,
            "mass": _tonnes(sought.mass),
            "on": sought.on.isoformat(),
            "method": sought.method,
            "order": sought.order.value,
        }
        values = Filled.of(typed).values
        return Filled(values, refused.broken, sent=frozenset(values)), None


def _typed(wanted: Wanted, site: Site | None, today: date) -> dict[str, object]:
    return {
        "site_id": site.id if site else None,
        "waste_code": wanted.waste_code,
        "mass": "" if wanted.mass is None else _tonnes(wanted.mass),
        "on": (wanted.on or today).isoformat(),
        "method": wanted.method,
        "order": wanted.order.value,
    }


def _tonnes(mass: Mass) -> str:
    return mass.tonne_text().removesuffix(" t").replace(",", "")


@router.get("")
async def receivers(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Who can take it, the best first; and why the others cannot."""
    return await _show(page, work, wanted)


async def ask_again(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The same list, with what was refused above it."""
    told: dict[str, Any] = {
        name: filled.value(name) for name in ("site_id", "waste_code", "mass", "on", "method") if filled.value(name)
    }
    try:
        wanted = Wanted.model_validate(told)
    except ValueError:  # it could not be read, and stands in the form with its reason
        wanted = Wanted()
    return await _show(page, work, wanted, filled)


@router.post("")
@asked_again(ask_again)
async def reserve(page: AnyPage, work: Writing, form: Annotated[ReserveForm, Form()]) -> Response:
    """Have it set aside."""
    told = dict(form)
    command = ReserveQuantity(planned_on=told.pop("on"), **told)
    row, _ = await setting_aside.reserve(work.session, work.actor, command, at=work.at)
    return page.go(
        f"/reservations/{row.id}", message("Set aside. File the manifest before the hold ends, or it lapses.")
    )
