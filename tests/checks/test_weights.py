"""What scales can tell: the uncertainty of a weighing, single differences, repeated, invented and copied weights."""

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.model import Rule
from wastetrack.checks.models.weighing import loads, weighings
from wastetrack.checks.rules.r03_difference import RULE as DIFFERENCE
from wastetrack.checks.rules.r35_repeats import RULE as REPEATS
from wastetrack.checks.rules.r36_last_digit import RULE as DIGITS
from wastetrack.checks.rules.r37_copied_weights import RULE as COPIED
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import Records

STEP = 20_000
SCALES = [
    {"scale_id": "ours", "site_id": "shipper", "kind": "truck", "division_g": STEP},
    {"scale_id": "theirs", "site_id": "receiver", "kind": "truck", "division_g": STEP},
]


def weighed(pairs: Iterable[tuple[int, int]], method: str = "truck_scale", **manifest: object) -> Records:
    """Manifests that left with the first and came with the second mass in grams, one a minute."""
    manifests, rows = [], []
    for number, (sent, taken) in enumerate(pairs):
        name = f"load{number:04}"
        left, came = (f"2026-03-02 {hour + number // 60:02}:{number % 60:02}" for hour in (8, 12))
        manifests.append({"manifest_id": name, "carrier_id": "carrier", "departed_at": "2026-03-02 08:00"} | manifest)
        rows.append({"manifest_id": name, "side": "shipper", "method": method, "scale_id": "ours", "net_g": sent})
        rows[-1]["weighed_at"] = left
        rows.append(
            {
                "manifest_id": name,
                "side": "receiver",
                "method": "truck_scale",
                "scale_id": "theirs",
                "net_g": taken,
                "weighed_at": came,
            }
        )
    return records(manifests=manifests, weighings=rows, scales=SCALES)


@pytest.mark.parametrize(("tonnes", "kilograms"), [(10, 37), (20, 46), (33, 59)])
def test_two_truck_scales_differ_by_what_their_class_allows(tonnes: int, kilograms: int) -> None:
    table = loads(weighed([(tonnes * 1_000_000, tonnes * 1_000_000)]))

    assert table.sigma_g.max().to_pyarrow().as_py() / 1000 == pytest.approx(kilograms, abs=0.6)


@pytest.mark.parametrize(
    ("net", "tare", "expected"),
    [
        (8_000_000, 1_000_000, 20_000 * 2**0.5),  # 9 t and 1 t: 1 e both times
        (10_000_000, 5_000_000, 20_000 * 5**0.5),  # 15 t and 5 t: 2 e and 1 e
        (40_000_000, 15_000_000, 20_000 * 13**0.5),  # 55 t and 15 t: 3 e and 2 e
    ],
)
def test_the_uncertainty_of_a_net_mass_is_that_of_gross_and_tare(net: int, tare: int, expected: float) -> None:
    extract = records(
        weighings=[{"method": "truck_scale", "scale_id": "ours", "net_g": net, "tare_g": tare}], scales=SCALES
    )

    assert weighings(extract).sigma_g.max().to_pyarrow().as_py() == pytest.approx(expected / 3**0.5)


def test_platforms_and_estimates_have_their_part_of_the_mass() -> None:
    rows = [{"method": method, "net_g": 1_000_000} for method in ("platform_scale", "estimate")]
    told_by = weighings(records(weighings=rows)).order_by("sigma_g").sigma_g.to_pyarrow().to_pylist()

    assert told_by == [10_000, 60_000]


def test_a_load_that_lost_more_than_scales_can_err_is_found_with_its_numbers() -> None:
    extract = weighed([(20_000_000, 19_700_000), (20_000_000, 19_900_000)])

    (finding,) = found(DIFFERENCE, extract)

    assert (finding["subject_id"], finding["party_id"], finding["at_risk_g"]) == ("load0000", "carrier", 300_000)
    assert finding["z"] == pytest.approx(300 / 46.19, abs=0.01)
    assert finding["statistic"] == pytest.approx(300 * finding["posterior"])
    assert finding["posterior"] > 0.5
    assert (finding["severity"], finding["found_at"]) == (3, at("2026-03-02 12:00"))


