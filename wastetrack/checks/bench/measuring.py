"""Figures of worlds with known truth: recall, precision, time and mass, with 95 % intervals.

Budgets and orders are those of all given worlds together. An interval is the bootstrap of worlds (percentiles of 2,000
draws) where there are FEWEST_WORLDS and more, else Wilson's of the cases, which knows nothing of how worlds differ;
`interval` says which.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

import numpy as np
from scipy import stats

from wastetrack.checks.bench.matching import Case, Found
from wastetrack.checks.bench.ranking import Alarm, alarms, in_turn, read
from wastetrack.checks.bench.typologies import MANIFEST, PAIR, Typology
from wastetrack.checks.bench.worlds import World
from wastetrack.checks.model import Queue

FALSE_PER_1000 = 2.0
ENTITY_YEARS_PER_FALSE = 50.0
STRICT_YEARS_PER_FALSE = 100.0
"""Of entities at 1 %: one honest one in so many years."""
FEWEST_WORLDS = 5
FIRST = 100
QUEUES = tuple(queue.value for queue in Queue if queue is not Queue.QUALITY)
"""Records that cannot be right are no fraud: a truth does not tell of them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole, with where it lies."""

    hits: float
    of: float
    low: float
    high: float
    interval: str

    @property
    def value(self) -> float | None:
        """Null where there was nothing to hit."""
        return self.hits / self.of if self.of else None


def rate(hits: Sequence[float], of: Sequence[float], *, counted: bool = True) -> Rate:
    """Of all worlds: hits and wholes by world; what is not counted but weighed has no interval of cases."""
    total, whole = float(sum(hits)), float(sum(of))
    if not whole:
        return Rate(0.0, 0.0, 0.0, 1.0, "none")
    if len(of) >= FEWEST_WORLDS and (0 < total < whole or not counted):  # worlds of nothing but hits tell of no spread
        drawn = np.random.default_rng(7).integers(0, len(of), (2000, len(of)))
        tops, bottoms = np.asarray(hits, float)[drawn].sum(1), np.asarray(of, float)[drawn].sum(1)
        parts = tops[bottoms > 0] / bottoms[bottoms > 0]
        low, high = np.percentile(parts, [2.5, 97.5])
        return Rate(total, whole, float(low), float(high), "worlds")
    if not counted:
        return Rate(total, whole, math.nan, math.nan, "none")
    found = stats.binomtest(round(total), round(whole)).proportion_ci(method="wilson")
    return Rate(total, whole, float(found.low), float(found.high), "cases")


def per(counts: Sequence[float], exposures: Sequence[float]) -> Rate:
    """So many in an exposure (manifests, years), by world; where worlds are few or count nothing, the exact interval
    of Poisson counts (Garwood 1936)."""
    total, whole = float(sum(counts)), float(sum(exposures))
    if not whole:
        return Rate(0.0, 0.0, 0.0, math.inf, "none")
    if len(exposures) >= FEWEST_WORLDS and total:
        drawn = np.random.default_rng(7).integers(0, len(exposures), (2000, len(exposures)))
        low, high = np.percentile(
            np.asarray(counts, float)[drawn].sum(1) / np.asarray(exposures, float)[drawn].sum(1), [2.5, 97.5]
        )
        return Rate(total, whole, float(low), float(high), "worlds")
    low = stats.chi2.ppf(0.025, 2 * total) / 2 if total else 0.0
    return Rate(total, whole, float(low / whole), float(stats.chi2.ppf(0.975, 2 * total + 2) / 2 / whole), "counts")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a method reached for a typology."""

    method: str
    typology: str
    of: str
    recall: Rate
    """At the budget of false alarms."""
    recall_by_mass: float | None
    recall_by_mass_strict: float | None = None
    """Of entities: the same where one honest one may be accused in STRICT_YEARS_PER_FALSE."""
    recall_of_all: float
    """With everything that was found, whatever its rank."""
    false_allowed: int
    false_of_all: int
    """False ones among everything that was found: entities of the class, or alarms of the queues of its rules."""
    hours: float | None = None
    """Median from the beginning to the first finding, of cases found."""
    within_a_day: float | None = None
    """Part of all cases that was found within 24 hours."""
    loads: float | None = None
    """Median of the manifests of a case until it was found."""
    lost_before_kg: float | None = None
    """Median, of cases found: stolen before the first finding."""
    lost_before: float | None = None
    """Part of everything stolen; what was not found is lost whole."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Of a queue, over everything that it tells."""

    queue: str
    alarms: int
    precision: Rate
    false_per_1000: float
    read: int
    """Alarms within its budget."""
    precision_read: Rate


