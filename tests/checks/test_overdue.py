"""R01: on the road for longer than the lane ever takes."""

from tests.support.records import at, found, records
from wastetrack.checks.model import Queue
from wastetrack.checks.rules.r01_overdue import RULE
from wastetrack.checks.rules.r02_never_arrived import RULE as NEVER_ARRIVED

TRIP = {"manifest_id": "trip", "carrier_id": "carrier", "departed_at": "2026-03-02 08:00", "distance_km": 100}
# 100 km: usually 3 h, at the slowest 4 h 20; watched from 14:20, to be explained from 19:00


def test_an_open_load_is_watched_and_then_to_be_explained() -> None:
    extract = records(manifests=[TRIP])

    assert found(RULE, extract, "2026-03-02 14:19") == []
    (watched,) = found(RULE, extract, "2026-03-02 14:21")
    assert (watched["severity"], watched["found_at"]) == (1, at("2026-03-02 14:20"))
    (late,) = found(RULE, extract, "2026-03-02 19:01")
    assert (late["severity"], late["found_at"], late["party_id"]) == (2, at("2026-03-02 19:00"), "carrier")


def test_what_came_late_and_was_only_watched_is_forgotten() -> None:
    assert found(RULE, records(manifests=[TRIP | {"arrived_at": "2026-03-02 18:30"}])) == []


def test_what_came_after_its_time_to_explain_stays() -> None:
    (late,) = found(RULE, records(manifests=[TRIP | {"arrived_at": "2026-03-02 22:00"}]))

    assert (late["statistic"], late["threshold"]) == (14, 11)


def test_medical_waste_has_half_the_patience() -> None:
    extract = records(manifests=[TRIP | {"waste_code": "841-001-01"}])

    (late,) = found(RULE, extract, "2026-03-02 15:01")
    assert (late["severity"], late["found_at"]) == (2, at("2026-03-02 15:00"))


def test_medical_waste_on_a_long_road_is_not_late_before_it_could_be_there() -> None:
    # 500 km: usually 11 h, so to be explained from 16 h 30
    far = TRIP | {"waste_code": "841-001-01", "distance_km": 500}

    assert found(RULE, records(manifests=[far | {"arrived_at": "2026-03-02 20:00"}])) == []
    (late,) = found(RULE, records(manifests=[far | {"arrived_at": "2026-03-03 02:00"}]))
    assert late["found_at"] == at("2026-03-03 00:30")


def test_a_receipt_is_an_arrival_where_no_gate_is_kept() -> None:
    assert found(RULE, records(manifests=[TRIP | {"received_at": "2026-03-02 12:00"}])) == []


def test_a_load_that_was_called_off_in_time_is_not_late() -> None:
    assert found(RULE, records(manifests=[TRIP | {"cancelled_at": "2026-03-02 12:00"}])) == []


def test_a_lane_that_is_known_has_its_own_time() -> None:
    def on(day: int) -> dict[str, object]:
        times = {"departed_at": f"2026-02-{day:02} 08:00", "arrived_at": f"2026-02-{day:02} 18:00"}
        return TRIP | times | {"manifest_id": f"trip-{day}"}

    # Twenty trips of ten hours: usually 10 h, so twice as much is to be explained, at 04:00 of the next day
    lane = [on(day) for day in range(1, 21)]

    assert found(RULE, records(manifests=[TRIP, *lane]), "2026-03-02 19:30") == []
    (watched,) = found(RULE, records(manifests=[TRIP, *lane]), "2026-03-02 20:30")
    assert watched["severity"] == 1


def test_on_a_long_road_a_day_is_enough() -> None:
    # 700 km: usually 15 h, twice as much would be 30 h
    far = TRIP | {"distance_km": 700}

    assert found(RULE, records(manifests=[far | {"arrived_at": "2026-03-03 07:59"}])) == []
    (late,) = found(RULE, records(manifests=[far | {"arrived_at": "2026-03-03 08:01"}]))
    assert late["found_at"] == at("2026-03-03 08:00")


def test_on_a_lane_that_takes_most_of_a_day_it_is_late_once_even_the_slow_are_there() -> None:
    def on(day: int) -> dict[str, object]:
        times = {"departed_at": f"2026-02-{day:02} 08:00", "arrived_at": f"2026-02-{day + 1:02} 02:00"}
        return TRIP | times | {"manifest_id": f"trip-{day}"}

    # Twenty trips of eighteen hours: eight hours more would be the second day; the slowest and two hours are the first
    lane = [on(day) for day in range(1, 21)]

    (late,) = found(RULE, records(manifests=[TRIP, *lane]), "2026-03-03 09:00")
    assert (late["severity"], late["found_at"]) == (2, at("2026-03-03 08:00"))


def test_lateness_is_a_matter_of_the_road_until_the_load_is_lost() -> None:
    assert (RULE.queue, NEVER_ARRIVED.queue) == (Queue.TRANSIT, Queue.INTEGRITY)


def by_day(number: int, hour: float = 2.0) -> dict[str, object]:
    """An arrival at the gate, at so many hours UTC; each on a lane of its own, so that no lane has its speed."""
    times = {"departed_at": f"2026-01-{number % 28 + 1:02} 00:00"}
    came = {"arrived_at": f"2026-01-{number % 28 + 1:02} {int(hour):02}:{round(hour % 1 * 60):02}"}
    return TRIP | times | came | {"manifest_id": f"came-{number}", "shipper_site_id": f"shipper-{number}"}


