"""Signing in and out."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.datastructures import FormData
from starlette.responses import Response

from wastetrack import clock
from wastetrack.auth import signing_in
from wastetrack.auth.signing_in import SignIn
from wastetrack.db.session import writing
from wastetrack.errors import Forbidden, Throttled, Unauthenticated
from wastetrack.i18n import message
from wastetrack.serving import cookies
from wastetrack.serving.deps import engine_of, identify, settings_of
from wastetrack.serving.doors import safe_next
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.problems import refusal_of
from wastetrack.serving.strict_routes import StrictRoute
from wastetrack.web.forms import EMPTY, Filled
from wastetrack.web.rendering import AnyPage

router = APIRouter(route_class=StrictRoute)

_LONGEST = 200


@router.get("/sign-in")
async def ask(page: AnyPage, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The form."""
    return page.show("signing_in/sign_in.html", filled=EMPTY, next_page=safe_next(next_page))


@router.post("/sign-in")
async def sign_in(
    page: AnyPage,
    login: Annotated[str, Form(max_length=_LONGEST)] = "",
    password: Annotated[str, Form(max_length=_LONGEST)] = "",
    next_page: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Open a session and go on; a wrong password shows the form again."""
    request = page.request
    lasts = timedelta(hours=settings_of(request).session_absolute_hours)
    command = SignIn(
        login=login,
        password=password,
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        replaces=cookies.session_token(request),
    )
    try:
        await refuse_forgery(request, None)
        opened = await signing_in.sign_in(engine_of(request), command, lasts=lasts, at=clock.now())
    except (Unauthenticated, Throttled, Forbidden) as refused:
        refusal = refusal_of(refused)
        sentence = page.translate(refusal.detail, **refusal.facts)
        filled = Filled.from_request(FormData({"login": login}), (), sentence)
        response = page.show(
            "signing_in/sign_in.html", refusal.family.status, filled=filled, next_page=safe_next(next_page)
        )
        response.headers.update({name: value for name, value in refusal.headers.items() if name == "Retry-After"})
        return response
    response = page.go(next_page)
    cookies.set_session(request, response, opened.token, opened.expires_at)
    if cookies.language_of(request) is None:
        cookies.set_language(request, response, opened.locale)
    return response


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
