"""What the rules are to reach, as it was promised, beside what they reached.

Each target stands in its own words. Where its words leave open at which level it is measured, or the worlds have not
quite what it speaks of, `level` says what was taken and why. A case whose time was not over when its world ended (24
hours, so many loads, three months) is left out, whether it was found or not.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from wastetrack.checks.bench.matching import Case, Found
from wastetrack.checks.bench.measuring import ENTITY_YEARS_PER_FALSE, Judged, Rate, Reached, masses, per, rate
from wastetrack.checks.bench.ranking import Alarm, alarms, read
from wastetrack.checks.bench.typologies import CARRIER, KNOWN
from wastetrack.checks.bench.worlds import CHINA, World

INTEGRITY = ("never_arrived", "clone", "out_of_permit")
"""Of the queues of integrity; what is overdue and does not come is a case of what never arrived."""
ALARMS_PER_1000 = 1.0
AT_ALARMS = "at <= 0.1 % alarms"
ORACLE = "boosting"
"""The baseline that knows all labels."""
DAY = timedelta(hours=24)
TONNE = 1_000_000
_BUDGET = "Cases that stand before one honest entity of their class would be accused in 50 entity-years."

Key = tuple[int, str]
"""World and case."""
By = Callable[[World, Case, datetime | None], bool | None]
"""Whether it was found (when) in time; None where its time is not over."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One of them."""

    target: str
    """In its own words."""
    measured: str
    wanted: float | None
    """None for a figure that only explains another."""
    at_most: bool = False
    reached: Rate
    level: str = ""

    @property
    def met(self) -> bool | None:
        """By the figure, wherever its interval lies; None where nothing was promised or there was nothing to find."""
        value = self.reached.value
        if value is None or self.wanted is None:
            return None
        return value <= self.wanted if self.at_most else value >= self.wanted


def targets(worlds: Sequence[World], judged: Judged) -> list[Target]:
    """All but the comparison with the baselines."""
    return [
        *_integrity(worlds),
        *_skim(worlds, judged),
        _recall(judged, "partial_dump", "partial dump >= .60", 0.60),
        Target(
            target="partial dump >= .60", measured="recall if its queue alone spends the 2 in 1,000", wanted=None,
            reached=_rate(worlds, ("partial_dump",), _alone(judged), lambda _world, _case, at: at is not None),
            level="The oracle of .76 with which the target was set read one list, and no other queue beside.",
        ),
        _recall(judged, "ghost_chain", "ghost chain >= .90", 0.90),
        *_timed(worlds, judged),
        _by_mass(worlds, judged),
        Target(
            target="P@100 >= .70", measured="precision of the first 100", wanted=0.70, reached=judged.first,
            level="Of each world, queues in turn.",
        ),
    ]  # fmt: skip


def beside(judged: Judged, others: Sequence[Reached], first: dict[str, Rate]) -> list[Target]:
    """Whether any baseline but the oracle reaches more, by typology and in its first 100; nothing without baselines."""
    best: dict[str, tuple[float, str]] = {}
    for one in others:
        if one.method != ORACLE and one.recall.value is not None:
            best[one.typology] = max(best.get(one.typology, (0.0, "")), (one.recall.value, one.method))
    if not best:
        return []
    behind = [
        f"{one.typology} ({name} {value:.2f})"
        for one in judged.reached
        for value, name in [best.get(one.typology, (0.0, ""))]
        if value > (one.recall.value or 0.0)
    ]
    above = {name: one.value or 0.0 for name, one in first.items() if name != ORACLE}
    behind += [f"P@100 ({name} {value:.2f})" for name, value in above.items() if value > (judged.first.value or 0.0)]
    of = len(judged.reached) + 1
    return [
        Target(
            target="better than every baseline at equal alarms except the all-label oracle",
            measured="figures in which no baseline is better", wanted=1.0,
            reached=Rate(of - len(behind), of, math.nan, math.nan, "none"),
            level="Recall of each typology and P@100; equal is not behind. "
            + (f"Behind: {', '.join(behind)}." if behind else "Nowhere behind."),
        )
    ]  # fmt: skip


# Queues of integrity


