"""Pages of an organisation's people: invite, change a role, end a membership, lend a hand from outside."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from wastetrack.auth import delegating, enrolling, membering
from wastetrack.auth import queries as people
from wastetrack.auth.enrolling import Enrol
from wastetrack.auth.inviting import Invited
from wastetrack.auth.joining_model import DELEGATED, InvitationState
from wastetrack.auth.model import Role
from wastetrack.errors import refuse
from wastetrack.i18n import label, message
from wastetrack.parties import membership as joining
from wastetrack.parties import queries
from wastetrack.parties.membership import roles_of
from wastetrack.serving.deps import Reading, ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.listings import Asked
from wastetrack.web.lists import PEOPLE
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(prefix="/organisations/{organisation_id:uuid}", route_class=AnsweringRoute)

_LONGEST = 200


class MemberForm(BaseModel):
    """Somebody to enrol."""

    login: Line = ""
    name: Line = ""
    password: str = Field("", max_length=_LONGEST)
    role: Role


class InvitationForm(BaseModel):
    """Somebody to invite."""

    contact: Line = ""
    name: Line = ""
    role: Role


class DelegateForm(BaseModel):
    """Somebody of another firm to act for this one."""

    credit_code: Line = ""
    login: Line = ""
    role: Role
    valid_until: Day


class Wanted(Asked):
    """Which people."""

    q: str = Field("", max_length=100)
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class ListedMember:
    """Somebody as the list shows him."""

    membership_id: UUID
    name: str
    login: str
    role: Role
    since: datetime


async def ask_member(
    page: Page, work: ReadWork, filled: Filled, wanted: Wanted | None = None, *, invited: Invited | None = None
) -> Response:
    """The people, who is invited, and the form for another; `invited` shows its link this once."""
    organisation = await joining.managed(work.session, work.actor, page.request.path_params["organisation_id"])
    asked, roles = wanted or Wanted(), roles_of(organisation)
    choices = {"role": [(role.value, label(role, page.locale)) for role in roles]}
    view = await PEOPLE.view(page, work, asked, choices, path=f"/organisations/{organisation.id}/people")
    found = await people.members_of(work.session, organisation.id, view.window, role=asked.role, name=asked.q.strip())
    return await view.answer(
        "parties/people.html",
        [
            ListedMember(member.id, person.name, person.login, Role(member.role), member.created_at)
            for person, member in found
        ],
        filled=filled,
        organisation=organisation,
        invitations=await joining.invitations(work.session, work.actor, organisation.id, at=work.at),
        invited=invited,
        link=None if invited is None else link_of(page, invited),
        hours=settings_of(page.request).invitation_hours,
        roles=roles,
        state_of=InvitationState,
        may_enrol=work.actor.role is Role.OPERATOR,
    )


def link_of(page: Page, invited: Invited) -> str:
    """The address to hand over."""
    return f"{settings_of(page.request).base_url.rstrip('/')}/join?token={invited.secret}"


def lasts(page: Page) -> timedelta:
    """For how long a link is valid."""
    return timedelta(hours=settings_of(page.request).invitation_hours)


async def _shown_once(page: Page, work: Writing, invited: Invited) -> Response:
    """The people with the link: what is kept for a repeated request does not hold it."""
    here = f"/organisations/{page.request.path_params['organisation_id']}/people"
    keep_instead(page.request, RedirectResponse(here, SEE_OTHER))
    as_read = ReadWork(work.session, work.actor, work.at, work.identity)
    return await ask_member(page, as_read, EMPTY, invited=invited)


@router.get("/people")
async def listed(
    page: AnyPage,
    work: Reading,
    organisation_id: UUID,  # noqa: ARG001  read off the address
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """The people."""
    return await ask_member(page, work, EMPTY, wanted)


@router.post("/people")
@asked_again(ask_member)
async def enrol(page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[MemberForm, Form()]) -> Response:
    """Enrol somebody with a first password; the platform's operator alone."""
    organisation = await queries.organisation(work.session, organisation_id)
    refuse(joining.why_not_role(organisation, form.role))
    command = Enrol(
        **dict(form),
        organisation_id=organisation_id,
        jurisdiction=organisation.jurisdiction,
        organisation_name=organisation.name,
    )
    await enrolling.enrol(work.session, work.actor, command, at=work.at)
    return page.go(page.path, message("{name} is enrolled."), name=form.name)


