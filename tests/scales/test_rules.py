"""What is known of a scale: its verification on a day, its uncertainty, the name the ledger gives to its masses."""

from datetime import date

import pytest

from wastetrack.ledger.model import WeighingMethod
from wastetrack.scales.model import ScaleKind, Verification, uncertainty_of, verification


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        (date(2026, 5, 31), Verification.NOT_YET),
        (date(2026, 6, 1), Verification.HOLDS),
        (date(2027, 5, 1), Verification.HOLDS),
        (date(2027, 5, 2), Verification.ENDS_SOON),
        (date(2027, 5, 31), Verification.ENDS_SOON),
        (date(2027, 6, 1), Verification.OVER),
    ],
)
def test_a_verification_holds_from_day_to_day(on: date, stands: Verification) -> None:
    assert verification(date(2026, 6, 1), date(2027, 5, 31), on) is stands


def test_uncertainty_is_as_stated_or_that_of_a_rounded_display() -> None:
    assert uncertainty_of(130, 200) == 130
    assert uncertainty_of(None, 200) == 58  # 200 g / √12 = 57.7 g
    assert uncertainty_of(None, None) is None


def test_only_a_weighbridge_is_a_truck_scale() -> None:
    assert {kind for kind in ScaleKind if kind.method is WeighingMethod.TRUCK_SCALE} == {ScaleKind.TRUCK}
    assert ScaleKind.BENCH.method is WeighingMethod.PLATFORM_SCALE
