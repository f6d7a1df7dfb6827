"""Containers against the log: each row is what its events, played through in their order, make of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.containers.model import ContainerState
from wastetrack.db.session import ReadSession
from wastetrack.manifests.model import TAKEN_IN
from wastetrack.reports.auditing.entries import count_rest, leaf_in
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.transparency.leaf import Leaf

if TYPE_CHECKING:
    import asyncpg

_KINDS = (
    "container_labelled",
    "container_weighed",
    "containers_repacked",
    "batch_treated",
    "manifest_picked_up",
    "manifest_sent_back",
    "container_scanned",
    "containers_missing",
    "correction_consented",
)
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
_TAKEN_IN = frozenset(outcome.value for outcome in TAKEN_IN)


@dataclass(slots=True)
class Told:
    """What the events say of a container. None: no event has said it yet."""

    digital_code: object = None
    waste_code: object = None
    net_g: object = None
    gross_g: object = None
    tare_g: object = None
    method: object = None
    state: str | None = None
    site_id: object = None
    manifest_id: object = None
    last: UUID | None = None


async def check_containers(session: ReadSession, report: Report, *, page: int, progress: Callable[[int], None]) -> None:
    """Compare every container with its events: code, masses, how weighed, and where it is."""
    driver = await session.driver()
    after: UUID | None = None
    while rows := await driver.fetch(_CONTAINERS, after, page):
        after = rows[-1]["id"]
        events: dict[UUID, list[Leaf]] = defaultdict(list)
        for event in await driver.fetch(_EVENTS, [row["id"] for row in rows], list(_KINDS)):
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


def told_by(container_id: UUID, digital_code: str, leaves: Iterable[Leaf]) -> Told:
    """Play the events of a container through, in their order."""
    told = Told()
    for leaf in leaves:
        facts = leaf.facts
        match leaf.kind:
            case "container_labelled" if facts.get("container") == str(container_id):
                told.digital_code = facts.get("digital_code")
                told.waste_code = facts.get("waste_code")
                _weighed(told, facts)
                _at_site(told, facts.get("site"))
            case "container_weighed" if facts.get("container") == str(container_id):
                _weighed(told, facts)
            case "manifest_picked_up" | "manifest_sent_back":
                told.state, told.site_id = ContainerState.IN_TRANSIT.value, None
                told.manifest_id = facts.get("manifest")
            case "container_scanned" if str(facts.get("outcome")) in _TAKEN_IN:
                told.net_g, told.gross_g, told.method = facts.get("measured_g"), None, facts.get("method")
                _at_site(told, facts.get("site"))
            case "correction_consented" if facts.get("container") == str(container_id):
                told.net_g, told.gross_g = facts.get("measured_g"), None
            case "containers_missing":
                _gone(told, ContainerState.LOST)
            case "batch_treated":
                _treated(told, _left_in(facts, digital_code))
            case "containers_repacked" if digital_code in _codes(facts.get("from")):
                _gone(told, ContainerState.EMPTIED)
            case _:
                continue
        told.last = leaf.id
    return told


def _weighed(told: Told, facts: Mapping[str, object]) -> None:
    told.net_g, told.gross_g, told.tare_g = facts.get("net_g"), facts.get("gross_g"), facts.get("tare_g")
    told.method = facts.get("method")


def _at_site(told: Told, site_id: object) -> None:
    told.state, told.site_id, told.manifest_id = ContainerState.AT_SITE.value, site_id, None


def _gone(told: Told, state: ContainerState) -> None:
    told.state, told.site_id, told.manifest_id = state.value, None, None


def _codes(listed: object) -> Iterator[object]:
    if isinstance(listed, list):
        yield from (one.get("digital_code") for one in listed if isinstance(one, dict))


def _treated(told: Told, left: Mapping[str, object] | None) -> None:
    if left is None:
        _gone(told, ContainerState.TREATED)
    else:
        told.net_g, told.gross_g, told.method = left.get("heel_g"), left.get("gross_g"), left.get("method")


def _left_in(facts: Mapping[str, object], digital_code: str) -> Mapping[str, object] | None:
    """What a batch says of a container that it did not empty; None where it did."""
    listed = facts.get("containers")
    ones = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next((one for one in ones if one.get("digital_code") == digital_code and "heel_g" in one), None)


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
