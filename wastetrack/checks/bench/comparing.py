"""What the baselines reach: the same budgets of false alarms, on scores of manifests.

A manifest is guilty when any case touched it. For manifests: the list of all worlds, the first of each world before the
second, is read until its false alarms are as many as the rules' queues may have together. For entities: each stands by
the mean score of its manifests, in standard errors from the mean of all, and the list is read until as many honest ones
have been met as the rules may accuse.
"""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from wastetrack.checks.bench import baselines
from wastetrack.checks.bench.baselines import LABELS, UNLABELLED, Real, Yes
from wastetrack.checks.bench.features import FEATURES, KEYS, features
from wastetrack.checks.bench.matching import Case
from wastetrack.checks.bench.measuring import (
    ENTITY_YEARS_PER_FALSE,
    FALSE_PER_1000,
    FIRST,
    Rate,
    Reached,
    by_mass,
    rate,
    typologies,
)  # fmt: skip
from wastetrack.checks.bench.ranking import read
from wastetrack.checks.bench.typologies import CARRIER, MANIFEST, PAIR, Typology
from wastetrack.checks.bench.worlds import World
from wastetrack.extracts.reading import Records

MANY = 10
"""An entity of fewer manifests has no mean worth a rank."""


class Seen:
    """The features of one world, in the order of filing."""

    def __init__(self, world: World, records: Records) -> None:
        table = features(records).order_by("filed_at", "manifest_id").to_pyarrow()
        self.world = world
        self.rows: Real = np.column_stack([_numbers(table[name]) for name in FEATURES])
        self.keys = {name: table[name].to_pylist() for name in KEYS if name != "filed_at"}
        touched = {one.manifest for case in world.cases for one in case.touched}
        touched |= {case.subject[1] for case in world.cases if case.subject[0] == "manifest"}
        self.guilty: Yes = np.array([one in touched for one in self.keys["manifest_id"]], bool)


def _numbers(column: pa.ChunkedArray) -> Real:
    numbers: Real = np.array(column.to_pylist(), np.float64)  # None becomes nan
    return np.where(np.isfinite(numbers), numbers, np.nan)


def compare(seen: Sequence[Seen]) -> tuple[list[Reached], dict[str, Rate]]:
    """What each baseline reaches by typology, and how many of its first 100 of each world are guilty."""
    baselines.need_learning()
    rows, guilty = [one.rows for one in seen], [one.guilty for one in seen]
    scores = {name: [score(some) for some in rows] for name, score in UNLABELLED.items()}
    scores["boosting"] = baselines.boosting(rows, guilty)
    scores[f"boosting_{LABELS}"] = baselines.boosting(rows, guilty, labels=LABELS)
    reached, first = [], {}
    for name, given in scores.items():
        reached += _judge(name, seen, given)
        first[name] = _first(seen, given)
    return reached, first


def _judge(method: str, seen: Sequence[Seen], scores: Sequence[Real]) -> list[Reached]:
    worlds = [one.world for one in seen]
    budget = math.floor(FALSE_PER_1000 / 1000 * sum(world.manifests for world in worlds))
    ranked = _ranked(scores)
    taken = read(ranked, lambda one: not seen[one[0]].guilty[one[1]], budget)
    flagged = [
        {seen[number].keys["manifest_id"][row] for world, row in taken if world == number}
        for number in range(len(seen))
    ]
    found = []
    for typology in typologies(worlds):
        if typology.of == MANIFEST:
            hit = [
                {case.id for case in one.cases if case.subject[1] in flags}
                for one, flags in zip(worlds, flagged, strict=True)
            ]
            found.append(_reached(method, typology, worlds, hit, budget))
        else:
            found.append(_entities(method, typology, seen, scores))
    return found


def _ranked(scores: Sequence[Real]) -> list[tuple[int, int]]:
    """(world, row) by rank within the world; rows without any suspicion are not in it."""
    listed = [
        (place, number, int(row))
        for number, given in enumerate(scores)
        for place, row in enumerate(np.argsort(-given, kind="stable"))
        if given[row] > 0
    ]
    return [(number, row) for _, number, row in sorted(listed)]


