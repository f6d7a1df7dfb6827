"""Pages of contracts: the list, one with what is used of it, entering, confirming, ending, its scan."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import Subject
from wastetrack.auth.policy import Verb, demand, may
from wastetrack.db.windows import Window
from wastetrack.i18n import message
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind
from wastetrack.plans import contract_queries, contracting
from wastetrack.plans.model import ConfirmContract, ContractState, DraftContract, EndContract, ItemOfContract
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.form_lines import LineTable
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.listings import Asked
from wastetrack.web.lists import CONTRACTS
from wastetrack.web.plans import Used
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class Wanted(Asked):
    """What is listed."""

    state: ContractState | None = None
    number: str = Field("", max_length=100)


@dataclass(frozen=True, slots=True)
class ListedContract:
    """A contract as the list shows it."""

    row: contract_queries.Row
    state: ContractState
    shipper: str
    receiver: str
    quantity: Mass
    used: Mass

    @property
    def left(self) -> Mass:
        """What may still go; nothing once more has gone than was agreed."""
        return max(self.quantity - self.used, ZERO)


class ContractForm(BaseModel):
    """A contract without its lines. `other_id` is the other side; `as_side` says which one's own is."""

    as_side: Line = "shipper"
    other_id: UUID
    number: Line = ""
    signed_on: Day
    valid_from: Day
    valid_to: Day
    price: Line = ""
    clauses_acknowledged: bool = False


class LineOfForm(BaseModel):
    """One line as typed."""

    waste_code: Line = ""
    method: Line = ""
    quantity: Tonnes

    def item(self) -> ItemOfContract:
        """The line as the command wants it: no method is any method."""
        return ItemOfContract(waste_code=self.waste_code, method=self.method or None, quantity=self.quantity)


TABLE = LineTable(LineOfForm, fewest=5, most=100)


class EndForm(BaseModel):
    """Why it ends."""

    reason: Line = ""


@router.get("/contracts")
async def contracts(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The contracts that one sees."""
    view = await CONTRACTS.view(page, work, wanted)
    found = await contract_queries.contracts(
        work.session, work.actor, view.window, state=wanted.state, number=wanted.number.strip()
    )
    sides = {side for one in found for side in (one.row.shipper_id, one.row.receiver_id)}
    firms = await parties.organisations_by_id(work.session, sides)
    rows = [
        ListedContract(
            one.row,
            ContractState(one.row.state),
            firms[one.row.shipper_id].name,
            firms[one.row.receiver_id].name,
            Mass(sum(item.quantity_g for item in one.items)),
            Mass(sum(item.booked_g for item in one.items)),
        )
        for one in found
    ]
    return await view.answer("contracts/contracts.html", rows, may_file=bool(may(work.actor, Verb.FILE)))


async def ask_contract(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a contract."""
    demand(work.actor, Verb.FILE)
    own = await parties.organisation(work.session, work.actor.organisation_id)
    as_receiver = OrganisationKind.DISPOSER in own.kinds
    if filled is EMPTY:
        filled = Filled.of({"as_side": "receiver" if as_receiver else "shipper"})
    kind = OrganisationKind.GENERATOR if filled.value("as_side") == "receiver" else OrganisationKind.DISPOSER
    others = await parties.search_organisations(work.session, kind=kind, window=Window(limit=500))
    return page.show(
        "contracts/contract_form.html",
        filled=filled,
        others=[one for one in others if one.id != own.id],
        line_count=TABLE.count(filled.values),
    )


offer(router, "/contracts/new", ask_contract)


@router.post("/contracts/new")
@asked_again(ask_contract)
async def draft(page: AnyPage, work: Writing, form: Annotated[ContractForm, Form()]) -> Response:
    """Enter a contract; the other side confirms it."""
    own = work.actor.organisation_id
    shipper, receiver = (form.other_id, own) if form.as_side == "receiver" else (own, form.other_id)
    lines = await TABLE.read(page.request)
    command = DraftContract(
        shipper_id=shipper,
        receiver_id=receiver,
        items=tuple(line.item() for line in lines.typed),
        **form.model_dump(exclude={"as_side", "other_id"}),
    )
    with lines.naming_fields():
        made = await contracting.draft_contract(work.session, work.actor, command, at=work.at)
    return page.go(f"/contracts/{made.row.id}", message("The contract is entered; the other side confirms it."))


async def ask_one(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A contract with what is used of it and what one may do."""
    found = await contract_queries.contract(work.session, work.actor, page.request.path_params["contract_id"])
    row, state = found.row, ContractState(found.row.state)
    is_side = work.actor.organisation_id in {row.shipper_id, row.receiver_id}
    may_sign = is_side and bool(may(work.actor, Verb.SIGN))
    subject = Subject(contract_queries.KIND, row.id)
    any_method = page.translate(message("any method"))
    return page.show(
        "contracts/contract.html",
        filled=filled,
        contract=row,
        state=state,
        firms=await parties.organisations_by_id(work.session, (row.shipper_id, row.receiver_id)),
        items=[
            Used.of(f"{item.waste_code} · {item.method or any_method}", item.booked_g, item.quantity_g)
            for item in found.items
        ],
        files=await attachments.attachments_of(work.session, subject),
        may_confirm=may_sign and state is ContractState.DRAFT and row.entered_by != work.actor.organisation_id,
        may_end=may_sign and state is not ContractState.ENDED,
        may_attach=is_side and bool(may(work.actor, Verb.ATTACH)) and bool(may(work.actor, Verb.FILE)),
    )


@router.get("/contracts/{contract_id:uuid}")
async def contract(page: AnyPage, work: Reading, contract_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One contract."""
    return await ask_one(page, work, EMPTY)


@router.post("/contracts/{contract_id:uuid}/confirm")
@asked_again(ask_one)
async def confirm(page: AnyPage, work: Writing, contract_id: UUID) -> Response:
    """Agree."""
    command = ConfirmContract(contract_id=contract_id)
    await contracting.confirm_contract(work.session, work.actor, command, at=work.at)
    return page.go(f"/contracts/{contract_id}", message("The contract is confirmed; manifests count against it."))


@router.post("/contracts/{contract_id:uuid}/end")
@asked_again(ask_one)
async def end(page: AnyPage, work: Writing, contract_id: UUID, form: Annotated[EndForm, Form()]) -> Response:
    """End it, or decline a draft."""
    command = EndContract(contract_id=contract_id, reason=form.reason)
    await contracting.end_contract(work.session, work.actor, command, at=work.at)
    return page.go(f"/contracts/{contract_id}", message("The contract is ended."))


@router.post("/contracts/{contract_id:uuid}/attachments")
@asked_again(ask_one)
async def attach(page: AnyPage, work: Writing, contract_id: UUID, file: Annotated[UploadFile, File()]) -> Response:
    """Put the scan beside it."""
    found = await contract_queries.contract(work.session, work.actor, contract_id)
    contracting.demand_to_attach(work.actor, found.row)
    await attaching.attach(
        work.session,
        store_of(page.request),
        work.actor,
        Subject(contract_queries.KIND, found.row.id),
        await attaching.examined(await offered(file)),
        most_bytes=most_bytes_of(page.request),
        at=work.at,
    )
    return page.go(f"/contracts/{contract_id}", message("The file is attached."))


@router.get("/contract-attachments/{attachment_id:uuid}")
async def fetched(request: Request, work: Reading, attachment_id: UUID) -> Response:
    """A file beside a contract."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=contract_queries.KIND)
    return await file_answer(request, row)
