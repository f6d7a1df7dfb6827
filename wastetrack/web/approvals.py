"""Pages of approvals: what one sees and what waits, one application with its clock and timeline, and its decisions."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.approvals import queries
from wastetrack.approvals.model import ApprovalAct, ApprovalKind, ApprovalState, DocumentKind, TakeStep
from wastetrack.approvals.queries import ApprovalFilter
from wastetrack.approvals.states import WITH_REASON
from wastetrack.approvals.stepping import take_step
from wastetrack.approvals.validity import DOCUMENTS
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import ENDINGS
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.working_days import working_days_until
from wastetrack.containers.bases import CHECKS, TransferBasis
from wastetrack.containers.model import Form as Matter
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.approval_reading import ReadApproval, read
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.files import file_answer
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.transparency.queries import leaves_of
from wastetrack.web.catalogues import today
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.histories import told
from wastetrack.web.listings import Asked
from wastetrack.web.lists import APPROVAL_BADGES, APPROVALS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/approvals", route_class=AnsweringRoute)

DONE: dict[ApprovalAct, str] = {
    ApprovalAct.SUBMIT: message("The application is submitted."),
    ApprovalAct.RETURN: message("The applicant has been told what is missing."),
    ApprovalAct.ACCEPT: message("The application is accepted."),
    ApprovalAct.AGREE_IN_REVIEW: message("The first review is recorded."),
    ApprovalAct.REFUSE_IN_REVIEW: message("The refusal is recorded."),
    ApprovalAct.CONSULT: message("The letter stands in the inbox of the other province."),
    ApprovalAct.REPLY_AGREE: message("The reply is sent."),
    ApprovalAct.REPLY_REFUSE: message("The reply is sent."),
    ApprovalAct.APPROVE: message("The approval is in force."),
    ApprovalAct.REFUSE: message("The refusal is recorded."),
    ApprovalAct.WITHDRAW: message("The application is withdrawn."),
}


class Wanted(Asked):
    """What is looked for."""

    kind: ApprovalKind | None = None
    state: ApprovalState | None = None
    number: str = Field("", max_length=100)


@router.get("")
async def listed(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The applications that the actor sees; what waits for him stands first on his first page, as a duty."""
    view = await APPROVALS.view(page, work, wanted)
    asked = ApprovalFilter(kind=wanted.kind, state=wanted.state, number=wanted.number.strip())
    rows = await queries.page(work.session, work.actor, asked, view.window)
    return await view.answer(
        "approvals/approvals.html",
        await read(work.session, work.actor, rows, at=work.at),
        waiting=await _waiting(work, wanted),
        working_days=working_days_until,
        kinds=ApprovalKind,
        day=today(page.request, work),
        may_apply=bool(may(work.actor, Verb.APPLY)),
    )


async def _waiting(work: ReadWork, wanted: Wanted) -> list[ReadApproval]:
    """An authority's inbox: the applications in which a term runs, its own first, the soonest first."""
    if not work.actor.is_regulator or wanted.state is not None or wanted.after or wanted.file:
        return []
    rows = [
        row
        for row, _ in await queries.running(work.session, work.actor)
        if wanted.kind is None or row.kind == wanted.kind.value
    ]
    running = [one for one in await read(work.session, work.actor, rows, at=work.at) if one.clock is not None]
    return sorted(running, key=lambda one: (not one.clock_is_mine, one.clock.due_on if one.clock else date.max))


@router.get("/{approval_id:uuid}")
async def approval(page: AnyPage, work: Reading, approval_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One application."""
    return await ask_approval(page, work, EMPTY)


async def ask_approval(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The application in the address, with a form that was refused, if one was."""
    found = await queries.approval(work.session, work.actor, page.request.path_params["approval_id"])
    (shown,) = await read(work.session, work.actor, [found.row], at=work.at)
    lists = await snapshot(work.session)
    day = today(page.request, work)
    events = await leaves_of(work.session, found.row.id)
    basis = TransferBasis(found.row.basis)
    return page.show(
        "approvals/approval.html",
        filled=filled,
        one=shown,
        row=found.row,
        basis=basis,
        items=[(item, Mass(item.quantity_g), Mass(item.booked_g), Matter(item.form)) for item in found.items],
        documents=found.documents,
        needed=_needed(shown.kind, basis, found),
        document_kinds=DocumentKind,
        endings=",".join(f".{ending}" for ending in ENDINGS),
        events=await told(work.session, events),
        uses=await queries.uses_of(work.session, found.row.id),
        with_reason=WITH_REASON,
        drawn=APPROVAL_BADGES,
        lists=lists,
        methods={method.code: method for method in lists.treatments_on(day)},
        day=day,
        may_attach=shown.may_change and bool(may(work.actor, Verb.ATTACH)) and bool(may(work.actor, Verb.FILE)),
    )


def _needed(kind: ApprovalKind, basis: TransferBasis, found: queries.WholeApproval) -> list[tuple[DocumentKind, bool]]:
    """The documents of art. 22, and whether each is there."""
    there = {one.kind for one in found.documents}
    wanted = [one for one in DOCUMENTS[kind] if CHECKS[basis].permit or one is not DocumentKind.PERMIT_COPY]
    return [(one, one in there) for one in wanted]


class StepForm(BaseModel):
    """One step as it is filled in."""

    act: ApprovalAct
    version: int | None = None
    reason: Prose = ""
    opinion: Prose = ""
    number: Line = ""
    valid_to: Day | None = None


def _without_empty(form: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value not in {"", None}}


@router.post("/{approval_id:uuid}/steps")
@asked_again(ask_approval)
async def step(page: AnyPage, work: Writing, approval_id: UUID, form: Annotated[StepForm, Form()]) -> Response:
    """Take one step."""
    command = TakeStep(approval_id=approval_id, **_without_empty(dict(form)))
    await take_step(work.session, work.actor, command, at=work.at)
    return page.go(f"/approvals/{approval_id}", DONE[form.act])


@router.get("/{approval_id:uuid}/files/{attachment_id:uuid}")
async def fetched(page: AnyPage, work: Reading, approval_id: UUID, attachment_id: UUID) -> Response:
    """A document beside an application."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=queries.KIND)
    attachments.found(row if row.subject_id == approval_id else None, attachment_id)
    return await file_answer(page.request, row)
