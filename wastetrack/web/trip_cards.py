"""Pages of trip cards: the waste office drafts and hands over, the driver loads, the plant weighs, receives, cleans."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.model import Treatment
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.labels import read_label_text
from wastetrack.db.windows import Window
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.medical import called_up, card_queries, queries
from wastetrack.medical.called_up import CalledFacility
from wastetrack.medical.card_queries import Card
from wastetrack.medical.cards import cancel_card, draft_card
from wastetrack.medical.carrying import arrive
from wastetrack.medical.cleaning import record_cleaning
from wastetrack.medical.model import CardState, Cleaned, DraftCard, Found, RecordCleaning, WeighAtPlant
from wastetrack.medical.plant import weigh_at_plant
from wastetrack.medical.queries import BagFilter
from wastetrack.medical.reserve_model import HelperKind
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/medical/cards", route_class=AnsweringRoute)

STEPS: dict[str, SignedStep] = {
    "hand-over": SignedStep.CARD_HAND_OVER,
    "pick-up": SignedStep.CARD_PICK_UP,
    "receipt": SignedStep.CARD_RECEIPT,
}
_KILN = "C1"
"""What a cement kiln burns along (水泥窑协同处置)."""
_NEXT: dict[CardState, SignedStep] = {
    CardState.DRAFT: SignedStep.CARD_HAND_OVER,
    CardState.HANDED_OVER: SignedStep.CARD_PICK_UP,
    CardState.ARRIVED: SignedStep.CARD_RECEIPT,
}


_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CHOICE = rf"^{_ID}(\.{_ID})?$"


class CardForm(BaseModel):
    """A card to be drafted."""

    site_id: UUID
    receiver_site_id: Annotated[str, Field(pattern=_CHOICE)]
    """The site of a plant, or of a called facility with the call behind it."""
    treatment: Line
    carrier_id: UUID
    plate: Line
    driver_name: Line = ""
    container_ids: list[UUID] = []
    boxes: int = 0
    remarks: Prose = ""


class StepForm(BaseModel):
    """What the signer has seen; `signer_login` names somebody else who signs on this device."""

    version: int | None = None
    total: Kilograms | None = None
    signer_login: Line = ""


class WeighForm(BaseModel):
    """One bag at the plant's gate."""

    label: Line = ""
    gross: Kilograms | None = None
    missing: bool = False
    reason: Prose = ""
    scale_id: Line = ""


class CleanForm(BaseModel):
    """What was cleaned."""

    what: list[Cleaned] = []
    agent: Line = ""
    cleaned_boxes: int = 0


