"""The chain of anything as a page: custody columns, graph, flow and table of the same numbers, as known on a day."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from starlette.responses import Response

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.errors import refuse_one
from wastetrack.i18n import label, message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.reports.chains import pictures
from wastetrack.reports.chains.columns import Board, Card, Flow, board
from wastetrack.reports.chains.following import fates, origins, start_nodes
from wastetrack.reports.chains.gathering import Asked, Chain, ChainOf, chain
from wastetrack.reports.chains.model import ChainDirection, Edge, Node, StepKind
from wastetrack.reports.chains.naming import title_of
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.histories import TITLES
from wastetrack.web.in_words import mass_in_words
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()

MOST_DRAWN = 400
"""So many cards are drawn as a picture; more are told as a table."""
_PERIOD = timedelta(days=31)
_WITH_PERIOD = frozenset({ChainOf.VEHICLE, ChainOf.SITE, ChainOf.ORGANISATION, ChainOf.PERMIT})
_DAY = timedelta(days=1)
_PAGES = {
    ChainOf.BATCH: "/treatment/{}",
    ChainOf.ORGANISATION: "/organisations/{}",
    ChainOf.PERMIT: "/permits/{}",
    ChainOf.SITE: "/sites/{}",
}
"""Where the thing itself is told; a plate has no page but this."""

_VERDICTS = {
    "within": message("within tolerance"),
    "beyond": message("beyond tolerance"),
    "unmeasured": message("no tolerance stated"),
}


class ChainView(StrEnum):
    """How a chain is shown."""

    COLUMNS = "columns"
    GRAPH = "graph"
    FLOW = "flow"
    TABLE = "table"


@router.get("/audit/chains/{of}/{subject_id:uuid}")
async def chain_of(page: AnyPage, work: Reading, of: ChainOf, subject_id: UUID) -> Response:
    """The chain of a vehicle, a site, a firm, a permit or a batch over a period; a paper and a container have pages of
    their own, which show theirs."""
    if of is ChainOf.MANIFEST:
        return page.go(f"/audit/manifests/{subject_id}")
    if of is ChainOf.CONTAINER:
        return page.go(f"/audit/containers/{subject_id}")
    title = await title_of(work.session, work.actor, of, subject_id)
    subject = _PAGES[of].format(subject_id) if of in _PAGES else ""
    return page.show("audit/chain.html", title=title, subject=subject, **await shown(page, work, of, subject_id))


def asked_in(page: Page, of: ChainOf, subject_id: UUID, *, at: datetime) -> Asked:
    """What the address asks for. Raises RuleBroken for a day that is none."""
    values = page.request.query_params
    known, since, until = (_day(values, name) for name in ("known", "since", "until"))
    if of in _WITH_PERIOD:
        until = until or legal_day(at)
        since = since or until - _PERIOD
    way = values.get("direction", "")
    return Asked(
        of=of,
        subject_id=subject_id,
        since=None if since is None else _begins(since),
        until=None if until is None else _begins(until + _DAY),
        known_until=None if known is None else _begins(known + _DAY) - timedelta(microseconds=1),
        direction=ChainDirection(way) if way in set(ChainDirection) else ChainDirection.BOTH,
    )


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LEGAL_ZONE)


def _day(values: Mapping[str, str], name: str) -> date | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2200:  # noqa: PLR2004  days on which there can be records
        refuse_one(name, "not_a_day", "This is no day.", value=text, next_step="Write it like 2026-03-31.")
    return found


async def shown(page: Page, work: ReadWork, of: ChainOf, subject_id: UUID) -> dict[str, Any]:
    """All that the parts of the page need."""
    asked = asked_in(page, of, subject_id, at=work.at)
    found = await chain(work.session, work.actor, asked)
    columns = board(found.graph)
    told = page.request.query_params.get("view", "")
    view = ChainView(told) if told in set(ChainView) else ChainView.COLUMNS
    words = _Words(page, found)
    return {
        "chain": found,
        "board": columns,
        "view": view,
        "views": ChainView,
        "directions": ChainDirection,
        "words": words,
        "event_titles": TITLES,
        "with_period": of in _WITH_PERIOD,
        "since": asked.since and legal_day(asked.since),
        "until": asked.until and legal_day(asked.until - _DAY),
        "known": asked.known_until and legal_day(asked.known_until),
        "picture": _picture(view, columns, words),
        "flow_rows": pictures.sankey_rows(columns) if view is ChainView.FLOW else [],
        "portions": _portions(found),
        "totals": _totals(columns, found),
    }


class _Words:
    """How the parts of a chain are called in the visitor's language."""

    def __init__(self, page: Page, found: Chain) -> None:
        self._page, self._found = page, found
        self._locale = page.locale

    def word(self, member: StrEnum) -> str:
        """A stage and the like."""
        return label(member, self._locale)

    def method(self, value: str) -> str:
        """How a mass was found."""
        return self.word(WeighingMethod(value)) if value in set(WeighingMethod) else value

    def into(self, node: Node) -> list[Edge]:
        """What came to a step, or, if it was corrected, had come."""
        if not node.struck:
            return self._found.graph.into.get(node.id, [])
        return [edge for edge in self._found.graph.edges if edge.target is node]

    def verdict(self, flow: Flow) -> str:
        """What a flow differs by, with the word for it."""
        if not flow.delta_g:
            return self._page.translate("none")
        sign = "+" if flow.delta_g > 0 else "−"
        return f"{sign}{mass_in_words(abs(flow.delta_g))} · {self._page.translate(_VERDICTS[flow.verdict])}"

    def title(self, card: Card) -> str:
        """What a card is about."""
        node = card.first
        if node.kind is StepKind.OTHERS:
            sentence = "{count} not in your sight" if node.beyond else "{count} outside this chain"
            return self._page.translate(sentence, count=card.count)
        if node.kind is StepKind.ADDED:
            return self._page.translate("Reagents and additions")
        if node.kind is StepKind.BATCH:
            return self._page.translate("Batch {method}", method=node.name)
        if node.kind is StepKind.PRODUCT:
            return node.name
        return (
            node.digital_code[26:] if card.count == 1 else self._page.translate("{count} containers", count=card.count)
        )

    def node(self, node: Node) -> str:
        """What a single step is called, with its place."""
        place = self._found.name(node.site) or self._found.name(node.vehicle)
        name = node.digital_code[26:] or node.name or self.word(node.stage)
        return f"{name} · {self.word(node.stage)}" + (f" · {place}" if place else "")

    def short(self, node: Node) -> str:
        """The same in a table in which its place stands already."""
        return f"{node.digital_code[26:]} {self.word(node.stage)}".strip()

    def end(self, end: pictures.End) -> str:
        """A stage of a column with its code."""
        return pictures.end_words(end, self.word)

    def line(self, flow: Flow) -> str:
        """Mass and difference of a flow."""
        return pictures.line_words(flow, mass_in_words)

    @staticmethod
    def percent(share: Fraction) -> str:
        """A share as people say it; one that is tiny or nearly all does not become nothing or all."""
        text = f"{float(share) * 100:.1f}"
        if text in {"0.0", "100.0"} and share not in {0, 1}:
            return "< 0.1 %" if text == "0.0" else "> 99.9 %"
        return f"{text.removesuffix('.0')} %"


