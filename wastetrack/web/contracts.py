"""Pages of contracts: the list, one with what is used of it, entering, confirming, ending, its scan."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import Subject
from wastetrack.auth.policy import Verb, demand, may
from wastetrack.errors import Broken, refuse
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind
from wastetrack.plans import contract_queries, contracting
from wastetrack.plans.model import ConfirmContract, ContractState, DraftContract, EndContract, ItemOfContract
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.reading_input import broken_by_input
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.plans import Used
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = APIRouter(route_class=AnsweringRoute)

PER_PAGE = 50
LINES = 5
_LINE = re.compile(r"items\.(\d{1,3})\.")
_PARTS = ("waste_code", "method", "quantity")


class Wanted(BaseModel):
    """What is listed."""

    state: ContractState | None = None
    after: int = Field(0, ge=0, le=100_000)


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


class EndForm(BaseModel):
    """Why it ends."""

    reason: Line = ""


@router.get("/contracts")
async def contracts(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The contracts that one sees."""
    found = await contract_queries.contracts(
        work.session, work.actor, state=wanted.state, limit=PER_PAGE + 1, offset=wanted.after
    )
    sides = {side for one in found for side in (one.row.shipper_id, one.row.receiver_id)}
    return page.show(
        "contracts/contracts.html",
        wanted=wanted,
        states=ContractState,
        found=[
            (
                one.row,
                ContractState(one.row.state),
                Mass(sum(item.quantity_g for item in one.items)),
                Mass(sum(item.booked_g for item in one.items)),
            )
            for one in found[:PER_PAGE]
        ],
        firms=await parties.organisations_by_id(work.session, sides),
        previous=page.here(after=None) if wanted.after else None,
        following=page.here(after=wanted.after + PER_PAGE) if len(found) > PER_PAGE else None,
        may_file=bool(may(work.actor, Verb.FILE)),
    )


def _line_count(names: object) -> int:
    found = (_LINE.match(str(name)) for name in names)  # type: ignore[attr-defined]
    return max([LINES, *(int(match[1]) + 1 for match in found if match)])


async def ask_contract(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a contract."""
    demand(work.actor, Verb.FILE)
    own = await parties.organisation(work.session, work.actor.organisation_id)
    as_receiver = OrganisationKind.DISPOSER in own.kinds
    if filled is EMPTY:
        filled = Filled.of({"as_side": "receiver" if as_receiver else "shipper"})
    kind = OrganisationKind.GENERATOR if filled.value("as_side") == "receiver" else OrganisationKind.DISPOSER
    others = await parties.search_organisations(work.session, kind=kind, limit=500)
    return page.show(
        "contracts/contract_form.html",
        filled=filled,
        others=[one for one in others if one.id != own.id],
        line_count=_line_count(filled.values),
    )


offer(router, "/contracts/new", ask_contract)


@router.post("/contracts/new")
@asked_again(ask_contract)
async def draft(page: AnyPage, work: Writing, form: Annotated[ContractForm, Form()]) -> Response:
    """Enter a contract; the other side confirms it."""
    own = work.actor.organisation_id
    shipper, receiver = (form.other_id, own) if form.as_side == "receiver" else (own, form.other_id)
    command = DraftContract(
        shipper_id=shipper,
        receiver_id=receiver,
        items=await _items(page.request),
        **form.model_dump(exclude={"as_side", "other_id"}),
    )
    made = await contracting.draft_contract(work.session, work.actor, command, at=work.at)
    return page.go(f"/contracts/{made.row.id}", message("The contract is entered; the other side confirms it."))


async def _items(request: Request) -> tuple[ItemOfContract, ...]:
    """The filled lines. Raises RuleBroken naming each unreadable field."""
    form = await request.form()
    items: list[ItemOfContract] = []
    wrong: list[Broken] = []
    for number in range(_line_count(form)):
        typed = {part: str(form.get(f"items.{number}.{part}", "")).strip() for part in _PARTS}
        if not any(typed.values()):
            continue
        try:
            line = LineOfForm.model_validate(typed)
        except ValidationError as unreadable:
            for error in unreadable.errors():
                found = broken_by_input(dict(error))
                wrong.append(Broken(f"items.{number}.{found.field}", found.code, found.message, found.value))
            continue
        items.append(ItemOfContract(waste_code=line.waste_code, method=line.method or None, quantity=line.quantity))
    refuse(wrong)
    return tuple(items)


async def ask_one(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A contract with what is used of it and what one may do."""
    found = await contract_queries.contract(work.session, work.actor, page.request.path_params["contract_id"])
    row, state = found.row, ContractState(found.row.state)
    is_side = work.actor.organisation_id in {row.shipper_id, row.receiver_id}
    may_sign = is_side and bool(may(work.actor, Verb.SIGN))
    subject = Subject(contract_queries.KIND, row.id)
    return page.show(
        "contracts/contract.html",
        filled=filled,
        contract=row,
        state=state,
        firms=await parties.organisations_by_id(work.session, (row.shipper_id, row.receiver_id)),
        items=[
            Used.of(f"{item.waste_code} · {item.method or '*'}", item.booked_g, item.quantity_g) for item in found.items
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
