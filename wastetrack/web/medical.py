"""Medical waste: what waits where, and the ward's weighing page."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.model import ContainerState, Packaging, Weighing
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.packaging_rules import MAY_HOLD, MedicalClass
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import ZERO, Mass
from wastetrack.medical import card_queries, queries
from wastetrack.medical.emergencies import emergencies
from wastetrack.medical.model import (
    AddWard,
    CardState,
    ChangeWard,
    PackBag,
    WardKind,
)
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.queries import BagFilter
from wastetrack.medical.registering import add_scale_of_ward, add_ward, change_ward
from wastetrack.medical.weighing import newest_reading
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind
from wastetrack.reports.oversight_figures import name_of
from wastetrack.scales import queries as scale_queries
from wastetrack.scales.model import AccuracyClass, AddScale, ScaleUnit
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import BAGS
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute)

_USUAL_LITRES = 60
_ALLOWED = frozenset[Packaging]().union(*MAY_HOLD.values())
PACKAGINGS = (Packaging.BAG, *(one for one in Packaging if one in _ALLOWED and one is not Packaging.BAG))
"""What medical waste is put into; the bag, which is meant nearly always, first."""


class Wanted(Asked):
    """Which bags."""

    infectious: bool = False
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class ListedBag:
    """A bag as the list shows it."""

    bag: queries.Bag
    state: ContainerState


class WardForm(BaseModel):
    """A ward to be entered."""

    site_id: UUID
    code: Line
    name: Line
    kind: WardKind
    location: Line = ""


class WardChangeForm(BaseModel):
    """What a ward is from now on."""

    name: Line
    kind: WardKind
    location: Line = ""
    active: bool = False


class ScaleForm(BaseModel):
    """A scale to be entered."""

    name: Line
    serial: Line
    unit: ScaleUnit = ScaleUnit.KILOGRAM
    accuracy: AccuracyClass = AccuracyClass.MEDIUM
    verified_on: Day
    verified_until: Day
    uncertainty: Kilograms | None = None


class BagForm(BaseModel):
    """A bag that is closed. A reading of the scale is used where the box is ticked."""

    kind: MedicalClass
    packaging: Packaging
    volume_l: int
    filled_percent: int | None = None
    double_bag: bool = False
    highly_infectious: bool = False
    reading_id: UUID | None = None
    use_reading: bool = False
    gross: Kilograms | None = None
    tare: Kilograms = ZERO
    scale_id: Line = ""
    form: Matter = Matter.SOLID
    remarks: Prose = ""

    def command(self, ward_id: UUID) -> PackBag:
        """As the use case wants it."""
        from_scale = self.use_reading and self.reading_id is not None
        return PackBag(
            ward_id=ward_id,
            kind=self.kind,
            packaging=self.packaging,
            volume_l=self.volume_l,
            filled_percent=self.filled_percent,
            layers=2 if self.double_bag else 1,
            highly_infectious=self.highly_infectious,
            reading_id=self.reading_id if from_scale else None,
            tare=self.tare,
            weighing=None if from_scale or self.gross is None else self._typed(self.gross),
            form=self.form,
            remarks=self.remarks,
        )

    def _typed(self, gross: Mass) -> Weighing:
        return Weighing(
            gross=gross,
            tare=self.tare,
            method=WeighingMethod.PLATFORM_SCALE,
            scale_id=self.scale_id or None,
            confirmed=True,
        )


@router.get("")
async def overview(page: AnyPage, work: Reading) -> Response:
    """Wards and what waits there, rounds, cards."""
    return page.show("medical/overview.html", **await _overview(work))


async def _overview(work: ReadWork) -> dict[str, Any]:
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    medical_sites = [site for site in sites if site.kind is SiteKind.MEDICAL]
    found = await queries.wards(work.session, work.actor)
    cards = await card_queries.cards(work.session, work.actor, limit=30)
    firms = {firm for card in cards for firm in (card.organisation_id, card.receiver_id)}
    return {
        "sites": medical_sites,
        "wards": found,
        "rounds": await queries.rounds(work.session, work.actor, limit=10),
        "cards": sorted(cards, key=lambda card: (not card.highly_infectious, card.state == "received")),
        "numbers": {card.id: card_queries.card_number(card) for card in cards},
        "firms": await parties.organisations_by_id(work.session, firms),
        "watches": work.actor.is_regulator,
        "emergencies": [one for one in await emergencies(work.session, limit=5) if _in_force(one, work)],
        "may_walk": bool(medical_sites) and bool(may(work.actor, Verb.STORE)),
        "may_file": bool(medical_sites) and bool(may(work.actor, Verb.FILE)),
        "may_enter": bool(medical_sites) and bool(may(work.actor, Verb.MANAGE_ORGANISATION)),
        "card_state": CardState,
        "named": partial(name_of, await snapshot(work.session)),
        "now": work.at,
    }


def _in_force(one: Any, work: ReadWork) -> bool:  # noqa: ANN401  a row
    return bool(one.from_at <= work.at < min(one.until_at, one.ended_at or one.until_at))


async def ask_ward(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that enters a ward."""
    demand(work.actor, Verb.MANAGE_ORGANISATION)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    medical_sites = [site for site in sites if site.kind is SiteKind.MEDICAL]
    return page.show("medical/new_ward.html", filled=filled, sites=medical_sites, kinds=WardKind)


