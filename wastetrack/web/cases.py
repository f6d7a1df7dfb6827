"""Taking the case pack of a chain: why it is taken is asked first; it is made as long work, found among the tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.errors import NotFound
from wastetrack.i18n import label, message
from wastetrack.looks.model import Look, LookKind, Why
from wastetrack.parties import queries as parties
from wastetrack.reports.chains.case_making import KIND, CaseWanted
from wastetrack.reports.chains.gathering import ChainOf
from wastetrack.reports.chains.naming import title_of
from wastetrack.serving.deps import Reading, ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.looking import reason_for, record_taken
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.tasks import starting
from wastetrack.web.chains import asked_in
from wastetrack.web.forms import Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class Taking(BaseModel):
    """Why an authority takes it."""

    why: Line = ""
    words: Line = ""


async def _ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    of, subject_id = _named(page)
    demand(work.actor, Verb.PROVE)
    title = await title_of(work.session, work.actor, of, subject_id)
    query = page.request.url.query
    asked = asked_in(page, of, subject_id, at=work.at)
    return page.show("audit/case.html", filled=filled, title=title, asked=asked, query=query, reasons=Why)


@router.get("/audit/chains/{of}/{subject_id:uuid}/case")
async def ask(page: AnyPage, work: Reading, of: ChainOf, subject_id: UUID) -> Response:  # noqa: ARG001  the address
    """What will be in the pack, and why it is taken."""
    return await _ask(page, work, Filled())


@router.post("/audit/chains/{of}/{subject_id:uuid}/case")
@asked_again(_ask)
async def take(
    page: AnyPage, work: Writing, of: ChainOf, subject_id: UUID, form: Annotated[Taking, Form()]
) -> Response:
    """Begin to make it; the look is recorded with its reason in the same unit of work."""
    demand(work.actor, Verb.PROVE)
    title = await title_of(work.session, work.actor, of, subject_id)
    look = Look(kind=LookKind.BUNDLE, subject_id=subject_id, terms=f"{page.path}?{page.request.url.query}".rstrip("?"))
    reason = reason_for(work.actor, look, form.why, form.words)
    settings = settings_of(page.request)
    told = "" if reason is None else " · ".join(filter(None, (label(reason.why, page.locale), reason.words)))
    firm = await parties.organisation(work.session, work.actor.organisation_id)
    wanted = CaseWanted(
        asked=asked_in(page, of, subject_id, at=work.at),
        title=title,
        made_for=firm.name,
        reason=told,
        locale=page.locale,
        zone=settings.time_zone,
        address=f"{settings.base_url}/audit/chains/{of.value}/{subject_id}",
    )
    task_id = await starting.start(
        work.session,
        work.actor,
        kind=KIND,
        title=message("Case pack of {thing}"),
        facts={"thing": title},
        arguments=wanted.arguments(),
        at=work.at,
    )
    await record_taken(work.session, work.identity, look, reason, at=work.at)
    return page.go(f"/tasks/{task_id}", message("The case pack is being made; you may leave this page."))


def _named(page: Page) -> tuple[ChainOf, UUID]:
    places = page.request.path_params
    try:
        return ChainOf(places["of"]), UUID(str(places["subject_id"]))
    except ValueError:
        raise NotFound("chain_unknown", "There is no chain of this kind.") from None
