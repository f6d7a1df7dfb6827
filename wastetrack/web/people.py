"""Pages of an organisation's people: enrol, give a new password, end a membership."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth import enrolling
from wastetrack.auth import queries as people
from wastetrack.auth.enrolling import Enrol
from wastetrack.auth.model import REGULATORS, Role
from wastetrack.auth.policy import Verb
from wastetrack.i18n import message
from wastetrack.parties import policy, queries
from wastetrack.parties.model import Organisation, OrganisationKind
from wastetrack.serving.deps import ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.rendering import AnyPage, Page

router = APIRouter(prefix="/organisations/{organisation_id:uuid}/people", route_class=AnsweringRoute)

_LONGEST = 200


class MemberForm(BaseModel):
    """Somebody to enrol."""

    login: str = Field("", max_length=_LONGEST)
    name: str = Field("", max_length=_LONGEST)
    password: str = Field("", max_length=_LONGEST)
    role: Role


def roles_of(organisation: Organisation) -> tuple[Role, ...]:
    """Which roles there are in an organisation, by what it is."""
    if OrganisationKind.REGULATOR in organisation.kinds:
        return tuple(role for role in Role if role in REGULATORS)
    if OrganisationKind.OPERATOR in organisation.kinds:
        return (Role.OPERATOR,)
    return tuple(role for role in Role if role not in REGULATORS | {Role.OPERATOR})


async def ask_member(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The people, and the form for another."""
    organisation = await queries.organisation(work.session, page.request.path_params["organisation_id"])
    policy.demand(policy.may_manage(work.actor, organisation.id, Verb.MANAGE_PEOPLE), "may_not_manage_people")
    return page.show(
        "parties/people.html",
        filled=filled,
        organisation=organisation,
        members=await people.members_of(work.session, organisation.id),
        roles=roles_of(organisation),
        role_of=Role,
    )


offer(router, "", ask_member)


@router.post("")
@asked_again(ask_member)
async def enrol(page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[MemberForm, Form()]) -> Response:
    """Enrol somebody."""
    organisation = await queries.organisation(work.session, organisation_id)
    command = Enrol(
        **dict(form),
        organisation_id=organisation_id,
        jurisdiction=organisation.jurisdiction,
        organisation_name=organisation.name,
    )
    await enrolling.enrol(work.session, work.actor, command, at=work.at)
    return page.go(page.path, message("{name} is enrolled."), name=form.name)


@router.post("/{membership_id:uuid}/password")
@asked_again(ask_member)
async def set_password(
    page: AnyPage,
    work: Writing,
    organisation_id: UUID,
    membership_id: UUID,
    wanted: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> Response:
    """Give a member a temporary password."""
    organisation = await queries.organisation(work.session, organisation_id)
    await enrolling.set_password(
        work.session, work.actor, membership_id, wanted, at=work.at, organisation_name=organisation.name
    )
    return page.go(
        f"/organisations/{organisation_id}/people",
        message("The password is good for one sign-in within a day; then the member chooses another."),
    )


@router.post("/{membership_id:uuid}/end")
async def end(page: AnyPage, work: Writing, organisation_id: UUID, membership_id: UUID) -> Response:
    """End a membership."""
    await enrolling.end_membership(work.session, work.actor, membership_id, at=work.at)
    return page.go(f"/organisations/{organisation_id}/people", message("The membership has ended."))
