"""Pages of the scales of an organisation: which there are, entering, verifying anew and ending one; what it says."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.scales import queries
from wastetrack.scales.model import (
    FRESH,
    AccuracyClass,
    AddScale,
    ChangeScale,
    ScaleKind,
    ScaleUnit,
    uncertainty_of,
    verification,
)
from wastetrack.scales.registering import add_scale, change_scale, end_scale
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.custody_fields import kilograms, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.scale_fields import scale_now, weights_at

router = RoomRouter(prefix="/scales", route_class=AnsweringRoute)

_NAMES = {"uncertainty_g": "uncertainty", "division_g": "division"}


class DetailsForm(BaseModel):
    """What is said of a scale."""

    name: Line = ""
    kind: ScaleKind = ScaleKind.PLATFORM
    unit: ScaleUnit = ScaleUnit.KILOGRAM
    accuracy: AccuracyClass = AccuracyClass.MEDIUM
    verified_on: Day
    verified_until: Day
    uncertainty: Kilograms | None = None
    division: Kilograms | None = None


class ScaleForm(DetailsForm):
    """A scale to enter."""

    site_id: UUID
    serial: Line = ""


def _told(form: DetailsForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in DetailsForm.model_fields}


_CHOICES: dict[str, Any] = {
    "kinds": ScaleKind,
    "units": [(one.value, one.value) for one in ScaleUnit],
    "classes": AccuracyClass,
}


@router.get("")
async def scales(page: AnyPage, work: Reading) -> Response:
    """The scales by site, with their verification and what each said last."""
    ended = [one for one in await queries.scales(work.session, work.actor, ended=True) if one.ended_at is not None]
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    return page.show(
        "scales/scales.html",
        now_of=await weights_at(work),
        ended=ended,
        sites={site.id: site for site in sites},
        kinds=ScaleKind,
        may_enter=bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
    )


async def ask_scale(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that enters a scale."""
    demand(work.actor, Verb.MANAGE_ORGANISATION)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    return page.show("scales/form.html", filled=filled, scale=None, sites=sites, **_CHOICES)


offer(router, "/new", ask_scale)


@router.post("/new")
@asked_again(ask_scale)
async def enter(page: AnyPage, work: Writing, form: Annotated[ScaleForm, Form()]) -> Response:
    """Enter a scale."""
    with naming_fields(_NAMES):
        row = await add_scale(
            work.session, work.actor, AddScale(site_id=form.site_id, serial=form.serial, **_told(form)), at=work.at
        )
    return page.go(f"/scales/{row.id}", message("The scale is entered; it may push its readings now."))


@router.get("/{scale_id:uuid}")
async def scale(page: AnyPage, work: Reading, scale_id: UUID) -> Response:
    """One scale: its verification, what it said last, how it is connected."""
    found = await queries.scale(work.session, work.actor, scale_id)
    said = await queries.newest(work.session, (scale_id,), since=work.at - FRESH)
    return page.show(
        "scales/scale.html",
        now=scale_now(found, said.get(scale_id), work.at),
        site=await parties.site(work.session, found.site_id),
        kind=ScaleKind(found.kind),
        accuracy=AccuracyClass(found.accuracy),
        uncertainty_g=uncertainty_of(found.uncertainty_g, found.division_g),
        base_url=str(page.request.base_url).rstrip("/"),
        may_enter=bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
    )


@router.get("/{scale_id:uuid}/reading")
async def reading(work: Reading, scale_id: UUID) -> Response:
    """What it said last, for the script beside a weight field (static/scales.js)."""
    found = await queries.scale(work.session, work.actor, scale_id)
    said = (await queries.newest(work.session, (scale_id,), since=work.at - FRESH)).get(scale_id)
    told: dict[str, Any] = {
        "verification": verification(found.verified_on, found.verified_until, legal_day(work.at)).value
    }
    if said is not None:
        told |= {
            "id": str(said.id),
            "kg": kilograms(said.gross.grams),
            "stable": said.stable,
            "used": said.used_for is not None,
            "age_s": max(0, int((work.at - said.weighed_at).total_seconds())),
        }
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a scale with what is said of it now."""
    demand(work.actor, Verb.MANAGE_ORGANISATION)
    found = await queries.scale(work.session, work.actor, page.request.path_params["scale_id"])
    if filled is EMPTY:
        kept = {name: getattr(found, name) for name in DetailsForm.model_fields if hasattr(found, name)}
        masses = {"uncertainty": kilograms(found.uncertainty_g), "division": kilograms(found.division_g)}
        filled = Filled.of(kept | masses)
    return page.show("scales/form.html", filled=filled, scale=found, sites=(), **_CHOICES)


offer(router, "/{scale_id:uuid}/change", ask_change)


@router.post("/{scale_id:uuid}/change")
@asked_again(ask_change)
async def change(page: AnyPage, work: Writing, scale_id: UUID, form: Annotated[DetailsForm, Form()]) -> Response:
    """It was verified anew, or is called otherwise."""
    with naming_fields(_NAMES):
        await change_scale(work.session, work.actor, ChangeScale(scale_id=scale_id, **_told(form)))
    return page.go(f"/scales/{scale_id}", message("The scale is changed."))


@router.post("/{scale_id:uuid}/end")
@asked_again(ask_change)
async def end(page: AnyPage, work: Writing, scale_id: UUID) -> Response:
    """The scale is gone."""
    await end_scale(work.session, work.actor, scale_id, at=work.at)
    return page.go("/scales", message("The scale is ended. What it said stays."))
