"""A chain of anything, gathered in four statements however long it is: containers, events, what is in sight, names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.reports.chains import following, statements
from wastetrack.reports.chains.model import ChainDirection, Event, Graph
from wastetrack.reports.chains.reading import event_of, known_on, rows, text
from wastetrack.reports.chains.steps import weave

MOST_STARTS = 500
MOST_CONTAINERS = 1_000
MOST_EVENTS = 12_000
_NAMING = ("organisation", "carrier", "vehicle", "site", "from_site", "receiver_site", "shipper_site", "institution")


class ChainOf(StrEnum):
    """Of what a chain is asked for."""

    CONTAINER = "container"
    MANIFEST = "manifest"
    VEHICLE = "vehicle"
    SITE = "site"
    ORGANISATION = "organisation"
    PERMIT = "permit"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The chain of what, over which time, as known when, which way."""

    of: ChainOf
    subject_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    """Things of this period are followed, wherever they go afterwards; for papers, vehicles, sites, firms, permits."""
    known_until: datetime | None = None
    """Only what had been recorded by then."""
    direction: ChainDirection = ChainDirection.BOTH


@dataclass(frozen=True, slots=True)
class Cut:
    """What was left out because there is too much."""

    starts: bool = False
    containers: bool = False
    events: bool = False

    def __bool__(self) -> bool:
        return self.starts or self.containers or self.events


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain: its graph, the events behind it, and the names in it."""

    asked: Asked
    graph: Graph
    events: tuple[Event, ...]
    names: dict[str, str] = field(default_factory=dict)
    read: tuple[Event, ...] = ()
    """All events that were read for it, those of its papers too."""
    wanted: tuple[UUID, ...] = ()
    sighted: tuple[str, ...] = ()
    cut: Cut = field(default_factory=Cut)

    def name(self, identity: str) -> str:
        """The name of a firm or site, or a plate; empty where there is none."""
        return self.names.get(identity, "")


async def containers_of(session: ReadSession, actor: Actor, asked: Asked) -> list[asyncpg.Record]:
    """The first large statement: the containers that are asked for, and those that their chain leads to."""
    driver = await session.driver()
    return await driver.fetch(
        statements.chain_statement(asked.of.value),
        actor.viewer,
        asked.subject_id,
        asked.since,
        asked.until,
        MOST_STARTS,
        MOST_CONTAINERS,
    )


async def chain(session: ReadSession, actor: Actor, asked: Asked) -> Chain:
    """The chain as this actor sees it. What is not in sight is told as such, with the mass that a seen event states.

    Whoever asks has seen that the thing itself is in sight; of one that is not, the chain is empty.
    """
    driver = await session.driver()
    found = await containers_of(session, actor, asked)
    starts = [row["id"] for row in found if row["asked"]][:MOST_STARTS]
    further = [row["id"] for row in found if not row["asked"]]
    wanted = [*starts, *further][:MOST_CONTAINERS]
    read = await driver.fetch(statements.EVENTS, actor.viewer, wanted, MOST_EVENTS)
    cut = Cut(
        starts=sum(row["asked"] for row in found) > MOST_STARTS,
        containers=len(starts) + len(further) > MOST_CONTAINERS,
        events=len(read) > MOST_EVENTS,
    )
    events = known_on(
        (event_of(row["bytes"], leaf_hash=row["hash"], log_index=row["log_index"]) for row in read[:MOST_EVENTS]),
        asked.known_until,
    )
    sighted = await _sighted(session, actor, events, wanted)
    graph = woven(asked, events, wanted, starts, sighted)
    kept = {node.container_id for node in graph.nodes} | {asked.subject_id}
    used = {node.event.id for node in graph.nodes if node.event} | {
        note.event.id for node in graph.nodes for note in node.notes
    }
    shown = tuple(event for event in events if event.id in used or not kept.isdisjoint(event.subjects))
    return Chain(
        asked,
        graph,
        shown,
        await _names(session, events),
        read=tuple(events),
        wanted=tuple(wanted),
        sighted=tuple(sorted(map(str, sighted))),
        cut=cut,
    )


def known(asked: Asked, recorded_at: datetime) -> bool:
    """Whether something had been recorded when the chain is looked at."""
    return asked.known_until is None or recorded_at <= asked.known_until


async def vehicle(
    session: ReadSession, actor: Actor, *, vehicle_id: UUID | None = None, plate: str = ""
) -> tuple[UUID, str]:
    """A vehicle that the actor sees, or that drove what he sees: its id and plate. Raises NotFound."""
    found = await (await session.driver()).fetchrow(statements.VEHICLE, actor.viewer, vehicle_id, plate)
    if found is None:
        raise NotFound("vehicle_unknown", "There is no vehicle {plate}.", plate=plate or vehicle_id)
    return found["id"], found["plate"]


def woven(
    asked: Asked, events: Iterable[Event], wanted: Iterable[UUID], starts: Iterable[UUID], sighted: Iterable[object]
) -> Graph:
    """The graph as it was known. Containers that only came to the thing afterwards are none of its beginnings."""
    begun, events = set(starts), list(events)
    if asked.of in {ChainOf.MANIFEST, ChainOf.BATCH}:
        begun = following.anchored(events, begun, (str(asked.subject_id),))
    return following.followed(weave(events, wanted, begun, sighted=sighted), asked.direction)


async def _sighted(
    session: ReadSession, actor: Actor, events: Iterable[Event], wanted: Iterable[UUID]
) -> frozenset[object]:
    """Which containers that these events name, beyond the wanted, the actor sees: by id and by digital code."""
    known = set(wanted)
    mixed = [event for event in events if event.kind in {"batch_treated", "containers_repacked", "container_recoded"}]
    ids = {subject for event in mixed for subject in event.subjects} - known
    codes = {str(code) for event in mixed for code in _list(event.facts.get("residues"))}
    if not ids and not codes:
        return frozenset()
    driver = await session.driver()
    found = await driver.fetch(statements.SIGHTED, actor.viewer, list(ids), list(codes))
    return frozenset(name for row in found for name in (row["id"], row["digital_code"]))


async def _names(session: ReadSession, events: Iterable[Event]) -> dict[str, str]:
    wanted = {value for event in events for value in _named(event)}
    found = await (await session.driver()).fetch(statements.NAMES, [UUID(one) for one in sorted(wanted)])
    return {str(row["id"]): row["name"] for row in found}


def _named(event: Event) -> Iterable[str]:
    legs = rows(event.facts, "legs")
    for facts in (event.facts, *legs):
        for name in _NAMING:
            value = text(facts, name)
            if value and len(value) == len(str(event.id)):
                yield value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
