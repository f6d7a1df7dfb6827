"""A matching seen by groups: which code, class or region its rows belong to, and exact sums by them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from wastetrack.capacity.assembling import Assembled
from wastetrack.capacity.model import NO_LIMIT, Grams, Instance, Matching, Positions
from wastetrack.capacity.result import Question, Reason, UnmatchedReason
from wastetrack.catalogues.waste_codes import parse

_COUNTY: Final = 6
Key = Callable[[Any], Positions]
"""The groups of a table's rows."""


def summed(key: Positions, grams: Grams, count: int) -> Grams:
    """Exact sums by key: bincount would take doubles."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, key, grams)
    return sums


@dataclass(frozen=True, slots=True)
class Masses:
    """What a matching says by (group, category, period) columns, summed by one key."""

    supply: Grams
    opening: Grams
    matched: Grams
    kept: Grams
    unmatched: Grams

    def figures(self, one: int) -> dict[str, int]:
        """Of one group; what treatment left is what the others do not explain."""
        supply, opening, matched, kept, unmatched = (
            int(column[one]) for column in (self.supply, self.opening, self.matched, self.kept, self.unmatched)
        )
        residue = matched + kept + unmatched - supply - opening
        return {
            "supply_g": supply,
            "opening_g": opening,
            "residue_g": residue,
            "matched_g": matched,
            "kept_g": kept,
            "unmatched_g": unmatched,
        }


@dataclass(frozen=True)
class View:
    """A matching with the question behind it."""

    question: Question
    assembled: Assembled
    matching: Matching
    names: Mapping[str, str]

    @property
    def instance(self) -> Instance:
        """What was matched."""
        return self.matching.instance

    # Keys: which group a row belongs to.

    @cached_property
    def codes(self) -> list[str]:
        """Of the categories."""
        return [one.code for one in self.instance.categories]

    @cached_property
    def class_names(self) -> list[str]:
        """The classes of those codes."""
        return sorted({parse(code).category for code in self.codes})

    @cached_property
    def class_of(self) -> Positions:
        """The class of each category."""
        return np.array([self.class_names.index(parse(code).category) for code in self.codes], dtype=np.int64)

    @cached_property
    def region_codes(self) -> list[str]:
        """The regions one level below the one that was asked about, and those of plants elsewhere."""
        return sorted({self._region(code) for code in self.instance.places.regions})

    @cached_property
    def region_of(self) -> Positions:
        """The region of each place."""
        known = {code: number for number, code in enumerate(self.region_codes)}
        return np.array([known[self._region(code)] for code in self.instance.places.regions], dtype=np.int64)

    def _region(self, code: str) -> str:
        digits = min(len(self.question.region) + 2, _COUNTY)
        return code[:digits].ljust(_COUNTY, "0")

    def summed(self, key: Key, count: int) -> Masses:
        """All that is known, by group."""
        last = len(self.instance.periods) - 1
        stores, kept = self.instance.stores, self.matching.kept
        at_the_end = kept.period == last
        return Masses(
            summed(key(self.instance.supply), self.instance.supply.mass_g, count),
            summed(key(stores), stores.opening_g, count),
            summed(key(self.matching.flows), self.matching.flows.mass_g, count),
            summed(key(kept)[at_the_end], kept.mass_g[at_the_end], count),
            summed(key(self.matching.unmatched), self.matching.unmatched.mass_g, count),
        )

    def reasons(self, key: Key) -> dict[int, tuple[Reason, ...]]:
        """Why, by group, the most first."""
        sums: dict[tuple[int, str], int] = defaultdict(int)
        lost = self.matching.unmatched
        for group, reason, grams in zip(key(lost).tolist(), lost.why, lost.mass_g.tolist(), strict=True):
            sums[group, reason.value] += grams
        found: dict[int, list[Reason]] = defaultdict(list)
        for (group, why), grams in sorted(sums.items(), key=lambda one: (-one[1], one[0])):
            if grams:
                found[group].append(Reason(why=UnmatchedReason(why), mass_g=grams))
        return {group: tuple(reasons) for group, reasons in found.items()}

    @cached_property
    def limits(self) -> Grams:
        """What each line allows over all periods."""
        return np.minimum(self.instance.lines.limit_g, NO_LIMIT)

    @cached_property
    def capacity(self) -> Grams:
        """What each plant can treat over all periods: what it is built for, and no more than it is allowed in all."""
        plants = self.instance.plants
        able: Grams = np.minimum(plants.capacity_g.sum(axis=1), plants.permitted_g)
        return able

    @cached_property
    def stands(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Plants that stand, or are opened."""
        stands: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.isnan(self.instance.plants.opening_cost)
        stands[self.matching.opened] = True
        return stands
