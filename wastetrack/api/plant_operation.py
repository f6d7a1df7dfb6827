"""How plants did, and the days on which they stood still."""

from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.model import Actor
from wastetrack.capacity import project_queries, standing_still
from wastetrack.capacity.evaluating import Operation, PlantLoad, PlantOperation, last_year_of
from wastetrack.capacity.operating import operation_of
from wastetrack.capacity.outages import OutageCause, ReportOutage
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.errors import refuse
from wastetrack.mass import Mass
from wastetrack.parties import field_rules
from wastetrack.reports.oversight_figures import within
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(route_class=AnsweringRoute, tags=["capacity"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_AN_OUTAGE: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "cause": "maintenance",
    "from_on": "2026-06-01",
    "to_on": "2026-06-10",
}


class MassOf(Shown):
    """So much of a code or by a method."""

    name: str
    mass_g: int


class PlantOperationShown(Shown):
    """A plant in the period. Shares are parts of one; null where there is nothing to be a share of."""

    site_id: UUID
    site: str
    organisation_id: UUID
    organisation: str
    region_code: str
    methods: list[str]
    load_class: PlantLoad
    load: float | None
    licensed_g: int
    effective_g: int
    availability: float
    days_lost: float
    days_treated: int
    received_g: int
    treated_g: int
    treated_by_method: list[MassOf]
    containers_taken: int
    containers_refused: int
    refused_g: int
    residue_g: int
    residue_ratio: float | None
    difference_g: int
    standing_g: int
    store_limit_g: int
    oldest_days: int | None
    hard_to_treat: list[MassOf]
    permit_is_shared: bool


class OperationShown(Shown):
    """Plants, the heaviest load first; `load` is that of all together."""

    since: date
    until: date
    load: float | None
    plants: list[PlantOperationShown]


class OutageFields(Body):
    """From when to when a plant stands still, and why; `percent` of its capacity."""

    site_id: UUID
    cause: OutageCause
    from_on: Day
    to_on: Day | None = None
    percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 100
    remarks: Line = ""


class EndingFields(Body):
    """The last day on which it stood still."""

    last_on: Day


class OutageShown(Shown):
    """An outage; open as long as it has no last day."""

    id: UUID
    site_id: UUID
    cause: OutageCause
    percent: int
    from_on: date
    to_on: date | None
    remarks: str
    created_at: datetime


class OutageList(Shown):
    """The newest first."""

    items: list[OutageShown]


@router.get("/capacity/operation", response_model=OperationShown, responses=problems(404, 422))
async def operation(
    work: Reading,
    since: Annotated[Day | None, Query(description="Without it, a year before the end")] = None,
    until: Annotated[Day | None, Query(description="Without it, today")] = None,
    region: Annotated[str, Query(pattern=r"^\d{0,6}$", description="First digits of a region; for authorities")] = "",
) -> Response:
    """How the plants of one's region, or of one's firm, did."""
    last = until or legal_day(work.at)
    first = since or last_year_of(last)
    refuse(field_rules.day_order(first, last, field="until"))
    found = await operation_of(
        work.session, work.actor, region=region_of(work.actor, region), since=first, until=last, at=work.at
    )
    return answer(_operation(found))


@router.get("/sites/{site_id}/outages", response_model=OutageList, responses=problems(422))
async def listed(work: Reading, site_id: UUID) -> Response:
    """When a plant of one's own, or of the region, stood still."""
    found = await project_queries.outages(work.session, [site_id])
    return answer(OutageList(items=[OutageShown.model_validate(one) for one in found]))


@router.post("/outages", status_code=201, response_model=OutageShown, responses=_REFUSALS)
async def report(work: Writing, body: Annotated[OutageFields, FromBody(examples=[_AN_OUTAGE])]) -> Response:
    """Say that a plant stands still."""
    command = ReportOutage(**dict(body))
    made = await standing_still.report_outage(work.session, work.actor, command, at=work.at)
    return answer(OutageShown.model_validate(made), 201)


@router.post("/outages/{outage_id}/ending", response_model=OutageShown, responses=_REFUSALS)
async def end(
    work: Writing, outage_id: UUID, body: Annotated[EndingFields, FromBody(examples=[{"last_on": "2026-06-10"}])]
) -> Response:
    """It runs again."""
    made = await standing_still.end_outage(work.session, work.actor, outage_id, last_on=body.last_on, at=work.at)
    return answer(OutageShown.model_validate(made))


def region_of(actor: Actor, region: str) -> str:
    """A region that an authority watches; a firm has its own plants, wherever they stand."""
    return within(actor, region) if actor.is_regulator else region


def _operation(found: Operation) -> OperationShown:
    return OperationShown(
        since=found.since, until=found.until, load=_float(found.load), plants=[_plant(one) for one in found.plants]
    )


def _plant(one: PlantOperation) -> PlantOperationShown:
    return PlantOperationShown(
        site_id=one.site_id,
        site=one.site,
        organisation_id=one.firm_id,
        organisation=one.firm,
        region_code=one.region_code,
        methods=list(one.methods),
        load_class=one.load_class,
        load=_float(one.load),
        licensed_g=one.licensed.grams,
        effective_g=one.effective.grams,
        availability=float(one.availability),
        days_lost=float(one.days_lost),
        days_treated=one.days_treated,
        received_g=one.received.grams,
        treated_g=one.treated.grams,
        treated_by_method=_masses(one.treated_by),
        containers_taken=one.taken,
        containers_refused=one.refused,
        refused_g=one.refused_mass.grams,
        residue_g=one.residue.grams,
        residue_ratio=_float(one.residue_ratio),
        difference_g=one.difference.grams,
        standing_g=one.standing.grams,
        store_limit_g=one.room.grams,
        oldest_days=one.oldest_days,
        hard_to_treat=_masses(one.hard_to_treat),
        permit_is_shared=one.is_shared,
    )


def _float(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 6)


def _masses(pairs: tuple[tuple[str, Mass], ...]) -> list[MassOf]:
    return [MassOf(name=name, mass_g=mass.grams) for name, mass in pairs]
