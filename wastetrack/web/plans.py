"""Pages of management plans: the list, a plan as a task list of its tables, their forms, versions and prints."""

import dataclasses
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.parties import policy
from wastetrack.parties import queries as parties
from wastetrack.plans import classing, planning, queries
from wastetrack.plans.comparing import differences
from wastetrack.plans.model import ManagementClass, PlanState, PlanTable, QuantityUnit, SetClass
from wastetrack.plans.policy import REQUIRED
from wastetrack.reports import choices
from wastetrack.reports.plan_document import TITLES, PlanFigures, document_of
from wastetrack.reports.plan_reading import figures_of
from wastetrack.reports.tabular import Document, cell_text
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import pdf_answer, workbook_answer
from wastetrack.serving.written_text import Line
from wastetrack.web import plan_fields
from wastetrack.web.catalogues import today
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.plan_answers import answers_of
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


@dataclasses.dataclass(frozen=True, slots=True)
class Used:
    """How far a line of a plan or a contract is used up."""

    words: str
    used: Mass
    most: Mass

    @classmethod
    def of(cls, words: str, used_g: int, most_g: int) -> "Used":
        """From grams as they are stored."""
        return cls(words, Mass(used_g), Mass(most_g))


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """One difference, by the titles of table and field."""

    table: str
    line: str | None
    title: str
    before: str | None
    after: str | None


class NewPlanForm(BaseModel):
    """A plan to begin."""

    site_id: UUID
    year: int = Field(ge=2020, le=2100)


class ClassForm(BaseModel):
    """An authority's word; an empty class takes it back."""

    management_class: ManagementClass | None = None
    reason: Line = ""


