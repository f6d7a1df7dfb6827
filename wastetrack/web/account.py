"""One's own account: signed-in devices, API tokens, the organisation acted for, and what happened to it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.responses import RedirectResponse, Response

from wastetrack.auth import factors, federating, happenings, issuing, queries, signing_in
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.model import Role
from wastetrack.auth.policy import Verb, may
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving import cookies
from wastetrack.serving.deps import ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.serving.written_text import Line
from wastetrack.web.account_words import device_of, told
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


async def ask_account(page: Page, work: ReadWork, filled: Filled, *, secret: str | None = None) -> Response:
    """The account page."""
    sessions = await queries.sessions_of(work.session, work.actor)
    latest = next((one.expires_at for one in sessions if one.token_hash == work.identity.secret_hash), None)
    hats = await queries.memberships_in_force(work.session, work.actor.person_id)
    firms = await parties.organisations_by_id(work.session, [hat.organisation_id for hat in hats])
    return page.show(
        "account/account.html",
        filled=filled,
        secret=secret,
        tokens=await queries.tokens_of(work.session, work.actor),
        sessions=[
            (session, device_of(session.user_agent), ends_at(page, session.expires_at, session.last_seen_at))
            for session in sessions
            if ends_at(page, session.expires_at, session.last_seen_at) > work.at
        ],
        latest=latest,
        held=await factors.factors_of(work.session, work.actor.person_id),
        events=[told(event) for event in await happenings.of_own_account(work.session, work.actor)],
        memberships=[(hat, firms.get(hat.organisation_id), Role(hat.role)) for hat in hats],
        this_session=work.identity.secret_hash,
        may_issue=bool(may(work.actor, Verb.ISSUE_TOKENS)),
        token_days=settings_of(page.request).token_days,
    )


offer(router, "/account", ask_account)


def ends_at(page: Page, expires_at: datetime, last_seen_at: datetime) -> datetime:
    """When a session ends if nothing more is done in it."""
    return min(expires_at, last_seen_at + rules_of(page.request).idle)


@router.post("/account/tokens")
@asked_again(ask_account)
async def issue_token(
    page: AnyPage, work: Writing, name: Annotated[Line, Form()] = "", days: Annotated[int, Form()] = 90
) -> Response:
    """A new API token, shown this once: the answer kept for a repeated request does not hold it."""
    issued = await issuing.issue_token(work.session, work.actor, IssueToken(name=name, days=days), at=work.at)
    keep_instead(page.request, RedirectResponse("/account", SEE_OTHER))
    as_read = ReadWork(work.session, work.actor, work.at, work.identity)
    return await ask_account(page, as_read, EMPTY, secret=issued.secret)


@router.post("/account/tokens/{token_id:uuid}/revoke")
async def revoke_token(page: AnyPage, work: Writing, token_id: UUID) -> Response:
    """End a token."""
    await issuing.revoke_token(work.session, work.actor, token_id, at=work.at)
    return page.go("/account", message("The token is revoked."))


@router.post("/account/membership")
async def change_membership(page: AnyPage, work: Writing, membership_id: Annotated[UUID, Form()]) -> Response:
    """Act for another of one's organisations."""
    opened = await federating.change_membership(
        work.session,
        work.actor,
        work.identity.secret_hash,
        membership_id,
        at=work.at,
        required=rules_of(page.request).required,
    )
    keep_instead(page.request, RedirectResponse("/", SEE_OTHER))
    response = page.go("/")
    cookies.set_session(page.request, response, opened.token, opened.expires_at)
    return response


@router.post("/account/sessions/{session_id:uuid}/end")
async def end_session(page: AnyPage, work: Writing, session_id: UUID) -> Response:
    """End one session of this person; where it is this one, the next page asks to sign in."""
    await signing_in.end_session(work.session, work.actor, session_id, at=work.at)
    return page.go("/account", message("That device is signed out."))


@router.post("/account/sign-out-others")
async def sign_out_others(page: AnyPage, work: Writing) -> Response:
    """End all sessions of this person but this one."""
    await signing_in.sign_out_others(work.session, work.actor, work.identity.secret_hash, at=work.at)
    return page.go("/account", message("All other devices are signed out."))


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(page: AnyPage, work: Writing) -> Response:
    """End all sessions of this person."""
    await signing_in.sign_out_everywhere(work.session, work.actor)
    response = page.go("/sign-in", message("You are signed out on all devices."))
    cookies.clear_session(page.request, response)
    return response
