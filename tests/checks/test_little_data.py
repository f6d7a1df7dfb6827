"""Rules that fit models say nothing, and do not break, where there is next to nothing to fit."""

import pytest

from tests.support.records import found, records
from wastetrack.checks.model import Rule
from wastetrack.checks.rules import (
    r03_difference,
    r04_skim,
    r23_shell,
    r24_negative_balance,
    r27_loop,
    r35_repeats,
    r36_last_digit,
    r37_copied_weights,
    r45_ghost_chain,
)

FITTED = (
    r03_difference,
    r04_skim,
    r23_shell,
    r24_negative_balance,
    r27_loop,
    r35_repeats,
    r36_last_digit,
    r37_copied_weights,
    r45_ghost_chain,
)


@pytest.mark.parametrize("rule", [module.RULE for module in FITTED], ids=lambda rule: rule.id)
@pytest.mark.parametrize("as_of", ["2025-01-01", "2027-01-01"])
def test_one_honest_load_is_no_finding_before_and_after_it_was_made(rule: Rule, as_of: str) -> None:
    load = {
        "manifest_id": "load", "carrier_id": "carrier", "departed_at": "2026-03-02 08:00", "arrived_at": "2026-03-02 12:00",
        "received_at": "2026-03-02 12:10", "received_g": 1_000_000, "distance_km": 100,
    }  # fmt: skip
    sides = [
        {
            "manifest_id": "load",
            "side": side,
            "method": "truck_scale",
            "scale_id": "scale",
            "weighed_at": "2026-03-02 12:00",
        }
        for side in ("shipper", "receiver")
    ]
    extract = records(
        manifests=[load],
        weighings=sides,
        scales=[{"scale_id": "scale", "division_g": 20_000}],
        sites=[{"site_id": "receiver", "kind": "disposer"}],
        stock_takes=[{"site_id": "receiver", "taken_at": "2026-03-01", "measured_g": 0}],
    )

    assert found(rule, extract, as_of) == []
