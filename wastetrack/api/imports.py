"""Imports: send a file, see what was found in it, confirm, see what was made."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.tasks import TaskRule
from wastetrack.auth.policy import demand
from wastetrack.characters import without_unseen
from wastetrack.i18n import Locale
from wastetrack.imports import offering, queries
from wastetrack.imports.model import LARGEST_FILE, Finding, Import, ImportKind, ImportState, Severity
from wastetrack.imports.offering import VERBS, Confirm, Offer
from wastetrack.imports.queries import FindingFilter
from wastetrack.imports.reading import XLSX
from wastetrack.imports.template_books import template
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import SANDBOX
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(route_class=AnsweringRoute, tags=["imports"])

_LONGEST_NAME = 120
_PER_PAGE = 500
_WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "The workbook", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


class ImportShown(Shown):
    """An import as it stands. `rows`, `errors` and `warnings` are known once it is checked."""

    id: UUID
    kind: ImportKind
    site_id: UUID | None
    name: str
    sha256: str
    state: ImportState
    task_id: UUID | None
    rows: int
    errors: int
    warnings: int
    bad_rows: int
    summary: dict[str, Any]
    created_at: datetime
    checked_at: datetime | None
    confirmed_at: datetime | None
    imported_at: datetime | None


class ImportList(Shown):
    """Those of one's organisation, the newest first."""

    items: list[ImportShown]


class FindingShown(Shown):
    """A rule that a cell breaks. Rows and columns are counted from 1, as a spreadsheet shows them."""

    position: int
    row: int
    column: int | None
    heading: str
    severity: Severity
    rule: TaskRule


class FindingList(Shown):
    """Findings in the order of rows and columns; ask for those after the last position."""

    items: list[FindingShown]


class MadeShown(Shown):
    """What a row became: a container, a draft of a manifest, a vehicle, a driver, a contract."""

    row: int
    id: UUID
    name: str


class MadeList(Shown):
    """In the order of the file."""

    items: list[MadeShown]


class Confirmation(Body):
    """The word that it is to be taken in."""

    warnings: int = 0
    """How many warnings there are: that they were read."""


def shown(found: Import) -> ImportShown:
    """The import as its answer."""
    return ImportShown.model_validate(found)


def _finding(position: int, one: Finding) -> FindingShown:
    value = one.broken.value
    return FindingShown(
        position=position,
        row=one.row,
        column=one.column,
        heading=one.heading,
        severity=one.severity,
        rule=TaskRule(
            field=one.broken.field,
            code=one.broken.code,
            message=one.broken.sentence(),
            value=value if isinstance(value, str | int | bool) else None,
            article=one.broken.article,
            next_step=one.broken.next_step.format(**one.broken.facts),
        ),
    )


@router.post("/imports", status_code=201, response_model=ImportShown, responses=problems(400, 403, 404, 413, 422))
async def send(  # noqa: PLR0917  the fields of a form
    work: Writing,
    kind: Annotated[ImportKind, Form()],
    file: Annotated[UploadFile, File(description="A workbook (.xlsx) or CSV, up to 10 MiB and 20,000 rows")],
    site_id: Annotated[UUID | None, Form(description="Of containers, stock and manifests")] = None,
    again: Annotated[bool, Form(description="The same file was imported before, and is meant once more")] = False,  # noqa: FBT002
    locale: Annotated[Locale, Form(description="The language of the marked workbook")] = "zh",
) -> Response:
    """Have a file checked. Nothing is imported until the import is confirmed."""
    name = without_unseen((file.filename or "").replace("\\", "/").rpartition("/")[2]).strip()[-_LONGEST_NAME:] or "—"
    command = Offer(
        kind=kind, site_id=site_id, name=name, content=await file.read(LARGEST_FILE + 1), locale=locale, again=again
    )
    return answer(shown(await offering.offer(work.session, work.actor, command, at=work.at)), 201)


@router.get("/imports", response_model=ImportList, responses=problems(422))
async def listed(work: Reading) -> Response:
    """The newest hundred."""
    found = await queries.imports_of(work.session, work.actor)
    return answer(ImportList(items=[shown(one) for one in found]))


@router.get("/imports/{import_id}", response_model=ImportShown, responses=problems(404, 422))
async def one(work: Reading, import_id: UUID) -> Response:
    """One of them."""
    return answer(shown(await queries.one_import(work.session, work.actor, import_id)))


@router.get("/imports/{import_id}/findings", response_model=FindingList, responses=problems(404, 422))
async def findings(
    work: Reading,
    import_id: UUID,
    severity: Annotated[Severity | None, Query()] = None,
    column: Annotated[int | None, Query(ge=0, le=16_384, description="0: what belongs to no column")] = None,
    after: Annotated[int, Query(ge=-1, le=10**6)] = -1,
) -> Response:
    """What was found in it, five hundred at once."""
    await queries.one_import(work.session, work.actor, import_id)
    wanted = FindingFilter(severity=severity, column=column)
    found = await queries.findings_of(work.session, import_id, wanted, after=after, limit=_PER_PAGE)
    return answer(FindingList(items=[_finding(position, each) for position, each in found]))


@router.get("/imports/{import_id}/made", response_model=MadeList, responses=problems(404, 422))
async def made(
    work: Reading, import_id: UUID, after: Annotated[int, Query(ge=-1, le=10**6, description="A position")] = -1
) -> Response:
    """What its rows became, five hundred at once; the first has position 0."""
    await queries.one_import(work.session, work.actor, import_id)
    found = await queries.made_of(work.session, import_id, after=after, limit=_PER_PAGE)
    return answer(MadeList(items=[MadeShown(row=each.row, id=each.subject_id, name=each.name) for each in found]))


@router.get("/imports/{import_id}/marked.xlsx", response_class=Response, responses={**_WORKBOOK, **problems(404, 422)})
async def marked(work: Reading, import_id: UUID) -> Response:
    """The file with its wrong cells marked."""
    await queries.one_import(work.session, work.actor, import_id)
    media_type, content = await queries.file_of(work.session, import_id, "marked")
    return _file("marked.xlsx", media_type, content)


@router.post("/imports/{import_id}/taking-in", response_model=ImportShown, responses=problems(403, 404, 409, 422))
async def confirm(
    work: Writing, import_id: UUID, body: Annotated[Confirmation, FromBody(examples=[{"warnings": 0}])]
) -> Response:
    """Have it taken in: all of it or nothing. Said twice, it is done once."""
    command = Confirm(import_id=import_id, warnings=body.warnings)
    return answer(shown(await offering.confirm(work.session, work.actor, command, at=work.at)))


@router.post("/imports/{import_id}/withdrawal", response_model=ImportShown, responses=problems(403, 404, 409, 422))
async def withdraw(work: Writing, import_id: UUID) -> Response:
    """Leave it."""
    return answer(shown(await offering.withdraw(work.session, work.actor, import_id)))


@router.get("/import-templates/{kind}.xlsx", response_class=Response, responses={**_WORKBOOK, **problems(403, 422)})
async def blank(work: Reading, kind: ImportKind, locale: Annotated[Locale, Query()] = "zh") -> Response:
    """The workbook to fill in."""
    demand(work.actor, VERBS[kind])
    return _file(f"{kind.value}.xlsx", XLSX, template(kind, locale))


def _file(name: str, media_type: str, content: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": SANDBOX}
    response = Response(content, headers=headers)
    response.headers["content-type"] = media_type
    return response
