"""R47: what makes a stop off the road more than a rest."""

from datetime import timedelta

import pytest

from tests.checks.test_roads import FIRST, PLACE, RECEIVER, SHIPPER, SITES, Row, drive, short, trip, world
from tests.support.records import found, records, told
from wastetrack.checks.rules.r47_left_on_the_way import RULE
from wastetrack.checks.running import Answer


def opened(fixes: list[Row]) -> list[Row]:
    """The door is open while the vehicle stands."""
    return [fix | {"door_open": fix["latitude"] != SHIPPER["latitude"]} for fix in fixes]


def test_a_stop_off_the_road_alone_is_a_rest() -> None:
    assert found(RULE, world([trip(0, late=30)], drive(0, stand=30, where=PLACE))) == []


def test_an_open_door_says_that_something_was_left() -> None:
    extract = world([trip(0, late=30)], opened(drive(0, stand=30, where=PLACE)))

    (finding,) = found(RULE, extract)

    assert (finding["subject_id"], finding["party_id"], finding["severity"]) == ("m0", "carrier", 3)
    assert (finding["lid_opened"], finding["at_risk_g"]) == (True, 1_000_000)
    # one stop, of which the prior counts as two: (1 + 2 · 0.2) / 3
    assert finding["prior"] == pytest.approx(1.4 / 3)
    assert finding["posterior"] == pytest.approx(0.946, abs=0.001)
    assert finding["found_at"] == FIRST + timedelta(minutes=85)


def test_a_short_load_says_so_once_the_gate_has_weighed() -> None:
    extract = world([trip(0, late=30)], drive(0, stand=30, where=PLACE), weighings=short("m0"))

    (finding,) = found(RULE, extract)

    assert (finding["severity"], finding["at_risk_g"], finding["missing_g"]) == (3, 5_000_000, 5_000_000)
    assert finding["found_at"] == FIRST + timedelta(hours=3)
    assert found(RULE, extract, FIRST + timedelta(hours=2)) == []


def test_a_firm_that_stands_there_again_is_asked_from_the_second_time_on() -> None:
    days = (0, 20)
    extract = world(
        [trip(day, late=30) for day in days], [fix for day in days for fix in drive(day, stand=30, where=PLACE)]
    )

    findings = found(RULE, extract)

    assert [(row["subject_id"], row["severity"], row["stops_of_firm"]) for row in findings] == [
        ("m0", 2, 2),
        ("m20", 2, 2),
    ]
    assert {row["found_at"] for row in findings} == {FIRST + timedelta(days=20, minutes=85)}


def test_what_all_firms_do_is_no_firms() -> None:
    """Three firms stand twice off the road in 22 trips each, at places of their own."""
    manifests, positions = [], []
    for number, firm in enumerate(("one", "two", "three")):
        for day in range(1, 23):
            aside = day in {5, 15}
            where = (PLACE[0] + 0.02 * number, PLACE[1]) if aside else None
            name, vehicle = f"{firm}-{day}", f"truck-{firm}"
            manifests.append(trip(day, late=30 if aside else 0, name=name, vehicle=vehicle, carrier=firm))
            positions += drive(day, stand=30 if aside else 0, where=where, vehicle=vehicle)

    assert found(RULE, records(sites=SITES, manifests=manifests, positions=positions)) == []


def test_without_positions_there_is_no_answer() -> None:
    extract = records(sites=[SHIPPER, RECEIVER], manifests=[trip(0)])

    assert told(RULE, extract).answer is Answer.NO_DATA
