"""The applicant's forms: a new application, its change, its copy, the documents beside it."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.approvals import applying, queries
from wastetrack.approvals.model import ApprovalKind, DocumentKind, DraftApproval, ItemWanted
from wastetrack.attachments import attaching
from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form as Matter
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.reports.receivers import any_sites
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.files import most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.application_lines import TABLE
from wastetrack.web.approvals import ask_approval
from wastetrack.web.catalogues import today
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/approvals", route_class=AnsweringRoute)

BASES = (TransferBasis.PERMIT, TransferBasis.EXEMPT, TransferBasis.POINT_TO_POINT, TransferBasis.GROUP_INTERNAL)
BASES_ACROSS = (*BASES, TransferBasis.GENERAL)


class ApplicationForm(BaseModel):
    """An application without its lines."""

    kind: ApprovalKind
    shipper_site_id: UUID
    receiver_site_id: UUID
    from_on: Day
    to_on: Day
    basis: TransferBasis = TransferBasis.PERMIT
    group_name: Line = ""
    remarks: Prose = ""
    version: int | None = None

    def command(self, items: tuple[ItemWanted, ...]) -> DraftApproval:
        """As the use case wants it."""
        return DraftApproval(items=items, **self.model_dump(exclude={"version"}))


async def ask_new(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a new application of the kind in the address."""
    demand(work.actor, Verb.APPLY)
    named = page.request.path_params["kind"]
    # A refused form of no known kind is shown again as the first one.
    kind = next((one for one in ApprovalKind if one.value == named), ApprovalKind.CROSS_PROVINCE)
    return await _show(page, work, filled, kind, f"/approvals/new/{kind.value}")


async def _show(page: Page, work: ReadWork, filled: Filled, kind: ApprovalKind, action: str) -> Response:
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    near = sites[0].region_code if sites else "000000"
    day = today(page.request, work)
    return page.show(
        "approvals/form.html",
        filled=filled,
        kind=kind,
        action=action,
        sites=sites,
        receivers=await any_sites(work.session, near=near),
        bases=BASES_ACROSS,
        line_count=TABLE.count(filled.values),
        forms_of_matter=Matter,
        methods=(await snapshot(work.session)).treatments_on(day),
        day=day,
    )


@router.get("/new/{kind}")
async def new(page: AnyPage, work: Reading, kind: ApprovalKind) -> Response:  # noqa: ARG001  read off the address
    """The empty form."""
    return await ask_new(page, work, EMPTY)


@router.post("/new/{kind}")
@asked_again(ask_new)
async def draft(page: AnyPage, work: Writing, kind: ApprovalKind, form: Annotated[ApplicationForm, Form()]) -> Response:
    """Keep the application as a draft; its page shows all that will be submitted."""
    lines = await TABLE.read(page.request)
    command = form.model_copy(update={"kind": kind}).command(tuple(line.item() for line in lines.typed))
    with lines.naming_fields():
        row = await applying.draft_application(work.session, work.actor, command, at=work.at)
    return page.go(f"/approvals/{row.id}", message("The draft is kept. Attach its documents, check it, submit it."))


async def ask_change(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of an application as it stands, or as it was refused."""
    found = await queries.approval(work.session, work.actor, page.request.path_params["approval_id"])
    demand(work.actor, Verb.APPLY)
    if filled is EMPTY:
        filled = Filled.of(_typed(found))
    return await _show(page, work, filled, ApprovalKind(found.row.kind), f"/approvals/{found.row.id}/change")


def _typed(found: queries.WholeApproval) -> dict[str, object]:
    row = found.row
    names = ("shipper_site_id", "receiver_site_id", "from_on", "to_on", "basis", "group_name", "remarks", "version")
    typed: dict[str, object] = {name: getattr(row, name) for name in names}
    for number, item in enumerate(queries.wanted(found.items)):
        typed[f"items.{number}.waste_code"] = item.waste_code
        typed[f"items.{number}.waste_name"] = item.waste_name
        typed[f"items.{number}.form"] = item.form.value
        typed[f"items.{number}.quantity"] = item.quantity.tonne_text().removesuffix(" t")
        typed[f"items.{number}.method"] = item.method
    return typed


@router.get("/{approval_id:uuid}/change")
async def change(page: AnyPage, work: Reading, approval_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form of a draft, or of what was sent back."""
    return await ask_change(page, work, EMPTY)


@router.post("/{approval_id:uuid}/change")
@asked_again(ask_change)
async def amend(page: AnyPage, work: Writing, approval_id: UUID, form: Annotated[ApplicationForm, Form()]) -> Response:
    """Replace the content."""
    lines = await TABLE.read(page.request)
    command = form.command(tuple(line.item() for line in lines.typed))
    with lines.naming_fields():
        await applying.amend_application(
            work.session, work.actor, approval_id, command, version=form.version, at=work.at
        )
    return page.go(f"/approvals/{approval_id}", message("The application is changed."))


@router.post("/{approval_id:uuid}/copy")
@asked_again(ask_approval)
async def copy(
    page: AnyPage, work: Writing, approval_id: UUID, *, in_place: Annotated[bool, Form()] = False
) -> Response:
    """A new draft with the same content, to be changed."""
    row = await applying.copy_application(work.session, work.actor, approval_id, in_place=in_place, at=work.at)
    return page.go(f"/approvals/{row.id}/change", message("This is a copy. Change what is to be different."))


@router.post("/{approval_id:uuid}/documents")
@asked_again(ask_approval)
async def document(
    page: AnyPage,
    work: Writing,
    approval_id: UUID,
    document_kind: Annotated[DocumentKind, Form()],
    file: Annotated[UploadFile, File()],
) -> Response:
    """Attach one document."""
    examined = await attaching.examined(await offered(file))
    await applying.attach_document(
        work.session,
        store_of(page.request),
        work.actor,
        approval_id,
        examined,
        kind=document_kind,
        most_bytes=most_bytes_of(page.request),
        at=work.at,
    )
    return page.go(f"/approvals/{approval_id}#documents", message("Attached: {name}"), name=examined.name)
