"""R02: what left and was seen at no gate."""

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r02_never_arrived import RULE
from wastetrack.checks.running import Answer

LOST = {"manifest_id": "lost", "carrier_id": "carrier", "departed_at": "2026-03-02 08:00", "distance_km": 100}
ARRIVED = LOST | {"manifest_id": "arrived", "arrived_at": "2026-03-02 11:00"}


def test_a_load_without_a_gate_is_found_a_day_after_it_was_due() -> None:
    extract = records(manifests=[LOST, ARRIVED])

    (finding,) = found(RULE, extract)

    # 100 km at 50 km/h and an hour of loading: due at 11:00, found a day later
    assert (finding["subject_id"], finding["party_id"], finding["found_at"]) == (
        "lost",
        "carrier",
        at("2026-03-03 11:00"),
    )
    assert (finding["at_risk_g"], finding["severity"]) == (1_000_000, 3)
    assert found(RULE, extract, "2026-03-03 10:59") == []


def test_a_gate_that_sees_it_too_late_leaves_the_finding() -> None:
    assert [
        row["subject_id"] for row in found(RULE, records(manifests=[LOST | {"arrived_at": "2026-03-05"}, ARRIVED]))
    ] == ["lost"]


def test_a_crime_by_mass_is_referred_after_three_days() -> None:
    (finding,) = found(RULE, records(manifests=[LOST | {"declared_g": 3_000_000}, ARRIVED]))

    assert finding["severity"] == 4


def test_without_gates_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[LOST])).answer is Answer.NO_DATA


def test_what_was_received_has_arrived() -> None:
    assert found(RULE, records(manifests=[LOST | {"received_at": "2026-03-02 12:00"}, ARRIVED])) == []


def test_to_cancel_a_lost_load_does_not_bring_it_back() -> None:
    """Called off before it was due it is no loss; afterwards it is a loss that somebody cancelled."""
    called_off = LOST | {"manifest_id": "called off", "cancelled_at": "2026-03-02 10:00"}
    hidden = LOST | {"manifest_id": "hidden", "cancelled_at": "2026-03-04 10:00"}

    assert [row["subject_id"] for row in found(RULE, records(manifests=[called_off, hidden, ARRIVED]))] == ["hidden"]


def test_a_lane_of_no_length_has_a_time_all_the_same() -> None:
    """Twenty trips from a site to itself, whose speed is none."""
    still = [
        LOST
        | {
            "manifest_id": f"still-{day}",
            "distance_km": 0,
            "departed_at": f"2026-02-{day:02}",
            "arrived_at": f"2026-02-{day:02} 05:00",
        }
        for day in range(1, 22)
    ]

    assert [row["subject_id"] for row in found(RULE, records(manifests=[*still, LOST | {"distance_km": 0}]))] == [
        "lost"
    ]


def punctual(number: int, minutes: int = 0) -> dict[str, object]:
    """A load that came when it was expected, or later."""
    times = {"departed_at": f"2026-02-{number % 28 + 1:02} 08:00"}
    came = {"arrived_at": f"2026-02-{number % 28 + 1:02} {11 + minutes // 60:02}:{minutes % 60:02}"}
    # Each on a lane of its own, so that no lane has a speed of its own.
    return LOST | times | came | {"manifest_id": f"came-{number}", "shipper_site_id": f"shipper-{number}"}


def test_where_no_load_is_ever_late_a_lost_one_is_asked_about_sooner() -> None:
    extract = records(manifests=[LOST, *(punctual(number) for number in range(100))])

    (asked,) = found(RULE, extract, "2026-03-02 20:00", enough=100)
    assert (asked["found_at"], asked["severity"], asked["wait_hours"]) == (at("2026-03-02 19:00"), 2, 8)
    (inspected,) = found(RULE, extract, "2026-03-03 11:00", enough=100)
    assert (inspected["found_at"], inspected["severity"]) == (at("2026-03-02 19:00"), 3)
    assert found(RULE, extract, "2026-03-02 20:00", enough=101) == []


def test_where_loads_are_late_at_times_one_waits_as_long_as_they_took() -> None:
    late = [punctual(number, 600) for number in range(100)]

    (asked,) = found(RULE, records(manifests=[LOST, *late]), "2026-03-02 22:00", enough=100)
    assert asked["found_at"] == at("2026-03-02 21:00")
    # One that was later than nearly all and came is asked about and no more.
    slow = LOST | {"manifest_id": "slow", "arrived_at": "2026-03-02 23:00"}
    severities = {
        row["subject_id"]: row["severity"]
        for row in found(RULE, records(manifests=[LOST, slow, *late]), enough=100, share=0.05)
    }
    assert severities == {"lost": 3, "slow": 2}
