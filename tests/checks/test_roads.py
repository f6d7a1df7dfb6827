"""R08 to R11 and R12 the other way round: where loads stand, leave their road, enter zones, fall silent."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.records import found, records, told
from wastetrack.checks.rules import r08_stop, r09_deviation, r10_geofence, r11_blackout, r12_no_manifest
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import Records

SHIPPER = {"site_id": "shipper", "kind": "generator", "latitude": 36.0, "longitude": 117.0}
RECEIVER = {"site_id": "receiver", "kind": "disposer", "latitude": 36.0, "longitude": 118.0}
SITES = [SHIPPER, RECEIVER]
FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning in China."""
PLACE = (36.08, 117.52)
"""Nine kilometres north of the road."""
Row = dict[str, object]


def trip(day: int, *, late: int = 0, name: str = "", vehicle: str = "truck", carrier: str = "carrier") -> Row:
    """A load along a parallel, 90 km in two hours and so many minutes more."""
    begins = FIRST + timedelta(days=day)
    return {
        "manifest_id": name or f"m{day}",
        "vehicle_id": vehicle,
        "carrier_id": carrier,
        "departed_at": begins,
        "arrived_at": begins + timedelta(minutes=120 + late),
        "distance_km": 95.0,
    }


def drive(
    day: int, *, vehicle: str = "truck", stand: int = 0, where: tuple[float, float] | None = None, dark: bool = False
) -> list[Row]:
    """A fix each five minutes; half way it stands for so many minutes, on the road or at a place away from it."""
    begins, rows = FIRST + timedelta(days=day), []
    for minute in range(0, 121 + stand, 5):
        gone = min(minute, 60) + max(minute - 60 - stand, 0)
        place = (36.0, 117.0 + gone / 120)
        if where is not None and 60 < minute < 60 + stand:
            place = where
        if not (dark and 60 < minute < 60 + stand):
            at = begins + timedelta(minutes=minute)
            rows.append({"vehicle_id": vehicle, "seen_at": at, "latitude": place[0], "longitude": place[1]})
    return rows


def usual(trips: int = 12) -> tuple[list[Row], list[Row]]:
    """A lane that is known: manifests and fixes of days before."""
    return [trip(-day) for day in range(1, trips + 1)], [fix for day in range(1, trips + 1) for fix in drive(-day)]


def world(manifests: list[Row], positions: list[Row], **tables: list[Row]) -> Records:
    """Those of the lane and these."""
    before, fixes = usual()
    return records(sites=SITES, manifests=before + manifests, positions=fixes + positions, **tables)


def short(manifest: str) -> list[Row]:
    """Two truck scales that differ by five tonnes."""
    side = {"manifest_id": manifest, "waste_code": "900-249-08", "method": "truck_scale", "scale_id": None}
    return [
        side | {"side": "shipper", "net_g": 20_000_000, "weighed_at": FIRST},
        side | {"side": "receiver", "net_g": 15_000_000, "weighed_at": FIRST + timedelta(hours=3)},
    ]


def test_a_stop_off_the_road_is_to_be_explained_and_one_on_it_is_not_even_watched() -> None:
    extract = world([trip(0, late=30), trip(1, late=20)], drive(0, stand=30, where=PLACE) + drive(1, stand=20))

    (finding,) = found(r08_stop.RULE, extract)

    assert (finding["subject_id"], finding["severity"], finding["party_id"]) == ("m0", 2, "carrier")
    assert (finding["off_corridor"], finding["minutes"]) == (True, 20.0)
    assert finding["latitude"] == pytest.approx(36.08)
    assert finding["found_at"] == FIRST + timedelta(minutes=85)


def test_a_long_stop_on_the_road_is_watched_and_at_a_site_it_is_nothing() -> None:
    extract = world([trip(0, late=50)], drive(0, stand=50))
    (finding,) = found(r08_stop.RULE, extract)
    assert (finding["severity"], finding["off_corridor"]) == (1, False)

    there = {"site_id": "other", "kind": "generator", "latitude": 36.0, "longitude": 117.505}
    before, fixes = usual()
    beside = records(sites=[*SITES, there], manifests=[*before, trip(0, late=50)], positions=fixes + drive(0, stand=50))
    assert found(r08_stop.RULE, beside) == []


def test_a_stop_with_a_short_load_is_inspected_with_the_grams_that_are_missing() -> None:
    extract = world([trip(0, late=30)], drive(0, stand=30, where=PLACE), weighings=short("m0"))

    (finding,) = found(r08_stop.RULE, extract)

    assert (finding["severity"], finding["at_risk_g"]) == (3, 5_000_000)
    assert finding["found_at"] == FIRST + timedelta(hours=3)


