"""The management class of a site (HJ 1259-2022, 4.2), case by case."""

from datetime import date
from typing import Any

import pytest

from wastetrack.mass import Mass
from wastetrack.plans.model import AmountGround, ClassGround, ManagementClass, PlanTable
from wastetrack.plans.policy import REQUIRED, Grounds, Thresholds, classify, yearly_amount

THRESHOLDS = Thresholds(key=Mass.parse("100 t"), simplified=Mass.parse("10 t"))
KEY, SIMPLIFIED, REGISTERED = ManagementClass


def grounds(**changes: Any) -> Grounds:  # noqa: ANN401  any field
    values: dict[str, Any] = {
        "year": 2026,
        "on": date(2026, 3, 2),
        "generated": {},
        "operating_since": date(2015, 1, 1),
    }
    return Grounds(**values | changes)


def tonnes(**years: str) -> dict[int, Mass]:
    return {int(year.removeprefix("y")): Mass.parse(f"{mass} t") for year, mass in years.items()}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("100", KEY), ("99.999999", SIMPLIFIED), ("10", SIMPLIFIED), ("9.999999", REGISTERED), ("0", REGISTERED)],
)
def test_the_thresholds_are_reached_to_the_gram(amount: str, expected: ManagementClass) -> None:
    found = classify(grounds(generated=tonnes(y2025=amount)), THRESHOLDS)
    assert (found.management_class, found.ground) == (expected, ClassGround.AMOUNT)


@pytest.mark.parametrize(
    ("changes", "expected", "ground"),
    [
        ({"holds_permit": True}, KEY, ClassGround.PERMIT),
        ({"has_own_treatment": True}, KEY, ClassGround.OWN_TREATMENT),
        ({"holds_permit": True, "set_class": SIMPLIFIED}, SIMPLIFIED, ClassGround.AUTHORITY),
        ({"set_class": KEY}, KEY, ClassGround.AUTHORITY),
        ({}, REGISTERED, ClassGround.AMOUNT),
    ],
)
def test_permits_own_treatment_and_the_authority_decide(
    changes: dict[str, Any], expected: ManagementClass, ground: ClassGround
) -> None:
    found = classify(grounds(**changes), THRESHOLDS)
    assert (found.management_class, found.ground) == (expected, ground)


@pytest.mark.parametrize(
    ("since", "amount", "ground"),
    [
        # In operation for three years: the largest of the last three whole years, neither 2022 nor this year's part.
        (date(2015, 1, 1), "30 t", AmountGround.THREE_YEARS),
        (date(2023, 3, 2), "30 t", AmountGround.THREE_YEARS),
        # For one year but not three: the largest so far, this year's part too.
        (date(2023, 3, 3), "70 t", AmountGround.SO_FAR),
        (date(2025, 3, 2), "70 t", AmountGround.SO_FAR),
        # Less than a year, or not begun: what EIA and permit say.
        (date(2025, 3, 3), "55 t", AmountGround.APPROVED),
        (date(2027, 1, 1), "55 t", AmountGround.APPROVED),
    ],
)
def test_the_yearly_amount_is_taken_by_the_years_in_operation(since: date, amount: str, ground: AmountGround) -> None:
    known = tonnes(y2022="90", y2023="20", y2024="30", y2025="25", y2026="70")
    told = grounds(generated=known, operating_since=since, approved=Mass.parse("55 t"))
    assert yearly_amount(told) == (Mass.parse(amount), ground)


def test_waste_that_comes_every_few_years_is_judged_by_the_documents() -> None:
    told = grounds(generated=tonnes(y2025="500"), intermittent=True, approved=Mass.parse("8 t"))
    assert yearly_amount(told) == (Mass.parse("8 t"), AmountGround.APPROVED)
    assert yearly_amount(grounds(intermittent=True)) == (Mass(0), AmountGround.APPROVED)


def test_what_the_ledger_does_not_know_yet_is_told() -> None:
    told = grounds(generated=tonnes(y2025="5"), before_records=Mass.parse("120 t"))
    assert classify(told, THRESHOLDS).management_class is KEY


def test_a_site_that_began_on_the_29th_of_february_has_its_anniversaries() -> None:
    told = grounds(on=date(2025, 3, 1), year=2025, operating_since=date(2024, 2, 29), generated=tonnes(y2024="12"))
    assert yearly_amount(told) == (Mass.parse("12 t"), AmountGround.SO_FAR)


def test_the_tables_of_each_class_are_those_of_the_standard() -> None:
    assert REQUIRED[KEY] == set(PlanTable)
    assert set(PlanTable) - REQUIRED[SIMPLIFIED] == {PlanTable.FACILITIES, PlanTable.TREATMENT}
    assert REQUIRED[REGISTERED] == {PlanTable.UNIT, PlanTable.GENERATION, PlanTable.TRANSFER}