@router.post("/people/invitations")
@asked_again(ask_member)
async def invite(
    page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[InvitationForm, Form()]
) -> Response:
    """Invite somebody; the link is shown this once."""
    invited = await joining.invite(
        work.session, work.actor, organisation_id, **dict(form), locale=page.locale, lasts=lasts(page), at=work.at
    )
    return await _shown_once(page, work, invited)


@router.post("/people/invitations/{invitation_id:uuid}/resend")
async def resend(page: AnyPage, work: Writing, organisation_id: UUID, invitation_id: UUID) -> Response:
    """Send it again, with new links."""
    invited = await joining.resend(
        work.session, work.actor, organisation_id, invitation_id, lasts=lasts(page), at=work.at
    )
    return await _shown_once(page, work, invited)


@router.post("/people/invitations/{invitation_id:uuid}/revoke")
async def revoke(page: AnyPage, work: Writing, organisation_id: UUID, invitation_id: UUID) -> Response:
    """Take it back."""
    await joining.revoke(work.session, work.actor, organisation_id, invitation_id, at=work.at)
    return page.go(f"/organisations/{organisation_id}/people", message("The invitation is taken back."))


@router.post("/people/{membership_id:uuid}/password-link")
@asked_again(ask_member)
async def password_link(page: AnyPage, work: Writing, organisation_id: UUID, membership_id: UUID) -> Response:  # noqa: ARG001  a place of the address
    """A link with which a member chooses a new password."""
    invited = await membering.ask_for_new_password(
        work.session, work.actor, membership_id, lasts=lasts(page), at=work.at
    )
    return await _shown_once(page, work, invited)


@router.post("/people/{membership_id:uuid}/role")
@asked_again(ask_member)
async def change_role(
    page: AnyPage, work: Writing, organisation_id: UUID, membership_id: UUID, role: Annotated[Role, Form()]
) -> Response:
    """Give a member another role; the member signs in anew."""
    await joining.change_role(work.session, work.actor, membership_id, role)
    return page.go(f"/organisations/{organisation_id}/people", message("The role is changed."))


@router.post("/people/{membership_id:uuid}/end")
@asked_again(ask_member)
async def end(page: AnyPage, work: Writing, organisation_id: UUID, membership_id: UUID) -> Response:
    """End a membership."""
    await enrolling.end_membership(work.session, work.actor, membership_id, at=work.at)
    return page.go(f"/organisations/{organisation_id}/people", message("The membership has ended."))


async def ask_delegate(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Who acts for the organisation from outside, and the form for another."""
    organisation = await joining.managed(work.session, work.actor, page.request.path_params["organisation_id"])
    found = await delegating.delegates_of(work.session, organisation.id, at=work.at)
    firms = await queries.organisations_by_id(
        work.session, [hat.delegate_of_organisation_id for _, hat in found if hat.delegate_of_organisation_id]
    )
    return page.show(
        "parties/delegates.html",
        filled=filled,
        organisation=organisation,
        delegates=[
            (person, hat, firms.get(hat.delegate_of_organisation_id or hat.organisation_id)) for person, hat in found
        ],
        roles=[role for role in roles_of(organisation) if role in DELEGATED],
        role_of=Role,
        in_90_days=(work.at + timedelta(days=90)).date().isoformat(),
    )


offer(router, "/delegates", ask_delegate)


@router.post("/delegates")
@asked_again(ask_delegate)
async def delegate(
    page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[DelegateForm, Form()]
) -> Response:
    """Let somebody act for the organisation to the end of a day."""
    zone = ZoneInfo(settings_of(page.request).time_zone)
    until = datetime.combine(form.valid_until, time(23, 59, 59), zone)
    await joining.delegate(
        work.session,
        work.actor,
        organisation_id,
        credit_code=form.credit_code,
        login=form.login,
        role=form.role,
        valid_until=until,
        at=work.at,
    )
    return page.go(page.path, message("{login} may act for you until {day}."), login=form.login, day=form.valid_until)


@router.post("/delegates/{membership_id:uuid}/end")
async def end_delegation(page: AnyPage, work: Writing, organisation_id: UUID, membership_id: UUID) -> Response:
    """Take the leave back; it ends at once."""
    await enrolling.end_membership(work.session, work.actor, membership_id, at=work.at)
    return page.go(f"/organisations/{organisation_id}/delegates", message("The delegate acts for you no longer."))
