"""What a load weighed when its two sides do not agree, and what that does to a plant's balance."""

from typing import Any

import pytest

from tests.support.records import found, records
from wastetrack.checks.carried import loads
from wastetrack.checks.models.balance import ALL, OF, mass_unaccounted
from wastetrack.checks.rules.r24_negative_balance import RULE as NEGATIVE
from wastetrack.extracts.reading import Records

TONNE = 1_000_000
CODE, OTHER = "900-249-08", "900-041-49"


def load(declared_t: float, received_t: float, *weighed: tuple[str, float]) -> dict[str, Any]:
    """How the only load of an extract stands."""
    extract = records(
        manifests=[
            {"manifest_id": "m", "declared_g": declared_t * TONNE, "received_g": received_t * TONNE,
             "received_at": "2026-03-03", "departed_at": "2026-03-02"}
        ],
        weighings=[
            {"weighing_id": f"w{number}", "manifest_id": "m", "side": side, "net_g": net * TONNE}
            for number, (side, net) in enumerate(weighed)
        ],
    )  # fmt: skip
    (row,) = loads(extract).to_pyarrow().to_pylist()
    return {name: row[name] / TONNE for name in ("sent_g", "came_g", "doubt_g")}


def test_each_side_keeps_its_own_figure_where_they_agree_within_a_tenth() -> None:
    assert load(20, 19.8, ("shipper", 20), ("receiver", 19.8)) == {"sent_g": 20, "came_g": 19.8, "doubt_g": 0}


def test_a_slip_of_the_pen_is_one_against_three() -> None:
    both = {"sent_g": 3.18, "came_g": 3.18, "doubt_g": 0}

    assert load(32.2, 3.18, ("shipper", 3.22), ("receiver", 3.18)) == both
    assert load(32.2, 3.18, ("receiver", 3.18)) == both


def test_where_as_many_speak_for_either_the_difference_is_the_doubt() -> None:
    assert load(20, 2, ("shipper", 20), ("receiver", 2)) == {"sent_g": 20, "came_g": 2, "doubt_g": 18}
    assert load(20, 2) == {"sent_g": 20, "came_g": 2, "doubt_g": 18}


def plant(
    loads_in: list[tuple[str, float, float]], treated: list[tuple[str, str, float]], takes: list[tuple[str, str, float]]
) -> Records:
    """Loads (received_at, declared t, received t), batches (at, code, t) and stock-takes (at, code, t) of a plant."""
    return records(
        manifests=[
            {"manifest_id": f"m{n}", "received_at": at, "declared_g": declared * TONNE, "received_g": came * TONNE}
            for n, (at, declared, came) in enumerate(loads_in)
        ],
        batches=[{"batch_id": f"b{n}", "site_id": "receiver", "treated_at": at, "input_g": t * TONNE}
                 for n, (at, _, t) in enumerate(treated)],
        batch_inputs=[{"batch_id": f"b{n}", "waste_code": code, "input_g": t * TONNE}
                      for n, (_, code, t) in enumerate(treated)],
        stock_takes=[{"stock_take_id": at, "site_id": "receiver", "waste_code": code, "taken_at": at,
                      "measured_g": t * TONNE, "relative_uncertainty": 0.02} for at, code, t in takes],
        sites=[{"site_id": "receiver", "kind": "disposer"}],
    )  # fmt: skip


def whole(extract: Records) -> list[dict[str, Any]]:
    table = mass_unaccounted(extract)
    rows: list[dict[str, Any]] = table.filter(table.waste_code == ALL).order_by("period").to_pyarrow().to_pylist()
    return rows


def test_what_comes_on_the_day_of_a_stock_take_counts_before_or_after_its_instant() -> None:
    extract = plant(
        [("2026-01-31 09:00", 30, 30), ("2026-01-31 17:00", 40, 40)],
        [],
        [("2026-01-01 16:00", CODE, 0), ("2026-01-31 16:00", CODE, 30), ("2026-02-28 16:00", CODE, 70)],
    )

    assert [(row["in_g"] / TONNE, row["muf_g"]) for row in whole(extract)] == [(30, 0), (40, 0)]


def test_a_load_about_which_its_sides_do_not_agree_widens_the_balance_by_their_difference() -> None:
    takes = [("2026-01-01", CODE, 0.0), ("2026-02-01", CODE, 0.0)]
    agreed = plant([("2026-01-10", 20, 20)], [("2026-01-20", CODE, 20)], takes)
    torn = plant([("2026-01-10", 20, 2)], [("2026-01-20", CODE, 20)], takes)

    ((sure,), (unsure,)) = whole(agreed), whole(torn)

    assert unsure["muf_g"] == -18 * TONNE
    assert sure["sigma_g"] < TONNE < 18 * TONNE < unsure["sigma_g"] < 18.1 * TONNE
    assert found(NEGATIVE, torn) == []


def test_what_one_code_gains_and_another_loses_is_not_more_than_came() -> None:
    takes = [("2026-01-01", CODE, 100.0), ("2026-01-01", OTHER, 100.0), ("2026-02-01", CODE, 60.0),
             ("2026-02-01", OTHER, 140.0)]  # fmt: skip
    assert found(NEGATIVE, plant([("2026-01-10", 50, 50)], [("2026-01-20", CODE, 50)], takes)) == []

    (finding,) = found(NEGATIVE, plant([("2026-01-10", 50, 50)], [("2026-01-20", CODE, 90)], takes))
    assert finding["muf_g"] == -40 * TONNE


def test_balances_that_scatter_more_than_the_scales_say_widen_sigma_and_what_can_be_seen() -> None:
    """Thirty periods, in each of which ten times σ too much or too little is found: no plant is accused of it."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 5) for day in (1, 4, 7, 10, 13, 16, 19, 22)]
    takes = [(day, CODE, 100.0 + (20.0 if number % 2 else 0.0)) for number, day in enumerate(days)]

    extract = plant([("2026-01-02", 1, 1)], [], takes)

    rows = whole(extract)
    assert rows[0]["spread"] > 3
    assert rows[0]["mdd_g"] == pytest.approx(3.29 * rows[0]["sigma_g"])
    assert found(NEGATIVE, extract) == []
    assert OF["enough"] <= len(rows)
