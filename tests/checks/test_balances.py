"""Mass unaccounted for: balances that conserve, closed forms of their uncertainty, and the promised rate of
detection."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.records import found, records, told
from wastetrack.checks.models.balance import ALL, MDD, OF, covariance, mass_unaccounted, page, sitmuf
from wastetrack.checks.rules.r23_shell import RULE as SHELL
from wastetrack.checks.rules.r24_negative_balance import RULE as NEGATIVE
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import Records

TONNE = 1_000_000
CODE = "900-249-08"


def plant(*, treated_t: int = 900, came_t: int = 1000, closing_t: int = 200, months: int = 6) -> Records:
    """A plant that has 100 t, and each month takes `came_t`, treats `treated_t`; it says that it has `closing_t`
    more or less."""
    loads, batches, inputs, takes = [], [], [], []
    for month in range(1, months + 1):
        loads.append(
            {
                "manifest_id": f"m{month}",
                "received_at": f"2026-{month:02}-10",
                "received_g": came_t * TONNE,
                "declared_g": came_t * TONNE,
                "departed_at": f"2026-{month:02}-09",
            }
        )
        batches.append(
            {
                "batch_id": f"b{month}",
                "site_id": "receiver",
                "treated_at": f"2026-{month:02}-20",
                "input_g": treated_t * TONNE,
            }
        )
        inputs.append({"batch_id": f"b{month}", "waste_code": CODE, "input_g": treated_t * TONNE})
    for month in range(1, months + 2):
        stock = (100 + (closing_t - 100) * (month - 1)) * TONNE
        takes.append(
            {
                "stock_take_id": f"t{month}",
                "site_id": "receiver",
                "waste_code": CODE,
                "taken_at": f"2026-{month:02}-01",
                "measured_g": stock,
                "relative_uncertainty": 0.02,
            }
        )
    sites = [{"site_id": "receiver", "kind": "disposer"}, {"site_id": "shipper", "kind": "generator"}]
    return records(manifests=loads, batches=batches, batch_inputs=inputs, stock_takes=takes, sites=sites)


def balances(extract: Records, code: str = CODE) -> list[dict[str, Any]]:
    table = mass_unaccounted(extract)
    rows = table.filter(table.waste_code == code).order_by("site_id", "period").to_pyarrow().to_pylist()
    return list(rows)


def test_a_plant_whose_books_are_right_has_nothing_unaccounted_for() -> None:
    rows = balances(plant())

    assert [row["muf_g"] for row in rows] == [0] * 6
    assert (rows[1]["opening_g"], rows[1]["in_g"], rows[1]["out_g"], rows[1]["closing_g"]) == (
        200 * TONNE, 1000 * TONNE, 900 * TONNE, 300 * TONNE,
    )  # fmt: skip
    assert found(NEGATIVE, plant()) == []


def test_the_uncertainty_of_one_period_is_its_closed_form() -> None:
    (row,) = balances(plant(months=1))

    random = (OF["transfer_random"] * 1000) ** 2 + (OF["feed_random"] * 900) ** 2
    common = (OF["transfer_common"] * 1000) ** 2 + (OF["feed_common"] * 900) ** 2
    stocks = (0.02 * 100) ** 2 + (0.02 * 200) ** 2 + 2 * (OF["least_stock_g"] / TONNE) ** 2
    assert row["sigma_g"] / TONNE == pytest.approx((random + common + stocks) ** 0.5)
    assert row["mdd_g"] == pytest.approx(3.29 * row["sigma_g"])


def test_a_plant_that_treats_more_than_it_took_is_found_with_its_grams() -> None:
    extract = plant(treated_t=1100)

    (finding,) = found(NEGATIVE, extract)

    # 1,000 t came and 100 t more lie there, yet 1,100 t were treated: 200 t came otherwise each month
    assert (finding["subject_id"], finding["muf_g"], finding["at_risk_g"]) == ("receiver", -200 * TONNE, 1200 * TONNE)
    assert finding["statistic"] > 3.09
    assert finding["mdd_g"] < 200 * TONNE


def test_a_generator_has_no_balance_because_no_flow_tells_what_it_makes() -> None:
    takes = [
        {"stock_take_id": f"t{day}", "site_id": "maker", "waste_code": CODE, "taken_at": f"2026-0{day}-01",
         "measured_g": day * 100 * TONNE} for day in (1, 2, 3)
    ]  # fmt: skip
    extract = records(stock_takes=takes, sites=[{"site_id": "maker", "kind": "generator"}])

    assert balances(extract) == []


def test_a_loss_is_no_gain() -> None:
    assert found(NEGATIVE, plant(treated_t=700)) == []


def test_without_stock_takes_there_is_no_balance() -> None:
    assert told(NEGATIVE, records(manifests=[{"received_g": 1}])).answer is Answer.NO_DATA


@settings(deadline=None, max_examples=8)
@given(moves=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(-20, 20)), min_size=1, max_size=5))
def test_balances_conserve(moves: list[tuple[int, int, int]]) -> None:
    """What is unaccounted for over all periods is the first stock, and all that came, less what left and is there."""
    stock, takes, loads = 500, [(0, 500)], []
    for month, (came, _, missing) in enumerate(moves, 1):
        stock = max(0, stock + came - missing)
        loads.append({"manifest_id": f"m{month}", "received_at": f"2026-{month:02}-10", "received_g": came * TONNE})
        takes.append((month, stock))
    counted = [
        {
            "stock_take_id": f"t{month}",
            "site_id": "receiver",
            "taken_at": f"2026-{month + 1:02}-01",
            "measured_g": measured * TONNE,
        }
        for month, measured in takes
    ]
    rows = balances(
        records(
            manifests=loads,
            stock_takes=counted,
            sites=[{"site_id": "receiver", "kind": "disposer"}],
        ),
        ALL,
    )  # fmt: skip

    assert sum(row["muf_g"] for row in rows) == (500 + sum(came for came, _, _ in moves) - stock) * TONNE
    assert rows[-1]["cumuf_g"] == sum(row["muf_g"] for row in rows)


def honest(plants: int, periods: int = 12, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Balances of plants from which nothing is missing, and their covariance."""
    rng = np.random.default_rng(seed)
    shape = (plants, periods)
    random = np.full(shape, 4.0e12)
    transfer, feed = np.full(shape, 2.5e9), np.full(shape, -2.5e9)
    stock = np.full(shape, (0.05 * 6.0e8) ** 2)
    sigma = covariance(random, transfer, feed, stock, stock)
    return rng.multivariate_normal(np.zeros(periods), sigma[0], size=plants), sigma