@dataclasses.dataclass(frozen=True, slots=True)
class Caught:
    """Cases by world and id: those that stand within the budget of false alarms, those that would if their queue alone
    spent it, those of entities that stand within the strict one, and when any was first found, whatever its rank."""

    at_budget: frozenset[tuple[int, str]]
    alone: frozenset[tuple[int, str]]
    strict: frozenset[tuple[int, str]]
    first: Mapping[tuple[int, str], datetime]
    false_entities: Mapping[str, tuple[int, ...]]
    """Of each typology of entities, by world: honest ones that its rules accuse."""


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """All figures of the rules."""

    reached: tuple[Reached, ...]
    queues: tuple[Precision, ...]
    first: Rate
    """Precision of the first 100 of each world, queues in turn."""
    first_by_kg: Rate
    """The same by kilograms at risk times the rule's chance, in one list."""
    caught: Caught


def judge(worlds: Sequence[World]) -> Judged:
    """What the rules reached on these worlds."""
    matched = [_matched(world) for world in worlds]
    every = [
        [one for one in alarms(number, world.findings, answered.__getitem__) if one.queue in QUEUES]
        for number, (world, answered) in enumerate(zip(worlds, matched, strict=True))
    ]
    whole = math.floor(FALSE_PER_1000 / 1000 * sum(world.manifests for world in worlds))
    budget = whole // len(QUEUES)
    by_queue = {queue: _of_queue(every, queue) for queue in QUEUES}
    taken = {queue: read(ranked, lambda one: not one.true, budget) for queue, ranked in by_queue.items()}
    admitted = {(one.world, case) for some in taken.values() for one in some for case in one.cases}
    alone = {case for ranked in by_queue.values() for case in _admitted(ranked, whole)}
    reached = []
    within: set[tuple[int, str]] = set()
    strictly: set[tuple[int, str]] = set()
    found_at: dict[tuple[int, str], datetime] = {}
    false: dict[str, tuple[int, ...]] = {}
    for typology in typologies(worlds):
        cases = [
            (number, case) for number, world in enumerate(worlds) for case in world.cases if case.typology == typology
        ]
        first = _first_found(worlds, matched, typology)
        if typology.of == MANIFEST:
            spent = sum(not one.true for queue in _queues(worlds, typology) for one in by_queue[queue])
            mine, sooner = admitted, set[tuple[int, str]]()
            reached.append(_reached(worlds, typology, cases, first, mine, budget=budget, false=spent))
        else:
            ranked = _ranked(worlds, matched, typology)
            told, mine, sooner = _entities(worlds, ranked, typology, cases, first)
            reached.append(told)
            wrong = [one.world for one in ranked if not one.true]
            false[typology.name] = tuple(wrong.count(number) for number in range(len(worlds)))
        keys = {(number, case.id) for number, case in cases}
        within |= mine & keys
        strictly |= sooner & keys
        found_at |= {key: one.found_at for key, one in first.items()}
    total = sum(world.manifests for world in worlds)
    return Judged(
        tuple(reached),
        tuple(_precision(worlds, queue, by_queue[queue], taken[queue], total) for queue in QUEUES if by_queue[queue]),
        _precision_of_first(every, lambda some: in_turn([one for one in some if one.queue == q] for q in QUEUES)),
        _precision_of_first(every, lambda some: sorted(some, key=lambda one: (-one.kilograms, one.order()))),
        Caught(frozenset(within), frozenset(alone), frozenset(strictly), found_at, false),
    )


