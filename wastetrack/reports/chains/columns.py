"""A graph as people look at it: one column per custody stage, in each the steps that belong together as one card.

A stage may come again (a residue is carried on, a rejected drum goes home): then it has another column further on, and
mass always goes from left to right.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.reports.chains.following import in_order, shares
from wastetrack.reports.chains.model import CustodyStage, Edge, Event, Graph, Node, Note, StepKind, StepSign

_ORDER = {stage: place for place, stage in enumerate(CustodyStage)}
_BY_DAY = frozenset({CustodyStage.MADE, CustodyStage.RESULT, CustodyStage.REPACKED})
_BY_PAPER = frozenset({CustodyStage.CARRIED, CustodyStage.HANDED_OVER, CustodyStage.WEIGHED_IN, CustodyStage.GONE})


@dataclass(slots=True, eq=False)
class Card:
    """Steps that are told as one."""

    id: str
    stage: CustodyStage
    kind: StepKind
    column: int
    nodes: list[Node]
    mass_g: int
    standing_g: int
    share: Fraction
    """Of its mass, what is of the containers that were asked for."""

    @property
    def first(self) -> Node:
        """The step that stands for all."""
        return self.nodes[0]

    @property
    def count(self) -> int:
        """How many containers."""
        return sum(node.count for node in self.nodes)

    @property
    def struck(self) -> bool:
        """Whether a correction took its place."""
        return self.first.struck

    @property
    def is_bad(self) -> bool:
        """Whether it was rejected, is missing or leaked."""
        return any(node.is_bad for node in self.nodes)

    @property
    def beyond(self) -> bool:
        """Whether it, or where it comes from, is not in sight."""
        return any(node.beyond for node in self.nodes)

    @property
    def events(self) -> list[Event]:
        """The events behind it, the earliest first, each once."""
        return list({node.event.id: node.event for node in self.nodes if node.event}.values())

    @property
    def notes(self) -> list[Note]:
        """What was said of it afterwards, each once."""
        return list({note.event.id: note for node in self.nodes for note in node.notes}.values())

    @property
    def happened_at(self) -> datetime | None:
        """When it began."""
        return min((event.happened_at for event in self.events), default=None)

    @property
    def ended_at(self) -> datetime | None:
        """When the last of it happened."""
        return max((event.happened_at for event in self.events), default=None)

    @property
    def recorded_at(self) -> datetime | None:
        """When the last of it was recorded."""
        return max((event.recorded_at for event in self.events), default=None)

    @property
    def late(self) -> bool:
        """Whether it was recorded more than a minute after it happened."""
        return any((event.recorded_at - event.happened_at).total_seconds() > 60 for event in self.events)  # noqa: PLR2004

    @property
    def signs(self) -> list[StepSign]:
        """How it was signed."""
        return sorted({event.sign for event in self.events})

    def each(self, name: str) -> list[str]:
        """The different values of a field of its steps, in order."""
        return list(dict.fromkeys(str(value) for node in self.nodes if (value := getattr(node, name))))


@dataclass(slots=True, eq=False)
class Flow:
    """The mass between two cards."""

    source: Card
    target: Card
    sent_g: int
    arrived_g: int
    edges: list[Edge] = field(default_factory=list)

    @property
    def delta_g(self) -> int:
        """How much more arrived than was sent."""
        return self.arrived_g - self.sent_g

    @property
    def struck(self) -> bool:
        """Whether a correction took its place."""
        return self.source.struck or self.target.struck

    @property
    def verdict(self) -> str:
        """exact, within, beyond, or unmeasured where it differs and no tolerance was stated."""
        differing = [edge for edge in self.edges if edge.delta_g]
        if not differing:
            return "exact"
        if any(edge.within is False for edge in differing):
            return "beyond"
        return "within" if all(edge.within for edge in differing) else "unmeasured"

    @property
    def of_source(self) -> Fraction:
        """Which share of its source goes this way."""
        return Fraction(self.sent_g, self.source.mass_g) if self.source.mass_g else Fraction(0)

    @property
    def of_target(self) -> Fraction:
        """Which share of its target comes this way."""
        return Fraction(self.arrived_g, self.target.mass_g) if self.target.mass_g else Fraction(0)


@dataclass(frozen=True, slots=True)
class Board:
    """The columns, and what flows between their cards."""

    columns: tuple[tuple[CustodyStage, tuple[Card, ...]], ...]
    flows: tuple[Flow, ...]

    @property
    def cards(self) -> list[Card]:
        """All cards, column by column."""
        return [card for _, cards in self.columns for card in cards]

    def into(self, card: Card) -> list[Flow]:
        """What comes to a card."""
        return [flow for flow in self.flows if flow.target is card]

    def out(self, card: Card) -> list[Flow]:
        """What goes on from it."""
        return [flow for flow in self.flows if flow.source is card]


def board(graph: Graph) -> Board:
    """The graph in columns."""
    place = _places(graph)
    parts = shares(graph)
    grouped: defaultdict[tuple[object, ...], list[Node]] = defaultdict(list)
    for node in graph.nodes:
        grouped[(*place[node.id], node.struck, *_together(node))].append(node)
    columns = sorted({key[:2] for key in grouped}, key=lambda at: (at[0], at[1]))
    number = {at: index for index, at in enumerate(columns)}
    cards: dict[str, Card] = {}
    rows: defaultdict[int, list[Card]] = defaultdict(list)
    for key, nodes in grouped.items():
        card = _card(graph, nodes, number[key[:2]], parts)
        rows[card.column].append(card)
        cards |= dict.fromkeys((node.id for node in nodes), card)
    ordered = tuple(
        (rows[index][0].stage, tuple(sorted(rows[index], key=lambda one: (one.first.event is None, _when(one)))))
        for index in range(len(columns))
    )
    return Board(ordered, _flows(graph.edges, lambda node: cards[node.id]))


def _when(card: Card) -> tuple[float, str]:
    return (card.happened_at.timestamp() if card.happened_at else 0.0, card.id)


def _places(graph: Graph) -> dict[str, tuple[int, int]]:
    """Round and stage of each node: a stage that does not come after the one before it begins a new round."""
    found: dict[str, tuple[int, int]] = {}
    sources: defaultdict[str, list[Node]] = defaultdict(list)
    for edge in graph.edges:
        sources[edge.target.id].append(edge.source)
    struck = [node for node in graph.nodes if node.struck]
    for node in [*in_order(graph), *struck]:
        stage, turn = _ORDER[node.stage], 0
        for before in sources[node.id]:
            old, at = found.get(before.id, (0, -1))
            turn = max(turn, old + (at >= stage))
        found[node.id] = (turn, stage)
    return _beside_their_targets(graph, found)


def _beside_their_targets(graph: Graph, found: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """What comes into the chain from outside stands in the round of what it goes into."""
    for edge in graph.edges:
        if edge.source.kind in {StepKind.OTHERS, StepKind.ADDED}:
            turn, stage = found[edge.target.id]
            own = _ORDER[edge.source.stage]
            found[edge.source.id] = (turn if own < stage else turn - 1, own)
    return found


def _together(node: Node) -> tuple[object, ...]:
    """What must be the same for steps to be told as one."""
    if node.kind is not StepKind.CONTAINER or node.event is None:
        return (node.id,)
    base = (node.kind, node.waste_code, node.is_bad, node.beyond)
    if node.stage in _BY_DAY:
        return (*base, node.site, legal_day(node.event.happened_at))
    if node.stage in _BY_PAPER and (node.manifest_id or node.number):
        return (*base, node.event.kind, node.manifest_id, node.vehicle)
    return (*base, node.event.id)


def _card(graph: Graph, nodes: list[Node], column: int, parts: dict[str, Fraction]) -> Card:
    mass = sum(node.mass_g for node in nodes)
    own = sum((node.mass_g * parts.get(node.id, Fraction(0)) for node in nodes), Fraction(0))
    first = nodes[0]
    return Card(
        id=first.id,
        stage=first.stage,
        kind=first.kind,
        column=column,
        nodes=nodes,
        mass_g=mass,
        standing_g=0 if first.struck else sum(graph.standing_g(node) for node in nodes),
        share=own / mass if mass else Fraction(0),
    )


def _flows(edges: Iterable[Edge], card_of: Callable[[Node], Card]) -> tuple[Flow, ...]:
    found: dict[tuple[str, str], Flow] = {}
    for edge in edges:
        source, target = card_of(edge.source), card_of(edge.target)
        flow = found.setdefault((source.id, target.id), Flow(source, target, 0, 0))
        flow.sent_g += edge.sent_g
        flow.arrived_g += edge.arrived_g
        flow.edges.append(edge)
    return tuple(found.values())
