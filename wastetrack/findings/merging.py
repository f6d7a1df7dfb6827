"""What a run's facts make of a finding: which are one, which are new, whether it grew. Pure.

Facts of one rule about one subject whose times overlap are one fact, and the gravest of them tells it: two charts of
one carrier count the same kilograms. Facts that follow each other are several, and their grams add up.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime

from wastetrack.findings.model import Fact

_NOTABLE_PERCENT = 110
"""So much heavier than it was told last is worth a line of history; a nightly gram is not."""
_LEAST_G = 1000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All facts of a finding, taken together."""

    since_at: datetime
    found_at: datetime
    latest_at: datetime
    """When the last of its facts could be known."""
    severity: int
    at_risk_g: int
    main: Fact
    """The gravest fact, which tells its statistic and its numbers."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The facts of a finding after a run: known ones as they are now, by their place, and new ones."""

    known: dict[int, Fact]
    new: tuple[Fact, ...]


def gravest(facts: Iterable[Fact]) -> Fact:
    """The fact that speaks for the others."""
    return max(facts, key=lambda one: (one.severity, one.at_risk_g, one.statistic, one.found_at))


def distinct(facts: Iterable[Fact]) -> list[Fact]:
    """The same with those that overlap made one, in order of time."""
    found: list[list[Fact]] = []
    until: datetime | None = None
    for fact in sorted(facts, key=lambda one: (one.since_at, one.found_at)):
        if until is not None and fact.since_at < until:
            found[-1].append(fact)
            until = max(until, fact.found_at)
        else:
            found.append([fact])
            until = fact.found_at
    return [_one(group) for group in found]


def _one(group: Sequence[Fact]) -> Fact:
    return dataclasses.replace(
        gravest(group),
        since_at=min(one.since_at for one in group),
        found_at=min(one.found_at for one in group),
        at_risk_g=max(one.at_risk_g for one in group),
    )


def whole(facts: Iterable[Fact]) -> Whole:
    """What they are together; at least one is given."""
    told = list(facts)
    return Whole(
        since_at=min(one.since_at for one in told),
        found_at=min(one.found_at for one in told),
        latest_at=max(one.found_at for one in told),
        severity=max(one.severity for one in told),
        at_risk_g=sum(one.at_risk_g for one in told),
        main=gravest(told),
    )


def join(known: Sequence[Fact], told: Sequence[Fact]) -> Joined:
    """Which facts of a run are known already: those at whose time something is known. `known` is in order of place."""
    now: dict[int, Fact] = {}
    new = []
    for fact in distinct(told):
        place = next((place for place, one in enumerate(known) if place not in now and _same(one, fact)), None)
        if place is None:
            new.append(fact)
        else:
            # When it could be known first does not move by a later calculation.
            now[place] = dataclasses.replace(fact, found_at=min(fact.found_at, known[place].found_at))
    return Joined(known=now, new=tuple(new))


def _same(known: Fact, told: Fact) -> bool:
    if known.since_at == told.since_at or known.found_at == told.found_at:
        return True
    return known.since_at < told.found_at and told.since_at < known.found_at


def comes_after(new: Iterable[Fact], *, latest_at: datetime) -> bool:
    """Whether something happened of which nobody could know when the finding was closed."""
    return any(one.found_at > latest_at for one in new)


def notable(*, severity: tuple[int, int], grams: tuple[int, int]) -> bool:
    """Whether it grew enough to say so: (told last, now)."""
    told, now = grams
    return severity[1] > severity[0] or (100 * now >= _NOTABLE_PERCENT * told and now >= told + _LEAST_G)
