"""A case: a chain at one moment, frozen as tables. The PDF and the CSV files are these tables, and nothing else.

Everything comes from the events of the bundle, woven anew; only names, and what was asked for, stand in the case.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.errors import Malformed
from wastetrack.i18n import Locale, message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.reports.chains.case_findings import CaseFinding
from wastetrack.reports.chains.columns import Board, Card, board
from wastetrack.reports.chains.following import shares
from wastetrack.reports.chains.gathering import Asked, Chain, ChainOf, woven
from wastetrack.reports.chains.model import ChainDirection, Event, Graph, Node, StepKind
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said

VERSION = 2
_FIRST = 1
"""The version before a case could hold a finding."""
_KG = MassUnit.KILOGRAM
_FIELDS = frozenset(
    {
        "v",
        "of",
        "subject",
        "title",
        "since",
        "until",
        "known_until",
        "direction",
        "wanted",
        "starts",
        "sighted",
        "names",
    }
    | {"cut", "made_at", "made_for", "reason", "locale", "zone", "address"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was asked for, by whom and why, and the names of firms, places and vehicles on that day."""

    asked: Asked
    title: str
    wanted: tuple[UUID, ...]
    starts: tuple[UUID, ...]
    sighted: tuple[str, ...]
    names: Mapping[str, str]
    cut: bool
    made_at: datetime
    made_for: str
    """The organisation that took it."""
    reason: str
    locale: Locale
    zone: str
    address: str
    """Where the record stands."""
    finding: CaseFinding | None = None
    """Why it was taken, where a finding of the checks is the reason."""

    @classmethod
    def of(
        cls,
        chain: Chain,
        *,
        title: str,
        made_at: datetime,
        made_for: str,
        reason: str,
        locale: Locale,
        zone: str,
        address: str,
        finding: CaseFinding | None = None,
    ) -> "Case":
        """The case of a chain."""
        return cls(
            asked=chain.asked,
            title=title,
            wanted=chain.wanted,
            starts=tuple(sorted(chain.graph.starts)),
            sighted=chain.sighted,
            names=chain.names,
            cut=bool(chain.cut),
            made_at=made_at,
            made_for=made_for,
            reason=reason,
            locale=locale,
            zone=zone,
            address=address,
            finding=finding,
        )

    def as_json(self) -> str:
        """The file of it."""
        asked = self.asked
        tree = {
            "v": VERSION,
            "of": asked.of.value,
            "subject": str(asked.subject_id),
            "title": self.title,
            "since": _instant(asked.since),
            "until": _instant(asked.until),
            "known_until": _instant(asked.known_until),
            "direction": asked.direction.value,
            "wanted": [str(one) for one in self.wanted],
            "starts": [str(one) for one in self.starts],
            "sighted": list(self.sighted),
            "names": dict(sorted(self.names.items())),
            "cut": self.cut,
            "made_at": _instant(self.made_at),
            "made_for": self.made_for,
            "reason": self.reason,
            "locale": self.locale,
            "zone": self.zone,
            "address": self.address,
            "finding": None if self.finding is None else self.finding.as_tree(),
        }
        return json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def graph(self, events: list[Event]) -> Graph:
        """The chain, woven of these events."""
        sighted: list[object] = [
            *self.sighted,
            *(UUID(one) for one in self.sighted if len(one) == len(str(UUID(int=0)))),
        ]
        return woven(self.asked, events, self.wanted, self.starts, sighted)


