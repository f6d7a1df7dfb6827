"""One's own factors: passkeys, the authenticator app, recovery codes. Each change asks for a factor again first."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from markupsafe import Markup
from starlette.responses import JSONResponse, RedirectResponse, Response

from wastetrack import clock
from wastetrack.auth import ceremonies, enrolling_factors, factors, totp
from wastetrack.auth.ceremonies import CeremonyKind
from wastetrack.auth.model import Restriction
from wastetrack.db.session import writing
from wastetrack.i18n import message
from wastetrack.manifests import signing_keys
from wastetrack.reports.qr_symbols import qr_svg
from wastetrack.serving.deps import ReadWork, Writing, engine_of, identify
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.restrictions import sentence_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.giving_factors import FactorOfForm, credential_in
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

HERE = "/account/factors"


async def ask_factors(page: Page, work: ReadWork, filled: Filled, *, codes: tuple[str, ...] = ()) -> Response:
    """What the person has enrolled; how to change it, or first the way to show that it is still the person."""
    proved_at = await enrolling_factors.proved_at(work.session, work.identity.secret_hash)
    waiting = work.identity.restriction is Restriction.ENROL_FACTOR
    return page.show(
        "account/factors.html",
        filled=filled,
        held=await factors.factors_of(work.session, work.actor.person_id),
        is_fresh=enrolling_factors.is_fresh(proved_at, at=work.at),
        until=None if proved_at is None else proved_at + enrolling_factors.PROOF_HOLDS,
        codes=codes,
        why=sentence_of(Restriction.ENROL_FACTOR) if waiting else "",
    )


offer(router, HERE, ask_factors)


@router.post("/account/confirm/options")
async def confirm_options(page: AnyPage, work: Writing, keys: DeploymentKeys) -> Response:
    """What the browser asks the person's passkeys; asked by a script when the button is used."""
    del page
    challenge = await ceremonies.give(work.session, CeremonyKind.PROOF, work.identity.secret_hash, at=work.at)
    party = keys.relying_party
    options = await factors.assertion_options(
        work.session, work.actor.person_id, challenge=challenge, relying_party=party
    )
    return JSONResponse(options)


@router.post("/account/confirm")
@asked_again(ask_factors)
async def confirm(page: AnyPage, keys: DeploymentKeys, given: FactorOfForm) -> Response:
    """Give a factor again. Not one unit of work: the attempt counts even where it fails. Twice does no harm."""
    engine, at = engine_of(page.request), clock.now()
    async with writing(engine) as session:
        identity = await identify(page.request, session, at=at)
        await refuse_forgery(page.request, identity.csrf_token)
        challenge = await ceremonies.take(session, CeremonyKind.PROOF, identity.secret_hash, at=at)
    person_id, party = identity.actor.person_id, keys.relying_party
    await factors.prove_again(engine, person_id, given, challenge=challenge, relying_party=party, at=at)
    async with writing(engine) as session:
        await enrolling_factors.note_proof(session, identity.secret_hash, at=at)
    return page.go(HERE)


@router.post("/account/passkeys/options")
async def passkey_options(page: AnyPage, work: Writing, keys: DeploymentKeys) -> Response:
    """What the browser is to make; asked by a script when the button is used."""
    del page
    options = await enrolling_factors.offer_passkey(
        work.session, work.actor, work.identity.secret_hash, party=keys.relying_party, at=work.at
    )
    return JSONResponse(options)


@router.post("/account/passkeys")
@asked_again(ask_factors)
async def add_passkey(
    page: AnyPage,
    work: Writing,
    keys: DeploymentKeys,
    name: Annotated[Line, Form()] = "",
    assertion: Annotated[str, Form()] = "",
) -> Response:
    """Enrol what the browser made."""
    passkey_id = await enrolling_factors.add_passkey(
        work.session,
        work.actor,
        work.identity.secret_hash,
        credential_in(assertion) or {},
        name,
        party=keys.relying_party,
        at=work.at,
    )
    party = keys.relying_party
    await signing_keys.state_passkey(work.session, work.actor, passkey_id, rp_id=party.id, at=work.at)
    return page.go(HERE, message("The passkey is enrolled; other devices are signed out."))


