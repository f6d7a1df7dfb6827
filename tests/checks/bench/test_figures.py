"""Recall, precision, time and mass on outcomes that are known by hand."""

import math
from datetime import timedelta

import numpy as np
import pytest

from tests.support.judged_worlds import BEGINS, case, finding, world
from wastetrack.checks.bench.baselines import Real, boosting, ecod, legal
from wastetrack.checks.bench.features import FEATURES, LOSS, PIECES, RECEIVED
from wastetrack.checks.bench.matching import Touch
from wastetrack.checks.bench.measuring import Judged, Reached, judge, per, rate
from wastetrack.checks.bench.ranking import in_turn, places, read


def of(judged: Judged, typology: str) -> Reached:
    return next(one for one in judged.reached if one.typology == typology)


def test_a_queue_is_read_until_its_false_alarms_are_spent() -> None:
    # 8 queues share 2 in 1,000 of 4,000: one false alarm for each
    judged = judge([
        world(
            *(case("never_arrived", f"m{one}", stolen_g=one) for one in (1, 2, 3, 4)),
            finding("R02", "m1", 9), finding("R02", "honest1", 8), finding("R02", "m2", 7),
            finding("R02", "honest2", 6), finding("R02", "m3", 5),
        )
    ])  # fmt: skip

    reached = of(judged, "never_arrived")
    assert (reached.recall.hits, reached.recall.of, reached.false_allowed) == (2, 4, 1)
    assert reached.recall_by_mass == pytest.approx(3 / 10)
    assert (reached.recall_of_all, reached.false_of_all) == (3 / 4, 2)
    (queue,) = judged.queues
    assert (queue.alarms, queue.precision.value, queue.read) == (5, 3 / 5, 3)
    assert queue.precision_read.value == pytest.approx(2 / 3)
    assert queue.false_per_1000 == pytest.approx(0.5)


def test_a_queue_without_an_alarm_spends_nothing_of_another() -> None:
    judged = judge([
        world(
            case("never_arrived", "m"), case("back_dating", "n"),
            *(finding("R02", f"honest{one}", 99) for one in range(9)), finding("R02", "m", 1),
            finding("R39", "n", 1, queue="documents"),
        )
    ])  # fmt: skip

    assert of(judged, "never_arrived").recall.value == 0
    assert of(judged, "back_dating").recall.value == 1


def test_carriers_are_sought_until_one_honest_one_in_fifty_years_is_accused() -> None:
    guilty = [case("skim", f"c{one}", kind="carrier", stolen_g=one * one) for one in (1, 2)]
    found = [finding("R04", name, z, kind="carrier", queue="skim") for name, z in
             (("c1", 9), ("c50", 8), ("c2", 7), ("c51", 6), ("c99", 5))]  # fmt: skip

    one_year = of(judge([world(*guilty, *found, carriers=60)]), "skim")
    # c99 carried nothing in this world
    assert (one_year.recall.value, one_year.false_allowed, one_year.false_of_all) == (1, 1, 2)
    none_allowed = of(judge([world(*guilty, *found, carriers=60, years=0.5)]), "skim")
    assert (none_allowed.recall.value, none_allowed.false_allowed) == (0.5, 0)
    # at 1 % none of 60 carrier-years may be accused: c1 stands before the first of those, and stole a fifth
    assert (one_year.recall_by_mass, one_year.recall_by_mass_strict) == (1, 0.2)


def test_what_is_found_before_it_begins_is_false() -> None:
    early = finding("R04", "c1", 9, kind="carrier", queue="skim", hours=-1)
    reached = of(judge([world(case("skim", "c1", kind="carrier"), early, carriers=60)]), "skim")

    assert (reached.recall.value, reached.false_of_all) == (0, 1)


def test_time_loads_and_mass_before_the_first_finding() -> None:
    touched = tuple(Touch(f"m{one}", BEGINS + timedelta(hours=10 * one), 1000) for one in range(1, 5))
    skim = case("skim", "c1", kind="carrier", stolen_g=4000, touched=touched)
    found = [finding("R04", "c1", z, kind="carrier", queue="skim", hours=after) for z, after in ((9, 90), (1, 25))]
    found.append(finding("R03", "m1", 9, hours=11))  # tells of a load, and accuses nobody

    reached = of(judge([world(skim, *found, carriers=60)]), "skim")

    assert (reached.hours, reached.within_a_day, reached.loads) == (25, 0, 2)
    assert (reached.lost_before_kg, reached.lost_before) == (2, 0.5)


def test_what_has_no_manifests_is_lost_evenly_and_what_is_not_found_is_lost_whole() -> None:
    whole = [case("skim", name, kind="carrier", stolen_g=1_000_000) for name in ("c1", "c2")]
    found = finding("R04", "c1", 1, kind="carrier", queue="skim", hours=30)

    reached = of(judge([world(*whole, found, carriers=60)]), "skim")

    assert reached.lost_before_kg == pytest.approx(300)
    assert reached.lost_before == pytest.approx((0.3 + 1) / 2)


