"""Following a graph forwards and backwards, and which share of what is where; fractions are exact and add up to one."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from fractions import Fraction
from uuid import UUID

from wastetrack.reports.chains.model import ChainDirection, Edge, Event, Graph, Node, StepKind

_BESIDE = frozenset({StepKind.OTHERS, StepKind.ADDED})


def anchored(events: Iterable[Event], wanted: Iterable[UUID], anchors: Iterable[str]) -> set[UUID]:
    """The wanted containers of which an event speaks together with one of these things."""
    names, left = list(anchors), set(wanted)
    found: set[UUID] = set()
    for event in events:
        if any(event.names(name) for name in names):
            found.update(subject for subject in event.subjects if subject in left)
    return found


def forwards(graph: Graph, nodes: Iterable[Node]) -> set[Node]:
    """These nodes and everything that their mass went into."""
    return _reach(nodes, lambda node: [edge.target for edge in graph.out.get(node.id, ())])


def backwards(graph: Graph, nodes: Iterable[Node]) -> set[Node]:
    """These nodes and everything that their mass came from."""
    return _reach(nodes, lambda node: [edge.source for edge in graph.into.get(node.id, ())])


def _reach(nodes: Iterable[Node], following: Callable[[Node], list[Node]]) -> set[Node]:
    found, waiting = set(nodes), deque(nodes)
    while waiting:
        for node in following(waiting.popleft()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def start_nodes(graph: Graph) -> list[Node]:
    """All steps of the containers that were asked for."""
    return [node for node in graph.nodes if node.container_id in graph.starts]


def followed(graph: Graph, direction: ChainDirection = ChainDirection.BOTH) -> Graph:
    """What hangs together with the containers that were asked for, one way or both. Struck steps stay."""
    starts = start_nodes(graph)
    if direction is ChainDirection.BOTH:
        around: defaultdict[str, list[Node]] = defaultdict(list)
        for edge in graph.edges:
            around[edge.source.id].append(edge.target)
            around[edge.target.id].append(edge.source)
        return graph.only(_reach(starts, lambda node: around[node.id]))
    kept = forwards(graph, starts) if direction is ChainDirection.FORWARDS else backwards(graph, starts)
    beside = {edge.source for node in kept for edge in graph.into.get(node.id, ()) if edge.source.kind in _BESIDE}
    beside |= {edge.target for node in kept for edge in graph.out.get(node.id, ()) if edge.target.kind in _BESIDE}
    return graph.only(kept | beside)


def in_order(graph: Graph) -> list[Node]:
    """Nodes that were not struck, each after all that lead into it."""
    missing = {node.id: len(graph.into.get(node.id, ())) for node in graph.nodes if not node.struck}
    ready = deque(node for node in graph.nodes if not node.struck and not missing[node.id])
    found: list[Node] = []
    while ready:
        node = ready.popleft()
        found.append(node)
        for edge in graph.out.get(node.id, ()):
            missing[edge.target.id] -= 1
            if not missing[edge.target.id]:
                ready.append(edge.target)
    return found


def shares(graph: Graph) -> dict[str, Fraction]:
    """Of each node's mass the share that is of the containers that were asked for."""
    found: dict[str, Fraction] = {}
    for node in in_order(graph):
        into = graph.into.get(node.id, [])
        whole = sum(edge.arrived_g for edge in into)
        if node.container_id in graph.starts:
            found[node.id] = Fraction(1)
        elif not whole:
            found[node.id] = Fraction(0)
        else:
            parts = (edge.arrived_g * found[edge.source.id] for edge in into)
            found[node.id] = sum(parts, Fraction(0)) / whole
    return found


def origins(graph: Graph, node: Node) -> dict[str, Fraction]:
    """Where the content of a node comes from: shares of its mass by the nodes with which it began. They sum to one."""
    return _portions(
        node,
        reversed(in_order(graph)),
        lambda one: [(edge.source, edge.arrived_g) for edge in graph.into.get(one.id, ())],
        lambda _: 0,
    )


def fates(graph: Graph, node: Node) -> dict[str, Fraction]:
    """Where the content of a node has gone: shares of its mass by the nodes at which it stands now. They sum to one."""
    return _portions(
        node,
        in_order(graph),
        lambda one: [(edge.target, edge.sent_g) for edge in graph.out.get(one.id, ())],
        graph.standing_g,
    )


def _portions(
    node: Node,
    order: Iterable[Node],
    going: Callable[[Node], list[tuple[Node, int]]],
    staying: Callable[[Node], int],
) -> dict[str, Fraction]:
    portion: defaultdict[str, Fraction] = defaultdict(Fraction)
    portion[node.id] = Fraction(1)
    found: dict[str, Fraction] = {}
    for one in order:
        if one.id not in portion:
            continue
        mine, ways = portion.pop(one.id), going(one)
        stays = staying(one)
        whole = sum(mass for _, mass in ways) + stays
        if not ways or not whole:
            found[one.id] = mine
            continue
        if stays:
            found[one.id] = mine * Fraction(stays, whole)
        for other, mass in ways:
            portion[other.id] += mine * Fraction(mass, whole)
    return {name: share for name, share in found.items() if share}


def fraction_of(edge: Edge) -> tuple[Fraction, Fraction]:
    """Which share of its source an edge is, and which share of its target."""
    return (
        Fraction(edge.sent_g, edge.source.mass_g) if edge.source.mass_g else Fraction(0),
        Fraction(edge.arrived_g, edge.target.mass_g) if edge.target.mass_g else Fraction(0),
    )