def test_a_third_of_a_load_is_a_crime_and_a_gain_is_asked_about() -> None:
    lost, gained = found(DIFFERENCE, weighed([(20_000_000, 14_000_000), (20_000_000, 20_200_000)]))

    assert (lost["severity"], lost["at_risk_g"]) == (4, 6_000_000)
    assert (gained["severity"], gained["party_id"], gained["at_risk_g"]) == (2, "receiver", 200_000)


def test_what_was_rejected_is_not_lost() -> None:
    extract = weighed([(20_000_000, 15_000_000)], received_g=15_000_000, rejected_g=5_000_000)
    assert found(DIFFERENCE, extract) == []


def test_an_estimate_has_no_test() -> None:
    assert found(DIFFERENCE, weighed([(20_000_000, 14_000_000)], method="estimate")) == []


def test_the_later_weighing_of_a_side_counts() -> None:
    first = {"manifest_id": "load", "side": "receiver", "method": "truck_scale", "net_g": 14_000_000}
    again = first | {"net_g": 20_000_000, "weighed_at": "2026-03-02 13:00"}
    sent = {"manifest_id": "load", "side": "shipper", "method": "truck_scale", "net_g": 20_000_000}

    assert found(DIFFERENCE, records(manifests=[{"manifest_id": "load"}], weighings=[sent, first, again])) == []


def drawn(count: int, seed: int = 1) -> list[tuple[int, int]]:
    """Loads of two scales that both weigh, with half the errors that their class allows."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(12e6, 28e6, count)
    read = [np.rint((true + rng.normal(0, 20_000, count)) / STEP).astype(int) * STEP for _ in range(2)]
    return [(int(sent), int(taken)) for sent, taken in zip(*read, strict=True)]


def test_a_gate_that_copies_every_second_weight_is_found_and_one_that_weighs_is_not() -> None:
    honest = drawn(300)
    copying = [(sent, sent if number % 2 else taken) for number, (sent, taken) in enumerate(honest)]

    (finding,) = found(COPIED, weighed(copying))

    assert (finding["subject_kind"], finding["subject_id"], finding["severity"]) == ("site", "receiver", 3)
    assert finding["share"] > 0.5
    assert found(COPIED, weighed(honest)) == []
    assert found(COPIED, weighed(copying[:29])) == []
    # Found with the load at which it was sure, not with the last; before that load there was nothing to find.
    crossing = finding["found_at"]
    assert at("2026-03-02 12:30") < crossing < at("2026-03-02 14:00")
    (then,) = found(COPIED, weighed(copying), crossing)
    assert then["found_at"] == crossing
    assert found(COPIED, weighed(copying), crossing - timedelta(minutes=1)) == []


def test_weights_that_come_back_are_found_and_spread_ones_are_not() -> None:
    honest = drawn(300)
    repeated = [(17_340_000, 17_340_000) if number % 8 == 0 else pair for number, pair in enumerate(honest)]

    (finding,) = found(REPEATS, weighed(repeated))

    assert (finding["subject_id"], finding["loads"]) == ("shipper/carrier", 300)
    assert finding["repeats"] >= 38 * 37 / 2
    assert found(REPEATS, weighed(honest)) == []


def test_invented_last_digits_are_found_and_read_ones_are_not() -> None:
    rng = np.random.default_rng(4)
    honest = drawn(300)
    liked = [(sent - sent % (10 * STEP) + 5 * STEP if rng.random() < 0.3 else sent, taken) for sent, taken in honest]

    (finding,) = found(DIGITS, weighed(liked))

    assert (finding["subject_id"], finding["scale_id"], finding["weighings"]) == ("shipper", "ours", 300)
    assert finding["digit_5"] > 80
    crossing = finding["found_at"]
    assert at("2026-03-02 09:38") < crossing < at("2026-03-02 12:00")
    assert found(DIGITS, weighed(liked), crossing)[0]["found_at"] == crossing
    assert found(DIGITS, weighed(liked), crossing - timedelta(minutes=1)) == []
    assert found(DIGITS, weighed(honest)) == []


@pytest.mark.parametrize("rule", [DIFFERENCE, REPEATS, DIGITS, COPIED])
def test_without_weighings_there_is_no_answer(rule: Rule) -> None:
    assert told(rule, records(manifests=[{}])).answer is Answer.NO_DATA