def test_the_surer_rule_stands_first_and_findings_of_a_subject_are_one_alarm() -> None:
    judged = judge([
        world(
            *(case("never_arrived", name) for name in "mno"),
            finding("R01", "x", 99, chance=0.2), finding("R01", "y", 98, chance=0.2),
            finding("R01", "m", 97, chance=0.2), finding("R02", "m", 1, chance=0.9), finding("R02", "n", 0, chance=0.9),
            finding("R02", "o", -1, chance=0.9),
        )
    ])  # fmt: skip

    assert of(judged, "never_arrived").recall.value == 1
    assert judged.queues[0].alarms == 5


def test_places_reading_and_turns() -> None:
    assert places([finding("A", "m", 1), finding("A", "n", 2), finding("B", "o", 0)]) == [1, 0, 0]
    assert read("abXcXd", str.isupper, 1) == ["a", "b", "X", "c"]
    assert read("Xa", str.isupper, 0) == []
    assert in_turn(["ace", "b", "df"]) == list("abdcfe")


def test_intervals_are_wilsons_of_few_worlds_and_the_bootstrap_of_many() -> None:
    few = rate([8], [10])
    assert (few.interval, few.value) == ("cases", 0.8)
    # Wilson by its formula
    z, n, p = 1.959964, 10, 0.8
    middle, half = (
        (p + z * z / 2 / n) / (1 + z * z / n),
        z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n),
    )
    assert few.low == pytest.approx(middle - half, abs=1e-4)
    assert few.high == pytest.approx(middle + half, abs=1e-4)
    alike = rate([5] * 20, [10] * 20)
    assert (alike.interval, alike.low, alike.high) == ("worlds", 0.5, 0.5)
    unlike = rate([0, 10] * 10, [10] * 20)
    # of 20 worlds that are 0 or 1: sd of the mean 0.112
    assert unlike.low == pytest.approx(0.5 - 1.96 * 0.112, abs=0.06)
    assert unlike.high == pytest.approx(0.5 + 1.96 * 0.112, abs=0.06)
    assert rate([], []).value is None
    # worlds in which everything was hit tell of no spread: 20 of 20 is not sure
    every = rate([1] * 20, [1] * 20)
    assert (every.interval, every.high) == ("cases", 1.0)
    assert every.low == pytest.approx(0.839, abs=0.001)
    assert math.isnan(rate([3.0], [4.0], counted=False).low)
    assert rate([3.0] * 5, [3.0] * 5, counted=False).interval == "worlds"


def test_rates_of_an_exposure_have_the_interval_of_counts() -> None:
    # tables of Garwood: 0 observed: up to 3.689; 3 observed: 0.6187 to 8.767
    none, three = per([0, 0], [1, 1]), per([3], [2])
    assert (none.value, none.low, none.interval) == (0, 0, "counts")
    assert none.high == pytest.approx(3.689 / 2, abs=0.001)
    assert (three.value, three.low, three.high) == pytest.approx((1.5, 0.6187 / 2, 8.767 / 2), abs=0.001)
    assert per([0] * 9, [1] * 9).interval == "counts"
    many = per([0, 4] * 10, [2] * 20)
    assert (many.value, many.interval) == (1, "worlds")
    assert (many.low, many.high) == pytest.approx((1 - 1.96 * 0.224, 1 + 1.96 * 0.224), abs=0.12)
    assert per([], []).value is None


def rows(count: int, columns: dict[str, list[float]]) -> Real:
    table = np.zeros((count, len(FEATURES)))
    table[:, FEATURES.index(RECEIVED)] = 1
    for name, values in columns.items():
        table[:, FEATURES.index(name)] = values
    return table


def test_the_law_sees_a_tenth_a_piece_and_what_never_came() -> None:
    told = legal(rows(5, {LOSS: [0.099, 0.1, -0.3, math.nan, 0], PIECES: [0, 0, 0, 1, 0], RECEIVED: [1, 1, 1, 1, 0]}))

    assert told.tolist() == [0, 0.1, 0.3, 1, 2]


def test_ecod_is_the_sum_of_the_longest_tails() -> None:
    # One feature of 0, 0, 0, 9: right-skewed, so the right tail of the last is 1/4 and its left tail is 1
    told = ecod(rows(4, {LOSS: [0, 0, 0, 9]}))

    assert told[3] == pytest.approx(math.log(4))
    assert told[0] == pytest.approx(-math.log(3 / 4))


def test_boosting_scores_no_row_by_a_model_that_saw_its_label() -> None:
    pytest.importorskip("sklearn")
    random = np.random.default_rng(1)
    loss = random.random(1000)
    table, guilty = rows(1000, {LOSS: loss.tolist()}), loss > 0.9

    learnable = boosting([table, table], [guilty, guilty])[0]
    assert np.quantile(learnable[guilty], 0.02) > np.quantile(learnable[~guilty], 0.98)
    # What is guilty by a coin cannot be told, unless a model has seen the coins
    coins = random.random(1000) < 0.5
    (blind,) = boosting([table], [coins])
    assert abs(blind[coins].mean() - blind[~coins].mean()) < 0.1
