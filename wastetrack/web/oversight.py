"""An authority's first page: what to look into, queue by queue, and the terms that run; and each queue alone."""

from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from wastetrack.auth.policy import demand_authority
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import ManifestState
from wastetrack.mass import Mass
from wastetrack.reports.duties import duties_of
from wastetrack.reports.queues.every import findings_of, heap_of, queue_named
from wastetrack.reports.queues.model import Finding, Heap, Queue, Severity
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import queries as long_work
from wastetrack.transparency import queries as log
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.shown_values import mass_shown

router = RoomRouter(prefix="/oversight")

FEW, MANY = 3, 100
"""Findings of a queue on the first page, and on its own."""
DUTIES = 8
KINDS: dict[Severity, str] = {Severity.HIGH: "bad", Severity.MEDIUM: "warn", Severity.LOW: "info"}
"""How a severity is drawn."""
_GRAVITY = list(Severity)


async def overview(page: Page, work: ReadWork) -> Response:
    """An authority's day."""
    found = await findings_of(work.session, work.actor, at=work.at, most=FEW)
    counts = await manifests.counts_by_state(work.session, work.actor)
    duties = await duties_of(work.session, work.actor, at=work.at)
    return page.show(
        "overview.html",
        own_tasks=await long_work.unseen(work.session, work.actor),
        queues=sorted((one for one in found if one[1].total), key=lambda one: _rank(*one, at=work.at)),
        quiet=[queue for queue, heap in found if not heap.total],
        total=sum(heap.total for _, heap in found),
        kinds=KINDS,
        sentence=said_by(page),
        duties=duties[:DUTIES],
        duties_more=max(len(duties) - DUTIES, 0),
        now=work.at,
        counts=[(state, counts[state]) for state in ManifestState if counts.get(state)],
        newest=await log.latest_checkpoint(work.session),
        corrections=await manifests.corrections_open_for(work.session, work.actor),
    )


def said_by(page: Page) -> Callable[[Queue, Finding], str]:
    """What a finding tells, its masses in words."""

    def sentence(queue: Queue, finding: Finding) -> str:
        facts = {name: mass_shown(fact) if isinstance(fact, Mass) else fact for name, fact in finding.facts.items()}
        return page.translate(queue.numbers, **facts)

    return sentence


def _rank(queue: Queue, heap: Heap, *, at: datetime) -> tuple[int, float]:
    """The gravest first, then what weighs most."""
    return _GRAVITY.index(queue.severity), -sum(one.weight(at) for one in heap.findings)


@router.get("/findings/{name}")
async def queue_page(page: AnyPage, work: Reading, name: str) -> Response:
    """One queue with all that is said of it, and its heaviest findings."""
    demand_authority(work.actor)
    queue = queue_named(name)
    heap = await heap_of(work.session, work.actor, queue, at=work.at, most=MANY)
    return page.show("oversight/queue.html", queue=queue, heap=heap, kinds=KINDS, sentence=said_by(page), now=work.at)
