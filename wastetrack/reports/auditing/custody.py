"""Containers against the log: each row is what its events, played through in their order, make of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.reports.auditing.entries import count_rest, leaf_in
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.reports.auditing.playing import PLAYERS, told_by
from wastetrack.transparency.leaf import Leaf

if TYPE_CHECKING:
    import asyncpg

_CONTAINERS = """
select id, digital_code, state, site_id, manifest_id, waste_code, gross_g, tare_g, net_g, method
from containers where $1::uuid is null or id > $1 order by id limit $2
"""
_EVENTS = """
select subject.subject_id, leaf.bytes
from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
where subject.subject_id = any($1::uuid[]) and leaf.kind = any($2::text[])
order by subject.subject_id, leaf.arrival
"""
_NEVER_MADE = """
select count(*) over () as faults, line.manifest_id, line.position, line.container_id
from manifest_containers line left join containers container on container.id = line.container_id
where container.id is null order by line.manifest_id, line.position limit $1
"""


async def check_containers(session: ReadSession, report: Report, *, page: int, progress: Callable[[int], None]) -> None:
    """Compare every container with its events: code, masses, how weighed, and where it is."""
    driver = await session.driver()
    after: UUID | None = None
    while rows := await driver.fetch(_CONTAINERS, after, page):
        after = rows[-1]["id"]
        events: dict[UUID, list[Leaf]] = defaultdict(list)
        for event in await driver.fetch(_EVENTS, [row["id"] for row in rows], list(PLAYERS)):
            if (leaf := leaf_in(event["bytes"])) is not None:
                events[event["subject_id"]].append(leaf)
        for row in rows:
            for finding in _compare(row, events.get(row["id"], [])):
                report.add(finding)
        report.containers += len(rows)
        progress(len(rows))
    strays = await driver.fetch(_NEVER_MADE, MOST_KEPT)
    for stray in strays:
        message = "{row} names container {found}, which does not exist."
        row = f"manifest {stray['manifest_id']}, line {stray['position']}"
        report.add(Finding(Fault.LINE_DIFFERS, row, message, None, str(stray["container_id"])))
    count_rest(report, Fault.LINE_DIFFERS, strays)


def _compare(row: "asyncpg.Record", leaves: list[Leaf]) -> Iterator[Finding]:
    name = f"container {row['digital_code']} ({row['id']})"
    told = told_by(row["id"], row["digital_code"], leaves)
    if told.digital_code is None:
        message = "No event says that {row} was made."
        yield Finding(Fault.CONTAINER_WITHOUT_LEAF, name, message)
        return
    if told.gross_g is None and isinstance(told.net_g, int) and isinstance(told.tare_g, int):
        told.gross_g = told.net_g + told.tare_g
    for column in ("digital_code", "waste_code", "net_g", "gross_g", "tare_g", "method", "state"):
        yield from _differing(name, column, getattr(told, column), row[column], told.last)
    for column in ("site_id", "manifest_id"):
        expected = getattr(told, column)
        found = None if row[column] is None else str(row[column])
        yield from _differing(name, column, expected, found, told.last)


def _differing(name: str, column: str, expected: object, found: object, event_id: UUID | None) -> Iterator[Finding]:
    if expected != found:
        message = "{row}: {column} is {found}; its events, the last being {event_id}, make it {expected}."
        facts: dict[str, object] = {"column": column, "event_id": event_id}
        yield Finding(Fault.CONTAINER_DIFFERS, name, message, expected, found, facts)
