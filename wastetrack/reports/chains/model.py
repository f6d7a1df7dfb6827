"""Nodes are what a container was at one step of its way, edges are the mass that went from one step to the next.

An edge states two masses: what left its source and what its target took in; they differ by what two scales, a spill or
a count made of it. So at each node the mass that came in equals its own, and what went on and what still stands there
add up to it; what is missing or too much is on an edge, and nowhere else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID


class CustodyStage(StrEnum):
    """Where in the chain of custody a step stands; in the order in which a container goes through them."""

    MADE = "made"  # weighed and labelled
    COLLECTED = "collected"  # from the ward, or from a small institution
    STORED = "stored"  # in a store
    CARRIED = "carried"  # on a vehicle
    HANDED_OVER = "handed_over"  # on the next vehicle
    WEIGHED_IN = "weighed_in"  # at the gate, or at the end of a pipe
    KEPT = "kept"  # in a store of whoever took it in
    REPACKED = "repacked"  # into other containers, or under another code
    TREATED = "treated"
    RESULT = "result"  # residues and products
    GONE = "gone"  # missing, lost, or out of the works


class StepKind(StrEnum):
    """What sort of thing a node is."""

    CONTAINER = "container"
    BATCH = "batch"  # of treatment
    PRODUCT = "product"  # won in treatment
    OTHERS = "others"  # containers outside this chain that went into the same batch or vessel
    ADDED = "added"  # reagents and the like


class StepSign(StrEnum):
    """How the event behind a step was signed."""

    PASSKEY = "passkey"
    SYSTEM_KEY = "system_key"
    TOTP = "authenticator_app"
    PASSWORD = "password"  # noqa: S105  the name of a kind
    RECOVERY_CODE = "recovery_code"
    DRIVER_LINK = "driver_link"  # six digits told by voice
    FOLLOWS = "by_another_signature"  # brought about by another signed event
    RECORDED = "not_signed"  # recorded by somebody signed in, without a signature of its own


class ChainDirection(StrEnum):
    """Which way a chain is followed."""

    BOTH = "both"
    FORWARDS = "forwards"
    BACKWARDS = "backwards"


@dataclass(frozen=True, slots=True)
class Event:
    """What the log holds of one event, as far as a chain needs it."""

    id: UUID
    kind: str
    subjects: tuple[UUID, ...]
    happened_at: datetime
    recorded_at: datetime
    facts: Mapping[str, object]
    postings: tuple[tuple[str, str, int], ...]
    sign: StepSign
    log_index: int | None
    hash: bytes
    content: bytes = b""

    def names(self, anchor: str) -> bool:
        """Whether it speaks of this thing anywhere."""
        return anchor.encode() in self.content


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was said of a step afterwards, or beside it: a receipt, a mismatch, a request."""

    event: Event
    is_bad: bool = False


@dataclass(slots=True, eq=False)
class Node:
    """One step. `mass_g` is what it held; `struck` says that a correction took its place."""

    id: str
    kind: StepKind
    stage: CustodyStage
    event: Event | None
    mass_g: int
    container_id: UUID | None = None
    digital_code: str = ""
    waste_code: str = ""
    name: str = ""
    site: str = ""
    carrier: str = ""
    vehicle: str = ""
    manifest_id: str = ""
    number: str = ""
    method: str = ""
    scale: str = ""
    uncertainty_g: int | None = None
    tolerance_g: int | None = None
    on_paper: bool = False
    is_bad: bool = False
    struck: bool = False
    count: int = 1
    """Of how many containers; more than one only where others are told as one."""
    origin: bool = True
    """Whether its mass comes from outside of the graph."""
    beyond: bool = False
    """Whether where it comes from is not in sight."""
    notes: list[Note] = field(default_factory=list)

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(slots=True, eq=False)
class Edge:
    """Mass that went from one step to another."""

    source: Node
    target: Node
    sent_g: int
    arrived_g: int
    tolerance_g: int | None = None

    @property
    def struck(self) -> bool:
        """Whether either end was corrected."""
        return self.source.struck or self.target.struck

    @property
    def delta_g(self) -> int:
        """How much more arrived than was sent."""
        return self.arrived_g - self.sent_g

    @property
    def within(self) -> bool | None:
        """Whether the difference is within the tolerance that held; None where none was stated."""
        if self.delta_g == 0:
            return True
        return None if self.tolerance_g is None else abs(self.delta_g) <= self.tolerance_g

    def __hash__(self) -> int:
        return hash((self.source.id, self.target.id))


@dataclass(frozen=True)
class Graph:
    """All that was woven of some events."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    starts: frozenset[UUID] = frozenset()
    """The containers that were asked for."""
    beyond_g: Mapping[str, int] = field(default_factory=dict)
    """What went on from a node outside of this part of the graph."""

    @cached_property
    def into(self) -> dict[str, list[Edge]]:
        """The edges that lead into a node, without those that were struck."""
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            if not edge.struck:
                found[edge.target.id].append(edge)
        return found

    @cached_property
    def out(self) -> dict[str, list[Edge]]:
        """The same of those that lead out of one."""
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            if not edge.struck:
                found[edge.source.id].append(edge)
        return found

    def standing_g(self, node: Node) -> int:
        """What has not gone on from there."""
        return node.mass_g - sum(edge.sent_g for edge in self.out.get(node.id, ())) - self.beyond_g.get(node.id, 0)

    def only(self, kept: Iterable[Node]) -> "Graph":
        """The part that these nodes make; what goes on outside of it has not stayed."""
        names = {node.id for node in kept}
        edges, beyond = [], defaultdict(int, self.beyond_g)
        for edge in self.edges:
            if edge.source.id in names and edge.target.id in names:
                edges.append(edge)
            elif edge.source.id in names and not edge.struck:
                beyond[edge.source.id] += edge.sent_g
        return Graph(tuple(node for node in self.nodes if node.id in names), tuple(edges), self.starts, beyond)

    def wrong(self) -> list[str]:
        """The nodes at which the masses do not add up; empty, or the graph was woven wrongly."""
        found = []
        for node in self.nodes:
            if node.struck:
                continue
            into = self.into.get(node.id, [])
            if (into and not node.beyond and sum(edge.arrived_g for edge in into) != node.mass_g) or self.standing_g(
                node
            ) < 0:
                found.append(node.id)
        return found
