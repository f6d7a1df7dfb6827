"""What an authority looks into: findings by queue, and the mass balance."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.auth.policy import demand_authority
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.i18n import translate
from wastetrack.mass import Mass
from wastetrack.reports.mass_balance import COLUMNS, Line, balance_of
from wastetrack.reports.oversight_figures import within
from wastetrack.reports.queues.every import findings_of, heap_of, queue_named
from wastetrack.reports.queues.model import Finding, Heap, Queue, Severity
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day

router = RoomRouter(tags=["oversight"])

MOST = 200
_FEW = 3


class EvidenceShown(Shown):
    """A record that shows it."""

    words: str
    address: str


class FindingShown(Shown):
    """One thing to look into. `key` stays the same as long as its cause does."""

    key: str
    what: str
    numbers: str
    since: datetime
    days: int
    mass_g: int
    organisation_id: UUID
    organisation: str
    evidence: list[EvidenceShown]


class QueueShown(Shown):
    """A queue with its heaviest findings: kilograms times days. `total` may be more than are told."""

    id: str
    title: str
    severity: Severity
    article: str
    innocent: list[str]
    next_step: str
    total: int
    mass_g: int
    findings: list[FindingShown]


class QueuesShown(Shown):
    """All queues."""

    items: list[QueueShown]


class BalanceLine(Shown):
    """One code at one site, in grams; what went out is negative."""

    site_id: UUID | None
    site: str
    organisation: str
    region_code: str
    waste_code: str
    grams: dict[str, int]


class BalanceShown(Shown):
    """Opening and movements add up to the closing. `agrees`: each closing is what the account holds; null for the
    past."""

    since: date
    until: date
    agrees: bool | None
    lines: list[BalanceLine]
    total: dict[str, int]


@router.get("/findings", response_model=QueuesShown, responses=problems(403))
async def findings(work: Reading) -> Response:
    """Every queue, with its three heaviest findings."""
    demand_authority(work.actor)
    found = await findings_of(work.session, work.actor, at=work.at, most=_FEW)
    return answer(QueuesShown(items=[_queue(queue, heap, work.at) for queue, heap in found]))


@router.get("/findings/{name}", response_model=QueueShown, responses=problems(403, 404, 422))
async def queue(work: Reading, name: str, limit: Annotated[int, Query(ge=1, le=MOST)] = 50) -> Response:
    """One queue."""
    demand_authority(work.actor)
    of = queue_named(name)
    return answer(_queue(of, await heap_of(work.session, work.actor, of, at=work.at, most=limit), work.at))


def _queue(queue: Queue, heap: Heap, at: datetime) -> QueueShown:
    return QueueShown(
        id=queue.id,
        title=queue.title,
        severity=queue.severity,
        article=queue.ground,
        innocent=list(queue.innocent),
        next_step=queue.next_step,
        total=heap.total,
        mass_g=heap.mass.grams,
        findings=[_finding(queue, one, at) for one in heap.findings],
    )


def _finding(queue: Queue, one: Finding, at: datetime) -> FindingShown:
    facts = {name: fact.kg_text() if isinstance(fact, Mass) else fact for name, fact in one.facts.items()}
    return FindingShown(
        key=one.key,
        what=one.what,
        numbers=translate(queue.numbers, "en", **facts),
        since=one.since,
        days=one.days(at),
        mass_g=one.mass.grams,
        organisation_id=one.firm_id,
        organisation=one.firm,
        evidence=[EvidenceShown(words=proof.words, address=proof.address) for proof in one.evidence],
    )


@router.get("/mass-balance", response_model=BalanceShown, responses=problems(400, 403, 404, 422))
async def mass_balance(
    *,
    work: Reading,
    since: Annotated[Day | None, Query(description="First day; the beginning of the year where none is given")] = None,
    until: Annotated[Day | None, Query(description="Last day; today where none is given")] = None,
    region: Annotated[str, Query(pattern=r"^\d{0,6}$", description="Prefix of a region's code")] = "",
    site_id: UUID | None = None,
    code: Annotated[str, Query(max_length=20, description="A waste code, or a part of it")] = "",
) -> Response:
    """Opening, movements and closing of each code at each site of one's region."""
    demand_authority(work.actor)
    last = until or legal_day(work.at)
    first = min(since or date(last.year, 1, 1), last)
    prefix = within(work.actor, region)
    found = await balance_of(
        work.session, since=first, until=last, site_id=site_id, region=prefix, code=code, at=work.at
    )
    return answer(
        BalanceShown(
            since=first,
            until=last,
            agrees=found.agrees,
            lines=[_line(line) for line in found.lines],
            total={name.value: found.total.grams[name] for name in COLUMNS},
        )
    )


def _line(line: Line) -> BalanceLine:
    return BalanceLine(
        site_id=line.site_id,
        site=line.site,
        organisation=line.firm,
        region_code=line.region_code,
        waste_code=line.waste_code,
        grams={name.value: line.grams[name] for name in COLUMNS},
    )