def test_honest_balances_become_independent_standard_normal() -> None:
    muf, sigma = honest(20_000)

    values = sitmuf(muf, sigma[: len(muf)])

    assert np.abs(np.cov(values.T) - np.eye(12)).max() < 0.05
    assert np.abs(values.mean(axis=0)).max() < 0.03


def test_a_loss_of_the_least_detectable_size_is_found_in_nineteen_of_twenty_cases() -> None:
    muf, sigma = honest(20_000)
    deviation = np.sqrt(sigma[0, 0, 0])

    assert np.mean(muf[:, 0] > 1.645 * deviation) == pytest.approx(0.05, abs=0.01)
    assert np.mean(muf[:, 0] + MDD * deviation > 1.645 * deviation) == pytest.approx(0.95, abs=0.01)


@given(values=st.lists(st.floats(-5, 5), min_size=1, max_size=40), k=st.sampled_from([0.0, 0.25, 0.5]))
def test_pages_sum_is_the_plain_recursion(values: list[float], k: float) -> None:
    expected, total = [], 0.0
    for value in values:
        total = max(0.0, total + value - k)
        expected.append(total)

    assert page(np.array([values]), k)[0] == pytest.approx(expected, abs=1e-9)


def test_a_shell_that_treats_nothing_is_found_and_one_that_does_is_not() -> None:
    empty = plant(treated_t=0, closing_t=100)

    (finding,) = found(SHELL, empty)

    assert (finding["subject_id"], finding["severity"]) == ("receiver", 4)
    assert finding["missing_g"] == 2900 * TONNE  # of three months, less the most that ever lay there
    assert found(SHELL, plant()) == []


def _without_batches(plants: int, silent: int) -> Records:
    """Plants that take 100 t a month; the first `silent` of them have no batch, the others treat all."""
    loads, batches = [], []
    for plant in range(plants):
        for month in range(1, 7):
            of = {"manifest_id": f"m{plant}-{month}", "receiver_site_id": f"p{plant}", "received_g": 100 * TONNE}
            loads.append(of | {"received_at": f"2026-{month:02}-10"})
            if plant >= silent:
                made = {"batch_id": f"b{plant}-{month}", "site_id": f"p{plant}", "input_g": 100 * TONNE}
                batches.append(made | {"treated_at": f"2026-{month:02}-20"})
    sites = [{"site_id": f"p{plant}", "kind": "disposer"} for plant in range(plants)]
    return records(manifests=loads, batches=batches, sites=sites)


def test_an_extract_that_lacks_batches_accuses_no_plant_and_one_plant_without_any_is_told() -> None:
    assert found(SHELL, _without_batches(4, 4)) == []
    assert found(SHELL, _without_batches(4, 3)) == []
    assert [row["subject_id"] for row in found(SHELL, _without_batches(4, 1))] == ["p0"]


def test_where_no_stock_is_known_what_the_last_months_brought_may_still_stand_there() -> None:
    (finding,) = found(SHELL, _without_batches(4, 1))

    # 600 t came, 300 t of them lately: the other 300 t must have gone
    assert (finding["greatest_stock_g"], finding["at_risk_g"]) == (300 * TONNE, 300 * TONNE)
    assert finding["found_at"].month == 4
