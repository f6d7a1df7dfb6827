"""The page of an organisation's provisioning tokens, with which its own directory keeps its people here."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.responses import RedirectResponse, Response

from wastetrack.auth import provisioning_tokens
from wastetrack.i18n import message
from wastetrack.parties import membership
from wastetrack.serving.deps import ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.provisioning import SCIM_PATH
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(prefix="/organisations/{organisation_id:uuid}/provisioning", route_class=AnsweringRoute)


async def ask_token(page: Page, work: ReadWork, filled: Filled, *, secret: str | None = None) -> Response:
    """The tokens, and the form for another; `secret` is shown this once."""
    organisation = await membership.managed(work.session, work.actor, page.request.path_params["organisation_id"])
    return page.show(
        "parties/provisioning.html",
        filled=filled,
        secret=secret,
        organisation=organisation,
        tokens=await provisioning_tokens.tokens_of(work.session, organisation.id),
        address=settings_of(page.request).base_url.rstrip("/") + SCIM_PATH,
        token_days=settings_of(page.request).token_days,
    )


offer(router, "", ask_token)


@router.post("")
@asked_again(ask_token)
async def issue(
    page: AnyPage,
    work: Writing,
    organisation_id: UUID,
    name: Annotated[Line, Form()] = "",
    days: Annotated[int, Form()] = 90,
) -> Response:
    """Make a token, shown this once."""
    await membership.managed(work.session, work.actor, organisation_id)
    secret = await provisioning_tokens.issue(
        work.session, work.actor, organisation_id, name=name, days=days, at=work.at
    )
    keep_instead(page.request, RedirectResponse(page.path, SEE_OTHER))
    as_read = ReadWork(work.session, work.actor, work.at, work.identity)
    return await ask_token(page, as_read, EMPTY, secret=secret)


@router.post("/{token_id:uuid}/revoke")
async def revoke(page: AnyPage, work: Writing, organisation_id: UUID, token_id: UUID) -> Response:
    """End a token at once."""
    await membership.managed(work.session, work.actor, organisation_id)
    await provisioning_tokens.revoke(work.session, organisation_id, token_id, at=work.at)
    return page.go(f"/organisations/{organisation_id}/provisioning", message("The token is revoked."))
