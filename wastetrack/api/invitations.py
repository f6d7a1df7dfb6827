"""Invitations as programs make them: asked, sent again, taken back. The link is told once, with the answer."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request
from starlette.responses import JSONResponse, Response

from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth.inviting import Invited
from wastetrack.auth.joining_model import ContactKind, InvitationState
from wastetrack.auth.model import Role
from wastetrack.i18n import Locale
from wastetrack.parties import membership
from wastetrack.serving.deps import Reading, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/organisations/{organisation_id}/invitations", route_class=AnsweringRoute, tags=["people"])


class NewInvitation(Body):
    """Whom to invite. `contact` is a mail address or telephone number and becomes the login."""

    contact: Line
    name: Line
    role: Role
    locale: Locale = "zh"


class InvitationMade(Shown):
    """The invitation with its link, told this once; a repeated request gets it without."""

    id: UUID
    contact: str
    expires_at: datetime
    link: str | None


class InvitationShown(Shown):
    """An invitation that nobody has accepted yet."""

    id: UUID
    contact_kind: ContactKind
    contact: str
    name: str
    role: Role
    state: InvitationState
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None


class InvitationsShown(Shown):
    """The newest first."""

    items: list[InvitationShown]


def _lasts(request: Request) -> timedelta:
    return timedelta(hours=settings_of(request).invitation_hours)


def _made(request: Request, invited: Invited, status: int) -> InvitationMade:
    link = f"{settings_of(request).base_url.rstrip('/')}/join?token={invited.secret}"
    made = InvitationMade(id=invited.id, contact=invited.contact, expires_at=invited.expires_at, link=link)
    without = made.model_copy(update={"link": None})
    keep_instead(request, JSONResponse(without.model_dump(mode="json"), status))
    return made


@router.get("", responses=problems(403, 404, 422))
async def invitations(work: Reading, organisation_id: UUID) -> InvitationsShown:
    """Who is invited and has not come yet."""
    found = await membership.invitations(work.session, work.actor, organisation_id, at=work.at)
    return InvitationsShown(items=[InvitationShown.model_validate(one) for one in found])


@router.post("", status_code=201, responses=problems(400, 403, 404, 422))
async def invite(request: Request, work: Writing, organisation_id: UUID, body: NewInvitation) -> InvitationMade:
    """Invite somebody; the link is sent too, where a way of sending is set up."""
    invited = await membership.invite(
        work.session, work.actor, organisation_id, **dict(body), lasts=_lasts(request), at=work.at
    )
    return _made(request, invited, 201)


@router.post("/{invitation_id}/resending", responses=problems(400, 403, 404, 409, 422))
async def resend(request: Request, work: Writing, organisation_id: UUID, invitation_id: UUID) -> InvitationMade:
    """New links in place of the old."""
    invited = await membership.resend(
        work.session, work.actor, organisation_id, invitation_id, lasts=_lasts(request), at=work.at
    )
    return _made(request, invited, 200)


@router.post("/{invitation_id}/revocation", status_code=204, responses=problems(400, 403, 404, 409, 422))
async def revoke(work: Writing, organisation_id: UUID, invitation_id: UUID) -> Response:
    """Take an invitation back."""
    await membership.revoke(work.session, work.actor, organisation_id, invitation_id, at=work.at)
    return Response(status_code=204)