@router.get("/wards/new")
async def new_ward(page: AnyPage, work: Reading) -> Response:
    """The empty form."""
    return await ask_ward(page, work, EMPTY)


@router.post("/wards/new")
@asked_again(ask_ward)
async def enter_ward(page: AnyPage, work: Writing, form: Annotated[WardForm, Form()]) -> Response:
    """Enter a department."""
    row = await add_ward(work.session, work.actor, AddWard(**form.model_dump()), at=work.at)
    return page.go(f"/medical/wards/{row.id}/settings", message("The ward is entered. Print its door label."))


async def ask_bag(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The ward's weighing page: the newest reading of its scale, the kind, the packaging; and what waits there."""
    ward_id = page.request.path_params["ward_id"]
    found = await queries.ward(work.session, work.actor, ward_id)
    row = await queries.ward_row(work.session, ward_id)
    packed = page.request.query_params.get("packed", "")
    waiting = await queries.bags(work.session, work.actor, BagFilter(ward_id=ward_id, waiting=True))
    return page.show(
        "medical/ward.html",
        filled=filled,
        ward=found,
        reading=await newest_reading(work.session, row, at=work.at),
        bags=waiting,
        packed=next((bag for bag in waiting if str(bag.container_id) == packed), None),
        kinds=MedicalClass,
        packagings=PACKAGINGS,
        litres=_USUAL_LITRES,
        fill_limit=jurisdiction().medical_fill_percent.value,
        may_pack=bool(may(work.actor, Verb.LABEL)) and row.organisation_id == work.actor.organisation_id,
        may_enter=bool(may(work.actor, Verb.MANAGE_ORGANISATION)) and row.organisation_id == work.actor.organisation_id,
        now=work.at,
    )


@router.get("/wards/{ward_id:uuid}")
async def ward(page: AnyPage, work: Reading, ward_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The page that the label on the ward's door leads to."""
    return await ask_bag(page, work, EMPTY)


_NAMES = {"gross_g": "gross", "tare_g": "tare", "layers": "double_bag", "reading_id": "gross"}


@router.post("/wards/{ward_id:uuid}")
@asked_again(ask_bag)
async def pack(page: AnyPage, work: Writing, ward_id: UUID, form: Annotated[BagForm, Form()]) -> Response:
    """Close, weigh and label a bag."""
    with naming_fields(_NAMES):
        container, _, _ = await pack_bag(work.session, work.actor, form.command(ward_id), at=work.at)
    return page.go(
        f"/medical/wards/{ward_id}?packed={container.id}", message("Packed. Print its label and stick it on.")
    )


async def ask_settings(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What a ward is called, and its scales."""
    demand(work.actor, Verb.MANAGE_ORGANISATION)
    found = await queries.ward(work.session, work.actor, page.request.path_params["ward_id"])
    shown = filled if filled.values else Filled.of({**vars_of(found), "active": "true" if found.active else ""})
    scales = [one for one in await scale_queries.scales(work.session, work.actor) if one.ward_id in {None, found.id}]
    return page.show(
        "medical/ward_settings.html",
        filled=shown,
        ward=found,
        kinds=WardKind,
        scales=scales,
        units=[(one.value, one.value) for one in ScaleUnit],
        classes=AccuracyClass,
    )


def vars_of(found: queries.WardNow) -> dict[str, object]:
    """What the form shows of a ward."""
    return {"name": found.name, "kind": found.kind, "location": found.location}


@router.get("/wards/{ward_id:uuid}/settings")
async def settings(page: AnyPage, work: Reading, ward_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The forms of a ward."""
    return await ask_settings(page, work, EMPTY)


@router.post("/wards/{ward_id:uuid}/settings")
@asked_again(ask_settings)
async def alter(page: AnyPage, work: Writing, ward_id: UUID, form: Annotated[WardChangeForm, Form()]) -> Response:
    """Rename, move or close a ward."""
    await change_ward(work.session, work.actor, ChangeWard(ward_id=ward_id, **form.model_dump()))
    return page.go(f"/medical/wards/{ward_id}/settings", message("The ward is changed."))


@router.post("/wards/{ward_id:uuid}/scales")
@asked_again(ask_settings)
async def enter_scale(page: AnyPage, work: Writing, ward_id: UUID, form: Annotated[ScaleForm, Form()]) -> Response:
    """Enter a scale of the ward."""
    row = await queries.ward_row(work.session, ward_id)
    told = {name: getattr(form, name) for name in ScaleForm.model_fields}
    command = AddScale(site_id=row.site_id, ward_id=ward_id, **told)
    with naming_fields({"uncertainty_g": "uncertainty"}):
        await add_scale_of_ward(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/wards/{ward_id}/settings", message("The scale is entered; it may push its readings now."))


@router.get("/bags")
async def bags(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Bags by their flags, the highly infectious first."""
    only = (("true", page.translate(message("only these"))),)
    view = await BAGS.view(page, work, wanted, {"infectious": only, "emergency": only})
    asked = BagFilter(infectious=wanted.infectious, emergency=wanted.emergency)
    found = await queries.bags(work.session, work.actor, asked, view.window)
    return await view.answer("medical/bags.html", [ListedBag(one, ContainerState(one.state)) for one in found])