def typologies(worlds: Sequence[World]) -> list[Typology]:
    """All that the truths name, by name."""
    return sorted({case.typology for world in worlds for case in world.cases}, key=lambda one: (one.name, one.of))


def _matched(world: World) -> dict[Found, tuple[Case, ...]]:
    matcher = world.matcher()
    return {one: matcher.cases_of(one) for one in world.findings}


def _of_queue(every: Sequence[Sequence[Alarm]], queue: str) -> list[Alarm]:
    return sorted((one for some in every for one in some if one.queue == queue), key=Alarm.order)


def _queues(worlds: Sequence[World], typology: Typology) -> set[str]:
    return {one.queue for world in worlds for one in world.findings if typology.sought_by(one.rule)} & set(QUEUES)


def _first_found(
    worlds: Sequence[World], matched: Sequence[dict[Found, tuple[Case, ...]]], typology: Typology
) -> dict[tuple[int, str], Found]:
    """The earliest finding that answers each case; of a case of an entity, that accuses an entity."""
    first: dict[tuple[int, str], Found] = {}
    for number, world in enumerate(worlds):
        for finding, cases in matched[number].items():
            if typology.of != MANIFEST and entity_of(finding, typology, world) is None:
                continue
            for case in cases:
                key = (number, case.id)
                if case.typology == typology and (key not in first or finding.found_at < first[key].found_at):
                    first[key] = finding
    return first


def entity_of(finding: Found, typology: Typology, world: World) -> tuple[str, str] | None:
    """Which entity of the typology's class a finding accuses; None for none of them."""
    if not typology.sought_by(finding.rule):
        return None
    kind = typology.of if typology.of in {"carrier", PAIR} else "site"
    ids = world.entities[typology.of]
    named = sorted(key for key in finding.names if key[0] == kind and key[1] in ids)
    return named[0] if named and finding.kind not in {"manifest", "container"} else None


def _ranked(
    worlds: Sequence[World], matched: Sequence[dict[Found, tuple[Case, ...]]], typology: Typology
) -> list[Alarm]:
    """The accused of the class, the most suspicious first."""
    ranked: list[Alarm] = []
    for number, world in enumerate(worlds):
        ranked += alarms(
            number,
            world.findings,
            matched[number].__getitem__,
            lambda one, world=world: entity_of(one, typology, world),  # type: ignore[misc]
        )
    return sorted(ranked, key=Alarm.order)


def _entities(
    worlds: Sequence[World],
    ranked: Sequence[Alarm],
    typology: Typology,
    cases: list[tuple[int, Case]],
    first: dict[tuple[int, str], Found],
) -> tuple[Reached, set[tuple[int, str]], set[tuple[int, str]]]:
    """With the cases within the budget and within the strict one."""
    years = sum(len(world.entities[typology.of]) * world.years for world in worlds)
    budget, strict = (math.floor(years / each) for each in (ENTITY_YEARS_PER_FALSE, STRICT_YEARS_PER_FALSE))
    admitted, sooner = (_admitted(ranked, each) for each in (budget, strict))
    false = sum(not one.true for one in ranked)
    reached = _reached(worlds, typology, cases, first, admitted, budget=budget, false=false)
    mass = by_mass((case, (number, case.id) in sooner) for number, case in cases)
    return dataclasses.replace(reached, recall_by_mass_strict=mass), admitted, sooner


def _admitted(ranked: Sequence[Alarm], budget: int) -> set[tuple[int, str]]:
    return {(one.world, case) for one in read(ranked, lambda one: not one.true, budget) for case in one.cases}