def _picture(view: ChainView, columns: Board, words: _Words) -> dict[str, Any] | None:
    if view not in {ChainView.GRAPH, ChainView.FLOW} or not columns.flows or len(columns.cards) > MOST_DRAWN:
        return None
    if view is ChainView.GRAPH:
        return pictures.graph_option(columns, words.word, mass_in_words, words.title)
    return pictures.sankey_option(columns, words.word)


def _portions(found: Chain) -> dict[str, list[tuple[Node, Fraction]]]:
    """Of one container: where its content came from, and where it has gone."""
    if found.asked.of is not ChainOf.CONTAINER:
        return {}
    own = [node for node in start_nodes(found.graph) if not node.struck]
    if not own:
        return {}
    by_id = {node.id: node for node in found.graph.nodes}
    sides = {"came": origins(found.graph, own[0]), "went": fates(found.graph, own[0])}
    return {side: [(by_id[name], share) for name, share in shares.items()] for side, shares in sides.items()}


def _begins_here(card: Card) -> bool:
    """What only meets the chain in a batch is none of it, nor are its reagents."""
    return not card.struck and card.first.kind not in {StepKind.OTHERS, StepKind.ADDED}


def _totals(columns: Board, found: Chain) -> dict[str, int]:
    live = [flow for flow in columns.flows if not flow.struck]
    return {
        "containers": len({node.container_id for node in found.graph.nodes if node.container_id}),
        "events": len(found.events),
        "begun_g": sum(card.mass_g for card in columns.cards if _begins_here(card) and not columns.into(card)),
        "delta_g": sum(flow.delta_g for flow in live),
        "beyond": sum(flow.verdict == "beyond" for flow in live),
        "struck": sum(card.struck for card in columns.cards),
    }
