"""Collection points, the small institutions that they cover, and emergencies."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import ContainerShown, FilledFields, HappenedAt, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.medical.coverage import Covered, coverage
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.emergencies import declare_emergency, emergencies, end_emergency
from wastetrack.medical.model import (
    CoverInstitution,
    DeclareEmergency,
    InstitutionKind,
    OpenPoint,
    SmallBag,
    TakeFromInstitution,
    Way,
)
from wastetrack.medical.visiting import take_from_institution
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Instant, Line, Prose

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_POINT: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "served_by_id": "0192f0c1-7b1a-7000-8000-000000000006",
}
_A_CLINIC: dict[str, Any] = {
    "point_id": "0192f0c1-7b1a-7000-8000-000000000031",
    "name": "东村卫生室",
    "region_code": "370602",
    "kind": "village_clinic",
    "contact_name": "孙医生",
    "contact_phone": "13800001111",
}
_A_VISIT: dict[str, Any] = {
    "way": "delivered",
    "given_by": "孙医生",
    "taken_by": "收集员",
    "bags": [
        {
            "kind": "infectious",
            "packaging": "bag",
            "volume_l": 20,
            "filled_percent": 70,
            "gross_g": 1050,
            "tare_g": 50,
            "method": "platform_scale",
        }
    ],
}
_AN_ORDER: dict[str, Any] = {
    "region_code": "3706",
    "order_number": "烟疫指〔2026〕3号",
    "reason": "聚集性疫情",
    "from_at": "2026-11-25T00:00:00+08:00",
    "until_at": "2026-12-25T00:00:00+08:00",
}


class NewPoint(Body):
    """A site gathers for small institutions."""

    site_id: UUID
    served_by_id: UUID = Field(description="The carrier or plant that answers for fetching in time")
    interval_hours: int | None = Field(None, ge=-1000, le=10_000, description="Null: the law's 48 hours")


class PointShown(Shown):
    """A collection point."""

    id: UUID
    site_id: UUID
    served_by_id: UUID
    interval_hours: int | None


class NewInstitution(Body):
    """A small institution for a point's list."""

    point_id: UUID
    name: Line
    region_code: Line
    kind: InstitutionKind
    contact_name: Line
    contact_phone: Line
    site_id: UUID | None = None


class InstitutionShown(Shown):
    """A small institution, and the site at which its waste is made."""

    id: UUID
    point_id: UUID
    site_id: UUID
    name: str
    region_code: str
    kind: str


class CoveredShown(InstitutionShown):
    """The same with its clock."""

    point: str
    served_by: str
    contact_name: str
    contact_phone: str
    last_visit_at: datetime | None
    last_waste_at: datetime | None
    days: int | None
    due_at: datetime
    overdue: bool
    quiet: bool
    mass_g: int


class Coverage(Shown):
    """Institutions, the longest unvisited first."""

    items: list[CoveredShown]


class SmallBagBody(FilledFields):
    """One bag or box."""

    kind: MedicalClass
    filled_percent: int | None = Field(None, ge=0, le=1000)
    layers: int = Field(1, ge=0, le=1000)
    highly_infectious: bool = False

    def bag(self) -> SmallBag:
        """As the command wants it."""
        return SmallBag(
            kind=self.kind,
            packaging=self.packaging,
            volume_l=self.volume_l,
            weighing=self.weighing(),
            filled_percent=self.filled_percent,
            layers=self.layers,
            highly_infectious=self.highly_infectious,
        )


class Visit(Body):
    """A hand-over; without bags it says that there was no waste."""

    way: Way
    given_by: Line
    taken_by: Line
    bags: tuple[SmallBagBody, ...] = Field((), max_length=100)
    store_id: UUID | None = None
    happened_at: HappenedAt = None


class Visited(Shown):
    """The visit, its bags, and the event that states it."""

    visit_id: UUID
    bags: int
    mass_g: int
    containers: list[ContainerShown]
    log: LogEntry


class NewEmergency(Body):
    """An authority's order."""

    region_code: Line
    order_number: Line
    reason: Prose
    from_at: Instant
    until_at: Instant
    is_drill: bool = Field(default=False, description="Everything is called and noted, and nothing is flagged")
    rules: Prose = Field("", description="What holds meanwhile: who decides, what is treated first")


