"""Reading and giving a signature; and what one has signed, with the way to say that it was not oneself."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.responses import Response

from wastetrack.auth import queries
from wastetrack.auth.model import Role
from wastetrack.auth.policy import Verb, may
from wastetrack.i18n import Locale, message
from wastetrack.manifests import notices, preparing, repudiating
from wastetrack.manifests.acting import Acted
from wastetrack.manifests.model import SignedStep
from wastetrack.medical.signing_cards import CARD_STEPS
from wastetrack.parties import queries as parties
from wastetrack.serving import signers
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.signing import Signing
from wastetrack.serving.written_text import Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.histories import TITLES
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

_DONE: dict[SignedStep, str] = {
    SignedStep.FILING: message("Signed and filed under number {number}. The carrier sees it now."),
    SignedStep.CANCELLATION: message("Withdrawn. Its containers are free again."),
    SignedStep.VOIDING: message("The number is void. Its containers are free again."),
    SignedStep.PICK_UP: message("Signed: the load is yours and on its way."),
    SignedStep.LOADING_CHECK: message("Signed: the load may be handed out. The driver signs next."),
    SignedStep.HAND_OVER: message("Signed: you have taken the load over."),
    SignedStep.ARRIVAL: message("Signed: the load is at the gate."),
    SignedStep.RECEIPT: message("Signed: the receipt stands."),
    SignedStep.CONFIRMATION: message("Signed: the manifest is closed."),
    SignedStep.CORRECTION: message("The correction is requested; the shipper answers it."),
    SignedStep.CORRECTION_ANSWER: message("Consented: the mass is restated."),
    SignedStep.REDIRECTION: message("Signed: the load goes to the other receiver."),
    SignedStep.TRIP_ARRIVAL: message("Signed: all loads of the trip are at the gate."),
    SignedStep.TRIP_CLOSING: message("Signed: all manifests of the trip are received and closed."),
    SignedStep.OPENING: message("Signed: the manifest runs from now on."),
    SignedStep.SUMMING_UP: message("Signed: the sum stands under number {number}; the receiver confirms it."),
    SignedStep.BACK_ENTRY: message("Signed: the paper is entered."),
    SignedStep.CARD_HAND_OVER: message("Signed: handed over. The carrier signs next."),
    SignedStep.CARD_PICK_UP: message("Signed: the load is yours and on its way."),
    SignedStep.CARD_RECEIPT: message("Signed: the plant has received it."),
}

_ON_THE_RUN = frozenset({SignedStep.PICK_UP, SignedStep.HAND_OVER, SignedStep.ARRIVAL})
"""After these a driver goes on to the next stop."""


async def ask_signature(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What is to be signed in plain words, and the signer's factor."""
    intent_id = page.request.path_params["intent_id"]
    intent = await preparing.intent(work.session, work.actor.membership_id, intent_id, at=work.at)
    signer = work.actor
    if intent.membership_id != work.actor.membership_id:
        signer = await queries.actor_of_membership(work.session, intent.membership_id, at=work.at)
    offered = await signers.offer(work.session, signer.person_id, intent, page.request.app.state.keys)
    firms = await parties.organisations_by_id(work.session, {signer.organisation_id})
    other: Locale = "en" if page.locale == "zh" else "zh"
    return page.show(
        "signing/sign.html",
        filled=filled,
        intent=intent,
        step=SignedStep(intent.step),
        words=intent.words[page.locale].split("\n"),
        other=other,
        other_words=intent.words[other].split("\n"),
        signer=signer,
        firm=firms[signer.organisation_id],
        is_other=signer.membership_id != work.actor.membership_id,
        held=offered.held,
        options=offered.passkey_options,
    )


@router.get("/signing/{intent_id:uuid}")
async def read(page: AnyPage, work: Reading, intent_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The page on which it is read."""
    return await ask_signature(page, work, EMPTY)


@router.post("/signing/{intent_id:uuid}")
@asked_again(ask_signature)
async def sign(page: AnyPage, work: Signing, intent_id: UUID) -> Response:
    """Sign what was read."""
    intent = await preparing.intent(work.session, work.identity.actor.membership_id, intent_id, at=work.at)
    consents = bool(intent.asked["consent"])
    acted = await work.act()
    return _done(
        page, SignedStep(intent.step), intent.manifest_id, acted, subject_id=intent.subject_id, consents=consents
    )


def _done(
    page: Page, step: SignedStep, manifest_id: UUID, acted: Acted, *, subject_id: UUID, consents: bool
) -> Response:
    drives = page.actor is not None and page.actor.role is Role.DRIVER
    address = f"/manifests/{manifest_id}"
    if drives and step is SignedStep.LOADING_CHECK:
        address = f"/run/stops/{manifest_id}#sign"  # he signs next
    if acted.trip is not None:
        return page.go(f"/trips/{acted.trip.id}", _DONE[step])
    if step in _ON_THE_RUN and drives:
        return page.go("/run", _DONE[step])
    if step in CARD_STEPS:
        return page.go(f"/medical/cards/{subject_id}", _DONE[step])
    if acted.back is not None:
        sentence = message("Signed. The rejected containers go back under manifest {number}.")
        return page.go(address, sentence, kind="warn", number=acted.back.number)
    if step is SignedStep.CORRECTION_ANSWER and not consents:
        return page.go(address, message("Refused: the mass stands."))
    return page.go(address, _DONE[step], number=acted.manifest.number if acted.manifest else "")


async def ask_signed(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What the actor has signed."""
    return page.show(
        "signing/signed.html",
        filled=filled,
        notices=await notices.of_person(work.session, work.actor),
        repudiated=await repudiating.repudiated_before(work.session, work.actor),
        titles=TITLES,
        may_prove=bool(may(work.actor, Verb.PROVE)),
    )


@router.get("/signed")
async def signed(page: AnyPage, work: Reading) -> Response:
    """The list."""
    return await ask_signed(page, work, EMPTY)


@router.post("/signed/{event_id:uuid}/repudiation")
@asked_again(ask_signed)
async def repudiate(page: AnyPage, work: Writing, event_id: UUID, reason: Annotated[Prose, Form()] = "") -> Response:
    """This was not me."""
    await repudiating.repudiate(work.session, work.actor, event_id, reason, at=work.at)
    sentence = message("Recorded: you say that this signature is not yours. Change your password and factors now.")
    return page.go("/signed", sentence, kind="warn")
