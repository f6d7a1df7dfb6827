"""The same questions as a flow of least cost, for a solver of another make; it runs in a process of its own.

It reads a question a line (JSON) and answers a line. Both solvers bring the same C++ library along in different
versions, so they must never be loaded together. Nothing of the product is loaded here.
"""

import json
import sys
from typing import Any

from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]


class Flow:
    """Nodes by name, arcs by what a unit on them means."""

    def __init__(self, question: dict[str, Any]) -> None:
        self.flow = min_cost_flow.SimpleMinCostFlow()
        self.numbers: dict[tuple[Any, ...], int] = {}
        self.weights = (question["unmatched_weight"], question["border_weight"], 1)
        self.arcs: list[tuple[int, int, int]] = []
        """Unmatched, unit-kilometres and cost of a unit on each arc."""

    def node(self, *name: Any) -> int:  # noqa: ANN401 - anything names a node
        return self.numbers.setdefault(name, len(self.numbers))

    def arc(self, start: int, end: int, room: int, parts: tuple[int, int, int] = (0, 0, 0)) -> None:
        weight = sum(part * each for part, each in zip(parts, self.weights, strict=True))
        self.flow.add_arc_with_capacity_and_unit_cost(start, end, room, weight)
        self.arcs.append(parts)

    def streams(self, question: dict[str, Any]) -> None:
        sink, total = self.node("sink"), 0
        for place, category, period, units in question["supply"]:
            self.flow.set_node_supply(self.node("stream", place, category, period), units)
            self.arc(self.node("stream", place, category, period), sink, units, (1, 0, 0))
            total += units
        self.flow.set_node_supply(sink, -total)
        for place, category, period, limit in question["stores"]:
            later = self.node("stream", place, category, period + 1)
            self.arc(self.node("stream", place, category, period), later, limit)

    def ways(self, question: dict[str, Any]) -> None:
        for place, category, period, plant, line, limit, km, crosses, price in question["ways"]:
            name = ("approved", place, category, plant, period) if crosses else ("stream", place, category, period)
            self.arc(self.node(*name), self.node("line", line, period), limit, (0, km * crosses, km + price))
        for place, category, plant, period, limit in question["approvals"]:
            start = self.node("stream", place, category, period)
            self.arc(start, self.node("approved", place, category, plant, period), limit)
        for line, plant, period, limit in question["lines"]:
            self.arc(self.node("line", line, period), self.node("plant", plant, period), limit)
        for plant, period, capacity in question["plants"]:
            self.arc(self.node("plant", plant, period), self.node("sink"), capacity)


def answer(question: dict[str, Any]) -> list[int]:
    """Unmatched units, unit-kilometres across borders, cost: each the least after those before it."""
    asked = Flow(question)
    asked.streams(question)
    asked.ways(question)
    status = asked.flow.solve()
    if status != asked.flow.OPTIMAL:
        return [-1, int(status), 0]
    totals = [0, 0, 0]
    for number, parts in enumerate(asked.arcs):
        for place, part in enumerate(parts):
            totals[place] += asked.flow.flow(number) * part
    return totals


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
