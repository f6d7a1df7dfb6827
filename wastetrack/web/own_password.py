"""Changing one's own password."""

from typing import Annotated

from fastapi import Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from wastetrack import clock
from wastetrack.auth import enrolling, factors
from wastetrack.auth.model import Restriction
from wastetrack.db.session import reading
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import ReadWork, Writing, engine_of, identify
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

_LONGEST = 200


async def _present_fits(request: Request) -> bool:
    """Judged before the unit of work is opened: the attempt is counted whatever becomes of the rest."""
    at = clock.now()
    async with reading(engine_of(request)) as session:
        identity = await identify(request, session, at=at)
    typed = (await request.form()).get("present")
    password = typed[:_LONGEST] if isinstance(typed, str) else ""
    return await factors.present_fits(engine_of(request), identity.actor.person_id, password, at=at)


PresentFits = Annotated[bool, Depends(_present_fits)]


async def ask_password(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form."""
    is_temporary = work.identity.restriction is Restriction.CHANGE_PASSWORD
    return page.show("account/password.html", filled=filled, is_temporary=is_temporary)


offer(router, "/account/password", ask_password)


@router.post("/account/password")
@asked_again(ask_password)
async def change_password(
    page: AnyPage,
    present_fits: PresentFits,
    work: Writing,
    wanted: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> Response:
    """A new password; other devices are signed out."""
    organisation = await parties.organisation(work.session, work.actor.organisation_id)
    await enrolling.change_password(
        work.session,
        work.actor,
        present_fits=present_fits,
        wanted=wanted,
        keep_session=work.identity.secret_hash,
        at=work.at,
        required=rules_of(page.request).required,
        organisation_name=organisation.name,
    )
    return page.go("/account", message("Your password is changed; other devices are signed out."))
