"""R12: arrived by the manifest, and not by the vehicle."""

import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r12_no_trip import RULE
from wastetrack.checks.running import Answer

PLANT = {"site_id": "plant", "latitude": 36.0, "longitude": 117.0}
MANIFEST = {
    "manifest_id": "m",
    "carrier_id": "carrier",
    "vehicle_id": "truck",
    "receiver_site_id": "plant",
    "departed_at": "2026-03-02 13:00",
    "arrived_at": "2026-03-02 15:30",  # half past eleven at night in China: the hours about it touch two days
}


def fixes(longitude: float, *clocks: str, vehicle: str = "truck") -> list[dict[str, object]]:
    """Where the vehicle was at these times."""
    return [
        {"vehicle_id": vehicle, "seen_at": f"2026-03-02 {clock}", "latitude": 36.0, "longitude": longitude}
        for clock in clocks
    ]


CLOCKS = ("14:00", "15:00", "16:00", "17:00")


def test_a_vehicle_that_was_elsewhere_did_not_arrive() -> None:
    (finding,) = found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=fixes(117.1, *CLOCKS)))

    assert (finding["subject_id"], finding["party_id"], finding["severity"], finding["fixes"]) == ("m", "carrier", 3, 4)
    assert finding["statistic"] == pytest.approx(9.0, abs=0.1)
    assert (finding["found_at"], finding["at_risk_g"]) == (at("2026-03-02 17:30"), 1_000_000)


def test_one_fix_at_the_gate_is_enough() -> None:
    positions = fixes(117.1, *CLOCKS) + fixes(117.004, "16:30")

    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=positions)) == []


def test_a_site_that_is_a_kilometre_off_is_asked_and_not_inspected() -> None:
    (finding,) = found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=fixes(117.02, *CLOCKS)))

    assert finding["severity"] == 2


def test_a_vehicle_that_does_not_send_says_nothing() -> None:
    positions = fixes(117.1, *CLOCKS, vehicle="another") + fixes(117.1, "15:00")

    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=positions)) == []
    assert told(RULE, records(sites=[PLANT], manifests=[MANIFEST])).answer is Answer.NO_DATA
