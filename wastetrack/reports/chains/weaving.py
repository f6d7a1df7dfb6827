"""Weaves the graph: events are played in the order in which they arrived, each container's thread goes from step to
step, and threads meet where contents do.

Only the containers that are wanted have threads; what else went into the same batch or vessel is told as one node, with
its number and mass, which the event itself states. Nothing is removed: what a correction replaces stays, struck.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from wastetrack.reports.chains.model import CustodyStage, Edge, Event, Graph, Node, Note, StepKind
from wastetrack.reports.chains.reading import grams, text
from wastetrack.reports.chains.sharing import spread

CARRYING = frozenset({CustodyStage.CARRIED, CustodyStage.HANDED_OVER})
_AFTER_A_JOURNEY = frozenset({*CARRYING, CustodyStage.WEIGHED_IN, CustodyStage.KEPT})


@dataclass(frozen=True, slots=True)
class Thread:
    """One container at a repacking: its id, what it is called, and its mass there."""

    container_id: UUID
    digital_code: str
    waste_code: str
    mass_g: int


class Loom:
    """The graph as far as it is woven."""

    def __init__(self, wanted: Iterable[UUID], sighted: Iterable[object] = ()) -> None:
        self.wanted = frozenset(wanted)
        self.sighted = frozenset(sighted)
        """Ids and digital codes of further containers that the reader may see."""
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.last: dict[UUID, Node] = {}
        self.travelled: set[UUID] = set()
        """Containers that have been on the road; where they stand now is with somebody else."""
        self.labels: dict[UUID, Event] = {}
        """Labels of what is filled by an event that comes after them."""
        self.by_event: dict[str, list[Node]] = {}
        self._left: dict[str, int] = {}

    def left(self, node: Node) -> int:
        """What has not gone on from a node yet."""
        return self._left[node.id]

    def add(self, node: Node) -> Node:
        """Put a node in."""
        self.nodes[node.id] = node
        self._left[node.id] = node.mass_g
        if node.event is not None:
            self.by_event.setdefault(str(node.event.id), []).append(node)
        if node.stage in CARRYING and node.container_id is not None:
            self.travelled.add(node.container_id)
        return node

    def join(self, source: Node, target: Node, sent_g: int, arrived_g: int, tolerance_g: int | None = None) -> Edge:
        """Let mass go from one node to another."""
        edge = Edge(source, target, sent_g, arrived_g, tolerance_g)
        self.edges.append(edge)
        self._left[source.id] -= sent_g
        target.origin = False
        return edge

    def stands(self, container_id: UUID) -> Node | None:
        """The last step of a container; one whose making is not in sight begins with its label."""
        found = self.last.get(container_id)
        if found is None and container_id in self.labels:
            found = self.made(container_id, self.labels.pop(container_id), CustodyStage.RESULT, beyond=True)
        return found

    def node(self, container_id: UUID, event: Event, stage: CustodyStage, mass_g: int, **more: object) -> Node:
        """A step of a container, named after it and its event; not joined to anything yet."""
        facts, before = event.facts, self.last.get(container_id)
        made = Node(
            id=f"{event.id}:{container_id}",
            kind=StepKind.CONTAINER,
            stage=stage,
            event=event,
            mass_g=mass_g,
            container_id=container_id,
            digital_code=before.digital_code if before else "",
            waste_code=before.waste_code if before else "",
            name=before.name if before else "",
            manifest_id=text(facts, "manifest"),
            number=text(facts, "number"),
            on_paper=event.kind == "manifest_back_entered" or bool(before and before.on_paper),
        )
        return replace(made, notes=[], **more)  # type: ignore[arg-type]

    def made(self, container_id: UUID, event: Event, stage: CustodyStage, *, beyond: bool = False) -> Node:
        """A container begins: what its label says."""
        facts = event.facts
        node = self.node(
            container_id,
            event,
            stage,
            grams(facts, "net_g") or 0,
            digital_code=text(facts, "digital_code"),
            waste_code=text(facts, "waste_code"),
            name=text(facts, "waste_name"),
            site=text(facts, "site"),
            beyond=beyond,
            **measured(facts),
        )
        self.last[container_id] = self.add(node)
        return node

    def step(
        self, container_id: UUID, event: Event, stage: CustodyStage, mass_g: int | None = None, **more: object
    ) -> Node:
        """A container goes on, with all that is left of it; its mass is another where this event has found another."""
        before = self.stands(container_id)
        left = self.left(before) if before else mass_g or 0
        arrived = left if mass_g is None else mass_g
        node = self.node(container_id, event, stage, arrived, beyond=before is None, **more)
        if node.id in self.nodes:  # one event speaks twice of one container: the later word stands beside the first
            node.id = f"{node.id}:{len(self.nodes)}"
        self.add(node)
        if before is not None:
            self.join(before, node, left, arrived, node.tolerance_g)
        self.last[container_id] = node
        return node

    def pour(self, event: Event, stage: CustodyStage, sources: Sequence[Thread], targets: Sequence[Thread]) -> None:
        """Contents go from some containers into others, each a share of each by mass."""
        before = self._sources(event, sources)
        after = self._targets(event, stage, targets)
        rows = spread([mass for _, mass in before], [mass for _, mass in after])
        for (source, _), row in zip(before, rows, strict=True):
            for (target, _), (sent, arrived) in zip(after, row, strict=True):
                self.join(source, target, sent, arrived)

    def _sources(self, event: Event, threads: Sequence[Thread]) -> list[tuple[Node, int]]:
        found, others = [], []
        for thread in threads:
            node = self.stands(thread.container_id) if thread.container_id in self.wanted else None
            if node is None:
                others.append(thread)
            else:
                found.append((node, thread.mass_g))
        return [*found, *((node, node.mass_g) for node in self.others(event, CustodyStage.STORED, others, "in"))]

    def _targets(self, event: Event, stage: CustodyStage, threads: Sequence[Thread]) -> list[tuple[Node, int]]:
        found, others = [], []
        for thread in threads:
            if thread.container_id not in self.wanted:
                others.append(thread)
                continue
            label = self.labels.pop(thread.container_id, None)
            facts = {} if label is None else measured(label.facts)
            more = {**facts, "digital_code": thread.digital_code, "waste_code": thread.waste_code}
            if label is not None:
                more |= {"name": text(label.facts, "waste_name")}
            node = self.node(thread.container_id, event, stage, thread.mass_g, site=text(event.facts, "site"), **more)
            self.last[thread.container_id] = self.add(node)
            found.append((node, thread.mass_g))
        return [*found, *((node, node.mass_g) for node in self.others(event, stage, others, "out"))]

    def others(self, event: Event, stage: CustodyStage, threads: Sequence[Thread], side: str) -> list[Node]:
        """Containers outside of this chain, told as one; those that are not in sight as another."""
        seen = [one for one in threads if one.container_id in self.sighted or one.digital_code in self.sighted]
        hidden = [one for one in threads if one not in seen]
        return [
            self.add(
                Node(
                    id=f"{event.id}:{name}:{side}",
                    kind=StepKind.OTHERS,
                    stage=stage,
                    event=event,
                    mass_g=sum(one.mass_g for one in part),
                    waste_code=part[0].waste_code if len({one.waste_code for one in part}) == 1 else "",
                    count=len(part),
                    site=text(event.facts, "site"),
                    beyond=name == "hidden",
                )
            )
            for name, part in (("others", seen), ("hidden", hidden))
            if part
        ]

    def strike(self, container_id: UUID, event_id: str) -> tuple[Node | None, Edge | None]:
        """A step was wrong: it stays, struck, and what it took from the one before is given back."""
        wrong = next(
            (node for node in self.by_event.get(event_id, ()) if node.container_id == container_id and not node.struck),
            None,
        )
        if wrong is None:
            return None, None
        edge = next((edge for edge in self.edges if edge.target is wrong and not edge.source.struck), None)
        wrong.struck = True
        if edge is not None:
            self._left[edge.source.id] += edge.sent_g
        return wrong, edge

    def restate(self, container_id: UUID, event: Event, wrong: Node, edge: Edge | None, mass_g: int) -> Node:
        """What takes the place of a struck step; what came after that goes on from here."""
        node = self.node(
            container_id,
            event,
            wrong.stage,
            mass_g,
            site=wrong.site,
            method=wrong.method,
            scale=wrong.scale,
            tolerance_g=wrong.tolerance_g,
            number=wrong.number,
            manifest_id=wrong.manifest_id,
        )
        self.add(node)
        if edge is not None:
            self.join(edge.source, node, edge.sent_g, mass_g, edge.tolerance_g)
        self._rehang(wrong, node)
        if self.last.get(container_id) is wrong:
            self.last[container_id] = node
        return node

    def _rehang(self, wrong: Node, right: Node) -> None:
        """Steps after a wrong one carried its mass without weighing; they carry the right one."""
        following = next((edge for edge in self.edges if edge.source is wrong), None)
        while following is not None:
            following.source = right
            before = following.target
            if following.arrived_g == following.sent_g == before.mass_g:
                self._left[right.id] -= right.mass_g
                self._left[before.id] += right.mass_g - before.mass_g
                following.sent_g = following.arrived_g = before.mass_g = right.mass_g
            right = before
            following = next((edge for edge in self.edges if edge.source is right), None)

    def keeps(self, container_id: UUID) -> CustodyStage:
        """Whether what is put into store now stands with its maker, or with whoever took it in."""
        return CustodyStage.KEPT if container_id in self.travelled else CustodyStage.STORED

    def say(self, event: Event, container_ids: Iterable[UUID], *, is_bad: bool) -> None:
        """Something is said of where these containers are."""
        for container_id in container_ids:
            node = self.stands(container_id)
            if node is not None:
                node.notes.append(Note(event, is_bad))

    def graph(self, starts: Iterable[UUID] = ()) -> Graph:
        """All of it. Labels of what nobody in sight has filled begin here."""
        for container_id in list(self.labels):
            self.stands(container_id)
        return Graph(tuple(self.nodes.values()), tuple(self.edges), frozenset(starts))


def measured(facts: Mapping[str, object]) -> dict[str, object]:
    """How a mass was found."""
    return {
        "method": text(facts, "method"),
        "scale": text(facts, "scale"),
        "uncertainty_g": grams(facts, "uncertainty_g"),
    }
