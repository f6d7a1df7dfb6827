"""Wards of medical institutions: what they are, the scales that stand there, the bags that they pack."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import (
    ContainerShown,
    Grams,
    Litres,
    LogEntry,
    MeasuredBy,
    answer,
    log_entry,
)
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.catalogues.hazards import Hazard
from wastetrack.containers.model import Form, Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.windows import Window
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical import queries
from wastetrack.medical.model import (
    AddWard,
    ChangeWard,
    PackBag,
    WardKind,
)
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.queries import BagFilter
from wastetrack.medical.registering import add_scale_of_ward, add_ward, change_ward
from wastetrack.medical.weighing import newest_reading
from wastetrack.parties import queries as parties
from wastetrack.reports.store_board import demand_stock
from wastetrack.scales import queries as scale_queries
from wastetrack.scales.model import AccuracyClass, AddScale, PushReading, ScaleUnit
from wastetrack.scales.pushing import push_reading
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line, Prose

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_SITE = "0192f0c1-7b1a-7000-8000-000000000001"
_WARD = "0192f0c1-7b1a-7000-8000-000000000021"
_A_WARD: dict[str, Any] = {"site_id": _SITE, "code": "W03", "name": "内科一病区", "kind": "inpatient"}
_A_SCALE: dict[str, Any] = {
    "site_id": _SITE,
    "ward_id": _WARD,
    "name": "内科电子秤",
    "serial": "SC-001",
    "unit": "kg",
    "accuracy": "III",
    "verified_on": "2026-06-01",
    "verified_until": "2027-05-31",
    "uncertainty_g": 5,
}
_A_READING: dict[str, Any] = {"serial": "SC-001", "gross_g": 3250, "weighed_at": "2026-11-25T15:04:00+08:00"}
_A_BAG: dict[str, Any] = {
    "ward_id": _WARD,
    "kind": "infectious",
    "packaging": "bag",
    "volume_l": 60,
    "filled_percent": 75,
    "gross_g": 3250,
    "tare_g": 50,
}


class NewWard(Body):
    """A department of a medical site."""

    site_id: UUID
    code: Line
    name: Line
    kind: WardKind
    location: Line = ""


class WardChange(Body):
    """What a ward is from now on. Its code stays."""

    name: Line
    kind: WardKind
    location: Line = ""
    active: bool = True


class NewScale(Body):
    """A scale, its serial number, and how long its verification holds."""

    site_id: UUID
    ward_id: UUID | None = None
    name: Line
    serial: Line
    unit: ScaleUnit
    accuracy: AccuracyClass
    verified_on: Day
    verified_until: Day
    uncertainty_g: Grams | None = None


class NewReading(Body):
    """What stands on a scale."""

    serial: Line
    gross_g: Grams
    weighed_at: Instant | None = None


class NewBag(Body):
    """A bag or box that a ward closes. With `reading_id` its gross mass is what the scale sent."""

    ward_id: UUID
    kind: MedicalClass
    packaging: Packaging
    volume_l: Litres
    filled_percent: int | None = Field(None, ge=0, le=1000)
    layers: int = Field(1, ge=0, le=1000)
    highly_infectious: bool = False
    reading_id: UUID | None = None
    gross_g: Grams | None = None
    tare_g: Grams = 0
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None
    form: Form = Form.SOLID
    hazards: tuple[Hazard, ...] = Field((), max_length=5)
    remarks: Prose = ""

    def command(self) -> PackBag:
        """As the use case wants it."""
        return PackBag(
            ward_id=self.ward_id,
            kind=self.kind,
            packaging=self.packaging,
            volume_l=self.volume_l,
            filled_percent=self.filled_percent,
            layers=self.layers,
            highly_infectious=self.highly_infectious,
            reading_id=self.reading_id,
            tare=Mass(self.tare_g),
            weighing=self._weighing(),
            form=self.form,
            hazards=tuple(hazard.value for hazard in self.hazards),
            remarks=self.remarks,
        )

    def _weighing(self) -> Weighing | None:
        if self.gross_g is None:
            return None
        return Weighing(
            gross=Mass(self.gross_g),
            tare=Mass(self.tare_g),
            method=WeighingMethod(self.method.value),
            scale_id=self.scale_id or None,
            confirmed=True,
        )


class WardShown(Shown):
    """A ward, and what waits there for a collector."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    kind: str
    location: str
    active: bool
    waiting: int
    waiting_g: int
    infectious: bool
    oldest_at: datetime | None


