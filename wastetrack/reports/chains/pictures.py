"""What ECharts draws of a chain: the graph of its cards, and its mass by stage and code as a Sankey."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from wastetrack.reports.chains.columns import Board, Card, Flow
from wastetrack.reports.chains.model import CustodyStage

Word = Callable[[Any], str]
MassWord = Callable[[int], str]
End = tuple[int, CustodyStage, str]
"""Column, stage, waste code (or name, where there is no code)."""
_WIDTH: Final = 190
_HEIGHT: Final = 110
# In the middle between light and dark ground; the words beside say the same.
_NODES: Final = {
    "start": "#0f8a6d",
    "plain": "#4f86b8",
    "bad": "#cf4a42",
    "beyond": "#8b8f94",
    "struck": "#b9a27c",
}
_LINES: Final = {
    "exact": "#6f8f86",
    "within": "#3f9a66",
    "beyond": "#cf4a42",
    "unmeasured": "#c2862e",
    "struck": "#b9a27c",
}


def graph_option(board: Board, word: Word, mass: MassWord, title: Callable[[Card], str]) -> dict[str, Any]:
    """Cards as nodes where their columns stand, flows as lines that say their mass and what it differs by."""
    where = {card.id: str(number) for number, card in enumerate(board.cards)}
    nodes = [
        {
            "id": where[card.id],
            "name": f"{word(card.stage)} · {title(card)}",
            "x": column * _WIDTH,
            "y": (row - (len(cards) - 1) / 2) * _HEIGHT,
            "value": mass(card.mass_g),
            "symbolSize": 24,
            "itemStyle": {"color": _NODES[_role(card)]},
            "label": {"formatter": f"{word(card.stage)}\n{mass(card.mass_g)}"},
        }
        for column, (_, cards) in enumerate(board.columns)
        for row, card in enumerate(cards)
    ]
    series = {
        "type": "graph",
        "layout": "none",
        "roam": True,
        "edgeSymbol": ["none", "arrow"],
        "edgeSymbolSize": 7,
        "label": {"show": True, "position": "bottom", "fontSize": 11},
        "edgeLabel": {"show": len(board.flows) <= 40, "fontSize": 10},  # noqa: PLR2004  more would lie on each other
        "data": nodes,
        "links": [_link(flow, where, mass) for flow in board.flows],
    }
    # Resized while it moves, the library loses the points of its lines.
    return {"series": [series], "tooltip": {}, "animation": False}


def _link(flow: Flow, where: dict[str, str], mass: MassWord) -> dict[str, Any]:
    role = "struck" if flow.struck else flow.verdict
    dashed = "dashed" if role in {"struck", "unmeasured"} else "solid"
    return {
        "source": where[flow.source.id],
        "target": where[flow.target.id],
        "value": line_words(flow, mass),
        "lineStyle": {"color": _LINES[role], "width": 3 if role == "beyond" else 1.6, "type": dashed},
        "label": {"formatter": line_words(flow, mass)},
    }


def _role(card: Card) -> str:
    if card.struck:
        return "struck"
    if card.is_bad:
        return "bad"
    if card.beyond:
        return "beyond"
    return "start" if card.share == 1 else "plain"


def line_words(flow: Flow, mass: MassWord) -> str:
    """The mass that arrived, and what it differs by."""
    if not flow.delta_g:
        return mass(flow.arrived_g)
    sign = "+" if flow.delta_g > 0 else "−"
    return f"{mass(flow.arrived_g)} ({sign}{mass(abs(flow.delta_g))})"


def sankey_rows(board: Board) -> list[tuple[End, End, int]]:
    """Mass between stages by waste code, without what was corrected; in grams as it arrived."""
    found: defaultdict[tuple[End, End], int] = defaultdict(int)
    for flow in board.flows:
        if flow.struck:
            continue
        for edge in flow.edges:
            source = (flow.source.column, flow.source.stage, edge.source.waste_code or edge.source.name)
            target = (flow.target.column, flow.target.stage, edge.target.waste_code or edge.target.name)
            found[source, target] += edge.arrived_g
    return [(source, target, grams) for (source, target), grams in sorted(found.items()) if grams > 0]


def end_words(end: End, word: Word) -> str:
    """How an end of a row is called; the number of its column keeps a stage that comes again apart."""
    return f"{end[0] + 1}. {word(end[1])} {end[2]}".strip()


def sankey_option(board: Board, word: Word) -> dict[str, Any]:
    """The rows as ECharts draws them; values in kilograms."""
    rows = sankey_rows(board)
    ends = sorted({end for row in rows for end in row[:2]}, key=lambda end: (end[0], end[1].value, end[2]))
    series = {
        "type": "sankey",
        "left": 8,
        "right": 110,
        "nodeGap": 16,
        "label": {"fontSize": 11, "overflow": "break", "width": max(60, 900 // max(1, len(board.columns)) - 26)},
        "emphasis": {"focus": "adjacency"},
        "data": [{"name": end_words(end, word), "depth": end[0]} for end in ends],
        "links": [
            {"source": end_words(source, word), "target": end_words(target, word), "value": grams / 1_000}
            for source, target, grams in rows
        ],
    }
    return {"series": [series], "tooltip": {}}
