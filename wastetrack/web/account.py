"""One's own account: password, signed-in devices, API tokens, and the organisation acted for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from wastetrack.auth import enrolling, federating, issuing, queries, signing_in
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.model import Role
from wastetrack.auth.policy import Verb, may
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving import cookies
from wastetrack.serving.deps import ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = APIRouter(route_class=AnsweringRoute)

_LONGEST = 200


# The first that is found counts: everybody claims to be Mozilla, and Edge to be Chrome too.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> tuple[str, str] | None:
    """Browser and system as people call them; None for a program that is no browser we know."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    return (browser, system) if browser and system else None


async def ask_account(page: Page, work: ReadWork, filled: Filled, *, secret: str | None = None) -> Response:
    """The account page with its three forms."""
    hats = await queries.memberships_in_force(work.session, work.actor.person_id)
    firms = await parties.organisations_by_id(work.session, [hat.organisation_id for hat in hats])
    return page.show(
        "account/account.html",
        filled=filled,
        secret=secret,
        tokens=await queries.tokens_of(work.session, work.actor),
        sessions=[
            (session, device_of(session.user_agent)) for session in await queries.sessions_of(work.session, work.actor)
        ],
        memberships=[(hat, firms.get(hat.organisation_id), Role(hat.role)) for hat in hats],
        this_session=work.identity.secret_hash,
        may_issue=bool(may(work.actor, Verb.ISSUE_TOKENS)),
        token_days=settings_of(page.request).token_days,
    )


offer(router, "/account", ask_account)


@router.post("/account/password")
@asked_again(ask_account)
async def change_password(
    page: AnyPage,
    work: Writing,
    present: Annotated[str, Form(max_length=_LONGEST)] = "",
    wanted: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> Response:
    """A new password; other devices are signed out."""
    keep = work.identity.secret_hash
    await enrolling.change_password(work.session, work.actor, present=present, wanted=wanted, keep_session=keep)
    return page.go("/account", message("Your password is changed; other devices are signed out."))


@router.post("/account/tokens")
@asked_again(ask_account)
async def issue_token(
    page: AnyPage, work: Writing, name: Annotated[str, Form()] = "", days: Annotated[int, Form()] = 90
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
        work.session, work.actor, work.identity.secret_hash, membership_id, at=work.at
    )
    keep_instead(page.request, RedirectResponse("/", SEE_OTHER))
    response = page.go("/")
    cookies.set_session(page.request, response, opened.token, opened.expires_at)
    return response


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(page: AnyPage, work: Writing) -> Response:
    """End all sessions of this person."""
    await signing_in.sign_out_everywhere(work.session, work.actor)
    response = page.go("/sign-in", message("You are signed out on all devices."))
    cookies.clear_session(page.request, response)
    return response
