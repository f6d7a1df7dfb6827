"""R06: nobody is in two places; no trip is shorter than its road; what is common is a fault of the records."""

import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r06_travel import RULE, SHORT
from wastetrack.checks.running import Answer

HERE = {"site_id": "here", "latitude": 36.0, "longitude": 117.0}
THERE = {"site_id": "there", "latitude": 36.0, "longitude": 118.0}
"""90 km east of here."""


def scan(clock: str, site: str, **more: object) -> dict[str, object]:
    """A scan of a drum at a site."""
    return {"container_id": "drum", "scanned_at": f"2026-03-02 {clock}", "site_id": site} | more


def test_one_label_in_two_places_within_half_an_hour_is_two_labels() -> None:
    extract = records(
        sites=[HERE, THERE], scans=[scan("08:00", "here", manifest_id="a"), scan("08:30", "there", manifest_id="b")]
    )

    (finding,) = found(RULE, extract)

    # 89.9 km less 0.6 km of blur in 40 minutes, ten of which are the clocks'
    assert (finding["subject_kind"], finding["subject_id"], finding["found_at"]) == (
        "container",
        "drum",
        at("2026-03-02 08:30"),
    )
    assert finding["statistic"] == pytest.approx(134, abs=1)
    assert (finding["earlier_manifest_id"], finding["manifest_id"]) == ("a", "b")


def test_an_honest_trip_between_them_takes_an_hour() -> None:
    assert found(RULE, records(sites=[HERE, THERE], scans=[scan("08:00", "here"), scan("09:00", "there")])) == []


@pytest.mark.parametrize("kind", ["device", "person"])
def test_devices_and_people_are_in_one_place_too(kind: str) -> None:
    there = {"signed_at": "2026-03-02 08:20", "recorded_at": "2026-03-02 08:20", "latitude": 36.0, "longitude": 118.0}
    extract = records(
        sites=[HERE, THERE],
        scans=[
            scan("08:00", "here", **{f"{kind}_id": "x"}),
            scan("08:10", "here", container_id="other", **{f"{kind}_id": "x"}),
        ],
        signatures=[there | {f"{kind}_id": "x"}],
    )

    (finding,) = found(RULE, extract)

    assert (finding["subject_kind"], finding["subject_id"]) == (kind, "x")


def test_vehicles_and_drivers_are_where_the_manifests_say() -> None:
    def trip(number: int, departed: str, arrived: str, **more: object) -> dict[str, object]:
        return {
            "manifest_id": f"m{number}",
            "carrier_id": "carrier",
            "shipper_site_id": "here",
            "receiver_site_id": "there",
            "departed_at": f"2026-03-02 {departed}",
            "arrived_at": f"2026-03-02 {arrived}",
        } | more

    extract = records(
        sites=[HERE, THERE],
        manifests=[
            trip(1, "08:00", "10:00", vehicle_id="truck", driver_id="driver"),
            trip(2, "10:10", "12:10", vehicle_id="truck", driver_id="other"),  # ten minutes for the way back
            trip(3, "13:00", "15:00", vehicle_id="another", driver_id="driver"),
        ],
    )

    (finding,) = found(RULE, extract)

    assert (finding["subject_kind"], finding["subject_id"], finding["party_id"]) == ("vehicle", "truck", "carrier")


