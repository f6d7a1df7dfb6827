"""Rounds of a hospital's own collector: wards hand over, the temporary store receives."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field, StringConstraints
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, MeasuredBy, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.labels import LONGEST_TEXT, DigitalCode, read_label_text
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical import queries
from wastetrack.medical.collecting import hand_over_ward, start_round
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import EndRound, FoundInStore, HandOverWard, Nurse, NurseConfirmed
from wastetrack.serving.confirming import Confirming
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/medical/rounds", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_HANDED: dict[str, Any] = {
    "ward_id": "0192f0c1-7b1a-7000-8000-000000000021",
    "labels": ["91370602MA0000012M 84100101 20261123 001"],
    "bags": 1,
    "mass_g": 3200,
    "nurse_name": "李护士",
}
_ENDED: dict[str, Any] = {"store_id": "0192f0c1-7b1a-7000-8000-000000000003", "bags": 1, "mass_g": 3200}

Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class NewRound(Body):
    """Where a collector sets out."""

    site_id: UUID


class HandOver(Body):
    """A ward's bags go to the collector. The nurse confirms with a login and factor of her own, or is only named."""

    ward_id: UUID
    labels: tuple[Label, ...] = Field(min_length=1, max_length=200)
    bags: int = Field(ge=0, le=1000)
    mass_g: Grams
    nurse_name: Line = ""
    nurse_login: Line = ""
    nurse_factor: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Her password, or the six digits of her app"
    )


class Differing(Body):
    """A bag that is missing at the store, or weighs otherwise there."""

    container_id: UUID
    gross_g: Grams | None = Field(None, description="Null: it is not there")
    reason: Prose = ""


class Ending(Body):
    """What stands at the store."""

    store_id: UUID
    bags: int = Field(ge=0, le=10_000)
    mass_g: Grams
    differing: tuple[Differing, ...] = Field((), max_length=500)
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None


class RoundShown(Shown):
    """A round."""

    id: UUID
    site_id: UUID
    collector: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    bags: int
    mass_g: int
    differing: int


class HandoverShown(Shown):
    """A ward's hand-over."""

    id: UUID
    ward: str
    nurse_name: str
    nurse_confirmed: str
    bags: int
    mass_g: int
    happened_at: datetime


class RoundWhole(RoundShown):
    """A round with its hand-overs."""

    handovers: list[HandoverShown]


class RoundsListed(Shown):
    """Rounds, the newest first."""

    items: list[RoundShown]


class Handed(Shown):
    """The hand-over, and the event that states it."""

    handover_id: UUID
    bags: int
    mass_g: int
    nurse_confirmed: str
    log: LogEntry


class Ended(Shown):
    """The round at its end, and the event that states it."""

    round: RoundShown
    log: LogEntry


@router.post("", status_code=201, response_model=RoundShown, responses=_REFUSALS)
async def start(
    work: Writing, body: Annotated[NewRound, FromBody(examples=[{"site_id": "0192f0c1-7b1a-7000-8000-000000000001"}])]
) -> Response:
    """A collector sets out."""
    row = await start_round(work.session, work.actor, body.site_id, at=work.at)
    return answer(RoundShown.model_validate(await queries.round_now(work.session, work.actor, row.id)), 201)


@router.get("", response_model=RoundsListed, responses=problems(403))
async def list_rounds(work: Reading) -> Response:
    """The newest rounds."""
    found = await queries.rounds(work.session, work.actor)
    return answer(RoundsListed(items=[RoundShown.model_validate(one) for one in found]))


@router.get("/{round_id}", response_model=RoundWhole, responses=problems(403, 404))
async def one_round(work: Reading, round_id: UUID) -> Response:
    """One round with its hand-overs."""
    found = await queries.round_now(work.session, work.actor, round_id)
    told = RoundShown.model_validate(found).model_dump()
    given = [HandoverShown.model_validate(one) for one in await queries.handovers(work.session, round_id)]
    return answer(RoundWhole(**told, handovers=given))


@router.post("/{round_id}/hand-overs", status_code=201, response_model=Handed, responses=_REFUSALS)
async def hand_over(
    work: Confirming,
    keys: DeploymentKeys,
    round_id: UUID,
    body: Annotated[HandOver, FromBody(examples=[_HANDED])],
) -> Response:
    """A ward hands over. Count and mass are those of the labels within the tolerance of scales."""
    confirmed = work.confirmed
    nurse = (
        Nurse(name=body.nurse_name, confirmed=NurseConfirmed.NAMED)
        if confirmed is None
        else Nurse(name=confirmed.name, confirmed=NurseConfirmed.FACTOR, person_id=confirmed.person_id)
    )
    command = HandOverWard(
        round_id=round_id,
        ward_id=body.ward_id,
        codes=codes_of(body.labels, keys),
        bags=body.bags,
        mass=Mass(body.mass_g),
        nurse=nurse,
    )
    row, appended = await hand_over_ward(work.session, work.actor, command, at=work.at)
    shown = Handed(
        handover_id=row.id,
        bags=row.bags,
        mass_g=row.mass_g,
        nurse_confirmed=row.nurse_confirmed,
        log=log_entry(appended, keys),
    )
    return answer(shown, 201)


def codes_of(labels: tuple[str, ...], keys: Keys) -> tuple[DigitalCode, ...]:
    """Scanned or typed labels as codes. Raises Malformed."""
    return tuple(read_label_text(label, keys.base_url, keys.label_key) for label in labels)


@router.post("/{round_id}/end", response_model=Ended, responses=_REFUSALS)
async def end(
    work: Writing, keys: DeploymentKeys, round_id: UUID, body: Annotated[Ending, FromBody(examples=[_ENDED])]
) -> Response:
    """The round ends at the temporary store; what differs is booked with its reason."""
    command = EndRound(
        round_id=round_id,
        store_id=body.store_id,
        bags=body.bags,
        mass=Mass(body.mass_g),
        differing=tuple(
            FoundInStore(
                container_id=one.container_id,
                gross=None if one.gross_g is None else Mass(one.gross_g),
                reason=one.reason,
            )
            for one in body.differing
        ),
        method=WeighingMethod(body.method.value),
        scale_id=body.scale_id or None,
    )
    _, appended = await end_round(work.session, work.actor, command, at=work.at)
    found = await queries.round_now(work.session, work.actor, round_id)
    return answer(Ended(round=RoundShown.model_validate(found), log=log_entry(appended, keys)))