async def ask_card(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form that drafts a card over the bags that stand ready."""
    demand(work.actor, Verb.FILE)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    usual = [site for site in sites if site.kind in {SiteKind.MEDICAL, SiteKind.COLLECTION}]
    chosen = next((site for site in usual if str(site.id) == filled.value("site_id")), usual[0] if usual else None)
    bags = []
    if chosen is not None:
        wanted = BagFilter(site_id=chosen.id, ready=True)
        bags = await queries.bags(work.session, work.actor, wanted, Window(limit=500))
    called = [] if chosen is None else await called_up.called_for(work.session, chosen.region_code, at=work.at)
    return page.show(
        "medical/new_card.html",
        filled=filled,
        sites=usual,
        site=chosen,
        bags=bags,
        called=called,
        plants=[*_called_choices(page, called), *await _plants(work)],
        carriers=await _carriers(work),
        methods=_methods((await snapshot(work.session)).treatments_on(legal_day(work.at)), called),
        now=work.at,
    )


def _called_choices(page: Page, called: list[CalledFacility]) -> list[tuple[str, str]]:
    """What is called in an emergency, before the plants of ordinary days."""
    words = message("Called in an emergency: {name} ({kind}), order {order}")
    return [
        (f"{one.site_id}.{one.call_id}", page.translate(words, name=one.name, kind=one.kind, order=one.order_number))
        for one in called
    ]


async def _plants(work: ReadWork) -> list[tuple[str, str]]:
    plants = await parties.search_organisations(work.session, kind=OrganisationKind.DISPOSER, window=Window(limit=100))
    by_plant = await parties.sites_by_organisation(work.session, [plant.id for plant in plants])
    return [(str(site.id), f"{plant.name} · {site.name}") for plant in plants for site in by_plant.get(plant.id, ())]


def _methods(listed: Sequence[Treatment], called: list[CalledFacility]) -> list[Treatment]:
    """Those of medical waste; with a called cement kiln also what it does."""
    kiln = {_KILN} if any(one.kind is HelperKind.CEMENT_KILN for one in called) else set()
    return [one for one in listed if _medical(one.code) or one.code in kiln]


def _medical(code: str) -> bool:
    """Whether a method is one of medical waste, or burns (HJ 1033 annex F: Y10 to Y16, D10)."""
    return code.startswith("Y") or code == "D10"


async def _carriers(work: ReadWork) -> list[tuple[UUID, str]]:
    found = await parties.search_organisations(
        work.session, kind=OrganisationKind.TRANSPORTER, window=Window(limit=100)
    )
    return [(one.id, one.name) for one in found]


@router.get("/new")
async def new(page: AnyPage, work: Reading, site_id: Annotated[UUID | None, Query()] = None) -> Response:
    """The form, for one of one's own sites."""
    return await ask_card(page, work, Filled.of({"site_id": site_id}) if site_id else EMPTY)


@router.post("/new")
@asked_again(ask_card)
async def draft(page: AnyPage, work: Writing, form: Annotated[CardForm, Form()]) -> Response:
    """Draft the card."""
    told = form.model_dump(exclude={"treatment", "container_ids", "receiver_site_id"})
    receiver, _, call = form.receiver_site_id.partition(".")
    command = DraftCard(
        **told,
        receiver_site_id=UUID(receiver),
        call_id=UUID(call) if call else None,
        method=form.treatment,
        container_ids=tuple(form.container_ids),
    )
    with naming_fields({"method": "treatment", "permit": "receiver_site_id", "wastes": "container_ids"}):
        card = await draft_card(work.session, work.actor, command, at=work.at)
    return page.go(
        f"/medical/cards/{card.id}", message("The card is made. Sign the hand-over when the vehicle is here.")
    )


async def ask_step(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A card, and what the visitor can do with it now."""
    card = await card_queries.card(work.session, work.actor, page.request.path_params["card_id"])
    return page.show("medical/card.html", filled=filled, **await whole(work, card))


async def _method(work: ReadWork, code: str) -> Treatment | None:
    lists = await snapshot(work.session)
    return next((methods[code] for methods in lists.treatments.values() if code in methods), None)


async def whole(work: ReadWork, card: Card) -> dict[str, Any]:
    """Everything that the page of a card shows."""
    own = work.actor.organisation_id
    state = CardState(card.state)
    firms = await parties.organisations_by_id(work.session, {card.organisation_id, card.carrier_id, card.receiver_id})
    vehicle, _, _ = await parties.carriage_for_use(work.session, card.vehicle_id)
    at_plant = own == card.receiver_id and bool(may(work.actor, Verb.SCAN))
    carries = own == card.carrier_id and bool(may(work.actor, Verb.CARRY))
    signs = {
        SignedStep.CARD_HAND_OVER: own == card.organisation_id and bool(may(work.actor, Verb.SIGN)),
        SignedStep.CARD_PICK_UP: carries,
        SignedStep.CARD_RECEIPT: own == card.receiver_id and bool(may(work.actor, Verb.RECEIVE)),
    }
    following = _NEXT.get(state)
    bags = await card_queries.bags_of(work.session, card.id)
    return {
        "card": card,
        "number": card_queries.card_number(card),
        "state": state,
        "bags": bags,
        "left": sum(bag.found is None for bag in bags),
        "cleanings": await card_queries.cleanings_of(work.session, card.id),
        "firms": firms,
        "plate": vehicle.plate,
        "method": await _method(work, card.method),
        "places": await parties.sites_by_id(work.session, {card.site_id, card.receiver_site_id}),
        "step": following,
        "may_sign": following is not None and signs[following],
        "other_signs": following is not None and not signs[following] and own in firms and not work.actor.is_regulator,
        "may_arrive": state is CardState.ON_THE_ROAD and (carries or at_plant),
        "may_weigh": state is CardState.ARRIVED and at_plant,
        "may_clean": state in {CardState.ARRIVED, CardState.RECEIVED} and (carries or at_plant),
        "may_cancel": state in {CardState.DRAFT, CardState.HANDED_OVER}
        and own == card.organisation_id
        and bool(may(work.actor, Verb.FILE)),
        "cleaned": Cleaned,
        "found": Found,
        "codes": sorted({bag.waste_code for bag in bags}),
        "now": work.at,
    }


@router.get("/{card_id:uuid}")
async def one_card(page: AnyPage, work: Reading, card_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One card."""
    return await ask_step(page, work, EMPTY)


@router.post("/{card_id:uuid}/sign/{step}")
@asked_again(ask_step)
async def sign(page: AnyPage, work: Writing, card_id: UUID, step: str, form: Annotated[StepForm, Form()]) -> Response:
    """On to the words of a step, for whoever is signed in or for somebody else on this device."""
    if step not in STEPS:
        refuse_one("step", "step_unknown", "There is no such step.", value=step)
    asked = Asked(
        step=STEPS[step],
        subject_id=card_id,
        version=form.version,
        measured_g=None if form.total is None else form.total.grams,
    )
    return await read_first(page, work, asked, login=form.signer_login)


@router.post("/{card_id:uuid}/arrived")
@asked_again(ask_step)
async def arrived(page: AnyPage, work: Writing, card_id: UUID) -> Response:
    """The vehicle is at the plant's gate."""
    await arrive(work.session, work.actor, card_id, at=work.at)
    return page.go(f"/medical/cards/{card_id}", message("Reported: the vehicle is at the gate."))


@router.post("/{card_id:uuid}/weighings")
@asked_again(ask_step)
async def weigh(
    page: AnyPage, work: Writing, keys: DeploymentKeys, card_id: UUID, form: Annotated[WeighForm, Form()]
) -> Response:
    """One bag on the plant's scale."""
    if not form.label:
        refuse_one("label", "label_missing", "Scan the label first.")
    command = WeighAtPlant(
        card_id=card_id,
        code=read_label_text(form.label, keys.base_url, keys.label_key),
        gross=form.gross,
        missing=form.missing,
        reason=form.reason,
        scale_id=form.scale_id or None,
    )
    with naming_fields({"gross_g": "gross"}):
        _, bag = await weigh_at_plant(work.session, work.actor, command, at=work.at)
    said = message("Weighed: {code}")
    return page.go(f"/medical/cards/{card_id}", said, code=bag.digital_code[18:])


@router.post("/{card_id:uuid}/cleanings")
@asked_again(ask_step)
async def clean(page: AnyPage, work: Writing, card_id: UUID, form: Annotated[CleanForm, Form()]) -> Response:
    """Vehicle and boxes were washed and disinfected."""
    command = RecordCleaning(card_id=card_id, what=tuple(form.what), agent=form.agent, boxes=form.cleaned_boxes)
    with naming_fields({"boxes": "cleaned_boxes"}):
        await record_cleaning(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/cards/{card_id}", message("The cleaning is recorded."))


@router.post("/{card_id:uuid}/cancellation")
@asked_again(ask_step)
async def cancel(page: AnyPage, work: Writing, card_id: UUID, cancel_reason: Annotated[Prose, Form()] = "") -> Response:
    """Withdraw the card."""
    with naming_fields({"reason": "cancel_reason"}):
        await cancel_card(work.session, work.actor, card_id, reason=cancel_reason, at=work.at)
    return page.go(f"/medical/cards/{card_id}", message("The card is withdrawn; its bags are free again."))
