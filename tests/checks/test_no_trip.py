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


CLOCKS = tuple(f"{hour}:{minute}0" for hour in (13, 14, 15, 16, 17) for minute in range(6))[3:-2]
"""Each ten minutes from half past one to half past five."""


def test_a_vehicle_that_was_elsewhere_did_not_arrive() -> None:
    (finding,) = found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=fixes(117.1, *CLOCKS)))

    assert (finding["subject_id"], finding["party_id"], finding["severity"], finding["fixes"]) == (
        "m",
        "carrier",
        3,
        25,
    )
    assert finding["statistic"] == pytest.approx(9.0, abs=0.1)
    assert (finding["found_at"], finding["at_risk_g"]) == (at("2026-03-02 17:30"), 1_000_000)


def test_one_fix_at_the_gate_is_enough() -> None:
    positions = fixes(117.1, *CLOCKS) + fixes(117.004, "16:30")

    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=positions)) == []


def test_between_two_fixes_there_is_time_for_a_gate_that_is_near() -> None:
    """It proves nothing that none was sent there: of a vehicle that sends once an hour, or stands a kilometre off."""
    hourly = fixes(117.1, "14:00", "15:00", "16:00", "17:00")
    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=hourly)) == []
    beside = fixes(117.02, *CLOCKS)
    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=beside)) == []


def days(
    longitude: float, count: int, vehicle: str = "truck"
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Arrivals of as many days before, each with fixes at this longitude."""
    manifests: list[dict[str, object]] = [
        {
            **MANIFEST,
            "manifest_id": f"{vehicle}-{day}",
            "vehicle_id": vehicle,
            "departed_at": f"2026-02-{day:02} 13:00",
            "arrived_at": f"2026-02-{day:02} 15:30",
        }
        for day in range(1, count + 1)
    ]
    positions = [
        {**fix, "seen_at": str(fix["seen_at"]).replace("03-02", f"02-{day:02}")}
        for day in range(1, count + 1)
        for fix in fixes(longitude, *CLOCKS, vehicle=vehicle)
    ]
    return manifests, positions


def test_a_vehicle_that_is_always_seen_at_gates_and_this_time_a_kilometre_off_is_asked() -> None:
    manifests, positions = days(117.001, 12)
    extract = records(sites=[PLANT], manifests=[*manifests, MANIFEST], positions=positions + fixes(117.02, *CLOCKS))

    (finding,) = found(RULE, extract)

    assert (finding["subject_id"], finding["severity"], finding["could_have_been"]) == ("m", 2, True)


def test_a_site_at_whose_place_nobody_is_seen_accuses_nobody() -> None:
    manifests, positions = days(117.1, 12)

    assert found(RULE, records(sites=[PLANT], manifests=manifests, positions=positions)) == []
    assert len(found(RULE, records(sites=[PLANT], manifests=manifests[:3], positions=positions))) == 3


def test_a_vehicle_that_does_not_send_says_nothing() -> None:
    positions = fixes(117.1, *CLOCKS, vehicle="another") + fixes(117.1, "15:00")

    assert found(RULE, records(sites=[PLANT], manifests=[MANIFEST], positions=positions)) == []
    assert told(RULE, records(sites=[PLANT], manifests=[MANIFEST])).answer is Answer.NO_DATA
