"""Questions of matching as people write them: tonnes, names, and only what matters."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wastetrack.capacity import deciding
from wastetrack.capacity.arising import ground_of
from wastetrack.capacity.model import (
    NO_LIMIT,
    OPEN_TO_ALL,
    Accepts,
    Approvals,
    Category,
    Grams,
    Instance,
    Lines,
    Matching,
    Numbers,
    Places,
    Plants,
    Residues,
    Stores,
    Supply,
    WhyUnmatched,
)
from wastetrack.capacity.solving import solve
from wastetrack.capacity.verifying import verify

TONNE = 1_000_000


def whole(values: ArrayLike) -> Grams:
    return np.array(values, dtype=np.int64)


def numbers(values: ArrayLike) -> Numbers:
    return np.array(values, dtype=np.float64)


@dataclass
class Question:
    """Gathers an instance; everything refers by position, in the order in which it was said."""

    periods: int = 1
    reach_km: float = float("inf")
    haulage: float = 1.0
    categories: list[Category] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    arising: list[tuple[int, int, int, int]] = field(default_factory=list)
    kept: list[tuple[int, int, int, int]] = field(default_factory=list)
    plants: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[tuple[int, int]] = field(default_factory=list)
    approvals: list[tuple[int, int, int, int]] = field(default_factory=list)
    left: list[tuple[int, int, int, float]] = field(default_factory=list)
    roads: dict[tuple[int, int], float] = field(default_factory=dict)

    def category(self, code: str, **more: Any) -> int:  # noqa: ANN401 - as Category takes them
        self.categories.append(Category(code, **more))
        return len(self.categories) - 1

    def place(self, region: str = "370100", group: int = OPEN_TO_ALL) -> int:
        self.places.append((region, group))
        return len(self.places) - 1

    def road(self, start: int, end: int, km: float) -> None:
        self.roads[start, end] = km

    def arises(self, place: int, category: int, tonnes: float, period: int = 0) -> None:
        self.arising.append((place, category, period, round(tonnes * TONNE)))

    def keeps(self, place: int, category: int, tonnes: float, opening: float = 0) -> None:
        self.kept.append((place, category, round(tonnes * TONNE), round(opening * TONNE)))

    def plant(self, place: int, tonnes: float | list[float], **more: Any) -> int:  # noqa: ANN401 - columns of plants
        each = tonnes if isinstance(tonnes, list) else [tonnes] * self.periods
        self.plants.append({"place": place, "capacity": [round(one * TONNE) for one in each], **more})
        return len(self.plants) - 1

    def line(self, plant: int, *categories: int, **more: Any) -> int:  # noqa: ANN401 - columns of lines
        self.lines.append({"plant": plant, **more})
        self.accepted += [(len(self.lines) - 1, category) for category in categories]
        return len(self.lines) - 1

    def approves(self, place: int, plant: int, category: int, tonnes: float) -> None:
        self.approvals.append((place, plant, category, round(tonnes * TONNE)))

    def leaves(self, line: int, category: int, residue: int, ratio: float) -> None:
        self.left.append((line, category, residue, ratio))

    def asked(self) -> Instance:
        """All of it, in columns."""
        places = len(self.places)
        names = tuple(f"place {number}" for number in range(places))
        return Instance(
            title="by hand",
            periods=tuple(f"2026-{month + 1:02}" for month in range(self.periods)),
            categories=tuple(self.categories),
            places=Places(
                ids=names,
                names=names,
                regions=tuple(region for region, _ in self.places),
                longitude=numbers([117 + number / 10 for number in range(places)]),
                latitude=numbers([36.5] * places),
                group=whole([group for _, group in self.places]),
            ),
            supply=Supply(*(whole([row[column] for row in self.arising]) for column in (0, 1, 2, 3))),
            stores=Stores(*(whole([row[column] for row in self.kept]) for column in (0, 1, 2, 3))),
            plants=self._plants(),
            lines=self._lines(),
            accepts=Accepts(*(whole([row[column] for row in self.accepted]) for column in (0, 1))),
            approvals=Approvals(*(whole([row[column] for row in self.approvals]) for column in (0, 1, 2, 3))),
            residues=Residues(
                line=whole([row[0] for row in self.left]),
                category=whole([row[1] for row in self.left]),
                leaves=whole([row[2] for row in self.left]),
                ratio=numbers([row[3] for row in self.left]),
            ),
            reach_km=self.reach_km,
            roads=self.roads,
            haulage=self.haulage,
        )

    def _plants(self) -> Plants:
        def each(name: str, usual: float) -> list[float]:
            return [plant.get(name, usual) for plant in self.plants]

        names = tuple(f"plant {number}" for number in range(len(self.plants)))
        overload = [round(tonnes * TONNE) for tonnes in each("overload", 0)]
        return Plants(
            ids=names,
            names=names,
            place=whole(each("place", 0)),
            capacity_g=whole([plant["capacity"] for plant in self.plants]).reshape(-1, self.periods),
            permitted_g=whole(
                [
                    NO_LIMIT if one is None else round(one * TONNE)
                    for one in [plant.get("permitted") for plant in self.plants]
                ]
            ),
            overload_g=np.repeat(whole(overload)[:, None], self.periods, axis=1),
            storage_g=whole([round(tonnes * TONNE) for tonnes in each("storage", 0)]),
            opening_cost=numbers(each("opening_cost", np.nan)),
        )

    def _lines(self) -> Lines:
        def each(name: str, usual: float) -> list[float]:
            return [line.get(name, usual) for line in self.lines]

        return Lines(
            ids=tuple(f"line {number}" for number in range(len(self.lines))),
            plant=whole(each("plant", 0)),
            methods=("D10",) * len(self.lines),
            limit_g=whole(
                [NO_LIMIT if one is None else round(one * TONNE) for one in [line.get("limit") for line in self.lines]]
            ),
            price=numbers(each("price", 0)),
            load=numbers(each("load", 1)),
            tier=whole(each("tier", 0)),
            first_period=whole(each("first_period", 0)),
            group=whole(each("group", OPEN_TO_ALL)),
        )


def answered(question: Question) -> Matching:
    """The matching, which keeps every rule and leaves no more unmatched than the programme says."""
    instance = question.asked()
    matching = solve(instance)
    assert verify(matching) == []
    assert matching.proven
    least = deciding.answered(deciding.with_all(ground_of(instance))).figure("unmatched")
    assert matching.unmatched_g == round(least * TONNE)
    return matching


def flows(matching: Matching) -> dict[tuple[int, int], int]:
    """Grams from place to line."""
    found: dict[tuple[int, int], int] = {}
    table = matching.flows
    for place, line, mass in zip(table.place.tolist(), table.line.tolist(), table.mass_g.tolist(), strict=True):
        found[place, line] = found.get((place, line), 0) + mass
    return found


def reasons(matching: Matching) -> dict[WhyUnmatched, int]:
    """Grams that go nowhere, by why."""
    found: dict[WhyUnmatched, int] = {}
    for why, mass in zip(matching.unmatched.why, matching.unmatched.mass_g.tolist(), strict=True):
        found[why] = found.get(why, 0) + mass
    return found
