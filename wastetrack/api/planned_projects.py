"""The register of planned projects, for authorities."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.policy import demand_authority
from wastetrack.capacity import project_queries, registering
from wastetrack.capacity.projects import (
    ChangeProject,
    DescribeProject,
    PlannedProject,
    ProjectKind,
    ProjectState,
)
from wastetrack.mass import Mass
from wastetrack.parties.commands import ItemToGrant
from wastetrack.reports.oversight_figures import within
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["capacity"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_PROJECT: dict[str, Any] = {
    "kind": "hazardous_disposal",
    "state": "building",
    "name": "莱山飞灰填埋场",
    "builder": "烟台某环保有限公司",
    "region_code": "370613",
    "longitude": "121.445",
    "latitude": "37.51",
    "starts_on": "2027-04-01",
    "items": [{"pattern": "772-002-18", "methods": ["D1"], "yearly_g": 30_000_000_000}],
}
_Degrees = Annotated[Decimal, Field(ge=-180, le=180, max_digits=12)]


class ProjectItemFields(Body):
    """A line of what it will be allowed."""

    pattern: Line
    methods: list[Line]
    yearly_g: Grams


class ProjectFields(Body):
    """A project as it is to stand in the register."""

    kind: ProjectKind
    state: ProjectState
    name: Line
    builder: Line
    region_code: Annotated[Line, Field(description="GB/T 2260, six digits")]
    longitude: _Degrees
    latitude: _Degrees
    starts_on: Annotated[Day, Field(description="When it is expected to run")]
    items: list[ProjectItemFields] = Field(default=[], max_length=200)
    document: Line = ""
    remarks: Prose = ""

    def told(self) -> DescribeProject:
        """As the rules know it."""
        items = tuple(
            ItemToGrant(pattern=item.pattern, methods=frozenset(item.methods), yearly=Mass(item.yearly_g))
            for item in self.items
        )
        more = self.model_dump(exclude={"items", "version"})
        return DescribeProject(items=items, **more)


class ChangedProjectFields(ProjectFields):
    """The same of one that is there; `version` is that which was seen."""

    version: Annotated[int, Field(strict=True, ge=1)]


class ProjectItemShown(Shown):
    """A line."""

    pattern: str
    methods: list[str]
    yearly_g: int


class ProjectShown(Shown):
    """A project."""

    id: UUID
    organisation_id: UUID
    authority: str
    kind: ProjectKind
    state: ProjectState
    name: str
    builder: str
    region_code: str
    longitude: float
    latitude: float
    starts_on: date
    document: str
    remarks: str
    version: int
    created_at: datetime
    changed_at: datetime
    yearly_g: int
    items: list[ProjectItemShown]


class ProjectList(Shown):
    """Those of a region, the earliest first."""

    items: list[ProjectShown]


@router.get("/capacity/projects", response_model=ProjectList, responses=problems(403, 404, 422))
async def listed(
    work: Reading,
    region: Annotated[str, Query(pattern=r"^\d{0,6}$", description="First digits of a region")] = "",
    state: ProjectState | None = None,
) -> Response:
    """The projects of one's region."""
    demand_authority(work.actor)
    asked = within(work.actor, region)
    found = await project_queries.projects(work.session, work.actor, region=asked, state=state)
    return answer(ProjectList(items=[_shown(one) for one in found]))


@router.get("/capacity/projects/{project_id}", response_model=ProjectShown, responses=problems(403, 404, 422))
async def one(work: Reading, project_id: UUID) -> Response:
    """A project."""
    demand_authority(work.actor)
    return answer(_shown(await project_queries.project(work.session, project_id)))


@router.post("/capacity/projects", status_code=201, response_model=ProjectShown, responses=_REFUSALS)
async def enter(work: Writing, body: Annotated[ProjectFields, FromBody(examples=[_A_PROJECT])]) -> Response:
    """Enter one."""
    made = await registering.register_project(work.session, work.actor, body.told(), at=work.at)
    return answer(_shown(made), 201)


@router.post("/capacity/projects/{project_id}", response_model=ProjectShown, responses=_REFUSALS)
async def change(
    work: Writing,
    project_id: UUID,
    body: Annotated[ChangedProjectFields, FromBody(examples=[_A_PROJECT | {"version": 1}])],
) -> Response:
    """Say anew what it is."""
    command = ChangeProject(project_id=project_id, version=body.version, told=body.told())
    made = await registering.change_project(work.session, work.actor, command, at=work.at)
    return answer(_shown(made))


def _shown(one: PlannedProject) -> ProjectShown:
    return ProjectShown(
        id=one.id,
        organisation_id=one.organisation_id,
        authority=one.authority,
        kind=one.kind,
        state=one.state,
        name=one.name,
        builder=one.builder,
        region_code=one.region_code,
        longitude=float(one.longitude),
        latitude=float(one.latitude),
        starts_on=one.starts_on,
        document=one.document,
        remarks=one.remarks,
        version=one.version,
        created_at=one.created_at,
        changed_at=one.changed_at,
        yearly_g=one.yearly.grams,
        items=[
            ProjectItemShown(pattern=item.pattern, methods=list(item.methods), yearly_g=item.yearly.grams)
            for item in one.items
        ],
    )
