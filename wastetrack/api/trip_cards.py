"""Trip cards of medical waste (医疗废物运送登记卡): draft, sign, weigh at the plant, clean."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from wastetrack.api.fields import Grams, HappenedAt, LogEntry, answer, log_entry
from wastetrack.api.preparing import Prepared, SignerFields, prepare_step
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.signed_bodies import SignedBody
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.card_queries import Card
from wastetrack.medical.cards import cancel_card, draft_card
from wastetrack.medical.carrying import arrive
from wastetrack.medical.cleaning import record_cleaning
from wastetrack.medical.model import CardState, Cleaned, DraftCard, RecordCleaning, WeighAtPlant
from wastetrack.medical.plant import weigh_at_plant
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing, SigningWork
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/medical/cards", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_CARD: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "method": "Y11",
    "carrier_id": "0192f0c1-7b1a-7000-8000-000000000006",
    "plate": "鲁F12345",
    "driver_name": "陈杰",
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "boxes": 2,
}


class NewCard(Body):
    """What a vehicle is to take from one institution to one plant."""

    site_id: UUID
    receiver_site_id: UUID
    call_id: UUID | None = Field(
        None,
        description="The call of an emergency under which the receiver was chosen; refused unless it is in force. "
        "Without it a receiver without a permit for medical waste is still taken as called where a call stands",
    )
    method: Line
    carrier_id: UUID
    plate: Line
    driver_name: Line = ""
    driver_id: UUID | None = None
    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=1000)
    boxes: int = Field(0, ge=0, le=10_000, description="Turnover boxes")
    remarks: Prose = ""


class CardStep(StrEnum):
    """A signed step of a card, as its address says it."""

    HAND_OVER = "hand-over"
    PICK_UP = "pick-up"
    RECEIPT = "receipt"


_STEPS: dict[CardStep, SignedStep] = {
    CardStep.HAND_OVER: SignedStep.CARD_HAND_OVER,
    CardStep.PICK_UP: SignedStep.CARD_PICK_UP,
    CardStep.RECEIPT: SignedStep.CARD_RECEIPT,
}


class CardPreparation(SignerFields):
    """The body of the step itself, without its factor."""

    version: int | None = None
    happened_at: HappenedAt = None
    total_g: Grams | None = Field(None, description="Of a receipt: net mass of the whole load")


class CardSignature(SignedBody):
    """The caller's signature under a step."""

    version: int | None = None
    happened_at: HappenedAt = None
    total_g: Grams | None = Field(None, description="Of a receipt: net mass of the whole load")


class CardWeighing(Body):
    """One bag at the plant's gate: weighed, or missing."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    gross_g: Grams | None = None
    missing: bool = False
    reason: Prose = ""
    scale_id: Line | None = None


class CardCancellation(Body):
    """Why it is withdrawn; needed once it was handed over."""

    reason: Prose = ""


class CardArrival(Body):
    """When the vehicle came."""

    happened_at: HappenedAt = None


class NewCleaning(Body):
    """What was washed and disinfected, and with what."""

    what: tuple[Cleaned, ...] = Field(max_length=2)
    agent: Line
    boxes: int = Field(0, ge=0, le=10_000)
    done_at: HappenedAt = None


class CardShown(Shown):
    """A trip card."""

    id: UUID
    number: str
    manifest_id: UUID
    organisation_id: UUID
    site_id: UUID
    receiver_id: UUID
    receiver_site_id: UUID
    method: str
    carrier_id: UUID
    driver_name: str
    state: str
    version: int
    highly_infectious: bool
    emergency: bool
    bags: int
    declared_g: int
    boxes: int
    handed_over_at: datetime | None
    picked_up_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None


class CardBagShown(Shown):
    """A bag on a card."""

    container_id: UUID
    digital_code: str
    waste_code: str
    highly_infectious: bool
    declared_g: int
    found: str | None
    measured_g: int | None
    reason: str


class CleaningShown(Shown):
    """A cleaning after the trip."""

    what: str
    boxes: int
    agent: str
    done_at: datetime


class CardWhole(CardShown):
    """A card with its bags and cleanings."""

    lines: list[CardBagShown]
    cleanings: list[CleaningShown]


class CardsListed(Shown):
    """Cards, the newest first."""

    items: list[CardShown]


class CardDone(Shown):
    """A card after a step, and the event that states it."""

    card: CardShown
    log: LogEntry


def card_shown(row: Card) -> CardShown:
    """A card as its answer."""
    told = {name: getattr(row, name) for name in CardShown.model_fields if name not in {"number", "emergency"}}
    return CardShown(**told, number=card_queries.card_number(row), emergency=row.emergency_id is not None)


@router.post("", status_code=201, response_model=CardShown, responses=_REFUSALS)
async def draft(work: Writing, body: Annotated[NewCard, FromBody(examples=[_A_CARD])]) -> Response:
    """List what a vehicle is to take; the first card of a month drafts the month's manifest."""
    card = await draft_card(work.session, work.actor, DraftCard(**body.model_dump()), at=work.at)
    return answer(card_shown(card), 201)


