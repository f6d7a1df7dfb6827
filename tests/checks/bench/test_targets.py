"""Each target on a few cases whose times are written down by hand."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.judged_worlds import BEGINS, case, finding, world
from wastetrack.checks.bench.matching import Case, Found, Touch
from wastetrack.checks.bench.measuring import Rate, Reached, judge
from wastetrack.checks.bench.targets import Target, beside, targets
from wastetrack.checks.bench.worlds import World

CHINA = ZoneInfo("Asia/Shanghai")


def told(*worlds: World) -> dict[str, Target]:
    """By what is measured; recalls without a time by their words."""
    every = targets(worlds, judge(worlds))
    return {one.target if one.measured == "recall" else f"{one.target}: {one.measured}": one for one in every}


def one(rows: dict[str, Target], words: str) -> Target:
    (found,) = [row for name, row in rows.items() if words in name]
    return found


def test_integrity_counts_what_is_found_in_a_day_and_leaves_out_what_had_no_day() -> None:
    late = BEGINS + timedelta(days=10, hours=1)
    rows = told(
        world(
            *(case("never_arrived", name) for name in ("soon", "day", "late", "never")),
            case("clone", "soon2"), case("out_of_permit", "soon3"), case("never_arrived", "last", begins_at=late),
            finding("R01", "soon", 9), finding("R02", "day", 8, hours=24), finding("R02", "late", 7, hours=24.1),
            finding("R07", "soon2", 6), finding("R16", "soon3", 5, queue="eligibility"),
            finding("R36", "never", 9), finding("R02", "last", 4, hours=242),
            finding("R01", "honest", 1), finding("R07", "honest", 1), days=11,
        )
    )  # fmt: skip

    whole = one(rows, "recall within 24 h")
    assert (whole.reached.hits, whole.reached.of, whole.met) == (4, 6, False)
    assert (one(rows, "never_arrived alone").reached.hits, one(rows, "never_arrived alone").reached.of) == (2, 4)
    assert one(rows, "clone alone").met is True
    # two rules that accuse one manifest are one alarm
    assert one(rows, "all that these rules tell").reached.value == 0.25
    assert one(rows, "true ones among them").reached.value == 7 / 4


def test_integrity_is_read_until_one_alarm_in_a_thousand_is_false() -> None:
    rows = told(
        world(
            case("never_arrived", "first"), case("never_arrived", "last"), finding("R02", "first", 9),
            *(finding("R02", f"honest{n}", 8 - n) for n in range(5)), finding("R02", "last", 1),
        )
    )  # fmt: skip

    assert one(rows, "recall within 24 h").reached.value == 0.5
    assert (one(rows, "as far as read").reached.value, one(rows, "as far as read").met) == (1, True)
    assert one(rows, "all that these rules tell").reached.value == 1.25


def loads(weighed: int, *, estimated: int = 0) -> tuple[Touch, ...]:
    """One an hour; what is estimated lies between those that are weighed, and is not counted."""
    return tuple(
        Touch(f"{sort}{n}", BEGINS + timedelta(hours=n, minutes=minutes), 1, weighed=sort == "w")
        for sort, count, minutes in (("w", weighed, 0), ("e", estimated, 30))
        for n in range(1, count + 1)
    )


@pytest.mark.parametrize(
    ("share", "weighed", "hours", "within_30", "within_90"),
    [
        (0.01, 40, 30, (1, 1), (0, 0)),
        (0.012, 40, 31, (0, 1), (0, 0)),
        (0.012, 29, 5, (0, 0), (0, 0)),
        (0.006, 90, 90, (0, 0), (1, 1)),
        (0.006, 100, 91, (0, 0), (0, 1)),
        (0.002, 100, 5, (0, 0), (0, 0)),
        (None, 100, 5, (0, 0), (0, 0)),
    ],
)
def test_skims_are_counted_in_weighed_loads(
    share: float | None, weighed: int, hours: float, within_30: tuple[int, int], within_90: tuple[int, int]
) -> None:
    culprit = case("skim", "c1", kind="carrier", touched=loads(weighed, estimated=40), share=share)
    found = finding("R04", "c1", 9, kind="carrier", queue="skim", hours=hours)

    rows = told(world(culprit, found, carriers=60))

    reached = [one(rows, f"recall within {most} weighed loads").reached for most in (30, 90)]
    assert [(row.hits, row.of) for row in reached] == [within_30, within_90]


def test_a_skim_behind_too_many_honest_carriers_is_not_found_and_these_are_counted() -> None:
    culprit = case("skim", "c1", kind="carrier", touched=loads(40), share=0.02)
    found = [
        finding("R04", name, z, kind="carrier", queue="skim") for name, z in (("c2", 9), ("c3", 8), ("c1", 7))
    ]  # fmt: skip

    behind, before = told(world(culprit, *found, carriers=60)), told(world(culprit, *found[1:], carriers=60))

    assert one(behind, "within 30 weighed").met is False
    assert one(before, "within 30 weighed").met is True
    falses = [one(rows, "false carriers per 50 carrier-years") for rows in (behind, before)]
    assert [row.reached.value for row in falses] == pytest.approx([2 / 1.2, 1 / 1.2])
    assert [row.met for row in falses] == [False, True]


def china(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("begins_at", "found_at", "in_time", "whole"),
    [
        (china(4, 1), china(7, 1), True, True),
        (china(4, 15), china(7, 15), True, True),
        (china(4, 15), china(7, 15, 1), False, True),
        (china(4, 15), china(8, 1), False, True),
        (china(4, 15), china(8, 1, 1), False, False),
        (china(5, 31), china(8, 31), True, True),
        (china(8, 31), china(11, 30), True, True),
        (china(8, 31), china(12, 1), False, True),
    ],
)
def test_fictitious_treatment_has_three_months(
    begins_at: datetime,
    found_at: datetime,
    in_time: bool,  # noqa: FBT001  a column of the table
    whole: bool,  # noqa: FBT001
) -> None:
    hours = (found_at - BEGINS).total_seconds() / 3600
    parts: list[Case | Found] = [
        case("fictitious_treatment", "disposer1", kind="site", begins_at=begins_at, share=0.15),
        case("fictitious_treatment", "disposer2", kind="site", begins_at=begins_at, share=0.14),
        finding("R20", "disposer1", 9, kind="site", queue="facility", hours=hours),
    ]

    rows = told(world(*parts, sites={"disposer": 60}))

    strict, by_month = one(rows, "treatment >= 15 %: >= .8 in 3 months: recall within"), one(rows, "third whole month")
    assert (strict.reached.hits, strict.reached.of, strict.met) == (in_time, 1, in_time)
    assert (by_month.reached.hits, by_month.met) == (whole, None)
    # a world that ends before says nothing
    short = told(world(*parts, sites={"disposer": 60}, days=40))
    assert one(short, "treatment >= 15 %: >= .8 in 3 months: recall within").met is None


@pytest.mark.parametrize(
    ("begins_at", "found_at", "in_time", "whole"),
    [
        (china(5, 20), china(8, 20), True, True),
        (china(5, 20), china(10, 1), False, True),
        (china(5, 20), china(10, 1, 1), False, False),
        (china(4, 1), china(7, 1), True, True),
        (china(4, 1), china(7, 2), False, False),
        (china(10, 2), china(12, 20), True, False),
    ],
)
def test_laundering_has_a_quarter(begins_at: datetime, found_at: datetime, in_time: bool, whole: bool) -> None:  # noqa: FBT001
    hours = (found_at - BEGINS).total_seconds() / 3600
    rows = told(
        world(
            case("code_laundering", "intermediate1", kind="site", begins_at=begins_at, share=0.1),
            finding("R26", "intermediate1", 9, kind="site", queue="laundering", hours=hours),
            sites={"intermediate": 60}, days=320,
        )
    )  # fmt: skip

    strict, by_quarter = one(rows, "in a quarter: recall within"), one(rows, "first whole quarter")
    assert (strict.reached.hits, strict.reached.of) == (in_time, 1)
    # a quarter that is not over when the world ends is left out
    assert by_quarter.reached.hits == whole
    assert by_quarter.reached.of == (begins_at.month < 10)


def test_under_declaration_is_weighed_by_mass_at_one_percent() -> None:
    guilty = [
        case("under_declaration", f"generator{n}", kind="site", stolen_g=tonnes * 1_000_000)
        for n, tonnes in ((1, 3), (2, 1), (3, 1))
    ]
    found = [
        finding("R46", name, z, kind="site", queue="generator")
        for name, z in (("generator9", 9), ("generator1", 8), ("generator8", 7), ("generator2", 6))
    ]

    row = one(told(world(*guilty, *found, sites={"generator": 100})), "recall by mass")

    # one of 100 may be honest: generator2 stands behind the second
    assert (row.reached.hits, row.reached.of) == pytest.approx((3, 5))
    assert row.met is True


def test_recalls_and_the_first_hundred_stand_as_they_were_judged() -> None:
    rows = told(
        world(
            *(case("partial_dump", name) for name in "abc"), case("ghost_chain", "pair1", kind="pair"),
            finding("R03", "a", 9, queue="transit"), finding("R03", "b", 8, queue="transit"),
            finding("R45", "pair1", 9, kind="pair"), finding("R03", "x", 1, queue="transit"),
            sites={"pair": 60},
        )
    )  # fmt: skip

    assert rows["partial dump >= .60"].reached.value == pytest.approx(2 / 3)
    assert rows["partial dump >= .60"].met is True
    assert one(rows, "ghost chain").met is True
    assert (one(rows, "P@100").reached.value, one(rows, "P@100").met) == (0.75, True)


def test_partial_dumps_are_counted_by_the_queues_part_of_the_budget_and_by_all_of_it() -> None:
    """4,000 manifests allow eight false alarms in all, one of them in each queue."""
    honest = (finding("R03", f"honest{n}", 80 - n, queue="transit") for n in range(9))
    rows = told(
        world(
            case("partial_dump", "first"), case("partial_dump", "behind_six"), case("partial_dump", "behind_nine"),
            finding("R03", "first", 90, queue="transit"), *honest,
            finding("R03", "behind_six", 74.5, queue="transit"), finding("R03", "behind_nine", 1, queue="transit"),
        )
    )  # fmt: skip

    by_part, alone = rows["partial dump >= .60"], one(rows, "its queue alone")
    assert (by_part.reached.hits, by_part.reached.of, by_part.met) == (1, 3, False)
    assert (alone.reached.hits, alone.reached.of, alone.met) == (2, 3, None)


def test_what_no_world_has_is_neither_met_nor_missed() -> None:
    rows = told(world(carriers=3))

    assert {name for name, row in rows.items() if row.met is not None} == {
        "<= 1 false carrier per 50 carrier-years: false carriers per 50 carrier-years",
        "at <= 0.1 % alarms: false alarms per 1,000 manifests, as far as read",
    }
    assert len([row for row in rows.values() if row.wanted is not None]) == 14


def reached(method: str, typology: str, value: float) -> Reached:
    return Reached(
        method=method, typology=typology, of="manifest", recall=Rate(value, 1, 0, 1, "cases"), recall_by_mass=None,
        recall_of_all=value, false_allowed=0, false_of_all=0,
    )  # fmt: skip


def test_no_baseline_may_be_better_but_the_oracle() -> None:
    judged = judge([
        world(
            case("partial_dump", "a"), case("partial_dump", "b"), case("never_arrived", "m"),
            finding("R03", "a", 9, queue="transit"), finding("R02", "m", 9), finding("R03", "x", 1, queue="transit"),
        )
    ])  # fmt: skip
    first = {"ecod": Rate(66, 100, 0, 1, "cases"), "boosting": Rate(99, 100, 0, 1, "cases")}
    alike = [reached("legal", "never_arrived", 1), reached("ecod", "partial_dump", 0.5)]
    oracle = [reached("boosting", "partial_dump", 0.9)]

    (row,) = beside(judged, [*alike, *oracle], first)
    assert (row.met, row.reached.hits, row.reached.of) == (True, 3, 3)
    (worse,) = beside(judged, [*alike, reached("boosting_40", "partial_dump", 0.6)], first)
    assert (worse.met, worse.reached.hits) == (False, 2)
    assert "partial_dump (boosting_40 0.60)" in worse.level
    (behind,) = beside(judged, alike, first | {"ecod": Rate(67, 100, 0, 1, "cases")})
    assert (behind.met, behind.level) == (False, behind.level)
    assert "P@100 (ecod 0.67)" in behind.level
    assert beside(judged, [], {}) == []
