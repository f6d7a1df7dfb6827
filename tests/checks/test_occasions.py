"""Sites that enter their waste when it is fetched: judged by how often they tell, not by the calendar."""

import numpy as np
import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules import r28_drop, r29_silence, r30_peers

TONNE = 1_000_000
Row = dict[str, object]
Tables = dict[str, list[Row]]


def _month(number: int) -> str:
    """The first day of the month so many after January 2024."""
    return f"{2024 + number // 12}-{number % 12 + 1:02d}-01"


def _sector(told_in: dict[str, list[int]], months: int = 16, each: float = 10 * TONNE) -> Tables:
    """Thirty sites that make the same each month and enter it monthly, and some that enter all when it is fetched.

    `told_in` are the months in which one enters what it made since its last entry, twenty lines at once.
    """
    tables: Tables = {"sites": [], "activity": [], "generation": []}
    monthly = {f"monthly-{site:02d}": list(range(months)) for site in range(30)}
    chance = np.random.default_rng(5)
    for name, told in (monthly | told_in).items():
        tables["sites"].append({"site_id": name, "kind": "generator", "industry": "C2614"})
        since = -1
        for month in range(months):
            tables["activity"].append(
                {"site_id": name, "month_on": _month(month), "kind": "power", "quantity": 1000.0, "unit": "kWh"}
            )
            if month in told:
                made = each * float(np.exp(chance.normal(0, 0.15, month - since)).sum())
                tables["generation"].append(
                    {"site_id": name, "month_on": _month(month), "generated_g": int(made), "entries": 20}
                )
                since = month
    return tables


FETCHED = {f"fetched-{number}": [month for month in range(16) if (month + number) % 3 == 2] for number in range(3)} | {
    "seldom": [3, 4, 8, 10, 13]
}
"""Each third month, and now and then."""


def test_months_without_a_pick_up_are_no_silence_and_a_monthly_ledger_that_stops_is() -> None:
    rows = found(r29_silence.RULE, records(**_sector(FETCHED | {"stops": list(range(12))})))

    assert [(row["subject_id"], row["found_at"]) for row in rows] == [("stops", at("2025-02-28 16:00"))]


def test_who_told_in_two_months_of_three_is_asked_after_a_year_of_silence() -> None:
    """Its own habit is known from twelve months only: four silent ones of eleven are less rare than they seem."""
    (finding,) = found(r29_silence.RULE, records(**_sector({"fetched": [0, 1, 3, 4, 6, 7, 9, 11]}, months=30)))

    assert finding["subject_id"] == "fetched"
    assert 8 <= finding["months"] <= 14


@pytest.mark.parametrize("never", [4, 6])
def test_a_first_entry_that_comes_with_the_first_pick_up_is_no_silence(never: int) -> None:
    late = {f"late-{number}": list(range(2 + number % 2, 16, 3)) for number in range(8)}

    assert found(r29_silence.RULE, records(**_sector(late | {"later": list(range(never - 1, 16, 2))}))) == []


def test_a_month_without_a_pick_up_is_no_drop() -> None:
    now_and_then = {
        "three quarters": [0, 1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 18, 22, 23],
        "two thirds": [0, 1, 2, 6, 8, 10, 11, 13, 14, 15, 16, 17, 20, 21, 22, 23],
    }
    tables = _sector(now_and_then | {"drops": list(range(24))}, months=24)
    for row in tables["generation"]:
        if row["site_id"] == "drops" and str(row["month_on"]) >= "2025-07":
            row["generated_g"] = int(str(row["generated_g"])) // 4

    assert {row["subject_id"] for row in found(r28_drop.RULE, records(**tables))} == {"drops"}


def test_a_quarter_with_one_pick_up_or_none_is_not_far_below_peers() -> None:
    """Of four months' interval, the store holds the other three; who tells little each month is still told."""
    tables = _sector({"fetched": [1, 5, 9, 13], "early": [2, 3, 7, 14], "little": list(range(16))})
    for row in tables["generation"]:
        if row["site_id"] == "little":
            row["generated_g"] = int(str(row["generated_g"])) // 4

    assert {row["subject_id"] for row in found(r30_peers.RULE, records(**tables))} == {"little"}
