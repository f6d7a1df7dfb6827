"""Signing in with a provider: there and back."""

from typing import Annotated

from fastapi import Query
from starlette.responses import RedirectResponse, Response

from wastetrack import clock
from wastetrack.auth import federating
from wastetrack.auth.federating import Doors, Returned
from wastetrack.errors import Malformed, Unauthenticated, Unavailable, WastetrackError
from wastetrack.outbound.fetching import policy_of
from wastetrack.serving import cookies
from wastetrack.serving.deps import engine_of, settings_of
from wastetrack.serving.doors import safe_next
from wastetrack.serving.problems import refusal_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.web.forms import Filled
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(prefix="/sign-in/with/{slug}")

_TEN_MINUTES = 600
_LONGEST = 4096


def doors_of(page: Page) -> Doors:
    """The providers of this deployment."""
    settings = settings_of(page.request)
    return Doors(providers=settings.identity_providers, base_url=settings.base_url, policy=policy_of(settings))


@router.get("")
async def begin(
    page: AnyPage,
    slug: str,
    next_page: Annotated[str, Query(alias="next", max_length=_LONGEST)] = "/",
    invitation: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Send the browser to the provider. It changes nothing but that this browser may come back."""
    request = page.request
    try:
        begun = await federating.begin(
            engine_of(request),
            doors_of(page),
            slug,
            next_page=safe_next(next_page),
            invitation=invitation,
            at=clock.now(),
        )
    except (Malformed, Unavailable) as refused:
        return _refused(page, refused)
    response = RedirectResponse(begun.address, SEE_OTHER)
    cookies.set_federated(request, response, begun.browser_secret, seconds=_TEN_MINUTES)
    return response


@router.get("/back")
async def back(  # the names are the protocol's (RFC 6749 §4.1.2, RFC 9207)
    page: AnyPage,
    slug: str,
    state: Annotated[str, Query(max_length=_LONGEST)] = "",
    code: Annotated[str, Query(max_length=_LONGEST)] = "",
    iss: Annotated[str | None, Query(max_length=_LONGEST)] = None,
) -> Response:
    """Judge what the provider says, open a session and go on."""
    request = page.request
    returned = Returned(
        state=state,
        code=code,
        issuer=iss,
        browser_secret=cookies.federated_of(request),
        user_agent=request.headers.get("user-agent", ""),
        replaces=cookies.session_token(request),
    )
    rules = rules_of(request)
    try:
        opened, next_page = await federating.finish(
            engine_of(request),
            doors_of(page),
            slug,
            returned,
            lasts=rules.lasts,
            required=rules.required,
            at=clock.now(),
        )
    except (Malformed, Unavailable, Unauthenticated) as refused:
        return _refused(page, refused)
    response = page.go(next_page)
    cookies.set_session(request, response, opened.token, opened.expires_at)
    cookies.clear_federated(request, response)
    if cookies.language_of(request) is None:
        cookies.set_language(request, response, opened.locale)
    return response


def _refused(page: Page, error: WastetrackError) -> Response:
    """The form of signing in, with what went wrong."""
    refusal = refusal_of(error)
    filled = Filled(refusal=page.translate(refusal.detail, **refusal.facts))
    return page.show("signing_in/sign_in.html", refusal.family.status, filled=filled, next_page="/")