def test_where_three_firms_stop_everybody_may() -> None:
    firms = [("truck", "carrier"), ("truck-2", "second"), ("truck-3", "third")]
    manifests = [trip(0, late=40, name=v, vehicle=v, carrier=c) for v, c in firms]
    positions = [fix for v, _ in firms for fix in drive(0, stand=40, where=PLACE, vehicle=v)]

    assert found(r08_stop.RULE, world(manifests, positions)) == []
    assert len(found(r08_stop.RULE, world(manifests[:2], positions))) == 2


def test_an_echo_ends_no_stop_and_a_jam_is_none() -> None:
    fixes = drive(0, stand=30, where=PLACE)
    fixes[15] = fixes[15] | {"latitude": 36.3}
    (finding,) = found(r08_stop.RULE, world([trip(0, late=30)], fixes))
    assert finding["minutes"] == 20.0

    creeping = [
        fix | {"latitude": PLACE[0] + 0.0012 * place} if 12 < place < 24 else fix
        for place, fix in enumerate(drive(0, stand=60, where=PLACE))
    ]
    assert found(r08_stop.RULE, world([trip(0, late=60)], creeping)) == []


def test_the_third_stop_of_a_firm_at_a_place_makes_it_one_to_look_at() -> None:
    manifests = [trip(day, late=30) for day in (0, 20, 40)]
    positions = [fix for day in (0, 20, 40) for fix in drive(day, stand=30, where=PLACE)]

    (finding,) = found(r08_stop.PLACES, world(manifests, positions, weighings=short("m20")))

    assert (finding["subject_id"], finding["stops"], finding["severity"]) == ("carrier", 3, 3)
    assert finding["found_at"] == FIRST + timedelta(days=40, minutes=85)
    assert found(r08_stop.PLACES, world(manifests[:2], positions)) == []
    assert found(r08_stop.PLACES, world(manifests, positions), days=30) == []


def test_who_leaves_the_road_is_watched_and_his_own_way_makes_no_corridor() -> None:
    extract = world([trip(0, late=30), trip(1)], drive(0, stand=30, where=PLACE) + drive(1))

    (finding,) = found(r09_deviation.RULE, extract)

    assert (finding["subject_id"], finding["severity"], finding["lane_trips"]) == ("m0", 1, 13)
    assert finding["minutes"] == 20.0


def test_a_firm_that_leaves_the_road_again_and_again_is_asked() -> None:
    honest = [trip(day, name=f"h{day}", vehicle="other", carrier="honest") for day in range(60)]
    fixes = [fix for day in range(60) for fix in drive(day, vehicle="other")]
    often = [trip(day, late=30, name=f"o{day}", vehicle="bad", carrier="often") for day in range(0, 40, 8)]
    away = [
        fix
        for place, day in enumerate(range(0, 40, 8))
        for fix in drive(day, stand=30, where=(36.08 + 0.06 * place, 117.52), vehicle="bad")
    ]

    rows = found(r09_deviation.RULE, world(honest + often, fixes + away))

    assert [row["subject_id"] for row in rows] == [f"o{day}" for day in sorted((0, 8, 16, 24, 32), key=str)]
    assert {(row["severity"], row["repeated"]) for row in rows} == {(2, True)}


SQUARE = ((36.05, 117.50), (36.05, 117.54), (36.11, 117.54), (36.11, 117.50))
HOLE = ((36.07, 117.51), (36.07, 117.53), (36.09, 117.53), (36.09, 117.51))


def zone(*rings: tuple[tuple[float, float], ...], kind: str = "protection_zone_1", **more: object) -> list[Row]:
    """A border as edges."""
    edges = [(first, second) for ring in rings for first, second in zip(ring, (*ring[1:], ring[0]), strict=True)]
    return [
        {
            "zone_id": "zone", "edge": number, "kind": kind, "latitude": first[0], "longitude": first[1],
            "latitude_2": second[0], "longitude_2": second[1],
        } | more
        for number, (first, second) in enumerate(edges, 1)
    ]  # fmt: skip