def test_only_the_first_jump_of_a_month_is_told_and_the_others_counted() -> None:
    scans = [scan(f"08:{minute:02}", ("here", "there")[minute // 10 % 2]) for minute in (0, 10, 20, 30)]

    (finding,) = found(RULE, records(sites=[HERE, THERE], scans=scans))

    assert (finding["jumps"], finding["found_at"]) == (3, at("2026-03-02 08:10"))


def test_without_places_there_is_no_answer() -> None:
    assert told(RULE, records(scans=[scan("08:00", "here")])).answer is Answer.NO_DATA


def test_a_trip_that_is_shorter_than_its_road_was_never_driven() -> None:
    def trip(name: str, minutes: int, km: float | None) -> dict[str, object]:
        times: dict[str, object] = {
            "departed_at": "2026-03-02 08:00",
            "arrived_at": f"2026-03-02 {8 + minutes // 60:02}:{minutes % 60:02}",
        }
        return {"manifest_id": name, "shipper_site_id": "here", "receiver_site_id": "there", "distance_km": km} | times

    extract = records(
        sites=[HERE, THERE],
        manifests=[trip("ghost", 50, 110), trip("driven", 80, 110), trip("next door", 1, 15), trip("no map", 50, None)],
    )

    findings = found(SHORT, extract)

    # Without a road the straight line stands: 90 km in an hour is still too fast
    assert [row["subject_id"] for row in findings] == ["ghost", "no map"]
    assert findings[0]["statistic"] == pytest.approx(110)


def test_without_a_road_or_a_place_nothing_is_said_of_a_trip() -> None:
    trip = {"departed_at": "2026-03-02 08:00", "arrived_at": "2026-03-02 08:01"}

    assert found(SHORT, records(manifests=[trip])) == []


def test_a_jump_within_one_manifest_is_told_of_the_manifest_and_of_the_vehicle_by_its_trip() -> None:
    trip = {
        "manifest_id": "m",
        "vehicle_id": "truck",
        "driver_id": "driver",
        "shipper_site_id": "here",
        "receiver_site_id": "there",
        "departed_at": "2026-03-02 08:00",
        "arrived_at": "2026-03-02 08:20",
    }
    scans = [
        scan(clock, site, manifest_id="m", container_id=drum)
        for clock, site in (("08:00", "here"), ("08:20", "there"))
        for drum in ("drum", "other")
    ]
    extract = records(sites=[HERE, THERE], manifests=[trip], scans=scans)

    (jump,) = found(RULE, extract)
    (short,) = found(SHORT, extract)

    assert (jump["subject_kind"], jump["subject_id"], jump["jumps"]) == ("manifest", "m", 2)
    assert (short["subject_kind"], short["subject_id"]) == ("manifest", "m")


def rounds(number: int, minutes_back: int) -> list[dict[str, object]]:
    """Trips of trucks of their own, there in two hours, and back in so many minutes."""
    way: dict[str, object] = {"carrier_id": "carrier", "shipper_site_id": "here", "receiver_site_id": "there"}
    return [
        way
        | {"manifest_id": f"{kind}-{truck}", "vehicle_id": f"truck-{truck}", "driver_id": f"driver-{truck}"}
        | {"departed_at": f"2026-03-02 {begins}", "arrived_at": f"2026-03-02 {ends}"}
        for truck in range(number)
        for kind, begins, ends in (
            ("first", "08:00", "10:00"),
            ("second", f"{10 + minutes_back // 60:02}:{minutes_back % 60:02}", "14:00"),
        )
    ]


def test_a_driver_who_jumps_with_the_vehicle_is_no_second_finding() -> None:
    (finding,) = found(RULE, records(sites=[HERE, THERE], manifests=rounds(1, 10)))

    assert (finding["subject_kind"], finding["subject_id"]) == ("vehicle", "truck-0")


def test_what_happens_everywhere_is_a_fault_of_the_records_and_nobody_is_accused() -> None:
    extract = records(sites=[HERE, THERE], manifests=rounds(20, 10))

    people, vehicles = sorted(found(RULE, extract), key=lambda row: str(row["what"]))

    assert (vehicles["subject_kind"], vehicles["subject_id"], vehicles["severity"]) == ("table", "manifests", 1)
    assert (vehicles["what"], vehicles["jumps"], vehicles["statistic"]) == ("vehicle", 20, 1)
    assert (people["what"], people["subject_id"]) == ("person", "signatures")
    # Fewer than a score are somebody's.
    assert {row["subject_kind"] for row in found(RULE, extract, least_jumps=21)} == {"vehicle"}


def test_a_jump_among_many_honest_ways_is_told() -> None:
    mixed = [
        row | {name: f"m{row[name]}" for name in ("vehicle_id", "driver_id", "manifest_id")} for row in rounds(2, 10)
    ]
    extract = records(sites=[HERE, THERE], manifests=[*mixed, *rounds(500, 120)])

    assert {row["subject_kind"] for row in found(RULE, extract, least_jumps=1)} == {"vehicle"}


def test_where_departures_are_signed_on_the_road_as_a_habit_no_trip_is_accused() -> None:
    def trips(short: int, driven: int) -> list[dict[str, object]]:
        way: dict[str, object] = {"shipper_site_id": "here", "receiver_site_id": "there"}
        ends = ["08:30"] * short + ["10:00"] * driven
        way |= {"departed_at": "2026-03-02 08:00"}
        return [way | {"manifest_id": f"m{n}", "arrived_at": f"2026-03-02 {end}"} for n, end in enumerate(ends)]

    (table,) = found(SHORT, records(sites=[HERE, THERE], manifests=trips(20, 100)))
    assert (table["subject_kind"], table["subject_id"], table["severity"], table["trips"]) == (
        "table", "manifests", 1, 20,
    )  # fmt: skip
    assert table["statistic"] == pytest.approx(1 / 6)
    # Fewer than a score are somebody's, and so is a score among many.
    for few in (trips(19, 100), trips(20, 3980)):
        assert {row["subject_kind"] for row in found(SHORT, records(sites=[HERE, THERE], manifests=few))} == {
            "manifest"
        }
