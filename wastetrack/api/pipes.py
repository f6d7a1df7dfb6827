"""Transfer by pipe or belt: meters, manifests for a period, and the readings of each day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.signing import ManifestStanding
from wastetrack.api.versions import etag
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.model import Description, Form
from wastetrack.manifests import continuous, metering, queries, running
from wastetrack.manifests.meters import DeclareMissing, EnterReading, MeterKind, MeterUnit, RegisterMeter
from wastetrack.manifests.model import ManifestKind, PartyRole
from wastetrack.manifests.pipe_queries import pipe_days
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.reports.store_board import demand_stock
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["pipes"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_METER: dict[str, Any] = {
    "code": "FT-101",
    "name": "外输流量计",
    "kind": "mass_flow",
    "unit": "t",
    "uncertainty_per_mille": 2,
    "verified_on": "2026-03-01",
    "verified_until": "2028-02-29",
}
_A_PERIOD: dict[str, Any] = {
    "shipper_site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000003",
    "method": "R9",
    "begins_on": "2026-11-01",
    "ends_on": "2026-11-30",
    "wastes": [
        {
            "waste_code": "900-249-08",
            "waste_name": "废矿物油",
            "form": "liquid",
            "hazards": ["T", "I"],
            "planned_g": 90_000_000,
        }
    ],
}
_A_READING: dict[str, Any] = {
    "side": "shipper",
    "waste_code": "900-249-08",
    "day": "2026-11-24",
    "meter_id": "0192f0c1-7b1a-7000-8000-000000000009",
    "value": "3.142",
}
_MISSING: dict[str, Any] = {"waste_code": "900-249-08", "day": "2026-11-20", "reason": "电话询问，对方仪表检修"}
Figure = Annotated[
    Decimal,
    Field(ge=0, max_digits=18, decimal_places=6, description="In the unit of the meter, as a string"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,12}([.][0-9]{1,6})?$"}),
]


class NewMeter(Body):
    """A meter at a site; the same code again is its next verification."""

    code: Line
    name: Line
    kind: MeterKind
    unit: MeterUnit
    density_g_per_l: int | None = Field(None, strict=True, description="Of the waste, where volume is counted")
    uncertainty_per_mille: int = Field(strict=True, ge=0, le=1000)
    verified_on: Day
    verified_until: Day


class MeterShown(Shown):
    """A meter at a site."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    kind: str
    unit: str
    density_g_per_l: int | None
    uncertainty_per_mille: int
    verified_on: date
    verified_until: date


class MetersShown(Shown):
    """The meters of a site, by code."""

    meters: list[MeterShown]


class ExpectedWaste(Body):
    """A waste that is to be moved in the period."""

    waste_code: Line
    waste_name: Line
    form: Form
    hazards: tuple[Hazard, ...] = Field(max_length=5)
    planned_g: Grams

    def expected(self) -> Expected:
        """As the command wants it."""
        described = Description(
            waste_code=self.waste_code,
            waste_name=self.waste_name,
            form=self.form,
            hazards=tuple(one.value for one in self.hazards),
        )
        return Expected(description=described, planned=Mass(self.planned_g))


class NewPeriod(Body):
    """A manifest that runs from one day to another between two meters."""

    shipper_site_id: UUID
    receiver_site_id: UUID
    method: Line
    begins_on: Day
    ends_on: Day
    wastes: tuple[ExpectedWaste, ...] = Field(max_length=20)
    remarks: Prose = ""


class NewReading(Body):
    """What one end counted on a day. Entered again with a reason, it is corrected."""

    side: PartyRole = Field(description="shipper or receiver: which end")
    waste_code: Line
    day: Day
    meter_id: UUID | None = None
    value: Figure | None = None
    takes_over: bool = Field(default=False, description="Your meter failed: the other end's figure stands for yours")
    reason: Prose = ""


class MissingReading(Body):
    """A day that the receiver left without a reading."""

    waste_code: Line
    day: Day
    reason: Prose


class DayShown(Shown):
    """One day of one waste: what both ends counted, as far as they did."""

    waste_code: str
    day: date
    sent_g: int | None
    sent_method: str | None
    received_g: int | None
    received_method: str | None
    closed_at: datetime | None
    container_id: UUID | None