def test_a_stop_where_water_comes_from_goes_to_those_who_investigate() -> None:
    stood = ([trip(0, late=30)], drive(0, stand=30, where=PLACE))

    (finding,) = found(r10_geofence.RULE, world(*stood, zones=zone(SQUARE)))

    assert (finding["severity"], finding["zone_id"], finding["kind"]) == (4, "zone", "protection_zone_1")
    assert found(r10_geofence.RULE, world(*stood, zones=zone(SQUARE, HOLE))) == []  # the place lies in the hole
    assert found(r10_geofence.RULE, world(*stood, zones=zone(SQUARE, valid_to="2026-03-01"))) == []
    assert found(r10_geofence.RULE, world([trip(0)], drive(0), zones=zone(SQUARE))) == []
    assert told(r10_geofence.RULE, world(*stood)).answer is Answer.NO_DATA


def test_a_stop_beside_a_river_is_one_at_it() -> None:
    near = ((36.0815, 117.4), (36.0815, 117.6), (36.085, 117.6), (36.085, 117.4))
    stood = ([trip(0, late=30)], drive(0, stand=30, where=PLACE))

    (finding,) = found(r10_geofence.RULE, world(*stood, zones=zone(near, kind="river")))

    assert finding["kind"] == "river"
    assert found(r10_geofence.RULE, world(*stood, zones=zone(near, kind="river")), river_m=100) == []
    assert found(r10_geofence.RULE, world(*stood, zones=zone(near))) == []


def silent(day: int, **more: str) -> list[Row]:
    """Half an hour without a fix, in which twenty kilometres are driven."""
    return [
        fix
        for fix in drive(day, vehicle=more.get("vehicle", "truck"))
        if not 60 < (fix["seen_at"] - FIRST - timedelta(days=day)).total_seconds() / 60 < 90  # type: ignore[operator]
    ]


def test_a_silence_while_it_drives_is_watched_and_with_a_short_load_inspected() -> None:
    (finding,) = found(r11_blackout.RULE, world([trip(0)], silent(0)))
    assert (finding["subject_id"], finding["severity"], finding["minutes"]) == ("m0", 1, 30.0)

    (graver,) = found(r11_blackout.RULE, world([trip(0)], silent(0), weighings=short("m0")))
    assert (graver["severity"], graver["at_risk_g"]) == (3, 5_000_000)


def test_a_silence_up_to_the_gate_counts_and_one_that_stands_still_does_not() -> None:
    (finding,) = found(r11_blackout.RULE, world([trip(0)], drive(0)[:13]))
    assert (finding["minutes"], finding["moved_km"]) == (60.0, pytest.approx(45, abs=0.5))

    assert found(r11_blackout.RULE, world([trip(0, late=40)], drive(0, stand=40, dark=True))) == []


def test_a_silence_that_other_firms_share_is_one_of_the_network() -> None:
    firms = [(f"truck-{number}", f"firm-{number}") for number in range(5)]
    manifests = [trip(0, name=v, vehicle=v, carrier=c) for v, c in firms]
    positions = [fix for v, _ in firms for fix in silent(0, vehicle=v)]

    assert found(r11_blackout.RULE, world(manifests, positions)) == []
    assert len(found(r11_blackout.RULE, world(manifests[:2], positions))) == 2


def test_a_vehicle_that_fetches_and_unloads_nowhere_without_a_manifest_is_found() -> None:
    gate = [
        {"vehicle_id": "truck", "seen_at": FIRST + timedelta(minutes=minute), "latitude": 36.0, "longitude": 117.001}
        for minute in range(0, 21, 5)
    ]
    away = [fix | {"seen_at": fix["seen_at"] + timedelta(hours=2), "latitude": 36.3} for fix in gate]  # type: ignore[operator]
    vehicles = [{"vehicle_id": "truck", "organisation_id": "carrier"}]
    other = trip(0, vehicle="another")

    def seen(manifest: Row, rows: list[Row]) -> list[dict[str, object]]:
        return found(
            r12_no_manifest.RULE, records(sites=SITES, manifests=[manifest], positions=rows, vehicles=vehicles)
        )

    (finding,) = seen(other, gate + away)
    assert (finding["subject_id"], finding["party_id"], finding["generator_site_id"]) == ("truck", "carrier", "shipper")
    assert seen(trip(0), gate + away) == []
    assert seen(other, gate) == []
    home = [fix | {"latitude": 36.0, "longitude": 118.0} for fix in away]
    assert seen(other, gate + home) == []


def test_without_positions_nothing_is_said() -> None:
    for rule in (r08_stop.RULE, r08_stop.PLACES, r09_deviation.RULE, r11_blackout.RULE, r12_no_manifest.RULE):
        assert told(rule, records(sites=SITES, manifests=[trip(0)])).answer is Answer.NO_DATA
