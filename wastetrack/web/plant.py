"""A plant's day: what stands at the gate, what comes today against the room, permits, stores, batches that run."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.errors import NotFound
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState
from wastetrack.manifests.policy import Step
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind
from wastetrack.reports.duties import duties_of
from wastetrack.reports.permit_use import LineUse, use_of_holder
from wastetrack.reports.plant_day import running_batches, store_rooms
from wastetrack.reports.tasks import OpenManifest, open_manifests
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.homes import BLOCKS, Block
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/plant")

LINES_NAMED = 4
"""Permit lines that are used most; all of them are behind the link."""
_WORKS_HERE = (Verb.SCAN, Verb.RECEIVE, Verb.TREAT)


@dataclass(frozen=True, slots=True)
class Loads:
    """Loads of one sort."""

    loads: list[OpenManifest]

    @property
    def mass(self) -> Mass:
        """As declared."""
        return Mass(sum(one.declared_g for one in self.loads))


async def gather(page: Page, work: ReadWork) -> dict[str, Any] | None:  # noqa: ARG001  as every block's
    """What the block shows; None for who does not work at a plant. Six statements."""
    if not any(may(work.actor, verb) for verb in _WORKS_HERE):
        return None
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    if not any(site.kind is SiteKind.TREATMENT for site in sites):
        return None
    today = legal_day(work.at)
    own = [one for one in await open_manifests(work.session, work.actor) if one.is_receiver]
    expected = [one for one in own if one.state in ON_THE_ROAD or one.state is ManifestState.FILED]
    coming = Loads([one for one in expected if one.planned_on <= today or one.state in ON_THE_ROAD])
    rooms = await store_rooms(work.session, work.actor)
    permits = await use_of_holder(work.session, work.actor, work.actor.organisation_id, year=today.year)
    lines = sorted((line for permit in permits for line in permit.lines), key=lambda line: -line.percent)
    free = sum((room.free for room in rooms), ZERO)
    here = [one for one in own if one.state in {ManifestState.ARRIVED, ManifestState.RETURNING}]
    return {
        "here": Loads([one for one in here if one.undecided]),
        "to_sign": [one for one in here if not one.undecided],
        "to_confirm": [one for one in own if Step.CONFIRM in one.steps],
        "coming": coming,
        "later": Loads([one for one in expected if one not in coming.loads]),
        "free": free,
        "fits": coming.mass.grams <= free.grams,
        "rooms": rooms,
        "lines": _named(lines),
        "running": await running_batches(work.session, work.actor),
        "now": work.at,
    }


def _named(lines: list[LineUse]) -> list[LineUse]:
    return lines[:LINES_NAMED]


BLOCKS.append(Block("plant/today.html", gather))


@router.get("")
async def plant(page: AnyPage, work: Reading) -> Response:
    """The plant's day as a page of its own, with the clocks that run against it."""
    block = await gather(page, work)
    if block is None:
        raise NotFound("no_plant", "Your organisation has no treatment site, or you do not work there.")
    duties = await duties_of(work.session, work.actor, at=work.at)
    return page.show("plant/day.html", block=block, duties=duties, now=work.at)