def _integrity(worlds: Sequence[World]) -> list[Target]:
    found = [world.matcher() for world in worlds]
    every: list[Alarm] = []
    for number, (world, matcher) in enumerate(zip(worlds, found, strict=True)):
        every += alarms(number, world.findings, matcher.cases_of, _subject)
    every.sort(key=Alarm.order)
    allowed = int(ALARMS_PER_1000 / 1000 * sum(world.manifests for world in worlds))
    as_read = read(every, lambda one: not one.true, allowed)
    taken = {(one.world, one.subject) for one in as_read if one.true}
    first: dict[Key, datetime] = {}
    for number, (world, matcher) in enumerate(zip(worlds, found, strict=True)):
        for one in world.findings:
            if _subject(one) is not None and (number, (one.kind, one.subject)) in taken:
                for case in matcher.cases_of(one):
                    key = (number, case.id)
                    first[key] = min(first.get(key, one.found_at), one.found_at)
    words = "integrity queues (never arrived, clone, out of permit, overdue) recall >= .99 within 24 h"
    level = (
        "From the filing of the manifest, or its departure where that is later; one list of the rules that look for "
        "these, read until 1 alarm in 1,000 manifests is false."
    )
    return [
        Target(target=words, measured="recall within 24 h", wanted=0.99, level=level,
               reached=_rate(worlds, INTEGRITY, first, _in_a_day)),
        *(
            Target(target=words, measured=f"{name} alone", wanted=0.99, reached=_rate(worlds, [name], first, _in_a_day))
            for name in INTEGRITY
        ),
        Target(
            target=AT_ALARMS, measured="false alarms per 1,000 manifests, as far as read", wanted=ALARMS_PER_1000,
            at_most=True, reached=_per_1000(worlds, [one for one in as_read if not one.true]),
            level="False alarms are counted: made worlds have more cases than 1 in 1,000 manifests.",
        ),
        Target(
            target=AT_ALARMS, measured="the same of all that these rules tell", wanted=None,
            reached=_per_1000(worlds, [one for one in every if not one.true]),
            level="Whatever is overdue is told at once, and most of it comes later.",
        ),
        Target(target=AT_ALARMS, measured="all alarms per 1,000 manifests, true ones among them", wanted=None,
               reached=_per_1000(worlds, every)),
    ]  # fmt: skip


def _per_1000(worlds: Sequence[World], some: Sequence[Alarm]) -> Rate:
    counts = [sum(one.world == number for one in some) for number in range(len(worlds))]
    return per(counts, [world.manifests / 1000 for world in worlds])


def _subject(finding: Found) -> tuple[str, str] | None:
    sought = any(KNOWN[name].sought_by(finding.rule) for name in INTEGRITY)
    return (finding.kind, finding.subject) if sought else None


def _in_a_day(world: World, case: Case, found_at: datetime | None) -> bool | None:
    if case.begins_at + DAY > world.ends_at:
        return None
    return found_at is not None and found_at <= case.begins_at + DAY


# Skims


def _skim(worlds: Sequence[World], judged: Judged) -> list[Target]:
    admitted = _admitted(judged)
    falses = judged.caught.false_entities.get("skim", (0,) * len(worlds))
    years = [len(world.entities[CARRIER]) * world.years for world in worlds]
    return [
        Target(
            target="skim >= 1 % recall >= .95 within 30 weighed loads", measured="recall within 30 weighed loads",
            wanted=0.95, reached=_rate(worlds, ("skim",), admitted, _in_loads(30, 0.01, 1.0)),
            level=f"{_BUDGET} Loads of the carrier from which it took and that both sides weighed, from the first on.",
        ),
        Target(
            target="skim .5 % >= .8 within 90 loads", measured="recall within 90 weighed loads", wanted=0.80,
            reached=_rate(worlds, ("skim",), admitted, _in_loads(90, 0.005, 0.01)),
            level="Carriers that take from 0.5 to 1 % on average: made worlds have such of 0.6 %, and none of 0.5 %.",
        ),
        Target(
            target="<= 1 false carrier per 50 carrier-years", measured="false carriers per 50 carrier-years",
            wanted=1.0, at_most=True,
            reached=per(falses, [one / ENTITY_YEARS_PER_FALSE for one in years]),
            level="All carriers that the rules of skims name, whatever their rank.",
        ),
    ]  # fmt: skip


def _in_loads(most: int, low: float, high: float) -> By:
    def found(_: World, case: Case, found_at: datetime | None) -> bool | None:
        weighed = sorted(one.happened_at for one in case.touched if one.weighed)
        if case.share is None or not low <= case.share < high or len(weighed) < most:
            return None
        return found_at is not None and sum(one <= found_at for one in weighed) <= most

    return found


