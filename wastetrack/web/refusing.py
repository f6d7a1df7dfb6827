"""A refusal, as a browser sees it: the way to sign in, the form again, or a page that says what and what next."""

import logging
from urllib.parse import quote

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from wastetrack import clock, errors
from wastetrack.db.session import reading
from wastetrack.errors import Unauthenticated, WastetrackError
from wastetrack.serving import logs
from wastetrack.serving.cookies import clear_session, session_token
from wastetrack.serving.deps import ReadWork, engine_of, identify, identity_of
from wastetrack.serving.doors import is_fragment, safe_next
from wastetrack.serving.forgery import FORGED
from wastetrack.serving.problems import FAMILIES, Refusal
from wastetrack.serving.restrictions import WHERE, HeldBack
from wastetrack.web.forms import Asking, Filled
from wastetrack.web.rendering import SEE_OTHER, Page

log = logging.getLogger(__name__)

_SHOWN_IN_FORM = {FAMILIES[kind] for kind in (errors.RuleBroken, errors.Malformed, errors.Conflict, errors.Forbidden)}


async def page_answer(request: Request, refusal: Refusal) -> Response:
    """The answer to a refused request that came through a page."""
    if refusal.family is FAMILIES[errors.Unauthenticated]:
        return _to_sign_in(request)
    await _recognise(request)
    identity = identity_of(request)
    held_back = None if identity is None else identity.restriction
    if held_back is not None and refusal.code == f"{held_back}_first":
        return _elsewhere(request, WHERE[held_back])
    page = Page(request)
    ask: Asking | None = getattr(request.scope.get("endpoint"), "ask_again", None)
    # A forged form is not shown again: its values are those of whoever forged it.
    if ask is not None and refusal.family in _SHOWN_IN_FORM and refusal.code != FORGED:
        again = await _ask_again(page, ask, refusal)
        if again is not None:
            again.status_code = refusal.family.status
            return again
    response = page.show("refusal.html", refusal.family.status, refusal=refusal, number=logs.request_id.get())
    response.headers.update(refusal.headers)
    return response


async def _recognise(request: Request) -> None:
    """Find out who is asking where no handler has: the frame around a refusal is the visitor's own."""
    if identity_of(request) is not None or session_token(request) is None:
        return
    try:
        async with reading(engine_of(request)) as session:
            await identify(request, session, at=clock.now())
    except (Unauthenticated, HeldBack):
        return
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        # The database is away, which may be what is being refused.
        log.warning("nobody recognised for a refusal", exc_info=True)


async def _ask_again(page: Page, ask: Asking, refusal: Refusal) -> Response | None:
    """The form, filled; None if even that cannot be had."""
    request = page.request
    try:
        async with reading(engine_of(request)) as session:
            at = clock.now()
            identity = await identify(request, session, at=at)
            sentence = "" if refusal.broken else page.translate(refusal.detail, **refusal.facts)
            filled = Filled.from_request(await request.form(), refusal.broken, sentence)
            return await ask(page, ReadWork(session, identity.actor, at, identity), filled)
    except WastetrackError:
        # The thing that the form is about is gone: the refusal itself is what there is to say.
        return None


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page, and from there back to what was asked for."""
    if request.method == "GET" and not is_fragment(request):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        back = URL(request.headers.get("referer", "/")).path
    response = _elsewhere(request, "/sign-in?next=" + quote(safe_next(back), safe=""))
    clear_session(request, response)
    return response


def _elsewhere(request: Request, address: str) -> Response:
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, SEE_OTHER)