def read(data: bytes) -> Case:
    """The case in its file. Raises Malformed."""
    try:
        tree = json.loads(data.decode())
        _look_at(tree)
        asked = Asked(
            of=ChainOf(tree["of"]),
            subject_id=UUID(tree["subject"]),
            since=_read(tree["since"]),
            until=_read(tree["until"]),
            known_until=_read(tree["known_until"]),
            direction=ChainDirection(tree["direction"]),
        )
        return Case(
            asked=asked,
            wanted=tuple(map(UUID, tree["wanted"])),
            starts=tuple(map(UUID, tree["starts"])),
            sighted=tuple(map(str, tree["sighted"])),
            names={str(name): str(told) for name, told in tree["names"].items()},
            made_at=datetime.fromisoformat(tree["made_at"]),
            finding=CaseFinding.read(tree["finding"]) if tree.get("finding") else None,
            **{name: tree[name] for name in ("title", "cut", "made_for", "reason", "locale", "zone", "address")},
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Malformed("case.shape", "The case cannot be read: {why}", why=str(error)) from error


def _look_at(tree: dict[str, object]) -> None:
    fields = _FIELDS if tree["v"] == _FIRST else _FIELDS | {"finding"}
    if tree.keys() != fields or tree["v"] not in {_FIRST, VERSION} or tree["locale"] not in {"zh", "en"}:
        raise ValueError("other fields")


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a case, as all its files show them."""

    summary: Sheet
    steps: Sheet
    differences: Sheet
    events: Sheet
    finding: tuple[Sheet, ...] = ()
    """Why the case was taken; not of the events."""

    @property
    def times(self) -> Sheet | None:
        """The sheet of each time that the finding was found."""
        return self.finding[1] if self.finding else None

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """What follows from the events, in the order of the PDF."""
        return (self.summary, self.steps, self.differences, self.events)


def tables(case: Case, events: list[Event], titles: Mapping[str, str]) -> Tables:
    """The tables, from the events alone. `titles` are the sentences of kinds of events."""
    graph = case.graph(events)
    columns = board(graph)
    return Tables(
        _summary(case, columns, events),
        _steps(case, graph, columns),
        _differences(case, graph),
        _events(events, titles),
        () if case.finding is None else case.finding.sheets,
    )


def document(case: Case, found: Tables) -> Document:
    """The same as a document to print."""
    lines = (
        (said("Taken by"), case.made_for),
        (said("Reason"), case.reason or "—"),
        (said("Record"), case.address),
    )
    title = said("Case pack: chain of {thing}", thing=case.title)
    # Once found, its only line stands in the sheet of the finding already.
    finding = tuple(sheet for sheet in found.finding if sheet is not found.times or len(sheet.rows) > 1)
    return Document(title, lines, (*finding, *found.sheets), printed_at=case.made_at, zone=case.zone)


def _summary(case: Case, columns: Board, events: list[Event]) -> Sheet:
    live = [flow for flow in columns.flows if not flow.struck]
    cards = [card for card in columns.cards if not card.struck]
    rows: list[tuple[Cell, Cell, Cell]] = [
        (said("Chain of"), named(case.asked.of), None),
        (said("Followed"), named(case.asked.direction), None),
        (said("Things from"), case.asked.since, None),
        (said("Things until"), case.asked.until, None),
        (said("As known at"), case.asked.known_until or case.made_at, None),
        (
            said("Containers"),
            len({node.container_id for card in cards for node in card.nodes if node.container_id}),
            None,
        ),
        (said("Events in the bundle"), len(events), None),
        (said("Came into the chain"), None, Mass(sum(card.mass_g for card in cards if not columns.into(card)))),
        (said("Differences of weighing"), None, Mass(sum(flow.delta_g for flow in live))),
        (said("Stands, destroyed or gone at the end"), None, Mass(sum(card.standing_g for card in cards))),
        (said("Differences beyond tolerance"), sum(flow.verdict == "beyond" for flow in live), None),
        (said("Corrected steps"), sum(len(card.nodes) for card in columns.cards if card.struck), None),
        (said("Cut, because it is longer"), case.cut, None),
    ]
    headings = (Column(said("Thing"), 3), Column(said("Value"), 3), Column(said("Mass"), 2, "right", _KG))
    notes = (
        said(
            "All figures follow from the events in bundle.json; names are those of the register on the day it was made."
        ),
    )
    return Sheet(said("Summary"), headings, tuple(rows), notes)


def _steps(case: Case, graph: Graph, columns: Board) -> Sheet:
    parts = shares(graph)
    rows = tuple(_step(case, graph, card, node, parts) for card in columns.cards for node in card.nodes)
    headings = (
        Column(said("Step"), 0.7, "right"),
        Column(said("Custody stage"), 1.3),
        Column(said("Thing"), 3.2),
        Column(said("Waste code"), 1.3),
        Column(said("Mass"), 1.3, "right", _KG),
        Column(said("Of it in this chain"), 1.2, "right"),
        Column(said("Stays here"), 1.3, "right", _KG),
        Column(said("Who and where"), 2.6),
        Column(said("Manifest"), 1.7),
        Column(said("Happened"), 1.7),
        Column(said("Recorded"), 1.7),
        Column(said("Mass by"), 1.5),
        Column(said("Signed"), 1.4),
        Column(said("Corrected"), 0.9),
        Column(said("Log no."), 0.9, "right"),
    )
    return Sheet(said("The chain as a table"), headings, rows)


def _step(case: Case, graph: Graph, card: Card, node: Node, parts: Mapping[str, object]) -> tuple[Cell, ...]:
    event = node.event
    share = parts.get(node.id)
    place = " · ".join(filter(None, (case.names.get(one, "") for one in (node.carrier, node.vehicle, node.site))))
    method = named(WeighingMethod(node.method)) if node.method in set(WeighingMethod) else None
    return (
        card.column + 1,
        named(node.stage),
        what(node),
        node.waste_code,
        Mass(node.mass_g),
        None if share is None else f"{float(share) * 100:.4g} %",  # type: ignore[arg-type]
        None if node.struck else Mass(graph.standing_g(node)),
        place,
        node.number,
        None if event is None else event.happened_at,
        None if event is None else event.recorded_at,
        method,
        None if event is None else named(event.sign),
        node.struck,
        None if event is None else event.log_index,
    )


def what(node: Node) -> Words | str:
    """What a step is about."""
    if node.kind is StepKind.OTHERS:
        sentence = message("{count} not in your sight") if node.beyond else message("{count} outside this chain")
        return said(sentence, count=node.count)
    if node.kind is StepKind.ADDED:
        return said("Reagents and additions")
    if node.kind is StepKind.BATCH:
        return said("Batch {method}", method=node.name)
    return node.digital_code or node.name


def _differences(case: Case, graph: Graph) -> Sheet:
    rows = tuple(
        (
            what(edge.source),
            named(edge.source.stage),
            named(edge.target.stage),
            edge.target.number,
            case.names.get(edge.target.site, ""),
            Mass(edge.sent_g),
            Mass(edge.arrived_g),
            Mass(edge.delta_g),
            None if edge.tolerance_g is None else Mass(edge.tolerance_g),
            edge.within,
            edge.struck,
        )
        for edge in graph.edges
        if edge.delta_g
    )
    headings = (
        Column(said("Thing"), 3),
        Column(said("From"), 1.3),
        Column(said("To"), 1.3),
        Column(said("Manifest"), 1.6),
        Column(said("Place"), 2.4),
        Column(said("Sent"), 1.3, "right", _KG),
        Column(said("Arrived"), 1.3, "right", _KG),
        Column(said("Difference"), 1.3, "right", _KG),
        Column(said("Tolerance"), 1.3, "right", _KG),
        Column(said("Within tolerance"), 1),
        Column(said("Corrected"), 1),
    )
    return Sheet(said("Differences"), headings, rows)


def _events(events: list[Event], titles: Mapping[str, str]) -> Sheet:
    rows = tuple(
        (
            event.log_index,
            said(titles.get(event.kind, event.kind)),
            event.happened_at,
            event.recorded_at,
            named(event.sign),
            str(event.id),
            event.hash.hex(),
        )
        for event in events
    )
    headings = (
        Column(said("Log no."), 0.8, "right"),
        Column(said("Event"), 2.4),
        Column(said("Happened"), 1.4),
        Column(said("Recorded"), 1.4),
        Column(said("Signed"), 1.4),
        Column(said("Event number"), 3),
        Column(said("Hash of the leaf (SHA-256)"), 5),
    )
    return Sheet(said("Events and the hashes of their leaves"), headings, rows)