@router.get("", response_model=CardsListed, responses=problems(400, 403))
async def list_cards(
    work: Reading,
    *,
    state: Annotated[CardState | None, Query()] = None,
    manifest_id: Annotated[UUID | None, Query()] = None,
    emergency: Annotated[bool, Query()] = False,
    before: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Cards that one sees, the newest first."""
    found = await card_queries.cards(
        work.session,
        work.actor,
        state=state,
        manifest_id=manifest_id,
        emergency=emergency,
        before=before,
        limit=limit,
    )
    return answer(CardsListed(items=[card_shown(one) for one in found]))


@router.get("/{card_id}", response_model=CardWhole, responses=problems(403, 404))
async def one_card(work: Reading, card_id: UUID) -> Response:
    """One card with its bags."""
    card = await card_queries.card(work.session, work.actor, card_id)
    lines = [CardBagShown.model_validate(one) for one in await card_queries.bags_of(work.session, card_id)]
    cleanings = [CleaningShown.model_validate(one) for one in await card_queries.cleanings_of(work.session, card_id)]
    return answer(CardWhole(**card_shown(card).model_dump(), lines=lines, cleanings=cleanings))


@router.post("/{card_id}/{step}/preparation", status_code=201, response_model=Prepared, responses=_REFUSALS)
async def prepare(
    work: Writing,
    keys: DeploymentKeys,
    card_id: UUID,
    step: CardStep,
    body: Annotated[CardPreparation, FromBody(examples=[{"version": 1}])] = CardPreparation(),  # noqa: B008  frozen
) -> Response:
    """What exactly would be signed. It may be signed for five minutes."""
    asked = Asked(
        step=_STEPS[step],
        subject_id=card_id,
        version=body.version,
        happened_at=body.happened_at,
        measured_g=body.total_g,
    )
    return await prepare_step(work, keys, asked, body.signer_login)


_NOTHING = CardSignature()


@router.post("/{card_id}/hand-over", response_model=CardDone, responses=_REFUSALS)
async def hand_over(
    work: Signing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[CardSignature, FromBody(examples=[{"version": 1}])] = _NOTHING,
) -> Response:
    """The institution's person signs what it gives."""
    return await _signed(work, keys, CardStep.HAND_OVER, card_id, body)


@router.post("/{card_id}/pick-up", response_model=CardDone, responses=_REFUSALS)
async def pick_up(
    work: Signing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[CardSignature, FromBody(examples=[{"version": 2}])] = _NOTHING,
) -> Response:
    """The carrier's driver signs that everything is loaded."""
    return await _signed(work, keys, CardStep.PICK_UP, card_id, body)


@router.post("/{card_id}/receipt", response_model=CardDone, responses=_REFUSALS)
async def receipt(
    work: Signing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[CardSignature, FromBody(examples=[{"total_g": 11000}])] = _NOTHING,
) -> Response:
    """The plant signs what it took in; what was not weighed by itself shares the total."""
    return await _signed(work, keys, CardStep.RECEIPT, card_id, body)


async def _signed(work: SigningWork, keys: Keys, step: CardStep, card_id: UUID, body: CardSignature) -> Response:
    asked = Asked(
        step=_STEPS[step],
        subject_id=card_id,
        version=body.version,
        happened_at=body.happened_at,
        measured_g=body.total_g,
    )
    acted = await work.act(asked)
    card = await card_queries.card(work.session, work.actor, card_id)
    return answer(CardDone(card=card_shown(card), log=log_entry(acted.appended, keys)))


@router.post("/{card_id}/arrived", response_model=CardDone, responses=_REFUSALS)
async def arrival(
    work: Writing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[CardArrival, FromBody(examples=[{}])] = CardArrival(),  # noqa: B008  frozen
) -> Response:
    """The load is at the plant's gate."""
    card, appended = await arrive(work.session, work.actor, card_id, happened_at=body.happened_at, at=work.at)
    return answer(CardDone(card=card_shown(card), log=log_entry(appended, keys)))


@router.post("/{card_id}/weighings", status_code=201, response_model=CardBagShown, responses=_REFUSALS)
async def weigh(
    work: Writing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[
        CardWeighing, FromBody(examples=[{"label": "91370602MA0000012M84100101 20261123 001", "gross_g": 3250}])
    ],
) -> Response:
    """One bag on the plant's scale, or named missing. The receipt signs for all of them."""
    command = WeighAtPlant(
        card_id=card_id,
        code=read_label_text(body.label, keys.base_url, keys.label_key),
        gross=None if body.gross_g is None else Mass(body.gross_g),
        missing=body.missing,
        reason=body.reason,
        scale_id=body.scale_id or None,
    )
    _, bag = await weigh_at_plant(work.session, work.actor, command, at=work.at)
    return answer(CardBagShown.model_validate(bag), 201)


@router.post("/{card_id}/withdrawal", response_model=CardShown, responses=_REFUSALS)
async def cancel(
    work: Writing, card_id: UUID, body: Annotated[CardCancellation, FromBody(examples=[{"reason": "车辆故障"}])]
) -> Response:
    """Withdraw a card before its bags moved."""
    card, _ = await cancel_card(work.session, work.actor, card_id, reason=body.reason, at=work.at)
    return answer(card_shown(card))


@router.post("/{card_id}/cleanings", status_code=201, response_model=CardDone, responses=_REFUSALS)
async def clean(
    work: Writing,
    keys: DeploymentKeys,
    card_id: UUID,
    body: Annotated[
        NewCleaning, FromBody(examples=[{"what": ["vehicle", "boxes"], "agent": "含氯消毒剂", "boxes": 2}])
    ],
) -> Response:
    """Vehicle and boxes were washed and disinfected, within 24 hours (GB 39707-2020, 5.5.2)."""
    command = RecordCleaning(card_id=card_id, what=body.what, agent=body.agent, boxes=body.boxes, done_at=body.done_at)
    card, appended = await record_cleaning(work.session, work.actor, command, at=work.at)
    return answer(CardDone(card=card_shown(card), log=log_entry(appended, keys)), 201)
