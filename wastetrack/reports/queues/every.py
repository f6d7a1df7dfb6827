"""All queues, in the order in which they are told where they weigh the same."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.reports.queues import (
    approvals_due,
    differences,
    incidents,
    lapsed_permits,
    mismatches,
    missing_containers,
    not_received,
    overdue_on_road,
    paper_late,
    pipe_readings,
    quiet_institutions,
    reports_missing,
    storage_time,
)
from wastetrack.reports.queues.model import EMPTY, Heap, Queue

QUEUES: tuple[Queue, ...] = (
    incidents.QUEUE,
    overdue_on_road.QUEUE,
    missing_containers.QUEUE,
    not_received.QUEUE,
    lapsed_permits.QUEUE,
    mismatches.QUEUE,
    storage_time.QUEUE,
    differences.QUEUE,
    pipe_readings.QUEUE,
    quiet_institutions.QUEUE,
    approvals_due.QUEUE,
    paper_late.QUEUE,
    reports_missing.QUEUE,
)
"""The gravest first."""


def queue_named(name: str) -> Queue:
    """A queue by its id. Raises NotFound."""
    found = next((queue for queue in QUEUES if queue.id == name), None)
    if found is None:
        raise NotFound("queue_unknown", "There is no such queue of findings.")
    return found


async def heap_of(session: ReadSession, actor: Actor, queue: Queue, *, at: datetime, most: int) -> Heap:
    """The findings of a queue in the region that the actor watches; a firm has none to look at."""
    return await queue.find(session, actor, at, most) if actor.is_regulator else EMPTY


async def findings_of(session: ReadSession, actor: Actor, *, at: datetime, most: int) -> list[tuple[Queue, Heap]]:
    """Every queue with its heaviest findings."""
    return [(queue, await heap_of(session, actor, queue, at=at, most=most)) for queue in QUEUES]
