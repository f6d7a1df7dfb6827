"""The first page after signing in: what this person owes today; a small source sees three big things above it."""

from typing import Any

from starlette.responses import Response

from wastetrack.auth.model import REGULATORS, Role
from wastetrack.auth.policy import Verb, may
from wastetrack.collections import queries as collections
from wastetrack.collections.model import OPEN
from wastetrack.errors import NotFound
from wastetrack.parties import queries as parties
from wastetrack.reports.duties import duties_of
from wastetrack.reports.small_sources import is_small_source, standing_and_taken
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.problems import EVERY_FAMILY
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import queries as long_work
from wastetrack.web import oversight, run, todo
from wastetrack.web.forms import EMPTY
from wastetrack.web.homes import FITTING, blocks_for, home_for, home_of
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()

NAMED = 6
"""Manifests under way that are named; the rest are behind a link."""


@router.get("/")
async def today(page: AnyPage, work: Reading) -> Response:
    """The day's work, by whose day it is."""
    home = await home_for(work, of_firm)
    return await home(page, work)


async def of_firm(page: Page, work: ReadWork) -> Response:
    """What a member of a firm owes."""
    small = bool(may(work.actor, Verb.FILE)) and await is_small_source(work.session, work.actor)
    return page.show(
        "home.html",
        own_tasks=await long_work.unseen(work.session, work.actor),
        today=await todo.today(work),
        now=work.at,
        named=NAMED,
        source=await standing_and_taken(work.session, work.actor, at=work.at) if small else None,
        calls=await _calls(work) if small else None,
        blocks=await blocks_for(page, work),
        may_label=bool(may(work.actor, Verb.LABEL)),
        may_file=bool(may(work.actor, Verb.FILE)),
    )


async def _calls(work: ReadWork) -> dict[str, Any]:
    """What may be called for with one button, and the calls that are open."""
    ready = await collections.offers(work.session, work.actor, at=work.at)
    called = await collections.calls(work.session, work.actor, states=OPEN, limit=NAMED)
    own = [one for one in called if one.organisation_id == work.actor.organisation_id]
    return {
        "ready": ready,
        "several_sites": len({offer.site_id for offer in ready}) > 1,
        "open": own,
        "names": await parties.organisations_by_id(work.session, {one.collector_id for one in own}),
    }


@home_of(Role.OPERATOR)
async def of_operator(page: Page, work: ReadWork) -> Response:
    """The platform's operator sees no business data, and owes what the clocks say of his own."""
    duties = await duties_of(work.session, work.actor, at=work.at)
    return page.show(
        "home.html",
        own_tasks=await long_work.unseen(work.session, work.actor),
        today=todo.Today(tuple(todo.of_duty(one) for one in duties), (), (), 0),
        now=work.at,
        named=NAMED,
        source=None,
        calls=None,
        blocks=(),
        may_label=False,
        may_file=False,
    )


home_of(*REGULATORS)(oversight.overview)
FITTING.append((run.has_run, lambda page, work: run.show_run(page, work, EMPTY)))


@router.get("/problems/{slug}")
async def explain(page: AnyPage, slug: str) -> Response:
    """What a kind of refusal means: the address in the `type` of problem documents."""
    family = next((family for family in EVERY_FAMILY if family.slug == slug), None)
    if family is None:
        raise NotFound("problem_unknown", "There is no such kind of problem.")
    return page.show("problem.html", family=family)
