"""The page of legal holds: which there are, and for authorities the forms to begin and end one."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.manifests import queries as manifests
from wastetrack.parties import queries as parties
from wastetrack.privacy import holds
from wastetrack.privacy.holds import BeginHold, HeldThing
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/holds", route_class=AnsweringRoute)


class HoldForm(BaseModel):
    """What is held, by the name that people know it by."""

    thing: HeldThing
    named: Line = ""
    reason: Prose = ""
    told: bool = False


class EndForm(BaseModel):
    """Why a hold ends."""

    end_reason: Prose = ""


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The holds that one may know of."""
    found = await holds.holds(work.session, work.actor)
    return page.show(
        "privacy/holds.html",
        filled=filled,
        holds=found,
        things=HeldThing,
        may_hold=bool(may(work.actor, Verb.HOLD)),
        firms=await parties.organisations_by_id(work.session, {one.organisation_id for one in found}),
    )


@router.get("")
async def listed(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await ask(page, work, EMPTY)


@router.post("")
@asked_again(ask)
async def begin(page: AnyPage, work: Writing, form: Annotated[HoldForm, Form()]) -> Response:
    """Begin a hold."""
    subject_id = await _named(work, form)
    command = BeginHold(thing=form.thing, subject_id=subject_id, reason=form.reason, told=form.told)
    await holds.begin_hold(work.session, work.actor, command, at=work.at)
    return page.go("/holds", message("The hold has begun."))


async def _named(work: WriteWork, form: HoldForm) -> UUID:
    """A manifest by its number, an organisation by its credit code, a site by the id in its address."""
    if not form.named:
        refuse_one("named", "missing", "This is needed.")
    if form.thing is HeldThing.MANIFEST:
        return (await manifests.by_number(work.session, work.actor, form.named)).id
    if form.thing is HeldThing.ORGANISATION:
        firm = await parties.organisation_by_credit_code(work.session, form.named)
        if firm is None:
            refuse_one("named", "organisation_unknown", "There is no such organisation.", value=form.named)
        assert firm is not None  # noqa: S101  refused above
        return firm.id
    try:
        return UUID(form.named.rpartition("/")[2])
    except ValueError:
        refuse_one("named", "site_unknown", "There is no such site.", value=form.named)


@router.post("/{hold_id:uuid}/end")
@asked_again(ask)
async def end(page: AnyPage, work: Writing, hold_id: UUID, form: Annotated[EndForm, Form()]) -> Response:
    """Let go."""
    await holds.end_hold(work.session, work.actor, hold_id, form.end_reason, at=work.at)
    return page.go("/holds", message("The hold has ended."))