class ScaleShown(Shown):
    """A scale."""

    id: UUID
    site_id: UUID
    ward_id: UUID | None
    name: str
    serial: str
    unit: str
    accuracy: str
    verified_on: date
    verified_until: date
    uncertainty_g: int | None


class ReadingShown(Shown):
    """A reading that is kept for ever and used once."""

    id: UUID
    scale_id: UUID
    gross_g: int
    weighed_at: datetime


class NewestReading(Shown):
    """What the ward's scale said last, if nobody has used it and it is fresh."""

    reading_id: UUID | None
    gross_g: int | None
    weighed_at: datetime | None
    scale: str | None
    verified: bool | None


class BagShown(Shown):
    """A bag or box of medical waste, with its clock."""

    container_id: UUID
    digital_code: str
    kind: str
    packaging: str
    net_g: int
    state: str
    highly_infectious: bool
    emergency: bool
    origin: str
    packed_at: datetime
    collected_at: datetime | None
    stored_at: datetime | None
    due_at: datetime


class Packed(Shown):
    """The container, and the event that states that a ward has packed it."""

    container: ContainerShown
    log: LogEntry


class RegisterLineShown(Shown):
    """A bag from its source to where it went (条例 art. 12)."""

    packed_at: datetime
    source: str
    kind: str
    digital_code: str
    net_g: int
    handed_over_at: datetime | None
    method: str | None
    destination: str | None
    handler: str
    handed_over_by: str | None
    carrier: str | None


class Listed(Shown):
    """Wards."""

    items: list[WardShown]


class ScalesListed(Shown):
    """Scales."""

    items: list[ScaleShown]


class BagsListed(Shown):
    """Bags, the highly infectious first."""

    items: list[BagShown]


class RegisterShown(Shown):
    """The register of medical waste of a site."""

    items: list[RegisterLineShown]


@router.post("/wards", status_code=201, response_model=WardShown, responses=_REFUSALS)
async def enter_ward(work: Writing, body: Annotated[NewWard, FromBody(examples=[_A_WARD])]) -> Response:
    """Enter a department."""
    row = await add_ward(work.session, work.actor, AddWard(**body.model_dump()), at=work.at)
    return answer(WardShown.model_validate(await queries.ward(work.session, work.actor, row.id)), 201)


@router.get("/wards", response_model=Listed, responses=problems(400, 403))
async def list_wards(work: Reading, site_id: Annotated[UUID | None, Query()] = None) -> Response:
    """Wards of one's organisation or region, those with highly infectious waste first."""
    found = await queries.wards(work.session, work.actor, site_id=site_id)
    return answer(Listed(items=[WardShown.model_validate(one) for one in found]))


@router.post("/wards/{ward_id}", response_model=WardShown, responses=_REFUSALS)
async def alter_ward(
    work: Writing,
    ward_id: UUID,
    body: Annotated[WardChange, FromBody(examples=[{"name": "内科一病区", "kind": "inpatient", "active": False}])],
) -> Response:
    """Rename, move or close a ward."""
    await change_ward(work.session, work.actor, ChangeWard(ward_id=ward_id, **body.model_dump()))
    return answer(WardShown.model_validate(await queries.ward(work.session, work.actor, ward_id)))


@router.get("/wards/{ward_id}/reading", response_model=NewestReading, responses=problems(403, 404))
async def reading_of_ward(work: Reading, ward_id: UUID) -> Response:
    """What the ward's scale said last."""
    await queries.ward(work.session, work.actor, ward_id)
    found = await newest_reading(work.session, await queries.ward_row(work.session, ward_id), at=work.at)
    if found is None:
        return answer(NewestReading(reading_id=None, gross_g=None, weighed_at=None, scale=None, verified=None))
    return answer(
        NewestReading(
            reading_id=found.id,
            gross_g=found.gross.grams,
            weighed_at=found.weighed_at,
            scale=found.scale_serial,
            verified=found.verified,
        )
    )


