"""Management plans through the API: begin, fill in, file, change, read; for authorities, who has filed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.windows import Window
from wastetrack.errors import Forbidden
from wastetrack.plans import classing, planning, queries
from wastetrack.plans.comparing import differences
from wastetrack.plans.content import (
    Content,
    FacilityLine,
    GenerationLine,
    Reduction,
    StorageLine,
    TransferLine,
    TreatmentLine,
    Unit,
)
from wastetrack.plans.model import ManagementClass, PlanState, PlanTable, SetClass
from wastetrack.plans.queries import Plan, PlanItem, PlanVersion
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(route_class=AnsweringRoute, tags=["plans"])

_MOST = 300
_Year = Annotated[int, Field(ge=2020, le=2100)]
_A_TRANSFER: dict[str, Any] = {
    "transfer": [
        {
            "kind": "within_the_province",
            "waste_code": "900-249-08",
            "planned": {"value": "12.5", "unit": "t"},
            "method": "D10",
            "receiver_kind": "permit_holder",
            "receiver_id": "0192f0c1-7b1a-7000-8000-000000000005",
        }
    ]
}


class NewPlan(Body):
    """The year to plan."""

    year: _Year


class Tables(Body):
    """The tables of annex A that are to be replaced; those that are left out stay."""

    unit: Unit | None = None
    facilities: tuple[FacilityLine, ...] | None = Field(None, max_length=_MOST)
    generation: tuple[GenerationLine, ...] | None = Field(None, max_length=_MOST)
    storage: tuple[StorageLine, ...] | None = Field(None, max_length=_MOST)
    treatment: tuple[TreatmentLine, ...] | None = Field(None, max_length=_MOST)
    reduction: Reduction | None = None
    transfer: tuple[TransferLine, ...] | None = Field(None, max_length=_MOST)

    def told(self) -> dict[PlanTable, Any]:
        """As the use case wants it."""
        return {table: part for table in PlanTable if (part := getattr(self, table.value)) is not None}


class NewClass(Body):
    """Of which class an authority says a site is; null takes it back."""

    management_class: ManagementClass | None
    reason: Line


class PlanShown(Shown):
    """A plan. `version` is the filed one, 0 before the first filing."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    region_code: str
    year: int
    state: PlanState
    version: int
    filing_number: str | None
    created_at: datetime
    filed_at: datetime | None


class VersionShown(Shown):
    """A version: its class with the ground and the yearly amount, and all its tables."""

    version: int
    management_class: ManagementClass
    class_ground: str
    amount_g: int
    amount_ground: str
    content: Content
    particulars: dict[str, Any]
    changed_at: datetime
    filed_at: datetime | None
    event_id: UUID | None


class ItemShown(Shown):
    """A line of A.7 in force, and what manifests have taken of it."""

    id: UUID
    waste_code: str
    method: str
    receiver_id: UUID
    planned_g: int
    booked_g: int


class PlanWhole(Shown):
    """A plan with its newest version that one may see."""

    plan: PlanShown
    newest: VersionShown
    versions: list[int]
    items: list[ItemShown]


class PlanList(Shown):
    """Plans, the newest year first."""

    items: list[PlanShown]


class DifferenceShown(Shown):
    """One field that differs from the version before."""

    table: PlanTable
    line: str
    name: str
    before: str | None
    after: str | None


class VersionWhole(Shown):
    """A version and what it changed."""

    version: VersionShown
    differences: list[DifferenceShown]


class Filed(Shown):
    """The filed plan, and the event that states it."""

    plan: PlanShown
    log: LogEntry


class ClassSet(Shown):
    """The authority's word, and its event."""

    id: UUID
    log: LogEntry


class SiteFilingShown(Shown):
    """A site whose plan is due, and what it has filed."""

    site_id: UUID
    site: str
    organisation_id: UUID
    organisation: str
    region_code: str
    plan_id: UUID | None
    filing_number: str | None
    management_class: ManagementClass | None
    filed_at: datetime | None
    version: int


class SiteFilings(Shown):
    """Those that have not filed come first."""

    items: list[SiteFilingShown]


def _version(row: PlanVersion) -> VersionShown:
    told = row.model_dump() | {"content": queries.content_of(row)}
    return VersionShown(**{name: told[name] for name in VersionShown.model_fields})


def _whole(row: Plan, versions: list[PlanVersion], items: list[PlanItem]) -> PlanWhole:
    return PlanWhole(
        plan=PlanShown.model_validate(row),
        newest=_version(versions[0]),
        versions=[one.version for one in versions],
        items=[ItemShown.model_validate(one) for one in items],
    )


