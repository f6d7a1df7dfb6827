"""Contracts between shippers and receivers through the API."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import File, Query, Request, UploadFile
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.attachments import AttachmentList, AttachmentShown
from wastetrack.api.fields import Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import Subject
from wastetrack.db.windows import Window
from wastetrack.mass import Mass
from wastetrack.plans import contract_queries, contracting
from wastetrack.plans.contract_queries import Contract
from wastetrack.plans.model import ConfirmContract, ContractState, DraftContract, EndContract, ItemOfContract
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line

router = RoomRouter(route_class=AnsweringRoute, tags=["contracts"])

_A_CONTRACT: dict[str, Any] = {
    "shipper_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "number": "HT-2026-018",
    "signed_on": "2026-01-05",
    "valid_from": "2026-01-05",
    "valid_to": "2026-12-31",
    "clauses_acknowledged": True,
    "items": [{"waste_code": "900-249-08", "method": "D10", "quantity_g": 20_000_000}],
}


class ItemBody(Body):
    """So much of a waste; by any method when none is named."""

    waste_code: Line
    method: Line | None = None
    quantity_g: Grams

    def item(self) -> ItemOfContract:
        """As the command wants it."""
        return ItemOfContract(waste_code=self.waste_code, method=self.method or None, quantity=Mass(self.quantity_g))


class NewContract(Body):
    """A written contract; `clauses_acknowledged`: it says how pollution is prevented and who answers for what."""

    shipper_id: UUID
    receiver_id: UUID
    number: Line
    signed_on: Day
    valid_from: Day
    valid_to: Day
    clauses_acknowledged: bool
    price: Line = ""
    items: tuple[ItemBody, ...] = Field(max_length=300)


class Ending(Body):
    """Why a contract ends."""

    reason: Line


class ContractItemShown(Shown):
    """A line of a contract, and what manifests have taken of it."""

    id: UUID
    waste_code: str
    method: str | None
    quantity_g: int
    booked_g: int


class ContractShown(Shown):
    """A contract with its lines."""

    id: UUID
    number: str
    shipper_id: UUID
    receiver_id: UUID
    entered_by: UUID
    signed_on: date
    valid_from: date
    valid_to: date
    price: str
    clauses_acknowledged: bool
    state: ContractState
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    items: list[ContractItemShown]


class ContractList(Shown):
    """Contracts, the newest first."""

    items: list[ContractShown]


class ContractRecorded(Shown):
    """The contract, and the event."""

    contract: ContractShown
    log: LogEntry


def _shown(found: Contract) -> ContractShown:
    items = [ContractItemShown.model_validate(one) for one in found.items]
    told = found.row.model_dump()
    return ContractShown(**{name: told[name] for name in ContractShown.model_fields if name != "items"}, items=items)


@router.get("/contracts", response_model=ContractList, responses=problems(422))
async def contracts(
    work: Reading, state: ContractState | None = None, offset: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """One's own contracts, or the agreed ones of an authority's region."""
    found = await contract_queries.contracts(work.session, work.actor, Window(offset=offset), state=state)
    return answer(ContractList(items=[_shown(one) for one in found]))


@router.post("/contracts", status_code=201, response_model=ContractShown, responses=problems(400, 403, 404, 409, 422))
async def draft(work: Writing, body: Annotated[NewContract, FromBody(examples=[_A_CONTRACT])]) -> Response:
    """Enter a contract as one of its sides; the other confirms it."""
    command = DraftContract(**dict(body) | {"items": tuple(one.item() for one in body.items)})
    return answer(_shown(await contracting.draft_contract(work.session, work.actor, command, at=work.at)), 201)


@router.get("/contracts/{contract_id}", response_model=ContractShown, responses=problems(404, 422))
async def contract(work: Reading, contract_id: UUID) -> Response:
    """One contract."""
    return answer(_shown(await contract_queries.contract(work.session, work.actor, contract_id)))


@router.post("/contracts/{contract_id}/agreement", response_model=ContractRecorded, responses=problems(403, 404, 409))
async def confirm(work: Writing, keys: DeploymentKeys, contract_id: UUID) -> Response:
    """Agree, as the side that did not enter it: manifests count against it from now on."""
    command = ConfirmContract(contract_id=contract_id)
    _, appended = await contracting.confirm_contract(work.session, work.actor, command, at=work.at)
    found = await contract_queries.contract(work.session, work.actor, contract_id)
    return answer(ContractRecorded(contract=_shown(found), log=log_entry(appended, keys)))


@router.post("/contracts/{contract_id}/ending", response_model=ContractRecorded, responses=problems(403, 404, 409, 422))
async def end(work: Writing, keys: DeploymentKeys, contract_id: UUID, body: Ending) -> Response:
    """End it before its last day, or decline a draft."""
    command = EndContract(contract_id=contract_id, reason=body.reason)
    _, appended = await contracting.end_contract(work.session, work.actor, command, at=work.at)
    found = await contract_queries.contract(work.session, work.actor, contract_id)
    return answer(ContractRecorded(contract=_shown(found), log=log_entry(appended, keys)))


@router.post(
    "/contracts/{contract_id}/attachments",
    status_code=201,
    response_model=AttachmentShown,
    responses=problems(400, 403, 404, 413, 422),
)
async def attach(
    request: Request,
    work: Writing,
    contract_id: UUID,
    file: Annotated[UploadFile, File(description="The scan: PDF, PNG, JPEG or WebP, up to 10 MiB")],
) -> Response:
    """Put the scan beside the contract. Whoever sees the contract sees it."""
    found = await contract_queries.contract(work.session, work.actor, contract_id)
    contracting.demand_to_attach(work.actor, found.row)
    kept = await attaching.attach(
        work.session,
        store_of(request),
        work.actor,
        Subject(contract_queries.KIND, found.row.id),
        await attaching.examined(await offered(file)),
        most_bytes=most_bytes_of(request),
        at=work.at,
    )
    return answer(AttachmentShown.model_validate(kept), 201)


@router.get("/contracts/{contract_id}/attachments", response_model=AttachmentList, responses=problems(404, 422))
async def attached(work: Reading, contract_id: UUID) -> Response:
    """The files beside a contract."""
    found = await contract_queries.contract(work.session, work.actor, contract_id)
    kept = await attachments.attachments_of(work.session, Subject(contract_queries.KIND, found.row.id))
    return answer(AttachmentList(items=[AttachmentShown.model_validate(each) for each in kept]))


@router.get("/contract-attachments/{attachment_id}", response_class=Response, responses=problems(404, 422, 503))
async def fetched(request: Request, work: Reading, attachment_id: UUID) -> Response:
    """The content of a file beside a contract that one may see."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=contract_queries.KIND)
    return await file_answer(request, row)