def _entities(method: str, typology: Typology, seen: Sequence[Seen], scores: Sequence[Real]) -> Reached:
    worlds = [one.world for one in seen]
    ranked: list[tuple[float, int, str]] = []
    for number, (one, given) in enumerate(zip(seen, scores, strict=True)):
        ranked += [(-z, number, who) for who, z in _means(one, given, typology).items()]
    culprits = [_culprits(world, typology) for world in worlds]
    others = [_culprits(world, None) for world in worlds]
    years = sum(len(world.entities[typology.of]) * world.years for world in worlds)
    budget = math.floor(years / ENTITY_YEARS_PER_FALSE)
    taken = read(sorted(ranked), lambda one: one[2] not in others[one[1]], budget)
    hit = [
        {case for _, world, who in taken if world == number for case in culprits[number].get(who, ())}
        for number in range(len(worlds))
    ]
    return _reached(method, typology, worlds, hit, budget)


def _culprits(world: World, typology: Typology | None) -> dict[str, list[str]]:
    """The cases of each entity that has one, of this typology or of any."""
    found: dict[str, list[str]] = {}
    for case in world.cases:
        if typology in {None, case.typology} and case.typology.of != MANIFEST:
            for _, who in _answerable(case):
                found.setdefault(who, []).append(case.id)
    return found


def _answerable(case: Case) -> set[tuple[str, str]]:
    pairs = {key for key in case.names if key[0] == "pair"} if case.typology.of == PAIR else set()
    sites = {key for key in case.names if key[0] == "site"} if case.typology.chain else set()
    return {case.subject, *pairs, *sites}


def _means(seen: Seen, scores: Real, typology: Typology) -> dict[str, float]:
    """Of each entity of the class: its mean score in standard errors."""
    keys, ids = seen.keys, seen.world.entities[typology.of]
    if typology.of == CARRIER:
        columns = [keys["carrier_id"]]
    elif typology.of == PAIR:
        lanes = zip(keys["shipper_site_id"], keys["carrier_id"], strict=True)
        columns = [[f"{shipper}/{carrier}" for shipper, carrier in lanes]]
    else:
        columns = [keys["shipper_site_id"], keys["receiver_site_id"]]
    spread = float(scores.std()) or 1.0
    sums: dict[str, tuple[int, float]] = {}
    for column in columns:
        for who, score in zip(column, scores.tolist(), strict=True):
            if who in ids:
                count, total = sums.get(who, (0, 0.0))
                sums[who] = count + 1, total + score
    middle = float(scores.mean())
    return {
        who: (total / count - middle) / spread * math.sqrt(count)
        for who, (count, total) in sums.items()
        if count >= MANY
    }


def _reached(method: str, typology: Typology, worlds: Sequence[World], hit: Sequence[set[str]], budget: int) -> Reached:
    cases = [[case for case in world.cases if case.typology == typology] for world in worlds]
    found = rate(
        [sum(case.id in hits for case in some) for some, hits in zip(cases, hit, strict=True)],
        [len(some) for some in cases],
    )
    pairs = [(case, case.id in hits) for some, hits in zip(cases, hit, strict=True) for case in some]
    return Reached(
        method=method, typology=typology.name, of=typology.of, recall=found, recall_by_mass=by_mass(pairs),
        recall_of_all=found.value or 0.0, false_allowed=budget, false_of_all=budget,
    )  # fmt: skip


def _first(seen: Sequence[Seen], scores: Sequence[Real]) -> Rate:
    hits, whole = [], []
    for one, given in zip(seen, scores, strict=True):
        first = np.argsort(-given, kind="stable")[:FIRST]
        first = first[given[first] > 0]
        hits.append(int(one.guilty[first].sum()))
        whole.append(len(first))
    return rate(hits, whole)
