"""On what terms a receiver takes waste in at a site: its prices, how long it keeps quantity, its free days."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.manifests import publishing_intake, reservation_queries
from wastetrack.manifests.reservations import (
    MOST_PRICES,
    USUAL_HOLD_DAYS,
    FreeDay,
    Price,
    PublishDays,
    PublishTerms,
)
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(prefix="/sites/{site_id}/intake", route_class=AnsweringRoute, tags=["reservations"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_TERMS: dict[str, Any] = {
    "is_open": True,
    "hold_days": 7,
    "most_g": 30_000_000,
    "prices": [{"pattern": "HW08", "fen_per_t": 120_000}],
}
_DAYS: dict[str, Any] = {"days": [{"day": "2026-03-05", "free_g": 20_000_000}]}


class PriceBody(Body):
    """Fen a tonne; below nothing the receiver pays. Without a method: by any."""

    pattern: Line
    method: Line = ""
    fen_per_t: int = Field(strict=True, ge=-(10**9), le=10**9)


class TermsBody(Body):
    """On what terms; said again, it replaces what was said."""

    is_open: bool
    hold_days: int = Field(USUAL_HOLD_DAYS, strict=True, ge=0, le=1000)
    most_g: Grams | None = None
    contract_only: bool = False
    note: Prose = ""
    prices: tuple[PriceBody, ...] = Field((), max_length=MOST_PRICES)


class DayBody(Body):
    """How much can be taken in on a day; null takes the word back."""

    day: Day
    free_g: Grams | None


class DaysBody(Body):
    """Some days."""

    days: tuple[DayBody, ...] = Field(min_length=1, max_length=100)


class PriceShown(Shown):
    """A price."""

    pattern: str
    method: str
    fen_per_t: int


class FreeDayShown(Shown):
    """What was said of a day, and how much of it is set aside."""

    day: date
    free_g: int | None
    taken_g: int


class IntakeShown(Shown):
    """The terms of a site; without any it takes no reservations."""

    site_id: UUID
    is_open: bool
    hold_days: int | None
    most_g: int | None
    contract_only: bool
    note: str
    prices: list[PriceShown]
    days: list[FreeDayShown]


class Published(Shown):
    """The event."""

    log: LogEntry


@router.get("", response_model=IntakeShown, responses=problems(404, 422))
async def intake(work: Reading, site_id: UUID) -> Response:
    """What a site says of its terms and of the days to come."""
    await parties.site(work.session, site_id)
    said = (await reservation_queries.terms_of(work.session, (site_id,))).get(site_id)
    first = legal_day(work.at)
    last = first + timedelta(days=jurisdiction().planning_days.value)
    days = await reservation_queries.days_of(work.session, (site_id,), first, last, at=work.at)
    shown = IntakeShown(
        site_id=site_id,
        is_open=said is not None and said.is_open,
        hold_days=None if said is None else said.hold_days,
        most_g=None if said is None or said.most is None else said.most.grams,
        contract_only=said is not None and said.contract_only,
        note="" if said is None else said.note,
        prices=[] if said is None else [PriceShown.model_validate(one) for one in said.prices],
        days=[
            FreeDayShown(day=one.day, free_g=None if one.free is None else one.free.grams, taken_g=one.taken.grams)
            for _, one in sorted(days.get(site_id, {}).items())
        ],
    )
    return answer(shown)


@router.put("", response_model=Published, responses=_REFUSALS)
async def publish(
    work: Writing, keys: DeploymentKeys, site_id: UUID, body: Annotated[TermsBody, FromBody(examples=[_TERMS])]
) -> Response:
    """Say on what terms the site takes waste in."""
    command = PublishTerms(
        site_id=site_id,
        is_open=body.is_open,
        hold_days=body.hold_days,
        most=None if body.most_g is None else Mass(body.most_g),
        contract_only=body.contract_only,
        note=body.note,
        prices=tuple(Price(**dict(one)) for one in body.prices),
    )
    leaf = await publishing_intake.publish_terms(work.session, work.actor, command, at=work.at)
    return answer(Published(log=log_entry(leaf, keys)))


@router.post("/days", response_model=Published, responses=_REFUSALS)
async def publish_days(
    work: Writing, keys: DeploymentKeys, site_id: UUID, body: Annotated[DaysBody, FromBody(examples=[_DAYS])]
) -> Response:
    """Say how much the site can take in on some days."""
    days = tuple(FreeDay(day=one.day, free=None if one.free_g is None else Mass(one.free_g)) for one in body.days)
    command = PublishDays(site_id=site_id, days=days)
    leaf = await publishing_intake.publish_days(work.session, work.actor, command, at=work.at)
    return answer(Published(log=log_entry(leaf, keys)))
