"""Pages of the register of planned projects: the list, one project, enter, change."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, demand_authority, demand_own, may
from wastetrack.capacity import project_queries, registering
from wastetrack.capacity.projects import (
    ChangeProject,
    DescribeProject,
    PlannedProject,
    ProjectKind,
    ProjectState,
)
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import message
from wastetrack.parties.commands import ItemToGrant
from wastetrack.reports.oversight_figures import choosable, within
from wastetrack.searches import queries as searches
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.catalogues import today
from wastetrack.web.custody_fields import Search
from wastetrack.web.form_lines import LineTable
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.list_views import ListView
from wastetrack.web.organisations import counties_near
from wastetrack.web.permits import LineOfForm
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/capacity/projects", route_class=AnsweringRoute)

KINDS: dict[ProjectState, str] = {
    ProjectState.PROPOSED: "plain",
    ProjectState.APPROVED: "info",
    ProjectState.BUILDING: "info",
    ProjectState.TRIAL: "warn",
    ProjectState.RUNNING: "good",
    ProjectState.DROPPED: "plain",
}
"""How a state is drawn."""
TABLE = LineTable(LineOfForm, fewest=6, most=200)


class AskedProjects(Search):
    """Which region, and how far."""

    region: str = Field("", pattern=r"^\d{0,6}$")
    state: ProjectState | None = None


class ProjectForm(BaseModel):
    """A project, without its lines."""

    kind: ProjectKind
    state: ProjectState
    name: Line = ""
    builder: Line = ""
    region_code: Line = ""
    longitude: Decimal
    latitude: Decimal
    starts_on: Day
    document: Line = ""
    remarks: Prose = ""

    def told(self, lines: tuple[LineOfForm, ...]) -> DescribeProject:
        """As the rules know it."""
        items = tuple(
            ItemToGrant(pattern=one.pattern, methods=frozenset(one.methods), yearly=one.yearly) for one in lines
        )
        return DescribeProject(items=items, **self.model_dump(exclude={"version"}))


class ChangeForm(ProjectForm):
    """The same, with the version that the officer saw."""

    version: int


@router.get("")
async def listed(page: AnyPage, work: Reading, asked: Annotated[AskedProjects, Query()]) -> Response:
    """The register."""
    demand_authority(work.actor)
    region = within(work.actor, asked.region)
    found = await project_queries.projects(work.session, work.actor, region=region, state=asked.state)
    lists = await snapshot(work.session)
    return page.show(
        "capacity/projects.html",
        asked=asked,
        regions=choosable(lists, work.actor, asked.region),
        projects=found,
        view=ListView(page, (), await searches.kept(work.session, work.actor, page.path)),
        lists=lists,
        states=ProjectState,
        kinds=KINDS,
        may_enter=bool(may(work.actor, Verb.ASSESS_CAPACITY)),
    )


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a project that is new."""
    demand(work.actor, Verb.ASSESS_CAPACITY)
    return await _form(page, work, filled, None)


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of one that is there."""
    found = await project_queries.project(work.session, page.request.path_params["project_id"])
    demand_own(work.actor, Verb.ASSESS_CAPACITY, found.organisation_id)
    return await _form(page, work, Filled.of(_typed(found)) if filled is EMPTY else filled, found)


async def _form(page: Page, work: ReadWork, filled: Filled, found: PlannedProject | None) -> Response:
    lists = await snapshot(work.session)
    return page.show(
        "capacity/project_form.html",
        filled=filled,
        project=found,
        lists=lists,
        counties=counties_near(lists, work.actor.viewer.removeprefix("r:").ljust(6, "0")),
        kinds=ProjectKind,
        states=ProjectState,
        line_count=TABLE.count(filled.values),
        methods=lists.treatments_on(today(page.request, work)),
    )


def _typed(found: PlannedProject) -> dict[str, object]:
    typed: dict[str, object] = {name: getattr(found, name) for name in (*ProjectForm.model_fields, "version")}
    for number, item in enumerate(found.items):
        typed[f"items.{number}.pattern"] = item.pattern
        typed[f"items.{number}.methods"] = " ".join(item.methods)
        typed[f"items.{number}.yearly"] = item.yearly.tonne_text().removesuffix(" t")
    return typed


offer(router, "/new", ask)


@router.post("/new")
@asked_again(ask)
async def enter(page: AnyPage, work: Writing, form: Annotated[ProjectForm, Form()]) -> Response:
    """Enter a project."""
    lines = await TABLE.read(page.request)
    with lines.naming_fields():
        made = await registering.register_project(work.session, work.actor, form.told(lines.typed), at=work.at)
    return page.go(f"/capacity/projects/{made.id}", message("The project {name} is entered."), name=made.name)


@router.get("/{project_id:uuid}")
async def one(page: AnyPage, work: Reading, project_id: UUID) -> Response:
    """A project, with what it will be allowed."""
    demand_authority(work.actor)
    found = await project_queries.project(work.session, project_id)
    lists = await snapshot(work.session)
    return page.show(
        "capacity/project.html",
        project=found,
        facts=_facts(page, found, lists.region_name(found.region_code)),
        kind=KINDS[found.state],
        points=[{"lat": float(found.latitude), "lon": float(found.longitude), "words": found.name, "kind": "info"}],
        may_change=bool(may(work.actor, Verb.ASSESS_CAPACITY)) and found.organisation_id == work.actor.organisation_id,
    )


def _facts(page: Page, found: PlannedProject, region: str) -> list[tuple[str, Any]]:
    return [
        (page.translate("Builder"), found.builder),
        (page.translate("Region"), region),
        (page.translate("Authority"), found.authority),
        (page.translate("Document"), found.document),
        (page.translate("Remarks"), found.remarks),
    ]


offer(router, "/{project_id:uuid}/change", ask_change)


@router.post("/{project_id:uuid}/change")
@asked_again(ask_change)
async def change(page: AnyPage, work: Writing, project_id: UUID, form: Annotated[ChangeForm, Form()]) -> Response:
    """Say anew what it is."""
    lines = await TABLE.read(page.request)
    command = ChangeProject(project_id=project_id, version=form.version, told=form.told(lines.typed))
    with lines.naming_fields():
        made = await registering.change_project(work.session, work.actor, command, at=work.at)
    return page.go(f"/capacity/projects/{made.id}", message("The project {name} is changed."), name=made.name)
