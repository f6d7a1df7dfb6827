"""Pages of claims: “this organisation is ours”, and the decision of the region's authority or the operator."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.catalogues.queries import snapshot
from wastetrack.characters import unseen_character
from wastetrack.errors import refuse
from wastetrack.i18n import message
from wastetrack.parties import claiming
from wastetrack.parties.claims import ClaimDocument, ClaimOrganisation, ClaimState
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.reading_input import broken_character
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.listings import Asked
from wastetrack.web.lists import CLAIM_BADGES, CLAIMS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/claims", route_class=AnsweringRoute)


class Wanted(Asked):
    """Which claims."""

    state: ClaimState | None = None


class ClaimForm(BaseModel):
    """What a claim says, besides its files."""

    credit_code: Line = ""
    contact_name: Line = ""
    contact_phone: Line = ""
    grounds: Prose = ""


@router.get("")
async def claims(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """One's own claims and those one may decide."""
    view = await CLAIMS.view(page, work, wanted)
    found = await claiming.claims_for(work.session, work.actor, view.window, state=wanted.state)
    return await view.answer("claims/claims.html", found)


async def ask_claim(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a claim."""
    return page.show("claims/new.html", filled=filled, person_name=work.actor.person_name)


@router.get("/new")
async def new_claim(page: AnyPage, work: Reading, credit_code: Annotated[Line, Query(max_length=40)] = "") -> Response:
    """The form, with the code of the organisation that one came from."""
    return await ask_claim(page, work, Filled.of({"credit_code": credit_code}))


@router.post("/new")
@asked_again(ask_claim)
async def claim(page: AnyPage, work: Writing, form: Annotated[ClaimForm, Form()]) -> Response:
    """Register a claim."""
    command = ClaimOrganisation(**dict(form), documents=await _documents(page.request))
    made = await claiming.claim(work.session, work.actor, command, at=work.at)
    return page.go(f"/claims/{made}", message("Your claim is registered. The authority of the region decides it."))


async def _documents(request: Request) -> tuple[ClaimDocument, ...]:
    """The digests of the files sent; the files themselves stay with the claimant, who shows them to the authority."""
    found = []
    for value in (await request.form()).getlist("documents"):
        if isinstance(value, UploadFile) and value.filename:
            unseen = unseen_character(value.filename)
            if unseen is not None:
                refuse([broken_character("documents", value.filename, unseen)])
            content = await value.read()
            found.append(ClaimDocument(value.filename[-200:], hashlib.sha256(content).digest(), len(content)))
    return tuple(found)


async def ask_decision(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A claim, and what one may do about it."""
    found = await claiming.one_claim(work.session, work.actor, page.request.path_params["claim_id"])
    waits = found.state is ClaimState.PENDING
    return page.show(
        "claims/claim.html",
        filled=filled,
        claim=found,
        lists=await snapshot(work.session),
        badge_of=CLAIM_BADGES,
        may_decide=waits and claiming.may_decide(work.actor, found),
        may_withdraw=waits and found.claimant_id == work.actor.person_id,
    )


offer(router, "/{claim_id:uuid}", ask_decision)


@router.post("/{claim_id:uuid}")
@asked_again(ask_decision)
async def decide(
    page: AnyPage,
    work: Writing,
    claim_id: UUID,
    decision: Annotated[ClaimState, Form()],
    reason: Annotated[Prose, Form()] = "",
) -> Response:
    """Confirm or refuse it."""
    confirm = decision is ClaimState.CONFIRMED
    await claiming.decide(work.session, work.actor, claim_id, confirm=confirm, reason=reason, at=work.at)
    said = message("The claim is confirmed; the claimant is an owner now.") if confirm else message("It is refused.")
    return page.go("/claims", said)


@router.post("/{claim_id:uuid}/withdraw")
async def withdraw(page: AnyPage, work: Writing, claim_id: UUID) -> Response:
    """Take the own claim back."""
    await claiming.withdraw(work.session, work.actor, claim_id, at=work.at)
    return page.go("/claims", message("The claim is withdrawn."))
