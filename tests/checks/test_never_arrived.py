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


def test_what_came_days_late_is_to_be_explained_and_stands_behind_what_is_missing() -> None:
    day_late = LOST | {"manifest_id": "day late", "arrived_at": "2026-03-04 12:00"}
    late_by_days = LOST | {"manifest_id": "late by days", "arrived_at": "2026-03-05 12:00"}
    extract = records(manifests=[LOST, day_late, late_by_days, ARRIVED])

    told_of = {row["subject_id"]: row for row in found(RULE, extract)}
    assert {name: (row["severity"], row["at_risk_g"], row["posterior"]) for name, row in told_of.items()} == {
        "day late": (2, 0, 0.1),
        "late by days": (3, 1_000_000, None),
        "lost": (3, 1_000_000, None),
    }
    # Until it comes nobody knows that it will.
    assert {row["severity"] for row in found(RULE, extract, "2026-03-04 11:00")} == {3}


def test_a_load_for_a_gate_that_rests_on_a_sunday_is_not_missing_before_monday() -> None:
    """The gate takes loads from eight to five in China on six days; on the seventh of March the load comes too late."""
    gate = [
        LOST
        | {"manifest_id": f"came-{day}-{hour}", "shipper_site_id": f"shipper-{day}-{hour}"}
        | {"departed_at": f"2026-02-{day:02} 00:00", "arrived_at": f"2026-02-{day:02} {hour:02}:00"}
        for day in range(2, 29)
        if day not in {8, 15, 22}
        for hour in (0, 4, 9)
    ]
    saturday = LOST | {"departed_at": "2026-03-07 08:00", "arrived_at": "2026-03-09 00:30"}

    assert [row for row in found(RULE, records(manifests=[*gate, saturday])) if row["subject_id"] == "lost"] == []
    (lost,) = found(RULE, records(manifests=[*gate, saturday | {"arrived_at": None}]))
    assert lost["found_at"] == at("2026-03-09 08:00")
    sundays = [row | {"manifest_id": f"sunday-{n}", "arrived_at": "2026-02-15 03:00"} for n, row in enumerate(gate[:9])]
    (lost,) = [
        row
        for row in found(RULE, records(manifests=[*gate, *sundays, saturday]), "2026-03-09")
        if row["subject_id"] == "lost"
    ]
    assert lost["found_at"] == at("2026-03-08 11:00")
