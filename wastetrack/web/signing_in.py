"""Signing in and out: with password and, where one is enrolled, a second factor; or with a passkey alone."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wastetrack import clock
from wastetrack.auth import ceremonies, factors, signing_in
from wastetrack.auth.opening import Browser, SignedIn
from wastetrack.auth.signing_in import PENDING_LASTS, Arrival, FactorNeeded, SignIn
from wastetrack.db.session import reading, writing
from wastetrack.errors import Forbidden, RuleBroken, Throttled, Unauthenticated, WastetrackError
from wastetrack.i18n import message
from wastetrack.serving import cookies
from wastetrack.serving.deps import engine_of, identify
from wastetrack.serving.doors import safe_next
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.problems import refusal_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.serving.strict_routes import StrictRoute
from wastetrack.web.forms import EMPTY, Filled
from wastetrack.web.giving_factors import FactorOfForm, credential_in
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=StrictRoute)

_LONGEST = 200
_REFUSALS = (Unauthenticated, Throttled, Forbidden, RuleBroken)


@router.get("/sign-in")
async def ask(page: AnyPage, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The form."""
    return _form(page, EMPTY, next_page)


@router.post("/sign-in")
async def sign_in(
    page: AnyPage,
    keys: DeploymentKeys,
    login: Annotated[str, Form(max_length=_LONGEST)] = "",
    password: Annotated[str, Form(max_length=_LONGEST)] = "",
    next_page: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Open a session and go on; a wrong password shows the form again, a right one may ask for a second factor."""
    request, rules = page.request, rules_of(page.request)
    command = SignIn(
        login=login,
        password=password,
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        replaces=cookies.session_token(request),
        device=cookies.device_of(request),
        keeps_device=True,
    )
    try:
        await refuse_forgery(request, None)
        opened = await signing_in.sign_in(
            engine_of(request),
            command,
            lasts=rules.lasts,
            at=clock.now(),
            required=rules.required,
            relying_party=keys.relying_party,
        )
    except FactorNeeded as needed:
        response = page.go("/sign-in/factor?" + urlencode({"next": safe_next(next_page)}))
        cookies.set_pending(request, response, needed.pending, seconds=int(PENDING_LASTS.total_seconds()))
        return response
    except _REFUSALS as refused:
        return _form(page, _filled(page, refused, FormData({"login": login})), next_page, refused)
    return _enter(page, opened, next_page)


@router.post("/sign-in/passkey/options")
async def passkey_options(page: AnyPage, keys: DeploymentKeys) -> Response:
    """What the browser asks its passkeys; asked by a script when the button is used."""
    request = page.request
    await refuse_forgery(request, None)
    async with writing(engine_of(request)) as session:
        party = keys.relying_party
        options = await signing_in.passkey_options(session, _bound(request), party=party, at=clock.now())
    return JSONResponse(options)


@router.post("/sign-in/passkey")
async def sign_in_with_passkey(
    page: AnyPage,
    keys: DeploymentKeys,
    assertion: Annotated[str, Form()] = "",
    next_page: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Open a session with a passkey alone."""
    request = page.request
    try:
        await refuse_forgery(request, None)
        opened = await signing_in.sign_in_with_passkey(
            engine_of(request),
            credential_in(assertion),
            _arrival(request),
            bound=_bound(request),
            relying_party=keys.relying_party,
            at=clock.now(),
        )
    except _REFUSALS as refused:
        return _form(page, _filled(page, refused), next_page, refused)
    return _enter(page, opened, next_page)


@router.get("/sign-in/factor")
async def ask_factor(page: AnyPage, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The form for the second factor, as long as a sign-in waits for it."""
    return await _factor_form(page, EMPTY, next_page)


@router.post("/sign-in/factor/options")
async def factor_options(page: AnyPage, keys: DeploymentKeys) -> Response:
    """What the browser asks the passkeys of whoever is signing in."""
    request = page.request
    await refuse_forgery(request, None)
    async with writing(engine_of(request)) as session:
        pending, party = cookies.pending_of(request), keys.relying_party
        options = await signing_in.pending_options(session, pending, party=party, at=clock.now())
    return JSONResponse(options)


@router.post("/sign-in/factor")
async def give_factor(
    page: AnyPage,
    keys: DeploymentKeys,
    given: FactorOfForm,
    next_page: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Finish the sign-in that waits for a second factor."""
    request = page.request
    pending, party = cookies.pending_of(request), keys.relying_party
    try:
        await refuse_forgery(request, None)
        opened = await signing_in.finish_sign_in(
            engine_of(request), pending, given, _arrival(request), relying_party=party, at=clock.now()
        )
    except _REFUSALS as refused:
        return await _factor_form(page, _filled(page, refused), next_page, refused)
    return _enter(page, opened, next_page)


@router.post("/sign-out")
async def sign_out(page: AnyPage) -> Response:
    """End the session. Being signed out already is fine."""
    request = page.request
    try:
        async with writing(engine_of(request)) as session:
            identity = await identify(request, session, at=clock.now())
            await refuse_forgery(request, identity.csrf_token)
            await signing_in.sign_out(session, identity.secret_hash)
    except Unauthenticated:
        pass
    response = page.go("/sign-in", message("You are signed out."))
    cookies.clear_session(request, response)
    return response


def _arrival(request: Request) -> Arrival:
    rules = rules_of(request)
    browser = Browser(request.headers.get("user-agent", ""), cookies.device_of(request), keeps=True)
    return Arrival(browser=browser, lasts=rules.lasts, required=rules.required, replaces=cookies.session_token(request))


def _bound(request: Request) -> bytes:
    """This browser, by the cookie of its anonymous forms."""
    return ceremonies.bound_to(request.cookies.get(cookies.FORM, ""))


def _enter(page: Page, opened: SignedIn, next_page: str) -> Response:
    request = page.request
    response = page.go(next_page)
    cookies.set_session(request, response, opened.token, opened.expires_at)
    cookies.set_device(request, response, opened.device)
    if cookies.pending_of(request):
        cookies.clear_pending(request, response)
    if request.cookies.get(cookies.LANGUAGE) is None:
        cookies.set_language(request, response, opened.locale)
    return response


def _filled(page: Page, refused: WastetrackError, typed: FormData | None = None) -> Filled:
    refusal = refusal_of(refused)
    sentence = "" if refusal.broken else page.translate(refusal.detail, **refusal.facts)
    return Filled.from_request(typed or FormData(), refusal.broken, sentence)


def _form(page: Page, filled: Filled, next_page: str, refused: WastetrackError | None = None) -> Response:
    response = page.show("signing_in/sign_in.html", _status(refused), filled=filled, next_page=safe_next(next_page))
    return _with_wait(response, refused)


async def _factor_form(page: Page, filled: Filled, next_page: str, refused: WastetrackError | None = None) -> Response:
    """Without a sign-in that waits there is nothing to give a factor for: back to the beginning."""
    request, at = page.request, clock.now()
    async with reading(engine_of(request)) as session:
        person = await signing_in.pending_person(session, cookies.pending_of(request), at=at)
        held = None if person is None else await factors.factors_of(session, person.id)
    if held is None:
        return page.go("/sign-in?" + urlencode({"next": safe_next(next_page)}), _OVER, kind="warn")
    shown = {"filled": filled, "held": held, "next_page": safe_next(next_page)}
    return _with_wait(page.show("signing_in/factor.html", _status(refused), **shown), refused)


_OVER = message("This sign-in took too long, or was finished already. Begin again.")


def _status(refused: WastetrackError | None) -> int:
    return 200 if refused is None else refusal_of(refused).family.status


def _with_wait(response: Response, refused: WastetrackError | None) -> Response:
    headers = {} if refused is None else refusal_of(refused).headers
    response.headers.update({name: value for name, value in headers.items() if name == "Retry-After"})
    return response
