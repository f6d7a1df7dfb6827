"""Pages of imports: send a file, see what was found in it, confirm in two steps, see and print what was made."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import demand, may
from wastetrack.characters import without_unseen
from wastetrack.containers.model import PrintLabels, PrintReason
from wastetrack.containers.printing import print_labels
from wastetrack.errors import Forbidden, refuse
from wastetrack.i18n import message
from wastetrack.imports import offering, queries
from wastetrack.imports.model import LABELLED, LARGEST_FILE, MOST_ROWS, Import, ImportKind, ImportState, Severity
from wastetrack.imports.offering import VERBS, Confirm, Offer
from wastetrack.imports.queries import FindingFilter, MadeOf
from wastetrack.imports.reading import XLSX
from wastetrack.imports.template_books import template
from wastetrack.parties import queries as parties
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.printed_labels import check_paper, figures_of_print
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import queries as tasks
from wastetrack.tasks.model import LongTask, LongTaskState, ResultFile
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import IMPORTS
from wastetrack.web.printing import PAPERS
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.tasks import download, seen

router = RoomRouter(prefix="/imports", route_class=AnsweringRoute)

PER_PAGE = 50
LABELS_AT_ONCE = 500
"""Labels of one document; a printer takes some minutes for them."""
_LONGEST_NAME = 120
_UNDER_WAY = frozenset({ImportState.CHECKING, ImportState.IMPORTING})


class Wanted(Asked):
    """Which imports."""

    kind: ImportKind | None = None


class FindingSearch(Search):
    """Which findings are looked at."""

    severity: Severity | None = None
    column: int | None = None
    after: int = -1
    made_after: int = -1


class ConfirmForm(BaseModel):
    """The second step. `warnings`: how many there are that the person has read; a box to tick."""

    warnings: int = 0


class LabelsForm(BaseModel):
    """Which of the made containers get their labels now, and on what."""

    after: int = -1
    paper: LabelPaper = LabelPaper.SINGLE


def kinds_of(work: ReadWork) -> list[ImportKind]:
    """What this person may import."""
    return [kind for kind, verb in VERBS.items() if may(work.actor, verb)]


@router.get("")
async def listed(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The files of one's organisation, the newest first."""
    if not kinds_of(work):
        demand(work.actor, VERBS[ImportKind.CONTAINERS])
    view = await IMPORTS.view(page, work, wanted)
    found = await queries.imports_of(work.session, work.actor, view.window, kind=wanted.kind)
    return await view.answer("imports/imports.html", found)


