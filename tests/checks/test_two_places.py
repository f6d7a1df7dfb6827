"""R14: one plate with two loads at once."""

import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules.r14_two_places import RULE


def load(name: str, departed: str, arrived: str | None, **more: object) -> dict[str, object]:
    """A load on the truck to a plant of its own."""
    times = {"departed_at": f"2026-03-02 {departed}", "arrived_at": arrived and f"2026-03-02 {arrived}"}
    return (
        {"manifest_id": name, "vehicle_id": "truck", "carrier_id": "carrier", "receiver_site_id": name} | times | more
    )


def test_a_load_that_leaves_before_the_last_arrived_is_on_another_vehicle() -> None:
    extract = records(manifests=[load("first", "08:00", "12:00"), load("second", "10:00", "14:00")])

    (finding,) = found(RULE, extract)

    assert (finding["subject_id"], finding["other_manifest_id"], finding["severity"]) == ("second", "first", 3)
    assert (finding["found_at"], finding["statistic"], finding["party_id"]) == (at("2026-03-02 10:00"), 2, "carrier")


def test_one_load_after_the_other_is_a_working_day() -> None:
    assert found(RULE, records(manifests=[load("first", "08:00", "12:00"), load("second", "11:40", "14:00")])) == []


def test_a_declared_milk_run_is_one_trip() -> None:
    run = [load("first", "08:00", "12:00", trip_id="run"), load("second", "10:00", "12:00", trip_id="run")]

    assert found(RULE, records(manifests=run)) == []
    (finding,) = found(RULE, records(manifests=[*run, load("third", "11:00", "15:00")]))
    assert finding["subject_id"] == "third"


def test_a_round_that_nobody_declared_is_only_watched() -> None:
    round_ = [
        load("first", "08:00", "12:00", receiver_site_id="plant"),
        load("second", "10:00", "12:10", receiver_site_id="plant"),
    ]

    (finding,) = found(RULE, records(manifests=round_))

    assert (finding["severity"], finding["undeclared_round"]) == (1, True)


def test_a_round_of_medical_waste_needs_no_word() -> None:
    round_ = [
        load(name, clock, "12:00", receiver_site_id="plant", kind="medical")
        for name, clock in (("a", "08:00"), ("b", "09:00"))
    ]

    assert found(RULE, records(manifests=round_)) == []


def test_two_vehicles_with_one_plate_are_one() -> None:
    vehicles = [{"vehicle_id": "truck", "plate": "鲁A12345"}, {"vehicle_id": "copy", "plate": "鲁A12345"}]
    manifests = [load("first", "08:00", "12:00"), load("second", "10:00", "14:00", vehicle_id="copy")]

    (finding,) = found(RULE, records(manifests=manifests, vehicles=vehicles))

    assert finding["plate"] == "鲁A12345"


def test_two_codes_of_a_manifest_are_one_load_and_a_load_called_off_is_none() -> None:
    manifests = [
        load("first", "08:00", "12:00"),
        load("first", "08:00", "12:00", waste_code="900-041-49"),
        load("off", "09:00", None, cancelled_at="2026-03-02 08:50"),
    ]

    assert found(RULE, records(manifests=manifests)) == []


def test_a_running_manifest_and_a_load_that_never_arrived_occupy_no_vehicle() -> None:
    manifests = [
        load("month", "01:00", "23:00", kind="continuous"),
        load("lost", "02:00", None),
        load("next", "08:00", "12:00"),
    ]

    assert found(RULE, records(manifests=manifests)) == []


def test_of_two_loads_the_one_that_was_driven_faster_is_asked_for() -> None:
    first = load("first", "08:00", "09:00", distance_km=100)
    second = load("second", "08:10", "12:00", distance_km=100)

    (finding,) = found(RULE, records(manifests=[first, second]))
    assert (finding["subject_id"], finding["other_manifest_id"]) == ("first", "second")
    (finding,) = found(RULE, records(manifests=[first | {"distance_km": 20}, second]))
    assert (finding["subject_id"], finding["other_manifest_id"]) == ("second", "first")


def test_a_load_that_spans_three_is_seen_by_all_of_them() -> None:
    """The long one is on the road all day; the second comes home before the third leaves."""
    extract = records(
        manifests=[
            load("long", "06:00", "20:00"),
            load("second", "08:00", "09:00"),
            load("third", "12:00", "14:00"),
            load("fourth", "14:20", "15:00"),
        ]
    )

    told = {row["subject_id"]: (row["other_manifest_id"], row["statistic"]) for row in found(RULE, extract)}

    assert told == {"second": ("long", 1), "third": ("long", 2), "fourth": ("long", pytest.approx(2 / 3))}


def test_each_load_is_told_once_beside_the_one_with_which_it_overlaps_the_longest() -> None:
    """Three at once: the third overlaps with both others; the fastest, which overlaps with both, is told once."""
    extract = records(
        manifests=[
            load("first", "08:00", "20:00", distance_km=900),
            load("second", "09:00", "18:00", distance_km=10),
            load("third", "10:00", "19:00", distance_km=10),
        ]
    )

    told = [(row["subject_id"], row["other_manifest_id"]) for row in found(RULE, extract)]

    assert sorted(told) == [("first", "second"), ("third", "second")] or sorted(told) == [
        ("first", "third"),
        ("third", "second"),
    ]