def _reached(
    worlds: Sequence[World],
    typology: Typology,
    cases: list[tuple[int, Case]],
    first: dict[tuple[int, str], Found],
    admitted: set[tuple[int, str]],
    *,
    budget: int,
    false: int,
) -> Reached:
    keys = [(number, case.id) for number, case in cases]
    in_time = {key: (first[key].found_at - case.begins_at).total_seconds() / 3600
               for key, (_, case) in zip(keys, cases, strict=True) if key in first}  # fmt: skip
    lost = {key: lost_before(case, first.get(key)) for key, (_, case) in zip(keys, cases, strict=True)}
    stolen = sum(case.stolen_g for _, case in cases)
    return Reached(
        method="rules",
        typology=typology.name,
        of=typology.of,
        recall=rate(
            [sum(one in admitted for one in keys if one[0] == number) for number in range(len(worlds))],
            [sum(one[0] == number for one in keys) for number in range(len(worlds))],
        ),
        recall_by_mass=by_mass((case, key in admitted) for key, (_, case) in zip(keys, cases, strict=True)),
        recall_of_all=len(first) / len(cases),
        false_allowed=budget,
        false_of_all=false,
        hours=median(max(one, 0.0) for one in in_time.values()) if in_time else None,
        within_a_day=sum(one <= 24 for one in in_time.values()) / len(cases),  # noqa: PLR2004  hours
        loads=_loads([(case, first[key]) for key, (_, case) in zip(keys, cases, strict=True) if key in first]),
        lost_before_kg=median(lost[key] for key in in_time) / 1000 if in_time else None,
        lost_before=sum(lost.values()) / stolen if stolen else None,
    )


def lost_before(case: Case, first: Found | None) -> float:
    """Grams stolen before the first finding: by its manifests, else evenly from beginning to end."""
    if first is None or case.typology.of == MANIFEST:
        return case.stolen_g
    if told := sum(one.stolen_g for one in case.touched):
        return sum(one.stolen_g for one in case.touched if one.happened_at <= first.found_at) / told * case.stolen_g
    whole = (case.ends_at - case.begins_at).total_seconds()
    gone = (first.found_at - case.begins_at).total_seconds()
    return case.stolen_g * min(max(gone / whole, 0.0), 1.0) if whole > 0 else case.stolen_g


def by_mass(cases: Iterable[tuple[Case, bool]]) -> float | None:
    """Recall weighed by what was stolen, or by what was affected where nothing was."""
    listed = list(cases)
    weights = masses([case for case, _ in listed])
    whole = sum(weights)
    return sum(weight for weight, (_, hit) in zip(weights, listed, strict=True) if hit) / whole if whole else None


def masses(cases: Sequence[Case]) -> list[int]:
    """What each weighs beside the others, in grams."""
    weights = [case.stolen_g for case in cases]
    return weights if any(weights) else [case.affected_g for case in cases]


def _loads(found: list[tuple[Case, Found]]) -> float | None:
    counts = [
        sum(one.happened_at <= first.found_at for one in case.touched)
        for case, first in found
        if case.typology.of != MANIFEST and case.touched
    ]
    return median(counts) if counts else None


def _precision(
    worlds: Sequence[World], queue: str, every: Sequence[Alarm], taken: Sequence[Alarm], manifests: int
) -> Precision:
    def of(some: Sequence[Alarm]) -> Rate:
        numbers = range(len(worlds))
        return rate(
            [sum(one.true for one in some if one.world == number) for number in numbers],
            [sum(one.world == number for one in some) for number in numbers],
        )

    false = sum(not one.true for one in every)
    return Precision(
        queue=queue, alarms=len(every), precision=of(every), false_per_1000=false / manifests * 1000,
        read=len(taken), precision_read=of(taken),
    )  # fmt: skip


def _precision_of_first(every: Sequence[Sequence[Alarm]], order: Callable[[Sequence[Alarm]], list[Alarm]]) -> Rate:
    firsts = [order(some)[:FIRST] for some in every]
    return rate([sum(one.true for one in some) for some in firsts], [len(some) for some in firsts])
