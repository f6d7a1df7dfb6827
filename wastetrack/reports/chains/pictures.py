"""What ECharts draws of a chain: the graph of its cards, and its mass by stage and code as a Sankey."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from wastetrack.reports.chains.columns import Board, Card, Flow
from wastetrack.reports.chains.model import Stage

Word = Callable[[Any], str]
_WIDTH, _HEIGHT = 190, 84


def graph_option(board: Board, word: Word, mass: Callable[[int], str], title: Callable[[Card], str]) -> dict[str, Any]:
    """Cards as nodes where their columns stand, flows as lines that say their mass and what it differs by."""
    nodes, where = [], {}
    for column, (_, cards) in enumerate(board.columns):
        for row, card in enumerate(cards):
            where[card.id] = str(len(nodes))
            nodes.append(
                {
                    "id": where[card.id],
                    "name": f"{word(card.stage)} · {title(card)}",
                    "x": column * _WIDTH,
                    "y": (row - (len(cards) - 1) / 2) * _HEIGHT,
                    "value": mass(card.mass_g),
                    "symbolSize": 26,
                    "role": _role(card),
                    "label": {"formatter": f"{word(card.stage)}\n{mass(card.mass_g)}"},
                }
            )
    links = [
        {
            "source": where[flow.source.id],
            "target": where[flow.target.id],
            "value": mass(flow.arrived_g),
            "role": "struck" if flow.struck else flow.verdict,
            "label": {"formatter": _line(flow, mass)},
        }
        for flow in board.flows
    ]
    return {"kind": "graph", "nodes": nodes, "links": links}


def _role(card: Card) -> str:
    if card.struck:
        return "struck"
    if card.is_bad:
        return "bad"
    if card.beyond:
        return "beyond"
    return "start" if card.share == 1 else "plain"


def _line(flow: Flow, mass: Callable[[int], str]) -> str:
    if not flow.delta_g:
        return mass(flow.arrived_g)
    sign = "+" if flow.delta_g > 0 else "−"
    return f"{mass(flow.arrived_g)} ({sign}{mass(abs(flow.delta_g))})"


def sankey_rows(board: Board) -> list[tuple[tuple[int, Stage, str], tuple[int, Stage, str], int]]:
    """Mass between stages by waste code, without what was corrected; in grams as it arrived."""
    found: defaultdict[tuple[tuple[int, Stage, str], tuple[int, Stage, str]], int] = defaultdict(int)
    for flow in board.flows:
        if flow.struck:
            continue
        for edge in flow.edges:
            source = (flow.source.column, flow.source.stage, edge.source.waste_code or edge.source.name)
            target = (flow.target.column, flow.target.stage, edge.target.waste_code or edge.target.name)
            found[source, target] += edge.arrived_g
    return [(source, target, grams) for (source, target), grams in found.items() if grams > 0]


def sankey_option(board: Board, word: Word, mass: Callable[[int], str]) -> dict[str, Any]:
    """The same as ECharts wants it; the widths are grams."""
    rows = sankey_rows(board)
    names = {end: f"{end[0] + 1} {word(end[1])} {end[2]}".strip() for row in rows for end in row[:2]}
    return {
        "kind": "sankey",
        "nodes": [{"name": name, "depth": end[0]} for end, name in sorted(names.items(), key=lambda one: one[0][0])],
        "links": [
            {"source": names[source], "target": names[target], "value": grams, "told": mass(grams)}
            for source, target, grams in rows
        ],
    }