@router.post("/account/passkeys/{passkey_id:uuid}/rename")
@asked_again(ask_factors)
async def rename_passkey(
    page: AnyPage, work: Writing, passkey_id: UUID, name: Annotated[Line, Form()] = ""
) -> Response:
    """Call it otherwise."""
    secret_hash = work.identity.secret_hash
    await enrolling_factors.rename_passkey(work.session, work.actor, secret_hash, passkey_id, name, at=work.at)
    return page.go(HERE, message("The passkey has its new name."))


@router.post("/account/passkeys/{passkey_id:uuid}/remove")
@asked_again(ask_factors)
async def remove_passkey(page: AnyPage, work: Writing, passkey_id: UUID) -> Response:
    """Take it off."""
    required, secret_hash = rules_of(page.request).required, work.identity.secret_hash
    await enrolling_factors.remove_passkey(
        work.session, work.actor, secret_hash, passkey_id, required=required, at=work.at
    )
    await signing_keys.revoke(work.session, work.actor, passkey_id, at=work.at)
    return page.go(HERE, message("The passkey is removed; other devices are signed out."))


async def ask_totp(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The secret offered, as QR code and as text, and the form for its first code."""
    keys: Keys = page.request.app.state.keys
    proved_at = await enrolling_factors.proved_at(work.session, work.identity.secret_hash)
    row = await totp.offered(work.session, work.actor.person_id)
    if row is None or not enrolling_factors.is_fresh(proved_at, at=work.at):
        return page.go(HERE)
    offer_made = await enrolling_factors.offer_again(work.session, work.actor, party=keys.relying_party)
    drawn = qr_svg(offer_made.address, level="M", is_secret=True, title=page.translate(_SCAN_ME))
    # Drawn by us from letters that QR codes have; the title is escaped by the drawing.
    return page.show("account/totp.html", filled=filled, offer=offer_made, qr=Markup(drawn))  # noqa: S704


_SCAN_ME = message("QR code for your authenticator app")

offer(router, "/account/totp", ask_totp)


@router.post("/account/totp/offer")
@asked_again(ask_factors)
async def offer_totp(page: AnyPage, work: Writing, keys: DeploymentKeys) -> Response:
    """A fresh secret, shown on the page that this leads to."""
    await enrolling_factors.offer_totp(
        work.session, work.actor, work.identity.secret_hash, party=keys.relying_party, at=work.at
    )
    return page.go("/account/totp")


@router.post("/account/totp")
@asked_again(ask_totp)
async def add_totp(page: AnyPage, work: Writing, keys: DeploymentKeys, code: Annotated[str, Form()] = "") -> Response:
    """Enrol the app that gives this code."""
    secret_hash, party = work.identity.secret_hash, keys.relying_party
    await enrolling_factors.add_totp(work.session, work.actor, secret_hash, code, party=party, at=work.at)
    return page.go(HERE, message("The authenticator app is enrolled; other devices are signed out."))


@router.post("/account/totp/remove")
@asked_again(ask_factors)
async def remove_totp(page: AnyPage, work: Writing) -> Response:
    """Take the app off."""
    required, secret_hash = rules_of(page.request).required, work.identity.secret_hash
    await enrolling_factors.remove_totp(work.session, work.actor, secret_hash, required=required, at=work.at)
    return page.go(HERE, message("The authenticator app is removed; other devices are signed out."))


@router.post("/account/recovery-codes")
@asked_again(ask_factors)
async def make_recovery_codes(page: AnyPage, work: Writing) -> Response:
    """A new list, shown this once: the answer kept for a repeated request does not hold it."""
    secret_hash = work.identity.secret_hash
    codes = await enrolling_factors.make_recovery_codes(work.session, work.actor, secret_hash, at=work.at)
    keep_instead(page.request, RedirectResponse(HERE, SEE_OTHER))
    as_read = ReadWork(work.session, work.actor, work.at, work.identity)
    return await ask_factors(page, as_read, EMPTY, codes=codes)