@router.get("/plans", response_model=PlanList, responses=problems(422))
async def plans(work: Reading, year: Annotated[int | None, Query(ge=2020, le=2100)] = None) -> Response:
    """One's own plans, or the filed ones of an authority's region."""
    found = await queries.plans_seen(work.session, work.actor, year=year)
    return answer(PlanList(items=[PlanShown.model_validate(row) for row, _ in found]))


@router.post(
    "/sites/{site_id}/plans", status_code=201, response_model=PlanShown, responses=problems(403, 404, 409, 422)
)
async def start(work: Writing, site_id: UUID, body: NewPlan) -> Response:
    """Begin the plan of a year: as the year before, or from the register and the ledger."""
    made = await planning.start_plan(work.session, work.actor, site_id, body.year, at=work.at)
    return answer(PlanShown.model_validate(made), 201)


@router.get("/plans/{plan_id}", response_model=PlanWhole, responses=problems(404, 422))
async def plan(work: Reading, plan_id: UUID) -> Response:
    """A plan with its newest version and what manifests have taken."""
    row = await queries.plan(work.session, work.actor, plan_id)
    versions = await queries.versions(work.session, row.id)
    return answer(_whole(row, versions, await queries.items(work.session, (row.id,))))


@router.post("/plans/{plan_id}/tables", response_model=VersionShown, responses=problems(400, 403, 404, 409, 422))
async def save(work: Writing, plan_id: UUID, body: Annotated[Tables, FromBody(examples=[_A_TRANSFER])]) -> Response:
    """Replace tables of the version in the making. What is missing is told when it is submitted."""
    return answer(_version(await planning.save_tables(work.session, work.actor, plan_id, body.told(), at=work.at)))


@router.post("/plans/{plan_id}/change", status_code=201, response_model=VersionShown, responses=problems(403, 404, 409))
async def change(work: Writing, plan_id: UUID) -> Response:
    """Begin a new version; the filed one stays in force until the new one is submitted."""
    return answer(_version(await planning.start_change(work.session, work.actor, plan_id, at=work.at)), 201)


@router.post("/plans/{plan_id}/submission", response_model=Filed, responses=problems(403, 404, 409, 422))
async def submit(work: Writing, keys: DeploymentKeys, plan_id: UUID) -> Response:
    """File the version in the making; everything that is missing or wrong is told at once."""
    row, appended = await planning.file_plan(work.session, work.actor, plan_id, at=work.at)
    return answer(Filed(plan=PlanShown.model_validate(row), log=log_entry(appended, keys)))


@router.get("/plans/{plan_id}/versions/{version}", response_model=VersionWhole, responses=problems(404, 422))
async def version(work: Reading, plan_id: UUID, version: Annotated[int, Field(ge=1, le=10_000)]) -> Response:
    """A version whole, and what it changed."""
    found = await planning.version_of(work.session, work.actor, plan_id, version)
    rows = {one.version: queries.content_of(one) for one in await queries.versions(work.session, plan_id)}
    changed = differences(rows[version - 1], rows[version]) if version - 1 in rows else ()
    told = [DifferenceShown.model_validate(one) for one in changed]
    return answer(VersionWhole(version=_version(found), differences=told))


@router.get("/plan-filings", response_model=SiteFilings, responses=problems(403, 422))
async def filings(
    work: Reading,
    year: Annotated[int | None, Query(ge=2020, le=2100)] = None,
    filed: Annotated[bool | None, Query(description="Only those that have, or have not, filed")] = None,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """For authorities: the sites of the region whose plan of a year is due, and who has filed it."""
    region = region_of(work.actor.viewer)
    of_year = year or legal_day(work.at).year
    found = await queries.who_filed(work.session, region, of_year, Window(offset=offset), filed=filed)
    return answer(SiteFilings(items=[SiteFilingShown.model_validate(one) for one in found]))


def region_of(viewer: str) -> str:
    """The region that an authority watches. Raises Forbidden for everybody else."""
    if not viewer.startswith("r:"):
        raise Forbidden("only_authorities", "Only an authority reads the filings of its region.")
    return viewer.removeprefix("r:")


@router.post(
    "/sites/{site_id}/management-class",
    status_code=201,
    response_model=ClassSet,
    responses=problems(400, 403, 404, 422),
)
async def set_class(work: Writing, keys: DeploymentKeys, site_id: UUID, body: NewClass) -> Response:
    """Say of which class a site is (HJ 1259-2022, 4.2.2)."""
    command = SetClass(site_id=site_id, management_class=body.management_class, reason=body.reason)
    made, appended = await classing.set_class(work.session, work.actor, command, at=work.at)
    return answer(ClassSet(id=made, log=log_entry(appended, keys)), 201)