def test_a_load_is_not_late_while_the_gate_is_shut() -> None:
    """The gate takes loads from eight to five in China, 00:00 to 09:00 UTC."""
    gate = [by_day(number, (0.0, 4.0, 9.0)[number % 3]) for number in range(60)]
    extract = records(manifests=[*gate, TRIP | {"departed_at": "2026-03-02 06:00"}])

    # to be explained from 17:00, an hour past midnight there: two hours after the gate opens it could have come
    assert found(RULE, extract, "2026-03-03 01:59") == []
    (late,) = found(RULE, extract, "2026-03-03 02:01")
    assert (late["subject_id"], late["severity"], late["found_at"]) == ("trip", 2, at("2026-03-03 02:00"))


def test_a_load_is_not_late_on_a_weekend_on_which_the_gate_rests() -> None:
    """The second of February is a Monday, and so is the ninth of March."""
    gate = [
        by_day(day, hour)
        | {"manifest_id": f"came-{day}-{hour}", "shipper_site_id": f"shipper-{day}-{hour}"}
        | {"departed_at": f"2026-02-{day:02} 00:00", "arrived_at": f"2026-02-{day:02} {hour:02}:00"}
        for day in range(2, 28)
        if (day - 2) % 7 < 5
        for hour in (0, 4, 9)
    ]

    # It leaves on a Friday at four in the afternoon, and would be to be explained on Saturday at three in the morning.
    (late,) = found(RULE, records(manifests=[*gate, TRIP | {"departed_at": "2026-03-06 08:00"}]))
    assert (late["subject_id"], late["severity"], late["found_at"]) == ("trip", 2, at("2026-03-09 02:00"))


def before_the_feast(*, rests: bool) -> list[dict[str, object]]:
    """Three arrivals on each day from 1 September 2025 on, but on none of 1 to 8 October where the gate rests then."""
    days = [f"2025-09-{day:02}" for day in range(1, 31)]
    days += [f"2025-10-{day:02}" for day in range(9 if rests else 1, 21)]
    return [
        by_day(0)
        | {"manifest_id": f"came-{day}-{hour}", "shipper_site_id": f"shipper-{day}-{hour}"}
        | {"departed_at": f"{day} 00:00", "arrived_at": f"{day} {hour:02}:00"}
        for day in days
        for hour in (1, 4, 9)
    ]


def test_a_load_is_not_late_on_the_feast_on_which_the_gate_rests() -> None:
    evening = TRIP | {"departed_at": "2025-09-30 08:00"}
    came_after = evening | {"arrived_at": "2025-10-09 01:00"}

    # It left the day before at four in the afternoon; the gate that rests opens again on the ninth.
    assert found(RULE, records(manifests=[*before_the_feast(rests=True), came_after])) == []
    (late,) = found(RULE, records(manifests=[*before_the_feast(rests=True), evening]), "2025-10-10 12:00")
    assert (late["subject_id"], late["found_at"] > at("2025-10-09 01:00")) == ("trip", True)
    (waited,) = found(RULE, records(manifests=[*before_the_feast(rests=False), came_after]))
    assert (waited["subject_id"], waited["found_at"]) == ("trip", at("2025-10-01 02:00"))


def test_nothing_is_lost_while_the_gate_rests_on_a_feast() -> None:
    lost = TRIP | {"departed_at": "2025-09-30 08:00", "declared_g": 5_000_000}

    rests, works = (before_the_feast(rests=rests) for rests in (True, False))
    assert found(NEVER_ARRIVED, records(manifests=[*rests, lost]), "2025-10-08 23:00") == []
    assert [row["subject_id"] for row in found(NEVER_ARRIVED, records(manifests=[*rests, lost]), "2025-10-20")] == [
        "trip"
    ]
    assert [row["subject_id"] for row in found(NEVER_ARRIVED, records(manifests=[*works, lost]), "2025-10-05")] == [
        "trip"
    ]


def test_a_gate_that_takes_loads_by_night_as_well_never_shuts() -> None:
    gate = [by_day(number, (0.0, 9.0, 16.0, 20.0)[number % 4]) for number in range(60)]

    extract = records(manifests=[*gate, TRIP | {"departed_at": "2026-03-02 06:00"}])
    (late,) = [row for row in found(RULE, extract) if row["subject_id"] == "trip"]
    assert late["found_at"] == at("2026-03-02 17:00")


def test_of_a_gate_that_is_hardly_known_no_hours_are_assumed() -> None:
    gate = [by_day(number) for number in range(49)]

    (late,) = found(RULE, records(manifests=[*gate, TRIP | {"departed_at": "2026-03-02 06:00"}]))
    assert late["found_at"] == at("2026-03-02 17:00")


def test_a_round_sets_out_for_the_gate_when_it_has_left_its_last_place() -> None:
    places = [
        TRIP
        | {"manifest_id": f"m-{place}", "shipper_site_id": f"clinic-{place}", "trip_id": "round"}
        | {"departed_at": f"2026-03-02 {hour:02}:00", "arrived_at": "2026-03-02 20:30"}
        for place, hour in enumerate((4, 8, 10))
    ]

    # 100 km from ten o'clock on: to be explained from 21:00, whenever the first was collected
    assert found(RULE, records(manifests=places)) == []
    (alone, _) = found(RULE, records(manifests=[row | {"trip_id": None} for row in places[:2]]))
    assert alone["subject_id"] == "m-0"


def test_a_round_teaches_no_lane_how_slow_it_is() -> None:
    slow = [
        TRIP
        | {"manifest_id": f"{place}-{day}", "shipper_site_id": place, "trip_id": f"round-{day}"}
        | {"departed_at": f"2026-02-{day:02} {hour}:00", "arrived_at": f"2026-02-{day:02} 20:00"}
        for day in range(1, 22)
        for place, hour in (("first", "06"), ("last", "18"))
    ]

    (late,) = found(RULE, records(manifests=[*slow, TRIP | {"shipper_site_id": "first"}]), "2026-03-02 19:01")
    assert late["found_at"] == at("2026-03-02 19:00")