async def ask_new(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Which site, which year."""
    demand(work.actor, Verb.FILE)
    year = today(page.request, work).year
    if filled is EMPTY:
        query = page.request.query_params
        filled = Filled.of({"site_id": query.get("site_id", ""), "year": query.get("year", year)})
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    return page.show("plans/new.html", filled=filled, sites=sites, year=year)


offer(router, "/plans/new", ask_new)


@router.post("/plans/new")
@asked_again(ask_new)
async def begin(page: AnyPage, work: Writing, form: Annotated[NewPlanForm, Form()]) -> Response:
    """Begin a plan."""
    row = await planning.start_plan(work.session, work.actor, form.site_id, form.year, at=work.at)
    return page.go(f"/plans/{row.id}", message("The plan of {year} is begun."), year=row.year)


async def ask_plan(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A plan as the list of what is to be done: each table, what is missing in it, and what was taken."""
    row = await queries.plan(work.session, work.actor, page.request.path_params["plan_id"])
    versions = await queries.versions(work.session, row.id)
    figures, judged = await figures_of(work.session, work.actor, row, versions[0], at=work.at)
    items = await queries.items(work.session, (row.id,))
    firms = await parties.organisations_by_id(work.session, {item.receiver_id for item in items})
    return page.show(
        "plans/plan.html",
        filled=filled,
        plan=row,
        state=PlanState(row.state),
        site=judged.site,
        newest=versions[0],
        versions=versions,
        judged=judged,
        tables=_tasks(figures.content, judged),
        answers_of=answers_of(page, figures.content, _receivers(figures)),
        items=[
            Used.of(
                f"{item.waste_code} · {item.method} · {firms[item.receiver_id].name}", item.booked_g, item.planned_g
            )
            for item in items
            if item.planned_g or item.booked_g
        ],
        set_class=await queries.set_class_of(work.session, row.site_id),
        is_own=row.organisation_id == work.actor.organisation_id,
        may_file=row.organisation_id == work.actor.organisation_id and bool(may(work.actor, Verb.FILE)),
        may_sign=row.organisation_id == work.actor.organisation_id and bool(may(work.actor, Verb.SIGN)),
    )


def _receivers(figures: PlanFigures) -> dict[str, str]:
    """The receivers that the plan names, by id."""
    return {key: firm["name"] for key, firm in figures.particulars.get("receivers", {}).items()}


def _tasks(content: Any, judged: Any) -> list[tuple[PlanTable, str, bool, bool, int]]:  # noqa: ANN401  Content, Judged
    """Each table: its title, whether its class asks for it, whether something stands there, and how much is wrong."""
    required = REQUIRED[judged.classification.management_class]
    wrong = [broken.field.partition(".")[0] for broken in judged.broken]
    return [
        (table, title, table in required, content.is_filled(table), wrong.count(table.value))
        for table, title in TITLES.items()
    ]


@router.get("/plans/{plan_id:uuid}")
async def plan(page: AnyPage, work: Reading, plan_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The plan."""
    return await ask_plan(page, work, EMPTY)


@router.post("/plans/{plan_id:uuid}/file")
@asked_again(ask_plan)
async def file(page: AnyPage, work: Writing, plan_id: UUID) -> Response:
    """File the version in the making."""
    row, _ = await planning.file_plan(work.session, work.actor, plan_id, at=work.at)
    told = message("The plan is filed under {filing_number}.")
    return page.go(f"/plans/{plan_id}", told, filing_number=row.filing_number)


@router.post("/plans/{plan_id:uuid}/change")
@asked_again(ask_plan)
async def change(page: AnyPage, work: Writing, plan_id: UUID) -> Response:
    """Begin a new version."""
    await planning.start_change(work.session, work.actor, plan_id, at=work.at)
    return page.go(f"/plans/{plan_id}", message("A new version is begun; the filed one stays in force meanwhile."))


async def ask_table(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of one table, with what stands in it and what is wrong with that."""
    table = _table(page.request)
    row = await queries.plan(work.session, work.actor, page.request.path_params["plan_id"])
    demand(work.actor, Verb.FILE)
    (newest, *_) = await queries.versions(work.session, row.id)
    figures, judged = await figures_of(work.session, work.actor, row, newest, at=work.at)
    stands = getattr(figures.content, table.value)
    count = len(stands) if isinstance(stands, tuple) else len(getattr(stands, "lines", ()))
    if filled is EMPTY:
        filled = dataclasses.replace(
            Filled.of(plan_fields.typed(figures.content, table)),
            broken=_of_table(judged.broken, table) if figures.content.is_filled(table) else (),
        )
    return page.show(
        "plans/table.html",
        filled=filled,
        plan=row,
        site=judged.site,
        table=table,
        title=TITLES[table],
        fields={PlanTable.UNIT: plan_fields.UNIT_FIELDS, PlanTable.REDUCTION: plan_fields.REDUCTION_FIELDS}.get(
            table, ()
        ),
        line_fields=plan_fields.LINE_FIELDS.get(table, ()),
        line_count=plan_fields.line_count(filled.values, count),
        units=QuantityUnit,
        facility_options=[(one.code, f"{one.code} {one.name}") for one in judged.known.facilities if one.until is None],
        receivers=await choices.receiving_firms(work.session, near=row.region_code),
        last_year=figures.last_year,
        lists=judged.known.lists,
        methods=judged.known.lists.treatments_on(figures.on),
    )


def _of_table(broken: tuple[Any, ...], table: PlanTable) -> tuple[Any, ...]:
    """What is wrong in a table, by the names of the form's fields."""
    found = []
    for one in broken:
        head, _, rest = one.field.partition(".")
        if head == table.value and rest:
            name = rest if rest.startswith("lines.") or not rest[0].isdigit() else f"lines.{rest}"
            found.append(dataclasses.replace(one, field=name))
    return tuple(found)


def _table(request: Request) -> PlanTable:
    try:
        return PlanTable(request.path_params["table"])
    except ValueError:
        raise NotFound("plan_table_unknown", "A plan has no such table.") from None


@router.get("/plans/{plan_id:uuid}/tables/{table}")
async def table(page: AnyPage, work: Reading, plan_id: UUID, table: str) -> Response:  # noqa: ARG001
    """The form."""
    return await ask_table(page, work, EMPTY)


@router.post("/plans/{plan_id:uuid}/tables/{table}")
@asked_again(ask_table)
async def save(page: AnyPage, work: Writing, plan_id: UUID, table: str) -> Response:  # noqa: ARG001
    """Keep what was typed; what is missing is told on the plan."""
    form, which = await page.request.form(), _table(page.request)
    await planning.save_tables(work.session, work.actor, plan_id, {which: plan_fields.read(form, which)}, at=work.at)
    address = f"/plans/{plan_id}/tables/{which.value}" if "more" in form else f"/plans/{plan_id}"
    return page.go(address, message("The table is kept."))


@router.get("/plans/{plan_id:uuid}/versions/{version}")
async def version(page: AnyPage, work: Reading, plan_id: UUID, version: int) -> Response:
    """A version whole, and what it changed."""
    row = await queries.plan(work.session, work.actor, plan_id)
    found = await planning.version_of(work.session, work.actor, plan_id, version)
    rows = {one.version: queries.content_of(one) for one in await queries.versions(work.session, plan_id)}
    figures, judged = await figures_of(work.session, work.actor, row, found, at=work.at)
    document = document_of(figures)
    words = _receivers(figures) | plan_fields.words(page.locale)

    def told(value: str | None) -> str | None:
        """Ids and members of enums by their words."""
        return None if value is None else " ".join(words.get(part, part) for part in value.split(" "))

    return page.show(
        "plans/version.html",
        plan=row,
        site=judged.site,
        version=found,
        changed=[
            Changed(
                TITLES[one.table],
                told(one.line),
                plan_fields.title_of(one.table, one.name),
                told(one.before),
                told(one.after),
            )
            for one in (differences(rows[version - 1], rows[version]) if version - 1 in rows else ())
        ],
        sheets=_shown(document, page),
    )


Shown = tuple[str, list[tuple[str, str]], list[list[tuple[str, str]]], list[str]]
"""Title, headings with their class, rows of cells with their headings, notes."""


def _shown(document: Document, page: Page) -> list[Shown]:
    """The document's tables as words."""
    locale, zone = page.locale, LEGAL_ZONE.key
    return [
        (
            sheet.title.of(locale),
            [(column.heading(locale), "number" if column.unit else "") for column in sheet.columns],
            [
                [
                    (column.heading(locale), cell_text(cell, column, locale, zone))
                    for cell, column in zip(row, sheet.columns, strict=True)
                ]
                for row in sheet.rows
            ],
            [note.of(locale) for note in sheet.notes],
        )
        for sheet in document.sheets
    ]


async def _document(work: ReadWork, plan_id: UUID, version: int) -> Document:
    row = await queries.plan(work.session, work.actor, plan_id)
    found = await planning.version_of(work.session, work.actor, plan_id, version)
    figures, _ = await figures_of(work.session, work.actor, row, found, at=work.at)
    return document_of(figures)


@router.get("/plans/{plan_id:uuid}/versions/{version}/plan.xlsx")
async def as_workbook(page: AnyPage, work: Reading, plan_id: UUID, version: int) -> Response:
    """A version as a workbook."""
    return await workbook_answer(await _document(work, plan_id, version), "management-plan", page.locale)


@router.get("/plans/{plan_id:uuid}/versions/{version}/plan.pdf")
async def as_pdf(page: AnyPage, work: Reading, plan_id: UUID, version: int) -> Response:
    """The same to print."""
    return await pdf_answer(await _document(work, plan_id, version), "management-plan", page.locale)


async def ask_class(page: Page, work: ReadWork, filled: Filled) -> Response:
    """An authority's form: of which class a site is."""
    site = await parties.site(work.session, page.request.path_params["site_id"])
    policy.demand(policy.may_permit(work.actor, site.region_code), "may_not_set_class")
    return page.show(
        "plans/class_form.html",
        filled=filled,
        site=site,
        firm=await parties.organisation(work.session, site.organisation_id),
        set_class=await queries.set_class_of(work.session, site.id),
        classes=ManagementClass,
    )


offer(router, "/sites/{site_id:uuid}/management-class", ask_class)


@router.post("/sites/{site_id:uuid}/management-class")
@asked_again(ask_class)
async def set_class(page: AnyPage, work: Writing, site_id: UUID, form: Annotated[ClassForm, Form()]) -> Response:
    """Say it."""
    command = SetClass(site_id=site_id, management_class=form.management_class, reason=form.reason)
    await classing.set_class(work.session, work.actor, command, at=work.at)
    return page.go(f"/plans?year={legal_day(work.at).year}", message("The class is set."))
