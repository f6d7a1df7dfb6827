"""Applications and approvals: prepare, submit, decide, read; each step is an event of the log."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import File, Form, Request, UploadFile
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, answer
from wastetrack.api.histories import HistoryShown, history_answer
from wastetrack.api.paging import Paged, uuid_before
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.approvals import applying, queries
from wastetrack.approvals.model import (
    MOST_ITEMS,
    ApprovalAct,
    ApprovalKind,
    ApprovalState,
    DocumentKind,
    DraftApproval,
    ItemWanted,
    TakeStep,
)
from wastetrack.approvals.queries import ApprovalFilter
from wastetrack.approvals.stepping import take_step
from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form as Matter
from wastetrack.db.windows import Window
from wastetrack.mass import Mass
from wastetrack.reports.approval_reading import ReadApproval, read
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(prefix="/approvals", route_class=AnsweringRoute, tags=["approvals"])

_AN_APPLICATION: dict[str, Any] = {
    "kind": "cross_province",
    "shipper_site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "from_on": "2026-12-01",
    "to_on": "2027-11-30",
    "items": [
        {
            "waste_code": "900-249-08",
            "waste_name": "废矿物油",
            "form": "liquid",
            "quantity_g": 10_000_000,
            "method": "R9",
        }
    ],
}
_REFUSALS = problems(400, 403, 404, 409, 422)


class ItemBody(Body):
    """One waste that is to be moved."""

    waste_code: Line
    waste_name: Line
    form: Matter
    quantity_g: Grams
    method: Line = Field(description="Of use or disposal")


class Application(Body):
    """What is asked for."""

    kind: ApprovalKind
    shipper_site_id: UUID
    receiver_site_id: UUID
    from_on: Day
    to_on: Day
    items: tuple[ItemBody, ...] = Field(max_length=MOST_ITEMS + 1)
    basis: TransferBasis = Field(
        TransferBasis.PERMIT, description="Of a move across provinces: on what ground the receiver takes the waste"
    )
    group_name: Line = Field("", description="Of sharing within a group of firms")
    remarks: Prose = ""

    def command(self) -> DraftApproval:
        """As the use case wants it."""
        return DraftApproval(
            kind=self.kind,
            shipper_site_id=self.shipper_site_id,
            receiver_site_id=self.receiver_site_id,
            from_on=self.from_on,
            to_on=self.to_on,
            items=tuple(
                ItemWanted(
                    waste_code=item.waste_code,
                    waste_name=item.waste_name,
                    form=item.form,
                    quantity=Mass(item.quantity_g),
                    method=item.method,
                )
                for item in self.items
            ),
            basis=self.basis,
            group_name=self.group_name,
            remarks=self.remarks,
        )


class ApplicationAnew(Application):
    """The whole application anew. `version` is the one you have seen."""

    version: int | None = None


class StepBody(Body):
    """One step of the way; what it does not need is left out."""

    act: ApprovalAct
    version: int | None = None
    reason: Prose = Field("", description="Needed where something is refused, sent back or withdrawn")
    opinion: Prose = ""
    number: Line = Field("", description="Of an approval: the number of the authority's decision")
    valid_to: Day | None = Field(None, description="Of an approval: an earlier end than the law sets")


class CopyBody(Body):
    """Whether the copy takes the place of the approval once it is approved itself."""

    in_place: bool = False


class ItemShown(Shown):
    """One waste of an application, and what manifests have taken of it."""

    waste_code: str
    waste_name: str
    form: str
    quantity_g: int
    booked_g: int
    method: str


class DocumentShown(Shown):
    """A file beside an application."""

    id: UUID
    kind: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime


class ClockShown(Shown):
    """The term that runs, and for whom."""

    side: str
    title: str
    since: date
    due_on: date
    article: str


class ApprovalBrief(Shown):
    """An application in a list. `state` is as the law has it now."""

    id: UUID
    kind: str
    state: str
    version: int
    number: str
    basis: str
    generator_id: UUID
    generator: str
    shipper_site_id: UUID
    receiver_id: UUID
    receiver: str
    receiver_site_id: UUID
    deciding: str
    replying: str | None
    from_on: date
    to_on: date
    valid_from: date | None
    valid_to: date | None
    submitted_at: datetime | None
    clock: ClockShown | None
    acts: list[str] = Field(description="What the caller may do now")


class ApprovalWhole(ApprovalBrief):
    """An application with everything."""

    group_name: str
    remarks: str
    replaces_id: UUID | None
    items: list[ItemShown]
    documents: list[DocumentShown]


class ApprovalPage(Shown):
    """Applications, the newest first."""

    items: list[ApprovalBrief]
    next: str | None


class Stepped(Shown):
    """The application after a step, and the event that states it."""

    approval: ApprovalWhole
    event_id: UUID


def _brief(one: ReadApproval) -> dict[str, Any]:
    row = one.row
    clock = None
    if one.clock is not None:
        clock = ClockShown(
            side=one.clock.side.value,
            title=one.clock.title,
            since=one.clock.since,
            due_on=one.clock.due_on,
            article=one.clock.article,
        )
    told = {name: getattr(row, name) for name in ApprovalBrief.model_fields if hasattr(row, name)}
    return told | {
        "state": one.state.value,
        "generator": one.generator.name,
        "receiver": one.receiver.name,
        "clock": clock,
        "acts": [act.value for act in one.acts],
    }


async def _whole(work: ReadWork | WriteWork, approval_id: UUID) -> ApprovalWhole:
    found = await queries.approval(work.session, work.actor, approval_id)
    (one,) = await read(work.session, work.actor, [found.row], at=work.at)
    return ApprovalWhole(
        **_brief(one),
        group_name=found.row.group_name,
        remarks=found.row.remarks,
        replaces_id=found.row.replaces_id,
        items=[ItemShown.model_validate(item) for item in found.items],
        documents=[
            DocumentShown.model_validate(
                {name: getattr(one.file, name) for name in DocumentShown.model_fields if name != "kind"}
                | {"kind": one.kind and one.kind.value}
            )
            for one in found.documents
        ],
    )


@router.post("", status_code=201, response_model=ApprovalWhole, responses=_REFUSALS)
async def draft(work: Writing, body: Annotated[Application, FromBody(examples=[_AN_APPLICATION])]) -> Response:
    """Prepare an application. Only its own organisation sees it until it is submitted."""
    row = await applying.draft_application(work.session, work.actor, body.command(), at=work.at)
    return answer(await _whole(work, row.id), 201)


@router.get("", response_model=ApprovalPage, responses=problems(400, 422))
async def listed(
    work: Reading, paging: Paged, kind: ApprovalKind | None = None, state: ApprovalState | None = None
) -> Response:
    """The applications that one may see. `state` filters by what is written down."""
    wanted = ApprovalFilter(kind=kind, state=state)
    rows = await queries.page(work.session, work.actor, wanted, Window(limit=paging.fetch), before=uuid_before(paging))
    following = paging.following(rows, lambda row: (str(row.id),))
    shown = await read(work.session, work.actor, rows[: paging.limit], at=work.at)
    items = [ApprovalBrief(**_brief(one)) for one in shown]
    return answer(ApprovalPage(items=items, next=following), headers=paging.links(following))


@router.get("/{approval_id}", response_model=ApprovalWhole, responses=problems(404, 422))
async def one(work: Reading, approval_id: UUID) -> Response:
    """One application with everything."""
    return answer(await _whole(work, approval_id))


@router.put("/{approval_id}", response_model=ApprovalWhole, responses=_REFUSALS)
async def amend(
    work: Writing,
    approval_id: UUID,
    body: Annotated[ApplicationAnew, FromBody(examples=[{**_AN_APPLICATION, "version": 1}])],
) -> Response:
    """Replace the content of an application that is not submitted, or was sent back."""
    await applying.amend_application(
        work.session, work.actor, approval_id, body.command(), version=body.version, at=work.at
    )
    return answer(await _whole(work, approval_id))


@router.post("/{approval_id}/steps", response_model=Stepped, responses=_REFUSALS)
async def step(
    work: Writing,
    approval_id: UUID,
    body: Annotated[StepBody, FromBody(examples=[{"act": "submit", "version": 1}])],
) -> Response:
    """Take one step: submit, send back, accept, review, consult, reply, decide, withdraw."""
    command = TakeStep(approval_id=approval_id, **dict(body))
    _, event_id = await take_step(work.session, work.actor, command, at=work.at)
    return answer(Stepped(approval=await _whole(work, approval_id), event_id=event_id))


@router.post("/{approval_id}/copy", status_code=201, response_model=ApprovalWhole, responses=_REFUSALS)
async def copy(
    work: Writing, approval_id: UUID, body: Annotated[CopyBody, FromBody(examples=[{"in_place": True}])]
) -> Response:
    """A new draft with the content of an application, where kind, quantity, method or receiver changes."""
    row = await applying.copy_application(work.session, work.actor, approval_id, in_place=body.in_place, at=work.at)
    return answer(await _whole(work, row.id), 201)


@router.get("/{approval_id}/history", response_model=HistoryShown, responses=problems(404, 422))
async def history(work: Reading, approval_id: UUID) -> Response:
    """Everything that the log holds about an application."""
    row = await queries.approval_row(work.session, work.actor, approval_id)
    return await history_answer(work.session, row.id)


@router.post(
    "/{approval_id}/documents",
    status_code=201,
    response_model=ApprovalWhole,
    responses=problems(400, 403, 404, 409, 413, 422),
)
async def document(
    request: Request,
    work: Writing,
    approval_id: UUID,
    kind: Annotated[DocumentKind, Form()],
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, WebP, XLSX or CSV, up to 10 MiB")],
) -> Response:
    """Put a document beside an application: permit copy, description of the method, contract, or a local one."""
    examined = await attaching.examined(await offered(file))
    await applying.attach_document(
        work.session,
        store_of(request),
        work.actor,
        approval_id,
        examined,
        kind=kind,
        most_bytes=most_bytes_of(request),
        at=work.at,
    )
    return answer(await _whole(work, approval_id), 201)


@router.get("/{approval_id}/documents/{attachment_id}", response_class=Response, responses=problems(404, 422, 503))
async def fetched(request: Request, work: Reading, approval_id: UUID, attachment_id: UUID) -> Response:
    """The content of a document beside an application that one may see."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=queries.KIND)
    attachments.found(row if row.subject_id == approval_id else None, attachment_id)
    return await file_answer(request, row)