class DayEntered(Shown):
    """The day after the reading, and the event that states it."""

    day: DayShown
    log: LogEntry


class TotalShown(Shown):
    """One waste of the period."""

    waste_code: str
    waste_name: str
    form: str
    planned_g: int
    sent_g: int
    received_g: int
    records: int


class PeriodShown(Shown):
    """The days of a manifest that runs, and its totals."""

    begins_on: date
    ends_on: date
    totals: list[TotalShown]
    days: list[DayShown]


@router.post("/sites/{site_id}/meters", status_code=201, response_model=MeterShown, responses=_REFUSALS)
async def register(work: Writing, site_id: UUID, body: Annotated[NewMeter, FromBody(examples=[_A_METER])]) -> Response:
    """Register a meter at a site of one's own, or its next verification."""
    command = RegisterMeter(site_id=site_id, **body.model_dump())
    row = await metering.register_meter(work.session, work.actor, command, at=work.at)
    return answer(MeterShown.model_validate(row), 201)


@router.get("/sites/{site_id}/meters", response_model=MetersShown, responses=problems(404))
async def meters(work: Reading, site_id: UUID) -> Response:
    """The meters of one's own site, or of one in the region that one watches."""
    demand_stock(work.actor, await parties.site(work.session, site_id))
    found = await metering.meters_at(work.session, site_id)
    return answer(MetersShown(meters=[MeterShown.model_validate(row) for row in found]))


@router.post("/manifests/periods", status_code=201, response_model=ManifestStanding, responses=_REFUSALS)
async def draft(work: Writing, body: Annotated[NewPeriod, FromBody(examples=[_A_PERIOD])]) -> Response:
    """Draft a manifest for a pipe or belt; it runs once it is opened by a signature."""
    command = DraftPeriod(
        kind=ManifestKind.CONTINUOUS,
        shipper_site_id=body.shipper_site_id,
        receiver_site_id=body.receiver_site_id,
        method=body.method,
        begins_on=body.begins_on,
        ends_on=body.ends_on,
        wastes=tuple(one.expected() for one in body.wastes),
        remarks=body.remarks,
    )
    row = await running.draft_period(work.session, work.actor, command, at=work.at)
    return answer(ManifestStanding.model_validate(row), 201, headers=etag(row.version))


@router.get("/manifests/{manifest_id}/period", response_model=PeriodShown, responses=problems(404))
async def period(work: Reading, manifest_id: UUID) -> Response:
    """Days, readings and totals of a manifest that runs for a period."""
    row = await queries.manifest_row(work.session, work.actor, manifest_id)
    found, totals = await running.period_of(work.session, row.id)
    days = await pipe_days(work.session, row.id, until=legal_day(work.at))
    shown = PeriodShown(
        begins_on=found.begins_on,
        ends_on=found.ends_on,
        totals=[TotalShown.model_validate(one) for one in totals],
        days=[DayShown.model_validate(one) for one in days],
    )
    return answer(shown)


@router.post("/manifests/{manifest_id}/readings", status_code=201, response_model=DayEntered, responses=_REFUSALS)
async def enter(
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[NewReading, FromBody(examples=[_A_READING])],
) -> Response:
    """Enter what one's own end counted on a day; with both figures the day's mass has moved."""
    command = EnterReading(manifest_id=manifest_id, **body.model_dump())
    row, appended = await continuous.enter_reading(work.session, work.actor, command, at=work.at)
    return answer(DayEntered(day=DayShown.model_validate(row), log=log_entry(appended, keys)), 201)


@router.post(
    "/manifests/{manifest_id}/missing-readings", status_code=201, response_model=DayEntered, responses=_REFUSALS
)
async def missing(
    work: Writing,
    keys: DeploymentKeys,
    manifest_id: UUID,
    body: Annotated[MissingReading, FromBody(examples=[_MISSING])],
) -> Response:
    """After the term, close a day for which the receiver gave no reading."""
    command = DeclareMissing(manifest_id=manifest_id, **body.model_dump())
    row, appended = await continuous.declare_missing(work.session, work.actor, command, at=work.at)
    return answer(DayEntered(day=DayShown.model_validate(row), log=log_entry(appended, keys)), 201)