@router.post("/scales", status_code=201, response_model=ScaleShown, responses=_REFUSALS)
async def enter_scale(work: Writing, body: Annotated[NewScale, FromBody(examples=[_A_SCALE])]) -> Response:
    """Enter a scale of a site, usually of one ward."""
    told = body.model_dump(exclude={"uncertainty_g"})
    uncertainty = None if body.uncertainty_g is None else Mass(body.uncertainty_g)
    row = await add_scale_of_ward(work.session, work.actor, AddScale(**told, uncertainty=uncertainty), at=work.at)
    return answer(ScaleShown.model_validate(row), 201)


@router.get("/scales", response_model=ScalesListed, responses=problems(403))
async def list_scales(work: Reading) -> Response:
    """The scales of one's organisation."""
    found = await scale_queries.scales(work.session, work.actor)
    return answer(ScalesListed(items=[ScaleShown.model_validate(one) for one in found]))


@router.post("/scales/readings", status_code=201, response_model=ReadingShown, responses=_REFUSALS)
async def push(
    request: Request, work: Writing, body: Annotated[NewReading, FromBody(examples=[_A_READING])]
) -> Response:
    """A scale says what stands on it. The Idempotency-Key is the reading's own id; scope `weigh` is enough."""
    command = PushReading(
        reading_id=key_of(request), serial=body.serial, gross=Mass(body.gross_g), weighed_at=body.weighed_at
    )
    row = await push_reading(work.session, work.actor, command, at=work.at)
    return answer(ReadingShown.model_validate(row), 201)


@router.post("/bags", status_code=201, response_model=Packed, responses=_REFUSALS)
async def pack(work: Writing, keys: DeploymentKeys, body: Annotated[NewBag, FromBody(examples=[_A_BAG])]) -> Response:
    """A ward closes a bag, sharps box or turnover box; it becomes a container with a label."""
    container, _, appended = await pack_bag(work.session, work.actor, body.command(), at=work.at)
    shown = Packed(container=ContainerShown.model_validate(container), log=log_entry(appended, keys))
    return answer(shown, 201)


@router.get("/bags", response_model=BagsListed, responses=problems(400, 403))
async def list_bags(
    work: Reading,
    *,
    site_id: Annotated[UUID | None, Query()] = None,
    ward_id: Annotated[UUID | None, Query()] = None,
    round_id: Annotated[UUID | None, Query()] = None,
    waiting: Annotated[bool, Query(description="Not collected yet")] = False,
    infectious: Annotated[bool, Query(description="Highly infectious")] = False,
    emergency: Annotated[bool, Query(description="Made in emergency mode")] = False,
    before: Annotated[UUID | None, Query(description="The last container of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """Bags, the highly infectious first, then the newest."""
    wanted = BagFilter(
        site_id=site_id,
        ward_id=ward_id,
        round_id=round_id,
        waiting=waiting,
        infectious=infectious,
        emergency=emergency,
    )
    found = await queries.bags(work.session, work.actor, wanted, Window(limit=limit), before=before)
    return answer(BagsListed(items=[BagShown.model_validate(one) for one in found]))


@router.get("/register", response_model=RegisterShown, responses=problems(400, 403, 404))
async def register(
    work: Reading,
    site_id: Annotated[UUID, Query()],
    begins_on: Annotated[Day, Query()],
    ends_on: Annotated[Day, Query()],
) -> Response:
    """The register of medical waste of a site for some days (条例 art. 12)."""
    demand_stock(work.actor, await parties.site(work.session, site_id))
    found = await queries.register_lines(work.session, work.actor, site_id, begins_on=begins_on, ends_on=ends_on)
    return answer(RegisterShown(items=[RegisterLineShown.model_validate(one) for one in found]))
