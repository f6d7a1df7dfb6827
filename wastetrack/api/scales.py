"""Scales of a site as programs read, enter and end them; and what each of them says."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.mass import Mass
from wastetrack.scales import queries
from wastetrack.scales.model import (
    FRESH,
    AccuracyClass,
    AddScale,
    ChangeScale,
    PushReading,
    ScaleKind,
    ScaleUnit,
)
from wastetrack.scales.model import Reading as Said
from wastetrack.scales.pushing import push_reading
from wastetrack.scales.registering import add_scale, change_scale, end_scale
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line

router = RoomRouter(prefix="/scales", route_class=AnsweringRoute, tags=["scales"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_DETAILS: dict[str, Any] = {
    "name": "2号磅房台秤",
    "kind": "platform",
    "unit": "kg",
    "accuracy": "III",
    "verified_on": "2026-06-01",
    "verified_until": "2027-05-31",
    "division_g": 200,
}
_A_SCALE: dict[str, Any] = {"site_id": "0192f0c1-7b1a-7000-8000-000000000001", "serial": "PS-2", **_DETAILS}
_A_READING: dict[str, Any] = {"gross_g": 198_400, "stable": True, "weighed_at": "2026-11-25T15:04:00+08:00"}


class ScaleFields(Body):
    """What is said of a scale, and may be said anew."""

    name: Line
    kind: ScaleKind = ScaleKind.PLATFORM
    unit: ScaleUnit = ScaleUnit.KILOGRAM
    accuracy: AccuracyClass = AccuracyClass.MEDIUM
    verified_on: Day
    verified_until: Day
    uncertainty_g: Grams | None = Field(None, description="One standard deviation; without it that of the division")
    division_g: Grams | None = Field(None, description="The step of the display (检定分度值)")

    def details(self) -> dict[str, Any]:
        """As the commands want it."""
        told = {name: getattr(self, name) for name in ScaleFields.model_fields if not name.endswith("_g")}
        return told | {
            "uncertainty": None if self.uncertainty_g is None else Mass(self.uncertainty_g),
            "division": None if self.division_g is None else Mass(self.division_g),
        }


class NewScaleFields(ScaleFields):
    """A scale of a site under its serial number."""

    site_id: UUID
    serial: Line


class NewReadingFields(Body):
    """What stands on the scale, in grams; 0 where nothing does."""

    gross_g: Grams
    stable: bool = Field(default=True, description="The figure has come to rest")
    weighed_at: Instant | None = None


class SiteScale(Shown):
    """A scale."""

    id: UUID
    site_id: UUID
    ward_id: UUID | None
    name: str
    serial: str
    kind: str
    unit: str
    accuracy: str
    verified_on: date
    verified_until: date
    uncertainty_g: int | None
    division_g: int | None
    ended_at: datetime | None


class SiteScales(Shown):
    """Scales by site and name."""

    items: list[SiteScale]


class ReadingKept(Shown):
    """A reading that is kept for ever and becomes one mass at most."""

    id: UUID
    scale_id: UUID
    gross_g: int
    stable: bool
    weighed_at: datetime


class ReadingNow(Shown):
    """What a scale said last, if that is fresh. A weighing names it as its `reading_id`."""

    reading_id: UUID | None = None
    gross_g: int | None = None
    stable: bool | None = None
    used: bool | None = Field(None, description="It is the mass of a container already")
    weighed_at: datetime | None = None
    uncertainty_g: int | None = None
    verification: str | None = None


@router.get("", response_model=SiteScales, responses=problems(400, 403))
async def list_scales(
    work: Reading,
    *,
    site_id: Annotated[UUID | None, Query()] = None,
    ended: Annotated[bool, Query(description="Those that are gone, too")] = False,
) -> Response:
    """The scales of one's organisation."""
    found = await queries.scales(work.session, work.actor, site_id=site_id, ended=ended)
    return answer(SiteScales(items=[SiteScale.model_validate(one) for one in found]))


@router.post("", status_code=201, response_model=SiteScale, responses=_REFUSALS)
async def enter_scale(work: Writing, body: Annotated[NewScaleFields, FromBody(examples=[_A_SCALE])]) -> Response:
    """Enter a scale of a site."""
    command = AddScale(site_id=body.site_id, serial=body.serial, **body.details())
    return answer(SiteScale.model_validate(await add_scale(work.session, work.actor, command, at=work.at)), 201)


@router.get("/{scale_id}", response_model=SiteScale, responses=problems(403, 404))
async def read_scale(work: Reading, scale_id: UUID) -> Response:
    """One scale."""
    return answer(SiteScale.model_validate(await queries.scale(work.session, work.actor, scale_id)))


@router.post("/{scale_id}", response_model=SiteScale, responses=_REFUSALS)
async def alter_scale(
    work: Writing, scale_id: UUID, body: Annotated[ScaleFields, FromBody(examples=[_DETAILS])]
) -> Response:
    """It was verified anew, or is called otherwise. Its serial number stays."""
    command = ChangeScale(scale_id=scale_id, **body.details())
    return answer(SiteScale.model_validate(await change_scale(work.session, work.actor, command)))


@router.post("/{scale_id}/ending", response_model=SiteScale, responses=_REFUSALS)
async def take_away(work: Writing, scale_id: UUID) -> Response:
    """The scale is gone; what it said stays."""
    return answer(SiteScale.model_validate(await end_scale(work.session, work.actor, scale_id, at=work.at)))


@router.post("/{scale_id}/readings", status_code=201, response_model=ReadingKept, responses=_REFUSALS)
async def push(
    request: Request,
    work: Writing,
    scale_id: UUID,
    body: Annotated[NewReadingFields, FromBody(examples=[_A_READING])],
) -> Response:
    """The scale says what stands on it. The Idempotency-Key is the reading's own id; scope `weigh` is enough."""
    command = PushReading(
        reading_id=key_of(request),
        scale_id=scale_id,
        gross=Mass(body.gross_g),
        stable=body.stable,
        weighed_at=body.weighed_at,
    )
    return answer(ReadingKept.model_validate(await push_reading(work.session, work.actor, command, at=work.at)), 201)


@router.get("/{scale_id}/readings/newest", response_model=ReadingNow, responses=problems(403, 404))
async def newest_reading(work: Reading, scale_id: UUID) -> Response:
    """What the scale said last, if that is fresh."""
    await queries.scale(work.session, work.actor, scale_id)
    found = await queries.newest(work.session, (scale_id,), since=work.at - FRESH)
    return answer(_now(found[scale_id]) if scale_id in found else ReadingNow())


def _now(said: Said) -> ReadingNow:
    return ReadingNow(
        reading_id=said.id,
        gross_g=said.gross.grams,
        stable=said.stable,
        used=said.used_for is not None,
        weighed_at=said.weighed_at,
        uncertainty_g=None if said.uncertainty is None else said.uncertainty.grams,
        verification=said.verification.value,
    )
