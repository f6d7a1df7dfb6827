"""In which order alarms are looked at, and how many false ones are borne.

Findings of a rule stand by severity, then by its statistic, the most suspicious first. In a queue stands first what is
more likely real: by the posterior that a finding reckons of itself, else by what its rule says of all (`chance`, a
prior); findings of one chance take turns by severity and place, because statistics of two rules have no common unit.
Findings about one subject in one queue are one alarm, at its best place; a true and a false one about the same subject
stay two. A queue is read until its false alarms would be more than its budget: `read` is that rule, pure.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from wastetrack.checks.bench.matching import Case, Found

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Alarm:
    """One subject in one queue, of one world."""

    world: int
    queue: str
    subject: tuple[str, str]
    place: int
    """0 for the first of its rule."""
    severity: int
    chance: float
    kilograms: float
    cases: tuple[str, ...]
    """Those that its findings answer; empty when it is false."""

    @property
    def true(self) -> bool:
        """Whether it answers any case."""
        return bool(self.cases)

    def order(self) -> tuple[object, ...]:
        """For sorting: what is surer, then the graver, then place; the id decides last, so that no run differs."""
        return (-self.chance, -self.severity, self.place, -self.kilograms, self.world, self.subject)


def places(findings: Iterable[Found]) -> list[int]:
    """The place of each finding within its rule, in the order given."""
    listed = list(findings)
    order = sorted(
        range(len(listed)), key=lambda one: (-listed[one].statistic, -listed[one].at_risk_g, listed[one].subject)
    )
    result, taken = [0] * len(listed), Counter[str]()
    for one in order:
        result[one] = taken[listed[one].rule]
        taken[listed[one].rule] += 1
    return result


def alarms(
    world: int,
    findings: Sequence[Found],
    cases_of: Callable[[Found], tuple[Case, ...]],
    subject_of: Callable[[Found], tuple[str, str] | None] | None = None,
) -> list[Alarm]:
    """What a world's findings come to, in their order; `subject_of` gives another subject, or None for no alarm."""
    best: dict[tuple[object, ...], Alarm] = {}
    listed = [one for one in findings if subject_of is None or subject_of(one) is not None]
    for one, place in zip(listed, places(listed), strict=True):
        subject = (subject_of(one) if subject_of else None) or (one.kind, one.subject)
        cases = tuple(case.id for case in cases_of(one))
        queue = "" if subject_of else one.queue
        key = (queue, subject, bool(cases))
        new = Alarm(world, queue, subject, place, one.severity, one.chance, one.at_risk_g / 1000 * one.chance, cases)
        if key not in best:
            best[key] = new
        else:
            first = min(best[key], new, key=Alarm.order)
            both = tuple(sorted({*best[key].cases, *cases}))
            best[key] = dataclasses.replace(first, cases=both)
    return sorted(best.values(), key=Alarm.order)


def read(ranked: Iterable[T], false: Callable[[T], bool], budget: int) -> list[T]:
    """Those that are looked at before one false alarm more than the budget would be."""
    taken: list[T] = []
    spent = 0
    for one in ranked:
        if false(one):
            if spent == budget:
                break
            spent += 1
        taken.append(one)
    return taken


def in_turn(ranked: Iterable[Sequence[T]]) -> list[T]:
    """One of each queue in turn, until all are told."""
    lists = list(ranked)
    longest = max((len(one) for one in lists), default=0)
    return [one[place] for place in range(longest) for one in lists if place < len(one)]