async def ask_file(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form."""
    kinds = kinds_of(work)
    if not kinds:
        demand(work.actor, VERBS[ImportKind.CONTAINERS])
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    if filled is EMPTY and sites:
        filled = Filled.of({"site_id": str(sites[0].id)})
    megabytes = LARGEST_FILE // (1024 * 1024)
    return page.show(
        "imports/new.html", filled=filled, kinds=kinds, sites=sites, megabytes=megabytes, most_rows=MOST_ROWS
    )


@router.get("/new")
async def new(page: AnyPage, work: Reading) -> Response:
    """The empty form."""
    return await ask_file(page, work, EMPTY)


@router.post("/new")
@asked_again(ask_file)
async def send(  # noqa: PLR0917  the fields of a form
    page: AnyPage,
    work: Writing,
    kind: Annotated[ImportKind, Form()],
    file: Annotated[UploadFile, File()],
    site_id: Annotated[UUID | None, Form()] = None,
    again: Annotated[bool, Form()] = False,  # noqa: FBT002  a box of a form
) -> Response:
    """Keep the file and have it checked."""
    content = await file.read(LARGEST_FILE + 1)
    command = Offer(kind=kind, site_id=site_id, name=name_of(file), content=content, locale=page.locale, again=again)
    made = await offering.offer(work.session, work.actor, command, at=work.at)
    return page.go(f"/imports/{made.id}")


def name_of(file: UploadFile) -> str:
    """The name of a file as it is shown: without its folders and what cannot be seen."""
    name = without_unseen((file.filename or "").replace("\\", "/").rpartition("/")[2]).strip()
    return name[-_LONGEST_NAME:] or "—"


@router.get("/templates/{kind}.xlsx")
async def blank(page: AnyPage, work: Reading, kind: ImportKind) -> Response:
    """The workbook to fill in, in the language of the page."""
    demand(work.actor, VERBS[kind])
    return download(ResultFile(f"{kind.value}-{page.locale}.xlsx", XLSX, template(kind, page.locale)))


@router.get("/{import_id:uuid}")
async def one(page: AnyPage, work: Reading, import_id: UUID, wanted: Annotated[FindingSearch, Query()]) -> Response:
    """How far it is, what was found, what was made."""
    found = await queries.one_import(work.session, work.actor, import_id)
    context = await _context(work, found, wanted)
    return seen(page, work, context["task"], page.show("imports/import.html", filled=EMPTY, **context))


async def ask_labels(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The same page with an order for labels that was refused."""
    found = await queries.one_import(work.session, work.actor, page.request.path_params["import_id"])
    return page.show("imports/import.html", filled=filled, **await _context(work, found, FindingSearch()))


async def _context(work: ReadWork, found: Import, wanted: FindingSearch) -> dict[str, Any]:
    session = work.session
    asked = FindingFilter(severity=wanted.severity, column=wanted.column)
    findings = await queries.findings_of(session, found.id, asked, after=wanted.after, limit=PER_PAGE + 1)
    made = await queries.made_of(session, found.id, after=wanted.made_after, limit=PER_PAGE + 1)
    return {
        "found": found,
        "place": await place_of(work, found),
        "address_of": address_of,
        "labelled": found.kind in LABELLED,
        "task": await _own_task(work, found),
        "states": LongTaskState,
        "under_way": found.state in _UNDER_WAY,
        "wanted": wanted,
        "findings": findings[:PER_PAGE],
        "more_findings": findings[PER_PAGE - 1][0] if len(findings) > PER_PAGE else None,
        "columns": await queries.counts_by_column(session, found.id),
        "made": made[:PER_PAGE],
        "more_made": wanted.made_after + PER_PAGE if len(made) > PER_PAGE else None,
        "marked": await queries.has_marked(session, found.id),
        "papers": PAPERS,
        "labels_at_once": LABELS_AT_ONCE,
        "parts": range(0, found.summary.get("count", 0), LABELS_AT_ONCE),
        "is_ours": bool(may(work.actor, VERBS[found.kind])),
        "letters": column_letters,
    }


async def place_of(work: ReadWork, found: Import) -> str:
    """The site, or the firm, that the file is for."""
    if found.site_id is not None:
        return (await parties.site(work.session, found.site_id)).name
    return (await parties.organisation(work.session, found.organisation_id)).name


def address_of(found: Import, made: MadeOf) -> str:
    """Where what a row became is shown."""
    match found.kind:
        case ImportKind.MANIFESTS:
            return f"/manifests/{made.subject_id}"
        case ImportKind.CONTRACTS:
            return f"/contracts/{made.subject_id}"
        case ImportKind.VEHICLES | ImportKind.DRIVERS:
            return f"/organisations/{found.organisation_id}"
        case _:
            return f"/containers/{made.subject_id}"


async def _own_task(work: ReadWork, found: Import) -> LongTask | None:
    """The long work under way, where it is the visitor's own; a colleague's is his alone."""
    if found.task_id is None or found.person_id != work.actor.person_id:
        return None
    mine = await tasks.tasks_of(work.session, work.actor)
    return next((task for task in mine if task.id == found.task_id), None)


def column_letters(place: int | None) -> str:
    """A column as a spreadsheet calls it: 1 → A, 27 → AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@router.get("/{import_id:uuid}/marked.xlsx")
async def marked(work: Reading, import_id: UUID) -> Response:
    """One's own workbook with the wrong cells marked."""
    found = await queries.one_import(work.session, work.actor, import_id)
    media_type, content = await queries.file_of(work.session, import_id, "marked")
    stem = found.name.rpartition(".")[0] or found.name
    return download(ResultFile(f"{stem}-{'已标记' if found.locale == 'zh' else 'marked'}.xlsx", media_type, content))


async def ask_confirm(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The second step: what would be made, and the button that makes it."""
    found = await queries.one_import(work.session, work.actor, page.request.path_params["import_id"])
    demand(work.actor, VERBS[found.kind])
    return page.show("imports/confirm.html", filled=filled, found=found, place=await place_of(work, found))


@router.get("/{import_id:uuid}/confirm")
async def confirming(page: AnyPage, work: Reading, import_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """What would be made."""
    return await ask_confirm(page, work, EMPTY)


@router.post("/{import_id:uuid}/confirm")
@asked_again(ask_confirm)
async def confirm(page: AnyPage, work: Writing, import_id: UUID, form: Annotated[ConfirmForm, Form()]) -> Response:
    """Have it taken in."""
    command = Confirm(import_id=import_id, warnings=form.warnings)
    await offering.confirm(work.session, work.actor, command, at=work.at)
    return page.go(f"/imports/{import_id}")


@router.post("/{import_id:uuid}/withdrawal")
async def withdraw(page: AnyPage, work: Writing, import_id: UUID) -> Response:
    """Leave it."""
    await offering.withdraw(work.session, work.actor, import_id)
    return page.go("/imports", message("The import is withdrawn. Nothing of it was made."))


@router.post("/{import_id:uuid}/labels")
@asked_again(ask_labels)
async def labels(
    page: AnyPage, work: Writing, keys: DeploymentKeys, import_id: UUID, form: Annotated[LabelsForm, Form()]
) -> Response:
    """Print the labels of what was made, some hundreds at once."""
    found = await queries.one_import(work.session, work.actor, import_id)
    if found.kind not in LABELLED:
        raise Forbidden("labels_of_containers", "Only containers have labels.")
    made = await queries.made_of(work.session, import_id, after=form.after, limit=LABELS_AT_ONCE)
    why = PrintReason.REPRINT if await queries.printed(work.session, made) else PrintReason.FIRST
    command = PrintLabels(container_ids=tuple(one.subject_id for one in made), why=why, paper=form.paper.value)
    _, appended = await print_labels(work.session, work.actor, command, at=work.at)
    figures, paper = await figures_of_print(
        work.session, work.actor, appended.id, base_url=keys.base_url, label_key=keys.label_key
    )
    refuse(check_paper(figures, paper))
    return page.go(f"/label-prints/{appended.id}/document")
