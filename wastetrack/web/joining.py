"""The link of an invitation: whoever holds it joins, with a password of her own or the account that she has."""

from typing import Annotated

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from wastetrack import clock
from wastetrack.auth import accepting, inviting
from wastetrack.db.session import ReadSession, reading, writing
from wastetrack.errors import RuleBroken, Unauthenticated
from wastetrack.i18n import message
from wastetrack.parties import queries
from wastetrack.serving import cookies
from wastetrack.serving.deps import Writing, engine_of, identify, identity_of, settings_of
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.strict_routes import StrictRoute
from wastetrack.web.forms import EMPTY, Filled
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/join", route_class=AnsweringRoute)
at_the_door = RoomRouter(prefix="/join", route_class=StrictRoute)
"""Nobody is signed in here."""

_Secret = Annotated[str, Form(alias="token", max_length=100)]


@at_the_door.get("")
async def ask(page: AnyPage, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """What the link offers. NotFound for one that is over."""
    return await _show(page, token, EMPTY)


@at_the_door.post("")
async def join(page: AnyPage, token: _Secret = "", password: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Join with a password of one's own, or choose a new one; then on to signing in."""
    request = page.request
    await refuse_forgery(request, None)
    try:
        async with writing(engine_of(request)) as session:
            login = await accepting.accept_with_password(session, token, password, at=clock.now())
    except RuleBroken as refused:
        response = await _show(page, token, Filled(broken=refused.broken, sent=frozenset({"password"})))
        response.status_code = 422
        return response
    return page.go("/sign-in", message("Sign in as {login} with the password that you have chosen."), login=login)


@router.post("/account")
async def join_with_account(page: AnyPage, work: Writing, token: _Secret = "") -> Response:
    """Add the membership to the account that is signed in."""
    await accepting.accept_as_member(work.session, work.actor, token, at=work.at)
    return page.go("/account", message("You have joined. Choose here for whom you act."))


async def _show(page: Page, token: str, filled: Filled) -> Response:
    request, at = page.request, clock.now()
    async with reading(engine_of(request)) as session:
        await _recognise(request, session)
        row = await inviting.by_secret(session, token, at=at)
        if identity_of(request) is None:
            # The link is as good as a credential for seeing who invites.
            await session.look_as(row.viewer, row.organisation_id, row.invited_by)
        return page.show(
            "signing_in/join.html",
            filled=filled,
            token=token,
            invitation=inviting.shown(row, at=at),
            organisation=await queries.organisation(session, row.organisation_id),
            has_account=await accepting.has_account(session, row),
            signed_in=identity_of(request) is not None,
            providers=[
                one
                for one in settings_of(request).identity_providers
                if row.organisation_id in one.may_vouch_for and row.membership_id is None
            ],
        )


async def _recognise(request: Request, session: ReadSession) -> None:
    """Find out who is there, if anybody: the page is for both."""
    if cookies.session_token(request) is None:
        return
    try:
        await identify(request, session, at=clock.now())
    except Unauthenticated:
        return