# What plants and intermediates do


def _timed(worlds: Sequence[World], judged: Judged) -> list[Target]:
    admitted = _admitted(judged)
    fictitious, laundering = ("fictitious_treatment",), ("code_laundering",)
    words = "fictitious treatment >= 15 %: >= .8 in 3 months", "code laundering >= 10 %: >= .9 in a quarter"
    return [
        Target(
            target=words[0], measured="recall within 3 months", wanted=0.80,
            reached=_rate(worlds, fictitious, admitted, _in_time(0.15, lambda at: _months(at, 3))),
            level=f"{_BUDGET} Three months from the day on which it begins, whatever is left of its month.",
        ),
        Target(
            target=words[0], measured="recall by the end of the third whole month", wanted=None,
            reached=_rate(worlds, fictitious, admitted, _in_time(0.15, lambda at: _whole(at, 1, 3))),
            level="Plants write residues and energy once a month: the month in which it begins tells of it in part.",
        ),
        Target(
            target=words[1], measured="recall within 3 months", wanted=0.90,
            reached=_rate(worlds, laundering, admitted, _in_time(0.10, lambda at: _months(at, 3))),
            level=f"{_BUDGET} Three months from the day on which it begins.",
        ),
        Target(
            target=words[1], measured="recall by the end of the first whole quarter", wanted=None,
            reached=_rate(worlds, laundering, admitted, _in_time(0.10, lambda at: _whole(at, 3, 1))),
            level="A balance is drawn up at the end of each month, over the three months before it.",
        ),
    ]  # fmt: skip


def _in_time(least: float, ends: Callable[[datetime], datetime]) -> By:
    def found(world: World, case: Case, found_at: datetime | None) -> bool | None:
        until = ends(case.begins_at)
        if case.share is None or case.share < least or until > world.ends_at:
            return None
        return found_at is not None and found_at <= until

    return found


def _months(at: datetime, count: int) -> datetime:
    """As late on the day of the same number so many months later, or on the last of a shorter month."""
    local = at.astimezone(CHINA)
    years, month = divmod(local.month - 1 + count, 12)
    first = local.replace(year=local.year + years, month=month + 1, day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=local.day - 1), last)


def _whole(at: datetime, months: int, count: int) -> datetime:
    """The end of so many whole months or quarters of the calendar."""
    local = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0, day=1)
    begun = _months(local, -((local.month - 1) % months))
    return _months(begun, months * (count + (begun < at)))


# All others


def _recall(judged: Judged, name: str, words: str, wanted: float) -> Target:
    one = next((one for one in judged.reached if one.typology == name), None)
    by_queue = "At 2 false alarms in 1,000 manifests, in equal parts for each queue."
    return Target(
        target=words, measured="recall", wanted=wanted, level=by_queue if name == "partial_dump" else _BUDGET,
        reached=rate([], []) if one is None else one.recall,
    )  # fmt: skip


def _by_mass(worlds: Sequence[World], judged: Judged) -> Target:
    cases = [
        (number, case)
        for number, world in enumerate(worlds)
        for case in world.cases
        if case.typology.name == "under_declaration"
    ]
    weighed = list(zip(cases, masses([case for _, case in cases]), strict=True))
    hit, whole = [0.0] * len(worlds), [0.0] * len(worlds)
    for (number, case), mass in weighed:
        whole[number] += mass / TONNE
        hit[number] += mass / TONNE * ((number, case.id) in judged.caught.strict)
    return Target(
        target="under-declaration >= .5 by mass at 1 %", measured="recall by mass, of t", wanted=0.50,
        reached=rate(hit, whole, counted=False),
        level="Generators that stand before one honest one in 100 generator-years (1 % in a year) would be accused.",
    )  # fmt: skip


def _admitted(judged: Judged) -> dict[Key, datetime]:
    return {key: at for key, at in judged.caught.first.items() if key in judged.caught.at_budget}


def _alone(judged: Judged) -> dict[Key, datetime]:
    return {key: at for key, at in judged.caught.first.items() if key in judged.caught.alone}


def _rate(worlds: Sequence[World], names: Sequence[str], first: dict[Key, datetime], by: By) -> Rate:
    found = [
        [by(world, case, first.get((number, case.id))) for case in world.cases if case.typology.name in names]
        for number, world in enumerate(worlds)
    ]
    return rate([some.count(True) for some in found], [len(some) - some.count(None) for some in found])