class EmergencyShown(Shown):
    """An emergency of a region."""

    id: UUID
    region_code: str
    order_number: str
    reason: str
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None
    is_drill: bool
    rules: str


class EmergencyDone(Shown):
    """The emergency, and the event that states it."""

    emergency: EmergencyShown
    log: LogEntry


class EmergenciesListed(Shown):
    """Emergencies, the newest first."""

    items: list[EmergencyShown]


@router.post("/points", status_code=201, response_model=PointShown, responses=_REFUSALS)
async def open_one(work: Writing, body: Annotated[NewPoint, FromBody(examples=[_A_POINT])]) -> Response:
    """Let a site gather for small institutions."""
    row = await open_point(work.session, work.actor, OpenPoint(**body.model_dump()), at=work.at)
    return answer(PointShown.model_validate(row), 201)


@router.post("/institutions", status_code=201, response_model=InstitutionShown, responses=_REFUSALS)
async def cover(work: Writing, body: Annotated[NewInstitution, FromBody(examples=[_A_CLINIC])]) -> Response:
    """Put a small institution on a point's list."""
    row = await cover_institution(work.session, work.actor, CoverInstitution(**body.model_dump()), at=work.at)
    return answer(InstitutionShown.model_validate(row), 201)


@router.get("/institutions", response_model=Coverage, responses=problems(400, 403))
async def covered(work: Reading, point_id: Annotated[UUID | None, Query()] = None) -> Response:
    """Who has not been visited for how long, and who hands nothing over."""
    found = await coverage(work.session, work.actor, point_id=point_id, at=work.at)
    return answer(Coverage(items=[_covered(one, work.at) for one in found]))


def _covered(one: Covered, at: datetime) -> CoveredShown:
    told = {name: getattr(one, name) for name in CoveredShown.model_fields if name != "overdue"}
    return CoveredShown(**{**told, "kind": one.kind.value}, overdue=one.overdue(at))


@router.post("/institutions/{institution_id}/visits", status_code=201, response_model=Visited, responses=_REFUSALS)
async def visit(
    work: Writing,
    keys: DeploymentKeys,
    institution_id: UUID,
    body: Annotated[Visit, FromBody(examples=[_A_VISIT])],
) -> Response:
    """A light hand-over: kinds, masses, time, names."""
    command = TakeFromInstitution(
        institution_id=institution_id,
        way=body.way,
        given_by=body.given_by,
        taken_by=body.taken_by,
        bags=tuple(bag.bag() for bag in body.bags),
        store_id=body.store_id,
        happened_at=body.happened_at,
    )
    row, made, appended = await take_from_institution(work.session, work.actor, command, at=work.at)
    shown = Visited(
        visit_id=row.id,
        bags=row.bags,
        mass_g=row.mass_g,
        containers=[ContainerShown.model_validate(one) for one in made],
        log=log_entry(appended, keys),
    )
    return answer(shown, 201)


@router.post("/emergencies", status_code=201, response_model=EmergencyDone, responses=_REFUSALS)
async def declare(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewEmergency, FromBody(examples=[_AN_ORDER])]
) -> Response:
    """Switch emergency mode on for a region."""
    row, appended = await declare_emergency(work.session, work.actor, DeclareEmergency(**body.model_dump()), at=work.at)
    return answer(EmergencyDone(emergency=EmergencyShown.model_validate(row), log=log_entry(appended, keys)), 201)


@router.get("/emergencies", response_model=EmergenciesListed, responses=problems(403))
async def list_emergencies(work: Reading) -> Response:
    """What was declared, the newest first."""
    found = await emergencies(work.session)
    return answer(EmergenciesListed(items=[EmergencyShown.model_validate(one) for one in found]))


@router.post("/emergencies/{emergency_id}/end", response_model=EmergencyDone, responses=_REFUSALS)
async def end(work: Writing, keys: DeploymentKeys, emergency_id: UUID) -> Response:
    """Switch it off before its time."""
    row, appended = await end_emergency(work.session, work.actor, emergency_id, at=work.at)
    return answer(EmergencyDone(emergency=EmergencyShown.model_validate(row), log=log_entry(appended, keys)))
